//! What this user recorded, and what somebody else would have had recorded; and
//! blobs that are held to what they are made of.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

use compositor_core::Digest;
use compositor_core::host::Segment;
use compositor_tests::Temp;

use super::form::On;
use super::instance::{ErrorCode, Instance, blob, names, noise, refused};

both!(
    a_record_comes_back_to_its_user_alone,
    a_record_of_somebody_else_is_none,
    without_a_key_nothing_is_believed,
    a_key_that_is_none_is_refused,
    a_blob_is_held_to_all_of_its_parts,
);

fn keys() -> [Digest; 2] {
    [Digest::of(b"one"), Digest::of(b"other")]
}

/// A store with a record under each key, and the files that they are in.
fn recorded(on: On, folder: &Temp) -> (Box<dyn Instance>, [String; 2]) {
    let mut store = on.over(folder.path());
    let files = keys().map(|key| {
        let before = if folder.join("cache").exists() {
            names(&folder.join("cache"))
        } else {
            Vec::new()
        };
        store.put_record(&key, key.as_bytes()).unwrap();
        // WASI gives no file a mode, and natively one that others read is no key.
        let private = fs::Permissions::from_mode(0o600);
        fs::set_permissions(folder.join("state/key"), private).unwrap();
        let mut after = names(&folder.join("cache"));
        after.retain(|name| !before.contains(name));
        after.remove(0)
    });
    (store, files)
}

fn a_record_comes_back_to_its_user_alone(on: On) {
    let folder = Temp::new();
    let (mut store, files) = recorded(on, &folder);
    let [one, other] = keys();
    for form in On::BOTH {
        let mut again = form.over(folder.path());
        assert_eq!(again.get_record(&one).unwrap().unwrap(), one.as_bytes());
        assert_eq!(again.get_record(&other).unwrap().unwrap(), other.as_bytes());
    }
    // Nobody without the key knows which file is the record of what.
    assert!(
        files
            .iter()
            .all(|name| *name != one.hex() && *name != other.hex())
    );
    store.put_record(&one, b"").unwrap();
    assert_eq!(store.get_record(&one).unwrap().unwrap(), b"");
    let large = noise(1, 3_000_000);
    store.put_record(&one, &large).unwrap();
    assert!(store.get_record(&one).unwrap().unwrap() == large);
    assert_eq!(names(&folder.join("cache")).len(), 2);
    let key = fs::metadata(folder.join("state/key")).unwrap();
    assert_eq!(key.size(), 32);
    if matches!(on, On::Native) {
        assert_eq!(key.permissions().mode() & 0o777, 0o600);
        let state = fs::metadata(folder.join("state")).unwrap();
        assert_eq!(state.permissions().mode() & 0o777, 0o700);
    }
}

fn a_record_of_somebody_else_is_none(on: On) {
    let folder = Temp::new();
    let (mut store, [one, other]) = recorded(on, &folder);
    let file = folder.join("cache").join(&one);
    let good = fs::read(&file).unwrap();
    let key = keys()[0];

    // Another user of the same store, with a key of their own.
    let elsewhere = Temp::new();
    let mut theirs = on.over(elsewhere.path());
    theirs.put_record(&key, b"evil").unwrap();
    let mac = fs::read(
        elsewhere
            .join("cache")
            .join(&names(&elsewhere.join("cache"))[0]),
    )
    .unwrap();

    let flipped = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        bytes
    };
    for bytes in [
        fs::read(folder.join("cache").join(&other)).unwrap(),
        mac.clone(),
        [&good[..32], b"evil"].concat(),
        [&mac[..32], &good[32..]].concat(),
        [&good[..], b"x"].concat(),
        good[..good.len() - 1].to_vec(),
        good[..32].to_vec(),
        good[..31].to_vec(),
        Vec::new(),
        vec![0; 64],
        flipped(0),
        flipped(31),
        flipped(32),
        flipped(good.len() - 1),
    ] {
        fs::write(&file, &bytes).unwrap();
        assert_eq!(store.get_record(&key).unwrap(), None, "{bytes:?}");
        store.put_record(&key, key.as_bytes()).unwrap();
        assert_eq!(fs::read(&file).unwrap(), good, "it is healed");
    }
    fs::remove_file(&file).unwrap();
    symlink("elsewhere", &file).unwrap();
    refused(
        store.get_record(&key),
        ErrorCode::BlobIoError,
        &["a symbolic link"],
    );
    store.put_record(&key, b"again").unwrap();
    assert_eq!(store.get_record(&key).unwrap().unwrap(), b"again");
}

