//! The user's state folder: whose it is, and who may write there.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};

use compositor_core::Digest;
use compositor_tests::Temp;

use super::form::On;
use super::instance::{ErrorCode, refused};

fn mode(folder: &Temp, name: &str, mode: u32) {
    fs::set_permissions(folder.join(name), Permissions::from_mode(mode)).unwrap();
}

#[test]
fn what_others_may_write_is_not_believed() {
    let folder = Temp::new();
    let digest = Digest::of(b"trusted");
    let mut store = On::Native.over(folder.path());
    store.trust(&[digest]).unwrap();
    store.put_record(&digest, b"value").unwrap();
    let code = ErrorCode::InvalidInput;
    for bad in [0o770, 0o720, 0o702, 0o777] {
        mode(&folder, "state", bad);
        let opened = On::Native.inside(folder.path()).open(".", false);
        refused(opened, code, &["state", "chmod go-rwx"]);
        mode(&folder, "state", 0o700);
        for part in ["state/trust", "state/trust/sha256"] {
            let good = fs::metadata(folder.join(part)).unwrap().permissions();
            mode(&folder, part, bad);
            let mut store = On::Native.over(folder.path());
            let code = ErrorCode::TrustVerificationFailed;
            refused(store.trusted(&digest), code, &[part]);
            refused(store.list_trusted(), code, &[part]);
            fs::set_permissions(folder.join(part), good).unwrap();
        }
    }
    for bad in [0o640, 0o604, 0o620, 0o666] {
        mode(&folder, "state/key", bad);
        let mut store = On::Native.over(folder.path());
        refused(store.get_record(&digest), code, &["state/key", "chmod"]);
    }
    mode(&folder, "state/key", 0o600);
    let mut store = On::Native.over(folder.path());
    store.trusted(&digest).unwrap();
    assert_eq!(store.get_record(&digest).unwrap().unwrap(), b"value");
    // Others may read that, but not write it.
    mode(&folder, "state", 0o755);
    On::Native.over(folder.path()).trusted(&digest).unwrap();
}

/// Only who may give files away can test that.
#[test]
fn what_is_another_users_is_not_believed() {
    let folder = Temp::new();
    let digest = Digest::of(b"trusted");
    On::Native.over(folder.path()).trust(&[digest]).unwrap();
    if chown(folder.join("state"), Some(12345), None).is_err() {
        return;
    }
    let opened = On::Native.inside(folder.path()).open(".", false);
    refused(opened, ErrorCode::InvalidInput, &["state", "user 12345"]);
}

#[test]
fn links_in_it_are_not_followed() {
    let folder = Temp::new();
    let digest = Digest::of(b"trusted");
    let mut store = On::Native.over(folder.path());
    store.trust(&[digest]).unwrap();
    fs::rename(folder.join("state/trust"), folder.join("moved")).unwrap();
    symlink("../moved", folder.join("state/trust")).unwrap();
    let mut store = On::Native.over(folder.path());
    let code = ErrorCode::TrustVerificationFailed;
    refused(store.trusted(&digest), code, &["a symbolic link"]);
    symlink("nowhere", folder.join("state/key")).unwrap();
    let code = ErrorCode::BlobIoError;
    refused(store.put_record(&digest, b"x"), code, &["a symbolic link"]);
}
