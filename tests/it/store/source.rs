//! What files of the user hash to.

use std::fs;
use std::os::unix::fs::symlink;
use std::thread;
use std::time::Duration;

use compositor_core::Digest;
use compositor_store::Store;
use compositor_tests::Temp;

use super::instance::noise;
use super::library::store;
use super::mapped::{Mapped, SIZE};
use super::native::ours;

#[test]
fn digests_of_files() {
    let folder = Temp::new();
    let path = folder.path().to_str().expect("a text");
    let bytes = noise(7, 300_000);
    folder.write("in/file", &bytes);
    symlink("in", folder.join("link")).unwrap();
    let file = |name: &str| (path.to_string(), name.to_string());
    let names = ["link/file", "fifo", "in", "none"];
    let fifo = std::process::Command::new("mkfifo")
        .arg(folder.join("fifo"))
        .status();
    assert!(fifo.expect("it runs").success());
    let mut found = Store::file_digests(None, &names.map(file)).into_iter();
    assert_eq!(found.next().unwrap().unwrap(), ours(&Digest::of(&bytes)));
    for (found, none) in found.zip(&names[1..]) {
        assert!(found.is_err(), "{none}");
    }
}

#[test]
fn digests_of_large_files_are_kept_until_anything_of_them_changes() {
    let folder = Temp::new();
    let store = store(&folder);
    let path = folder.path().to_str().expect("a text");
    let file = folder.join("large");
    let files = [(path.to_string(), "large".to_string())];
    let digest = || Store::file_digests(Some(&store), &files).remove(0).unwrap();
    let kept = || fs::read_dir(folder.join("cache")).map_or(0, Iterator::count);
    let write = |seed: u64| {
        let bytes = noise(seed, SIZE);
        fs::write(&file, &bytes).unwrap();
        ours(&Digest::of(&bytes))
    };
    let before = kept();
    let first = write(1);
    assert_eq!(digest(), first);
    // It may change again within the same tick of a clock.
    assert_eq!(kept(), before);
    let written = fs::metadata(&file).unwrap().modified().unwrap();
    thread::sleep(Duration::from_secs(5));
    assert_eq!([digest(), digest()], [first, first]);
    // Where the file system tells of every change.
    let system = rustix::fs::statfs(&file).expect("a file system");
    let tells = [0xef53, 0x5846_5342, 0x9123_683e].contains(&system.f_type);
    assert_eq!(kept(), before + usize::from(tells));
    // As large, in the same place, and said to be as old.
    let second = write(2);
    let opened = fs::File::options().write(true).open(&file).unwrap();
    opened.set_modified(written).unwrap();
    assert_eq!([digest(), digest()], [second, second]);
    // Through a page that was written to before it was hashed, and is mapped since.
    let opened = fs::File::options()
        .read(true)
        .write(true)
        .open(&file)
        .unwrap();
    let mapped = Mapped::new(&opened);
    thread::sleep(Duration::from_secs(5));
    assert_eq!([digest(), digest()], [second, second]);
    mapped.flip(0);
    assert_ne!(digest(), second);
    mapped.flip(0);
    // Another's record is none.
    thread::sleep(Duration::from_secs(5));
    assert_eq!(digest(), second);
    for record in fs::read_dir(folder.join("cache")).unwrap() {
        fs::write(record.unwrap().path(), [0; 64]).unwrap();
    }
    assert_eq!(digest(), second);
}
