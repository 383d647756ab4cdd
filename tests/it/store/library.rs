//! What only the library can do: paths of the system, threads, whole blobs,
//! progress.

use std::fs;
use std::os::unix::fs::{FileExt as _, symlink};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use compositor_core::Digest;
use compositor_store::{Error, ErrorCode, Progress, Store, Writer};
use compositor_tests::Temp;

use super::instance::{blob, names, noise, refused};
use super::native::ours;

pub fn store(folder: &Temp) -> Arc<Store> {
    open(folder.path()).unwrap()
}

fn open(path: impl AsRef<Path>) -> Result<Arc<Store>, Error> {
    let path = path.as_ref().to_str().expect("a text");
    let state = Path::new(path).join("state");
    Store::open(path, state.to_str(), true).map(Arc::new)
}

fn put(store: &Arc<Store>, bytes: &[u8]) -> Digest {
    let mut writer = store.create(false).unwrap();
    writer.write(bytes).unwrap();
    let digest = writer.finish().unwrap();
    assert_eq!(digest, ours(&Digest::of(bytes)));
    Digest::of(bytes)
}

#[test]
fn it_may_be_shared_and_sent() {
    fn shared<T: Send + Sync>() {}
    fn sent<T: Send>() {}
    shared::<Store>();
    sent::<Writer>();
}

#[test]
fn any_path_of_the_system() {
    let folder = Temp::new();
    fs::create_dir(folder.join("real")).unwrap();
    symlink(folder.join("real"), folder.join("link")).unwrap();
    // As many steps up as there are, and down again.
    let here = std::env::current_dir().unwrap();
    let up = "../".repeat(here.components().count() - 1);
    let inside = folder.path().strip_prefix("/").unwrap().display();
    for (path, made) in [
        (format!("{}/a/b", folder.path().display()), "a/b"),
        (format!("{}//c/./d/", folder.path().display()), "c/d"),
        (format!("{}/a/../e", folder.path().display()), "e"),
        (format!("{}/link/f", folder.path().display()), "real/f"),
        (format!("{up}{inside}/g/h"), "g/h"),
        (format!("./{up}{inside}/i"), "i"),
    ] {
        let store = open(&path).unwrap();
        put(&store, b"bytes");
        assert_eq!(
            names(&folder.join(made).join("blobs/sha256")).len(),
            1,
            "{path}"
        );
    }
    let empty = Store::open("", None, true).map(drop);
    refused(empty, ErrorCode::InvalidInput, &["empty"]);
}

#[test]
fn threads_share_a_store() {
    let folder = Temp::new();
    let store = store(&folder);
    let blobs: Vec<Vec<u8>> = (0..8).map(|seed| noise(seed, 300_000)).collect();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for bytes in &blobs {
                    let digest = put(&store, bytes);
                    let mut writer = store.create(false).unwrap();
                    writer.write(b"head").unwrap();
                    writer.splice(&ours(&digest), 0, 300_000).unwrap();
                    writer.splice(&ours(&digest), 5, 10).unwrap();
                    let whole = writer.finish().unwrap();
                    assert_eq!(store.read(&whole, 4, 300_000).unwrap(), *bytes);
                    assert_eq!(store.bytes(&ours(&digest)).unwrap(), *bytes);
                    store.record_key(&ours(&digest), &whole).unwrap();
                    store.trust(&[whole]).unwrap();
                    store.verify_trust(&whole).unwrap();
                }
            });
        }
    });
    assert_eq!(store.list().unwrap().len(), 16);
    assert_eq!(store.trusted().unwrap().len(), 8);
    assert_eq!(names(&folder.join("blobs/sha256")).len(), 16);
}

