//! Blobs go out to files of the caller, and several are held to their digests
//! at once.

use std::fs;
use std::os::unix::fs::symlink;

use compositor_core::Digest;
use compositor_tests::Temp;

use super::form::On;
use super::instance::{ErrorCode, blob, noise, refused};

both!(
    a_blob_of_every_size_is_copied_out,
    only_an_empty_file_is_filled,
    a_damaged_blob_is_not_copied_out,
    several_are_verified_in_order,
);

/// More than is hashed on one thread.
const LARGE: usize = 2_500_000;

fn a_blob_of_every_size_is_copied_out(on: On) {
    let folder = Temp::new();
    for size in [0, 1, 131_072, 131_073, LARGE] {
        let bytes = noise(size as u64, size);
        let digest = on.over(folder.path()).put(&bytes).unwrap();
        // Just checked, and by an instance that has not looked at it.
        let mut store = on.over(folder.path());
        for name in ["first", "again"] {
            let file = folder.write(name, []);
            assert_eq!(store.copy_out(&digest, name).unwrap(), size as u64);
            assert!(fs::read(&file).unwrap() == bytes, "{size} bytes");
        }
    }
}

fn only_an_empty_file_is_filled(on: On) {
    let folder = Temp::new();
    let mut store = on.over(folder.path());
    let digest = store.put(b"bytes").unwrap();
    let other = folder.write("other", "somebody's");
    let empty = folder.write("empty", []);
    symlink("empty", folder.join("link")).unwrap();
    fs::create_dir(folder.join("folder")).unwrap();
    let code = ErrorCode::BlobIoError;
    for name in ["other", "link", "folder", "missing", "../outside"] {
        refused(store.copy_out(&digest, name), code, &[name]);
    }
    assert_eq!(fs::read(other).unwrap(), b"somebody's");
    assert_eq!(fs::read(&empty).unwrap(), b"");
    let absent = Digest::of(b"absent");
    let (code, named) = (ErrorCode::BlobNotFound, absent.to_string());
    refused(store.copy_out(&absent, "empty"), code, &[&named]);
    assert_eq!(store.copy_out(&digest, "empty").unwrap(), 5);
}

fn a_damaged_blob_is_not_copied_out(on: On) {
    let folder = Temp::new();
    let digest = on.over(folder.path()).put(&noise(1, LARGE)).unwrap();
    let mut store = on.over(folder.path());
    store.verify(&digest).unwrap();
    // The clock of the file system ticks a few hundred times a second.
    std::thread::sleep(std::time::Duration::from_millis(20));
    fs::write(blob(&folder, &digest), noise(2, LARGE)).unwrap();
    folder.write("out", []);
    let (code, named) = (ErrorCode::BlobDigestMismatch, digest.to_string());
    refused(store.copy_out(&digest, "out"), code, &[&named]);
}

fn several_are_verified_in_order(on: On) {
    let folder = Temp::new();
    let mut store = on.over(folder.path());
    let sizes = [10, LARGE, 0, LARGE + 1, 20, LARGE + 2];
    let seeds = sizes.iter().zip(1..);
    let mut digests: Vec<Digest> = seeds
        .map(|(size, seed)| store.put(&noise(seed, *size)).unwrap())
        .collect();
    digests.insert(2, Digest::of(b"absent"));
    fs::write(blob(&folder, &digests[4]), noise(9, LARGE + 1)).unwrap();
    let verified = store.verify_all(&digests);
    let codes: Vec<Option<ErrorCode>> = verified
        .iter()
        .map(|done| Some(done.as_ref().err()?.code))
        .collect();
    let (absent, damaged) = (ErrorCode::BlobNotFound, ErrorCode::BlobDigestMismatch);
    let expected = [None, None, Some(absent), None, Some(damaged), None, None];
    assert_eq!(codes, expected);
    assert!(store.verify_all(&[]).is_empty());
}
