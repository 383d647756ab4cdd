//! What was recorded under a key.

use std::fs;
use std::os::unix::fs::symlink;

use compositor_core::Digest;
use compositor_tests::Temp;

use super::form::On;
use super::instance::{ErrorCode, names, refused};

both!(
    a_record_is_found_and_replaced,
    a_record_that_is_no_digest_counts_as_none,
    links_are_refused_and_replaced,
);

fn a_record_is_found_and_replaced(on: On) {
    let folder = Temp::new();
    let mut store = on.over(folder.path());
    let (key, one, two) = (Digest::of(b"key"), Digest::of(b"1"), Digest::of(b"2"));
    assert_eq!(store.find_key(&key).unwrap(), None);
    for blob in [one, two] {
        store.record(&key, &blob).unwrap();
        assert_eq!(store.find_key(&key).unwrap(), Some(blob));
        assert_eq!(on.over(folder.path()).find_key(&key).unwrap(), Some(blob));
    }
    assert_eq!(store.find_key(&one).unwrap(), None);
    assert_eq!(names(&folder.join("cache")), [key.hex()]);
}

fn a_record_that_is_no_digest_counts_as_none(on: On) {
    let folder = Temp::new();
    let mut store = on.over(folder.path());
    let (key, blob) = (Digest::of(b"key"), Digest::of(b"blob"));
    store.record(&key, &blob).unwrap();
    let file = folder.join("cache").join(key.hex());
    for bad in [
        &b""[..],
        b"sha256:",
        blob.hex().as_bytes(),
        &[0xff; 71],
        &[b'a'; 100_000],
    ] {
        fs::write(&file, bad).unwrap();
        assert_eq!(store.find_key(&key).unwrap(), None);
    }
    store.record(&key, &blob).unwrap();
    assert_eq!(store.find_key(&key).unwrap(), Some(blob));
}

fn links_are_refused_and_replaced(on: On) {
    let folder = Temp::new();
    let mut store = on.over(folder.path());
    let (key, blob) = (Digest::of(b"key"), Digest::of(b"blob"));
    store.record(&key, &blob).unwrap();
    let file = folder.join("cache").join(key.hex());
    fs::rename(&file, folder.join("cache/target")).unwrap();
    symlink("target", &file).unwrap();
    let parts = [&key.hex()[..], "a symbolic link"];
    refused(store.find_key(&key), ErrorCode::BlobIoError, &parts);
    store.record(&key, &blob).unwrap();
    assert_eq!(store.find_key(&key).unwrap(), Some(blob));
}
