//! Bytes go in and come out: whole, by range, by splice.

use compositor_core::Digest;
use compositor_tests::Temp;

use super::form::On;
use super::instance::{ErrorCode, blob, names, noise, refused};

both!(
    bytes_of_every_size_come_back,
    a_blob_is_written_in_pieces,
    ranges,
    one_answer_is_bounded,
    splices,
    a_splice_out_of_bounds_spoils_the_blob,
    blobs_that_are_not_there,
    removed_blobs_are_gone,
    digests_of_another_length,
    more_blobs_than_stay_open,
);

fn bytes_of_every_size_come_back(on: On) {
    let folder = Temp::new();
    let mut store = on.over(folder.path());
    let mut digests = Vec::new();
    // Around the sizes of a host's answer and of the store's buffer.
    for size in [
        0,
        1,
        65_535,
        65_536,
        65_537,
        1 << 20,
        (1 << 20) + 1,
        3_500_000,
    ] {
        let bytes = noise(size as u64, size);
        let digest = store.put(&bytes).unwrap();
        assert_eq!(digest, Digest::of(&bytes));
        assert_eq!(store.stat(&digest).unwrap(), Some(size as u64));
        assert!(store.get(&digest).unwrap() == bytes, "{size} bytes");
        assert!(std::fs::read(blob(&folder, &digest)).unwrap() == bytes);
        store.verify(&digest).unwrap();
        digests.push((digest, Some(size as u64)));
    }
    digests.sort();
    assert_eq!(store.list().unwrap(), digests);
    assert_eq!(names(&folder.join("blobs/sha256")).len(), digests.len());
    // Another instance sees the same.
    assert_eq!(on.over(folder.path()).list().unwrap(), digests);
}

fn a_blob_is_written_in_pieces(on: On) {
    let folder = Temp::new();
    let mut store = on.over(folder.path());
    let bytes = noise(1, 2_300_001);
    let writer = store.create().unwrap();
    let mut rest = &bytes[..];
    for size in [0, 1, 700_000, 3, 1 << 20, usize::MAX] {
        let (now, later) = rest.split_at(size.min(rest.len()));
        store.write(writer, now).unwrap();
        rest = later;
    }
    assert_eq!(store.list().unwrap(), [], "visible before it is finished");
    let digest = store.finish(writer).unwrap();
    assert_eq!(digest, Digest::of(&bytes));
    assert!(store.get(&digest).unwrap() == bytes);
}

fn ranges(on: On) {
    let folder = Temp::new();
    let mut store = on.over(folder.path());
    let bytes = noise(2, 200_000);
    let digest = store.put(&bytes).unwrap();
    for (offset, length) in [
        (0, 0),
        (0, 1),
        (5, 10),
        (0, 200_000),
        (65_530, 70_000),
        (199_999, 1),
        (199_999, 2),
        (200_000, 1),
        (200_001, 1),
        (100_000, u64::MAX),
        (u64::MAX, u64::MAX),
    ] {
        let start = offset.min(200_000) as usize;
        let end = offset.saturating_add(length).min(200_000) as usize;
        let read = store.read(&digest, offset, length).unwrap();
        assert!(read == bytes[start..end], "{length} bytes from {offset}");
    }
}

fn one_answer_is_bounded(on: On) {
    let folder = Temp::new();
    let mut store = on.over(folder.path());
    let digest = store.put(&noise(3, (16 << 20) + 1)).unwrap();
    let code = ErrorCode::InvalidInput;
    refused(store.get(&digest), code, &["16777217", "16777216"]);
    assert_eq!(store.read(&digest, 1, u64::MAX).unwrap().len(), 16 << 20);
}