#[test]
fn whole_blobs() {
    let folder = Temp::new();
    let store = store(&folder);
    for size in [0, 1, 1 << 20, (1 << 20) + 1, (16 << 20) + 1] {
        let bytes = noise(size as u64, size);
        let digest = put(&store, &bytes);
        for _ in 0..2 {
            assert!(store.bytes(&ours(&digest)).unwrap() == bytes);
        }
        // Also where it was known to be good, and its stamp says it still is.
        let file = fs::File::options().write(true).open(blob(&folder, &digest));
        let file = file.unwrap();
        let modified = file.metadata().unwrap().modified().unwrap();
        fs::write(blob(&folder, &digest), noise(7, size.max(1))).unwrap();
        file.set_modified(modified).unwrap();
        let bad = store.bytes(&ours(&digest));
        refused(bad, ErrorCode::BlobDigestMismatch, &[&digest.to_string()]);
    }
    let absent = store.bytes(&ours(&Digest::of(b"absent")));
    refused(absent, ErrorCode::BlobNotFound, &[]);
}

#[test]
fn a_blob_that_fits_nowhere() {
    let folder = Temp::new();
    let store = store(&folder);
    let digest = Digest::of(b"a hole");
    let file = fs::File::create(blob(&folder, &digest)).unwrap();
    if file.set_len(1 << 43).is_ok() {
        let read = store.bytes(&ours(&digest));
        refused(
            read,
            ErrorCode::BlobIoError,
            &["8796093022208 bytes", "memory"],
        );
    }
}

#[test]
fn a_time_that_is_set_back_hides_nothing() {
    let folder = Temp::new();
    let store = store(&folder);
    let digest = put(&store, &noise(1, 1000));
    store.read(&ours(&digest), 0, 1).unwrap();
    let file = fs::File::options().write(true).open(blob(&folder, &digest));
    let file = file.unwrap();
    let modified = file.metadata().unwrap().modified().unwrap();
    thread::sleep(Duration::from_millis(20));
    fs::write(blob(&folder, &digest), noise(2, 1000)).unwrap();
    file.set_modified(modified).unwrap();
    let mut writer = store.create(false).unwrap();
    let spliced = writer.splice(&ours(&digest), 0, 1000);
    refused(spliced, ErrorCode::BlobDigestMismatch, &[]);
    let read = store.read(&ours(&digest), 0, 1);
    refused(read, ErrorCode::BlobDigestMismatch, &[]);
}

/// What happens to a blob's file.
type Act = fn(&Path);

/// Does something once, in the middle of a copy.
struct Meanwhile(Mutex<Option<Box<dyn FnOnce() + Send>>>);

impl Progress for Meanwhile {
    fn bytes(&self, _: u64) {
        if let Some(act) = self.0.lock().unwrap().take() {
            act();
        }
    }
}

#[test]
fn what_happens_to_a_blob_while_it_is_copied() {
    const SIZE: usize = 3 << 20;
    let act: [(&str, Act); 4] = [
        ("linked", |blob| {
            fs::hard_link(blob, blob.with_file_name("link")).unwrap();
        }),
        ("replaced", |blob| {
            let other = blob.with_file_name("other");
            fs::write(&other, noise(9, SIZE)).unwrap();
            fs::rename(&other, blob).unwrap();
        }),
        ("removed", |blob| fs::remove_file(blob).unwrap()),
        ("written", |blob| {
            let file = fs::File::options().write(true).open(blob).unwrap();
            let modified = file.metadata().unwrap().modified().unwrap();
            file.write_all_at(b"other", SIZE as u64 - 5).unwrap();
            file.set_modified(modified).unwrap();
        }),
    ];
    for (what, act) in act {
        for length in [SIZE as u64, SIZE as u64 - 1] {
            let folder = Temp::new();
            let store = store(&folder);
            let bytes = noise(1, SIZE);
            let digest = put(&store, &bytes);
            store.verify(&[ours(&digest)]).remove(0).unwrap();
            let mut writer = store.create(false).unwrap();
            writer.write(b"head").unwrap();
            thread::sleep(Duration::from_millis(20));

            let blob = blob(&folder, &digest);
            let act = Box::new(move || act(&blob));
            store.watch(Arc::new(Meanwhile(Mutex::new(Some(act)))));
            let spliced = writer.splice(&ours(&digest), 0, length);
            if what == "written" {
                refused(spliced, ErrorCode::BlobDigestMismatch, &[]);
                assert!(writer.finish().is_err());
                continue;
            }
            spliced.unwrap();
            let expected = [b"head", &bytes[..length as usize]].concat();
            assert_eq!(
                writer.finish().unwrap(),
                ours(&Digest::of(&expected)),
                "{what}"
            );
        }
    }
}

