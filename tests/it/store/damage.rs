//! Bytes that are not those of the digest, and files that are not files.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use compositor_core::Digest;
use compositor_tests::Temp;

use super::form::On;
use super::instance::{ErrorCode, blob, noise, refused};

both!(
    one_bit_flipped,
    truncated_and_extended,
    two_blobs_swapped,
    replaced_while_it_is_read,
    written_in_place_while_it_is_read,
    a_symbolic_link,
    a_fifo,
    a_folder,
    the_others_are_listed,
    bad_names_can_be_removed,
    the_folders_themselves,
);

const SIZE: usize = 150_000;

/// A store with one blob.
fn store(on: On) -> (Temp, Vec<u8>, Digest) {
    let folder = Temp::new();
    let bytes = noise(7, SIZE);
    let digest = on.over(folder.path()).put(&bytes).unwrap();
    (folder, bytes, digest)
}

fn mkfifo(path: &Path) {
    let status = Command::new("mkfifo").arg(path).status().unwrap();
    assert!(status.success());
}

/// Every way to get at the bytes refuses with the code, in an instance of its
/// own, and a good copy heals.
#[track_caller]
fn refuses_and_heals(
    on: On,
    folder: &Temp,
    bytes: &[u8],
    digest: &Digest,
    code: ErrorCode,
    parts: &[&str],
) {
    let size = bytes.len() as u64;
    refused(on.over(folder.path()).get(digest), code, parts);
    refused(on.over(folder.path()).verify(digest), code, parts);
    for (offset, length) in [(0, size), (0, 1)] {
        let mut store = on.over(folder.path());
        let writer = store.create().unwrap();
        let spliced = store.splice(writer, digest, offset, length);
        refused(spliced, code, parts);
        assert!(store.finish(writer).is_err());
    }

    let mut store = on.over(folder.path());
    refused(store.get(digest), code, parts);
    assert_eq!(store.put(bytes).unwrap(), *digest);
    assert!(store.get(digest).unwrap() == bytes);
    store.verify(digest).unwrap();
    assert_eq!(store.list().unwrap(), [(*digest, Some(size))]);
    assert!(
        fs::symlink_metadata(blob(folder, digest))
            .unwrap()
            .is_file()
    );
}

fn one_bit_flipped(on: On) {
    for at in [0, SIZE / 2, SIZE - 1] {
        let (folder, bytes, digest) = store(on);
        let mut bad = bytes.clone();
        bad[at] ^= 1;
        fs::write(blob(&folder, &digest), bad).unwrap();
        let code = ErrorCode::BlobDigestMismatch;
        refuses_and_heals(on, &folder, &bytes, &digest, code, &[&digest.to_string()]);
    }
}

fn truncated_and_extended(on: On) {
    for size in [0, SIZE - 1, SIZE + 1] {
        let (folder, bytes, digest) = store(on);
        let mut bad = bytes.clone();
        bad.resize(size, 0);
        fs::write(blob(&folder, &digest), bad).unwrap();
        let code = ErrorCode::BlobDigestMismatch;
        refuses_and_heals(on, &folder, &bytes, &digest, code, &[&digest.to_string()]);
    }
}

fn two_blobs_swapped(on: On) {
    let (folder, bytes, digest) = store(on);
    let other = on.over(folder.path()).put(b"other").unwrap();
    let aside = folder.join("aside");
    fs::rename(blob(&folder, &digest), &aside).unwrap();
    fs::rename(blob(&folder, &other), blob(&folder, &digest)).unwrap();
    fs::rename(&aside, blob(&folder, &other)).unwrap();
    let mut store = on.over(folder.path());
    let code = ErrorCode::BlobDigestMismatch;
    refused(
        store.get(&digest),
        code,
        &[&digest.to_string(), &other.to_string()],
    );
    refused(
        store.get(&other),
        code,
        &[&digest.to_string(), &other.to_string()],
    );
    store.put(&bytes).unwrap();
    assert!(store.get(&digest).unwrap() == bytes);
    refused(store.get(&other), code, &[]);
}

fn replaced_while_it_is_read(on: On) {
    let (folder, bytes, digest) = store(on);
    let mut store = on.over(folder.path());
    assert_eq!(store.read(&digest, 0, 10).unwrap(), bytes[..10]);
    // Who has the good file open goes on with it.
    let bad = folder.write("bad", noise(8, SIZE));
    fs::rename(bad, blob(&folder, &digest)).unwrap();
    assert_eq!(store.read(&digest, 10, 10).unwrap(), bytes[10..20]);
    // Asked to verify, the store looks at what is there now.
    let code = ErrorCode::BlobDigestMismatch;
    refused(store.verify(&digest), code, &[&digest.to_string()]);
    refused(store.read(&digest, 10, 10), code, &[&digest.to_string()]);
}

