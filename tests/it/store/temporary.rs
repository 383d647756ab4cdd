//! Temporary files: of dropped writers, of killed ones, of slow ones.

use std::fs::{self, File};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use compositor_core::Digest;
use compositor_tests::Temp;

use super::form::On;
use super::instance::{ErrorCode, names, noise, refused};

both!(
    a_dropped_writer_leaves_nothing,
    writers_do_not_share_a_file,
    a_stale_file_is_removed_and_a_young_one_is_not,
    only_files_of_the_store_are_removed,
    a_writer_whose_file_was_taken_away_fails,
);

const HOUR: Duration = Duration::from_secs(60 * 60);

/// The only file in the making.
fn temporary(folder: &Temp) -> PathBuf {
    let made_in = folder.join("tmp");
    let mut names = names(&made_in);
    assert_eq!(names.len(), 1, "{names:?}");
    made_in.join(names.remove(0))
}

fn age(path: &PathBuf, by: Duration) {
    let file = File::options().write(true).open(path).unwrap();
    file.set_modified(SystemTime::now() - by).unwrap();
}

fn a_dropped_writer_leaves_nothing(on: On) {
    let folder = Temp::new();
    let mut store = on.over(folder.path());
    let writer = store.create().unwrap();
    store.write(writer, &noise(1, 2 << 20)).unwrap();
    temporary(&folder);
    store.abandon(writer);
    assert_eq!(names(&folder.join("tmp")), [] as [&str; 0]);
}

fn writers_do_not_share_a_file(on: On) {
    let folder = Temp::new();
    let mut store = on.over(folder.path());
    let writers: Vec<_> = (0..20).map(|_| store.create().unwrap()).collect();
    for (number, writer) in (0_u8..).zip(&writers) {
        store.write(*writer, &[number]).unwrap();
    }
    for (number, writer) in (0_u8..).zip(writers) {
        assert_eq!(store.finish(writer).unwrap(), Digest::of(&[number]));
    }
    assert_eq!(store.list().unwrap().len(), 20);
}

/// An instance that goes without dropping its writer, as a killed one does.
fn leave_behind(on: On, folder: &Temp) -> PathBuf {
    let mut store = on.over(folder.path());
    let writer = store.create().unwrap();
    store.write(writer, &noise(1, 2 << 20)).unwrap();
    store.vanish();
    temporary(folder)
}

fn a_stale_file_is_removed_and_a_young_one_is_not(on: On) {
    let folder = Temp::new();
    let left = leave_behind(on, &folder);
    let mut store = on.over(folder.path());
    assert_eq!(store.list().unwrap(), []);
    store.put(b"1").unwrap();
    // Its writer has not let go of the file, or nobody tells whether it has.
    assert!(left.exists());
    age(&left, HOUR - Duration::from_secs(60));
    on.over(folder.path()).put(b"2").unwrap();
    assert!(left.exists());
    // To read removes nothing.
    age(&left, HOUR + Duration::from_secs(60));
    on.inside(folder.path()).open(".", false).unwrap();
    assert!(left.exists());
    on.over(folder.path()).put(b"3").unwrap();
    // Where there are locks it is the lock that counts, and not the time.
    assert_eq!(left.exists(), matches!(on, On::Native));
    assert_eq!(store.list().unwrap().len(), 3);
}

fn only_files_of_the_store_are_removed(on: On) {
    let folder = Temp::new();
    on.over(folder.path());
    let mine = [
        "tmp/notes",
        "tmp/0123456789abcdef-0",
        "tmp/0123456789abcdef01234567-x",
        "tmp/0123456789abcdef01234567-1-mine",
        "blobs/sha256/0123456789abcdef01234567-1",
        "blobs/sha256/README",
    ];
    for name in mine {
        age(&folder.write(name, "mine"), 10 * HOUR);
    }
    let left = [
        "0123456789abcdef01234567-2",
        "0123456789abcdef01234567-3-locked",
    ];
    for name in left {
        age(&folder.write(format!("tmp/{name}"), "left"), 10 * HOUR);
    }
    // A folder of such a name is not the store's either.
    let odd = folder.join("tmp/0123456789abcdef01234567-1");
    fs::create_dir(&odd).unwrap();
    let mut store = on.over(folder.path());
    let digest = store.put(b"1").unwrap();
    store.trust(&[digest]).unwrap();
    for name in mine {
        assert!(folder.join(name).exists(), "{name}");
    }
    assert!(odd.exists());
    for name in left {
        assert!(!folder.join("tmp").join(name).exists(), "{name}");
    }
}

fn a_writer_whose_file_was_taken_away_fails(on: On) {
    let folder = Temp::new();
    let mut slow = on.over(folder.path());
    let bytes = noise(1, 2 << 20);
    let writer = slow.create().unwrap();
    slow.write(writer, &bytes[..1 << 20]).unwrap();
    // By a user, or where there are no locks by another instance.
    let taken = temporary(&folder);
    age(&taken, 2 * HOUR);
    if matches!(on, On::Native) {
        fs::remove_file(&taken).unwrap();
    }
    let mut other = on.over(folder.path());
    // The first removes the slow one's file; the second may take its name,
    // were it made a second time.
    let unfinished = [other.create().unwrap(), other.create().unwrap()];
    for writer in unfinished {
        other.write(writer, &noise(2, 1 << 20)).unwrap();
    }
    // Whatever the other one writes, the slow one does not rename that.
    slow.write(writer, &bytes[1 << 20..]).unwrap();
    refused(
        slow.finish(writer),
        ErrorCode::BlobIoError,
        &["rename", "tmp/"],
    );
    assert_eq!(other.list().unwrap(), []);
    for writer in unfinished {
        let digest = other.finish(writer).unwrap();
        assert_eq!(other.list().unwrap(), [(digest, Some(1 << 20))]);
    }
}
