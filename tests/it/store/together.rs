//! The two forms of the store on one folder: what one writes the other reads.

use std::fs;

use compositor_core::Digest;
use compositor_tests::Temp;

use super::form::On;
use super::instance::{ErrorCode, blob, names, noise, refused};

const PAIRS: [(On, On); 2] = [(On::Component, On::Native), (On::Native, On::Component)];

/// All files in a folder, with what is in them.
fn files(folder: &Temp) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for part in ["", "blobs/sha256", "cache", "state/trust/sha256"] {
        let path = folder.join(part);
        for name in names(&path) {
            if path.join(&name).is_file() {
                let bytes = fs::read(path.join(&name)).unwrap();
                files.push((format!("{part}/{name}"), bytes));
            }
        }
    }
    files
}

#[test]
fn what_one_writes_the_other_reads() {
    for (writes, reads) in PAIRS {
        let folder = Temp::new();
        let (mut one, mut other) = (writes.over(folder.path()), reads.over(folder.path()));
        let bytes = noise(1, 2_500_000);
        let digest = one.put(&bytes).unwrap();
        let writer = one.create().unwrap();
        one.write(writer, b"whole: ").unwrap();
        one.splice(writer, &digest, 0, 2_500_000).unwrap();
        let whole = one.finish(writer).unwrap();
        one.record(&digest, &whole).unwrap();
        one.trust(&[whole]).unwrap();

        assert_eq!(other.find_key(&digest).unwrap(), Some(whole));
        other.trusted(&whole).unwrap();
        assert_eq!(other.list_trusted().unwrap(), [whole]);
        assert_eq!(other.list().unwrap(), one.list().unwrap());
        assert!(other.get(&digest).unwrap() == bytes);
        assert!(other.get(&whole).unwrap()[7..] == bytes);
        let writer = other.create().unwrap();
        other.splice(writer, &whole, 7, 2_500_000).unwrap();
        assert_eq!(other.finish(writer).unwrap(), digest);

        assert_eq!(other.distrust(&[whole]).unwrap(), [whole]);
        refused(one.trusted(&whole), ErrorCode::TrustUntrustedSource, &[]);
        assert!(other.remove(&digest).unwrap());
        assert_eq!(one.stat(&digest).unwrap(), None);
    }
}

#[test]
fn both_write_the_same_files() {
    let [component, native] = On::BOTH.map(|on| {
        let folder = Temp::new();
        let mut store = on.over(folder.path());
        let digest = store.put(&noise(2, 100_000)).unwrap();
        store.record(&Digest::of(b"key"), &digest).unwrap();
        store.trust(&[digest]).unwrap();
        files(&folder)
    });
    assert_eq!(component.len(), 5);
    assert!(component == native);
}

#[test]
fn one_sees_what_the_other_did_not_break() {
    for (breaks, sees) in PAIRS {
        let folder = Temp::new();
        let (mut one, mut other) = (breaks.over(folder.path()), sees.over(folder.path()));
        let bytes = noise(3, 300_000);
        let small = noise(5, 50_000);
        let digest = one.put(&bytes).unwrap();
        assert_eq!(other.read(&digest, 0, 10).unwrap(), bytes[..10]);
        // A writer of the one that is not finished is none to the other.
        let writer = one.create().unwrap();
        one.write(writer, &noise(4, 2 << 20)).unwrap();
        assert_eq!(other.list().unwrap(), [(digest, Some(300_000))]);
        // A bad file is healed by either, while the other has it open.
        std::thread::sleep(std::time::Duration::from_millis(20));
        fs::write(blob(&folder, &digest), b"bad").unwrap();
        refused(other.get(&digest), ErrorCode::BlobDigestMismatch, &[]);
        assert_eq!(one.put(&bytes).unwrap(), digest);
        assert!(other.get(&digest).unwrap() == bytes);
        // What was read into memory whole stays what it was.
        let digest = one.put(&small).unwrap();
        assert!(other.get(&digest).unwrap() == small);
        fs::write(blob(&folder, &digest), b"bad").unwrap();
        assert!(other.get(&digest).unwrap() == small);
        let afresh = sees.over(folder.path()).get(&digest);
        refused(afresh, ErrorCode::BlobDigestMismatch, &[]);
    }
}