fn splices(on: On) {
    let folder = Temp::new();
    let mut store = on.over(folder.path());
    let (one, two) = (noise(4, 1_500_000), noise(5, 1000));
    let (first, second) = (store.put(&one).unwrap(), store.put(&two).unwrap());

    let writer = store.create().unwrap();
    store.write(writer, b"head").unwrap();
    store.splice(writer, &first, 0, 1_500_000).unwrap();
    store.splice(writer, &second, 10, 900).unwrap();
    store.splice(writer, &second, 1000, 0).unwrap();
    store.splice(writer, &first, 1_499_999, 1).unwrap();
    store.write(writer, b"tail").unwrap();
    let digest = store.finish(writer).unwrap();

    let expected = [b"head", &one[..], &two[10..910], &one[1_499_999..], b"tail"].concat();
    assert_eq!(digest, Digest::of(&expected));
    assert!(store.get(&digest).unwrap() == expected);
}

fn a_splice_out_of_bounds_spoils_the_blob(on: On) {
    let folder = Temp::new();
    let mut store = on.over(folder.path());
    let digest = store.put(b"0123456789").unwrap();
    for (offset, length) in [(0, 11), (10, 1), (11, 0), (u64::MAX, 2), (2, u64::MAX)] {
        let writer = store.create().unwrap();
        store.write(writer, b"x").unwrap();
        let spliced = store.splice(writer, &digest, offset, length);
        refused(spliced, ErrorCode::InvalidInput, &[&digest.hex(), "has 10"]);
        // What follows cannot make a blob with a gap of it.
        let written = store.write(writer, b"y");
        refused(written, ErrorCode::InvalidInput, &[]);
        refused(store.finish(writer), ErrorCode::InvalidInput, &[]);
    }
    assert_eq!(names(&folder.join("blobs/sha256")), [digest.hex()]);
}

fn blobs_that_are_not_there(on: On) {
    let folder = Temp::new();
    let mut store = on.over(folder.path());
    let digest = Digest::of(b"nowhere");
    let code = ErrorCode::BlobNotFound;
    assert_eq!(store.stat(&digest).unwrap(), None);
    assert!(!store.remove(&digest).unwrap());
    refused(store.get(&digest), code, &[&digest.to_string()]);
    refused(store.verify(&digest), code, &[&digest.to_string()]);
    let writer = store.create().unwrap();
    let spliced = store.splice(writer, &digest, 0, 0);
    refused(spliced, code, &[&digest.to_string()]);
}

fn removed_blobs_are_gone(on: On) {
    let folder = Temp::new();
    let mut store = on.over(folder.path());
    let digest = store.put(b"short-lived").unwrap();
    store.get(&digest).unwrap();
    assert!(store.remove(&digest).unwrap());
    assert!(!store.remove(&digest).unwrap());
    assert_eq!(store.stat(&digest).unwrap(), None);
    refused(store.get(&digest), ErrorCode::BlobNotFound, &[]);
    assert!(!blob(&folder, &digest).exists());
}

fn digests_of_another_length(on: On) {
    let folder = Temp::new();
    let mut store = on.over(folder.path());
    for length in [0, 1, 31, 33, 64] {
        let read = store.read_raw(&vec![7; length], 0, 1);
        let length = format!("{length} bytes");
        refused(read, ErrorCode::EmitInvalidDigest, &[&length]);
    }
}

fn more_blobs_than_stay_open(on: On) {
    let folder = Temp::new();
    let mut store = on.over(folder.path());
    let digests: Vec<_> = (0..200_u32)
        .map(|number| store.put(&number.to_le_bytes()).unwrap())
        .collect();
    for _ in 0..2 {
        for (number, digest) in digests.iter().enumerate() {
            let bytes = u32::try_from(number).unwrap().to_le_bytes();
            assert_eq!(store.get(digest).unwrap(), bytes);
        }
    }
    // Where the system tells, few files are open.
    if let Ok(open) = std::fs::read_dir("/proc/self/fd") {
        let blobs = folder.join("blobs/sha256");
        let open = open.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok());
        let open = open.filter(|path| path.parent() == Some(&blobs)).count();
        assert!((100..150).contains(&open), "{open} blobs are open");
    }
}