fn written_in_place_while_it_is_read(on: On) {
    let (folder, bytes, digest) = store(on);
    let mut store = on.over(folder.path());
    assert_eq!(store.read(&digest, 0, 10).unwrap(), bytes[..10]);
    // The clock of the file system ticks a few hundred times a second.
    std::thread::sleep(std::time::Duration::from_millis(20));
    fs::write(blob(&folder, &digest), noise(9, SIZE)).unwrap();
    let code = ErrorCode::BlobDigestMismatch;
    refused(store.read(&digest, 0, 10), code, &[&digest.to_string()]);
}

fn a_symbolic_link(on: On) {
    let (folder, bytes, digest) = store(on);
    let target = folder.join("target");
    fs::rename(blob(&folder, &digest), &target).unwrap();
    for link in ["../../target", "/etc/hostname", "nowhere"] {
        let _ = fs::remove_file(blob(&folder, &digest));
        symlink(link, blob(&folder, &digest)).unwrap();
        let parts = [&digest.hex()[..], "a symbolic link"];
        let mut store = on.over(folder.path());
        refused(store.stat(&digest), ErrorCode::BlobIoError, &parts);
        assert_eq!(store.list().unwrap(), [(digest, None)]);
        refuses_and_heals(on, &folder, &bytes, &digest, ErrorCode::BlobIoError, &parts);
    }
    // What the link led to is as it was.
    assert!(fs::read(target).unwrap() == bytes);
}

fn a_fifo(on: On) {
    let (folder, bytes, digest) = store(on);
    fs::remove_file(blob(&folder, &digest)).unwrap();
    mkfifo(&blob(&folder, &digest));
    let parts = [&digest.hex()[..], "a FIFO"];
    let mut store = on.over(folder.path());
    refused(store.stat(&digest), ErrorCode::BlobIoError, &parts);
    assert_eq!(store.list().unwrap(), [(digest, None)]);
    refuses_and_heals(on, &folder, &bytes, &digest, ErrorCode::BlobIoError, &parts);
}

fn a_folder(on: On) {
    let (folder, bytes, digest) = store(on);
    fs::remove_file(blob(&folder, &digest)).unwrap();
    fs::create_dir(blob(&folder, &digest)).unwrap();
    let mut store = on.over(folder.path());
    let parts = [&digest.hex()[..], "folder"];
    let code = ErrorCode::BlobIoError;
    refused(store.stat(&digest), code, &parts);
    refused(store.get(&digest), code, &parts);
    refused(store.verify(&digest), code, &parts);
    assert_eq!(store.list().unwrap(), [(digest, None)]);
    refused(store.remove(&digest), code, &parts);
    // A folder is not replaced: it may hold something.
    refused(store.put(&bytes), code, &parts);
    assert!(blob(&folder, &digest).is_dir());
}

fn the_others_are_listed(on: On) {
    let (folder, bytes, digest) = store(on);
    let other = Digest::of(b"other");
    symlink("/etc/hostname", blob(&folder, &other)).unwrap();
    let mut expected = [(digest, Some(bytes.len() as u64)), (other, None)];
    expected.sort();
    assert_eq!(on.over(folder.path()).list().unwrap(), expected);
}

fn bad_names_can_be_removed(on: On) {
    let (folder, _, digest) = store(on);
    let mut store = on.over(folder.path());
    fs::remove_file(blob(&folder, &digest)).unwrap();
    symlink("/etc/hostname", blob(&folder, &digest)).unwrap();
    assert!(store.remove(&digest).unwrap());
    mkfifo(&blob(&folder, &digest));
    assert!(store.remove(&digest).unwrap());
    assert_eq!(store.list().unwrap(), []);
}

fn the_folders_themselves(on: On) {
    for part in [
        "blobs",
        "blobs/sha256",
        "cache",
        "state/trust",
        "state/trust/sha256",
    ] {
        let (folder, _, digest) = store(on);
        let mut store = on.over(folder.path());
        store.record(&digest, &digest).unwrap();
        store.trust(&[digest]).unwrap();

        let outside = Temp::new();
        fs::rename(folder.join(part), outside.join("moved")).unwrap();
        for kind in ["a symbolic link", "a FIFO", "a file"] {
            let _ = fs::remove_file(folder.join(part));
            match kind {
                "a symbolic link" => symlink(outside.join("moved"), folder.join(part)).unwrap(),
                "a FIFO" => mkfifo(&folder.join(part)),
                _ => fs::write(folder.join(part), "").unwrap(),
            }
            let parts = [part, kind];
            let mut store = on.inside(folder.path());
            store.open(".", false).unwrap();
            let code = ErrorCode::BlobIoError;
            match part {
                "cache" => refused(store.find_key(&digest), code, &parts),
                "state/trust" | "state/trust/sha256" => {
                    let code = ErrorCode::TrustVerificationFailed;
                    refused(store.trusted(&digest), code, &parts);
                    refused(store.list_trusted(), code, &parts);
                }
                _ => {
                    refused(store.get(&digest), code, &parts);
                    refused(store.create(), code, &parts);
                    refused(store.open(".", true), code, &parts);
                }
            }
        }
    }
}