fn without_a_key_nothing_is_believed(on: On) {
    let folder = Temp::new();
    recorded(on, &folder);
    let [one, _] = keys();
    fs::remove_file(folder.join("state/key")).unwrap();
    let mut store = on.over(folder.path());
    assert_eq!(store.get_record(&one).unwrap(), None);
    // Another key is made, under which the old records are none.
    store.put_record(&keys()[1], b"new").unwrap();
    assert_eq!(store.get_record(&one).unwrap(), None);
    assert_eq!(store.get_record(&keys()[1]).unwrap().unwrap(), b"new");
}

fn a_key_that_is_none_is_refused(on: On) {
    let folder = Temp::new();
    recorded(on, &folder);
    let key = folder.join("state/key");
    for bytes in [&b""[..], &[1; 31], &[1; 33]] {
        fs::write(&key, bytes).unwrap();
        let mut store = on.over(folder.path());
        let code = ErrorCode::InvalidInput;
        refused(
            store.get_record(&keys()[0]),
            code,
            &["state/key", "remove it"],
        );
        refused(store.put_record(&keys()[0], b"x"), code, &["state/key"]);
    }
}

fn a_blob_is_held_to_all_of_its_parts(on: On) {
    let folder = Temp::new();
    let mut store = on.over(folder.path());
    let (small, large) = (noise(1, 10), noise(2, 2_500_000));
    let of = |bytes: &[u8]| Segment::Blob(Digest::of(bytes), bytes.len() as u64);
    let bytes = |bytes: &[u8]| Segment::Bytes(bytes.to_vec());
    let whole = [b"head", &large[..], b"", &small, &large, b"tail"].concat();
    let digest = store.put(&whole).unwrap();
    // The parts themselves are not in the store.
    let parts = || {
        vec![
            bytes(b"head"),
            of(&large),
            bytes(b""),
            of(&small),
            of(&large),
            bytes(b"tail"),
        ]
    };
    assert!(store.holds(&digest, &parts()).unwrap());
    assert!(on.over(folder.path()).holds(&digest, &parts()).unwrap());
    assert!(!store.holds(&Digest::of(b"absent"), &parts()).unwrap());
    assert!(!store.holds(&digest, &[]).unwrap());
    for (index, part) in [
        (0, bytes(b"heaD")),
        (0, bytes(b"hea")),
        (0, bytes(b"head!")),
        (1, of(&small)),
        (1, Segment::Blob(Digest::of(&small), large.len() as u64)),
        (3, of(b"0123456789")),
        (5, bytes(b"tail ")),
        (5, Segment::Blob(Digest::of(b"tail"), u64::MAX)),
    ] {
        let mut parts = parts();
        parts[index] = part;
        assert!(!store.holds(&digest, &parts).unwrap(), "{index}");
    }
    // Another file of its name, with good parts and without.
    let mut other = whole.clone();
    for at in [0, 4, 2_000_000, whole.len() - 1] {
        other[at] ^= 1;
        fs::write(blob(&folder, &digest), &other).unwrap();
        assert!(!store.holds(&digest, &parts()).unwrap(), "{at}");
        other[at] ^= 1;
    }
    let evil = store.put(b"evil").unwrap();
    assert!(!store.holds(&evil, &parts()).unwrap());
    // What holds the parts is also held to its own name.
    fs::write(blob(&folder, &evil), &whole).unwrap();
    assert!(!store.holds(&evil, &parts()).unwrap());
}
