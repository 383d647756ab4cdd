//! Which digests are trusted.

use std::fs;
use std::os::unix::fs::symlink;

use compositor_core::Digest;
use compositor_tests::Temp;

use super::form::On;
use super::instance::{ErrorCode, Instance as _, names, refused};

both!(
    nothing_is_trusted_until_it_is_added,
    adding_again_and_adding_nothing,
    one_bad_digest_adds_none,
    a_malformed_entry_never_means_trusted,
    other_names_are_ignored,
    a_store_that_is_not_there_trusts_nothing,
    what_a_store_says_of_trust_has_no_say,
    old_trust_is_told_past_what_is_trusted,
);

fn digests<const N: usize>() -> [Digest; N] {
    let mut digests = std::array::from_fn(|number| Digest::of(&number.to_le_bytes()));
    digests.sort();
    digests
}

fn nothing_is_trusted_until_it_is_added(on: On) {
    let folder = Temp::new();
    let mut store = on.over(folder.path());
    let [one, two, three] = digests();
    let code = ErrorCode::TrustUntrustedSource;
    let hint = format!("trust add {one}");
    assert_eq!(store.list_trusted().unwrap(), []);
    refused(store.trusted(&one), code, &[&one.to_string(), &hint]);

    store.trust(&[three, one, one]).unwrap();
    store.trusted(&one).unwrap();
    store.trusted(&three).unwrap();
    refused(store.trusted(&two), code, &[&two.to_string()]);
    assert_eq!(store.list_trusted().unwrap(), [one, three]);
    let listed = on.over(folder.path()).list_trusted().unwrap();
    assert_eq!(listed, [one, three]);

    assert_eq!(store.distrust(&[one, two]).unwrap(), [one]);
    assert_eq!(store.distrust(&[one]).unwrap(), []);
    refused(store.trusted(&one), code, &[&one.to_string()]);
    assert_eq!(store.list_trusted().unwrap(), [three]);
}

fn adding_again_and_adding_nothing(on: On) {
    let folder = Temp::new();
    let mut store = on.over(folder.path());
    let [one, two] = digests();
    store.trust(&[]).unwrap();
    store.trust(&[one]).unwrap();
    store.trust(&[one, two]).unwrap();
    assert_eq!(store.list_trusted().unwrap(), [one, two]);
    assert_eq!(
        names(&folder.join("state/trust/sha256")),
        [one.hex(), two.hex()]
    );
}

fn one_bad_digest_adds_none(on: On) {
    let folder = Temp::new();
    let mut store = on.over(folder.path());
    let [one, two] = digests();
    let added = store.trust_raw(&[one.as_bytes(), &[1; 31]]);
    refused(added, ErrorCode::EmitInvalidDigest, &["31 bytes"]);
    assert_eq!(store.list_trusted().unwrap(), []);

    // Nor does a place that is taken, whichever comes first.
    fs::create_dir_all(folder.join("state/trust/sha256").join(two.hex())).unwrap();
    let added = store.trust(&[one, two]);
    refused(added, ErrorCode::BlobIoError, &[&two.hex(), "a folder"]);
    assert_eq!(names(&folder.join("state/trust/sha256")), [two.hex()]);
}

fn a_malformed_entry_never_means_trusted(on: On) {
    let [one] = digests();
    for kind in ["a symbolic link", "a folder", "bytes"] {
        let folder = Temp::new();
        let mut store = on.over(folder.path());
        store.trust(&[]).unwrap();
        let mark = folder.join("state/trust/sha256").join(one.hex());
        folder.write("state/trust/empty", "");
        match kind {
            "a symbolic link" => symlink("../empty", &mark).unwrap(),
            "a folder" => fs::create_dir(&mark).unwrap(),
            _ => fs::write(&mark, "no").unwrap(),
        }
        let code = ErrorCode::TrustVerificationFailed;
        let parts = [&one.hex()[..], kind];
        refused(store.trusted(&one), code, &parts);
        refused(store.list_trusted(), code, &parts);
        if kind != "a folder" {
            store.trust(&[one]).unwrap();
            store.trusted(&one).unwrap();
            assert!(
                fs::read(folder.join("state/trust/empty"))
                    .unwrap()
                    .is_empty()
            );
        }
    }
}

fn other_names_are_ignored(on: On) {
    let folder = Temp::new();
    let mut store = on.over(folder.path());
    let [one] = digests();
    store.trust(&[one]).unwrap();
    folder.write("state/trust/sha256/README", "x");
    folder.write(
        format!("state/trust/sha256/{}", one.hex().to_uppercase()),
        "",
    );
    assert_eq!(store.list_trusted().unwrap(), [one]);
}

fn a_store_that_is_not_there_trusts_nothing(on: On) {
    let folder = Temp::new();
    let mut store = on.inside(folder.path());
    store.open("absent", false).unwrap();
    let [one] = digests();
    refused(store.trusted(&one), ErrorCode::TrustUntrustedSource, &[]);
    assert_eq!(store.list_trusted().unwrap(), []);
    assert_eq!(store.distrust(&[one]).unwrap(), []);
    assert_eq!(names(folder.path()), [] as [&str; 0]);
    // It is the user's word, which takes no store.
    store.trust(&[one]).unwrap();
    store.trusted(&one).unwrap();
    assert_eq!(names(folder.path()), ["state"]);
}

/// As many as are told at once, and one more: whoever trusts those is told the rest.
fn old_trust_is_told_past_what_is_trusted(on: On) {
    const MOST: usize = 10_000;
    let folder = Temp::new();
    let mut store = on.over(folder.path());
    let mut digests: Vec<Digest> = (0..=MOST)
        .map(|number| Digest::of(&number.to_le_bytes()))
        .collect();
    digests.sort();
    fs::create_dir_all(folder.join("trust/sha256")).unwrap();
    for digest in &digests {
        fs::write(folder.join("trust/sha256").join(digest.hex()), "").unwrap();
    }
    assert_eq!(store.old_trust().unwrap(), digests[..MOST]);
    store.trust(&digests[..2]).unwrap();
    assert_eq!(store.old_trust().unwrap(), digests[2..]);
    store.distrust(&digests[1..2]).unwrap();
    assert_eq!(store.old_trust().unwrap(), digests[1..]);
}

/// All or none also where the disk says at the end that it has nothing.
#[test]
fn what_the_disk_does_not_take_is_not_trusted() {
    let folder = Temp::new();
    let [one, two] = digests();
    On::Component.over(folder.path()).trust(&[one]).unwrap();
    let mut store = super::component::Instance::without_sync(folder.path());
    store.open(".", false).unwrap();
    let added = store.trust(&[one, two]);
    refused(added, ErrorCode::BlobIoError, &["sync the folder"]);
    assert_eq!(store.list_trusted().unwrap(), [one]);
    assert_eq!(names(&folder.join("state/trust/sha256")), [one.hex()]);
}

/// A store may come with a repository.
fn what_a_store_says_of_trust_has_no_say(on: On) {
    let folder = Temp::new();
    let mut store = on.over(folder.path());
    let [one] = digests();
    folder.write(format!("trust/sha256/{}", one.hex()), "");
    refused(store.trusted(&one), ErrorCode::TrustUntrustedSource, &[]);
    assert_eq!(store.list_trusted().unwrap(), []);
    assert_eq!(store.distrust(&[one]).unwrap(), []);
}