#[test]
fn progress() {
    #[derive(Default)]
    struct Count(AtomicU64);
    impl Progress for Count {
        fn bytes(&self, count: u64) {
            assert!((1..=1 << 20).contains(&count));
            self.0.fetch_add(count, Ordering::Relaxed);
        }
    }
    impl Count {
        #[track_caller]
        fn expect(&self, count: u64) {
            assert_eq!(self.0.swap(0, Ordering::Relaxed), count);
        }
    }

    let size = 3_000_000;
    let folder = Temp::new();
    let store = store(&folder);
    let count = Arc::new(Count::default());
    store.watch(count.clone());
    let digest = ours(&put(&store, &noise(1, size as usize)));
    count.expect(size);
    store.verify(&[digest]).remove(0).unwrap();
    count.expect(size);
    // It is known to be good by now, and what is read is proven as it is read.
    store.read(&digest, 0, 10).unwrap();
    count.expect(0);
    let mut writer = store.create(false).unwrap();
    writer.write(b"head").unwrap();
    writer.splice(&digest, 0, size).unwrap();
    writer.splice(&digest, 10, 100).unwrap();
    writer.finish().unwrap();
    count.expect(4 + size + 100);
    store.bytes(&digest).unwrap();
    count.expect(size);
}

#[test]
fn what_is_assumed_is_kept_nowhere() {
    let folder = Temp::new();
    let opened = store(&folder);
    let digest = ours(&Digest::of(b"a"));
    assert!(opened.verify_trust(&digest).is_err());
    opened.assume(&[digest]);
    opened.verify_trust(&digest).unwrap();
    assert!(opened.trusted().unwrap().is_empty());
    assert!(store(&folder).verify_trust(&digest).is_err());
    assert!(!folder.join("state/trust").exists());
}

/// For people: a damaged blob shows what it holds, and is no blob to anybody else.
#[test]
fn a_look_proves_nothing() {
    let folder = Temp::new();
    let store = store(&folder);
    let digest = ours(&put(&store, b"good bytes"));
    fs::write(folder.join(format!("blobs/sha256/{}", digest.hex())), "bad").unwrap();
    assert_eq!(store.peek(&digest, 2).unwrap(), b"ba");
    assert!(store.read(&digest, 0, 2).is_err());
    assert!(store.peek(&digest, u64::MAX).is_err());
    assert!(store.used(&digest).unwrap().is_some());
    let other = ours(&Digest::of(b"other"));
    assert_eq!(store.used(&other).unwrap(), None);
    assert!(store.peek(&other, 1).is_err());
}

#[test]
fn names_are_kept_one_by_one() {
    let folder = Temp::new();
    let store = store(&folder);
    assert!(store.tags().unwrap().is_empty());
    let keys = [Digest::of(b"a"), Digest::of(b"b")];
    for key in &keys {
        store.put_tag(&ours(key), b"one").unwrap();
        store
            .put_tag(&ours(key), key.to_string().as_bytes())
            .unwrap();
    }
    let mut kept: Vec<Vec<u8>> = keys
        .iter()
        .map(|key| key.to_string().into_bytes())
        .collect();
    kept.sort();
    assert_eq!(store.tags().unwrap(), kept);
    store.set_index(b"{}").unwrap();
    assert_eq!(store.index().unwrap(), b"{}");
    assert_eq!(fs::read(folder.join("index.json")).unwrap(), b"{}");
    // What is no name is none, and what is too large is refused.
    folder.write("tags/other", "x");
    assert_eq!(store.tags().unwrap().len(), 2);
    folder.write("index.json", vec![b' '; 5 << 20]);
    assert!(store.index().is_err());
}
