//! Which folder is opened, what is made there, and what is left alone.

use std::fs;
use std::os::unix::fs::symlink;

use compositor_core::Digest;
use compositor_tests::Temp;

use super::form::On;
use super::instance::{ErrorCode, names, refused};

both!(
    an_oci_image_layout,
    a_store_that_is_not_there_is_empty,
    an_open_store_can_be_changed_for_another,
    folders_that_cannot_be_made,
    the_store_may_be_a_link_that_the_user_named,
    nothing_outside_of_the_folder_is_touched,
    a_store_that_is_renamed_while_it_is_open,
);

fn an_oci_image_layout(on: On) {
    let folder = Temp::new();
    let mut store = on.over(folder.path());
    let made = ["blobs", "index.json", "oci-layout", "tmp"];
    assert_eq!(names(folder.path()), made);
    assert_eq!(names(&folder.join("blobs")), ["sha256"]);
    let json = |name: &str| -> serde_json::Value {
        serde_json::from_slice(&fs::read(folder.join(name)).unwrap()).unwrap()
    };
    assert_eq!(json("oci-layout")["imageLayoutVersion"], "1.0.0");
    assert_eq!(json("index.json")["schemaVersion"], 2);
    assert_eq!(json("index.json")["manifests"], serde_json::json!([]));

    // What another tool wrote stays.
    fs::write(folder.join("index.json"), "{\"another\": 1}").unwrap();
    store.open(".", true).unwrap();
    assert_eq!(json("index.json")["another"], 1);
}

fn a_store_that_is_not_there_is_empty(on: On) {
    let folder = Temp::new();
    let mut store = on.inside(folder.path());
    let digest = Digest::of(b"");
    // Also a folder that is there, with other things in it.
    folder.write("other/file", "");
    for path in ["absent", "absent/deeper", "other", "."] {
        store.open(path, false).unwrap();
        assert_eq!(store.list().unwrap(), []);
        assert_eq!(store.stat(&digest).unwrap(), None);
        assert_eq!(store.find_key(&digest).unwrap(), None);
        assert!(!store.remove(&digest).unwrap());
        refused(store.get(&digest), ErrorCode::BlobNotFound, &[path]);
        let code = ErrorCode::BlobIoError;
        refused(store.create(), code, &[path, "create"]);
        refused(store.record(&digest, &digest), code, &[path, "create"]);
    }
    assert_eq!(names(folder.path()), ["other"]);
    assert_eq!(names(&folder.join("other")), ["file"]);
}

fn an_open_store_can_be_changed_for_another(on: On) {
    let folder = Temp::new();
    let mut store = on.inside(folder.path());
    store.open("a", true).unwrap();
    let digest = store.put(b"in a").unwrap();
    let writer = store.create().unwrap();
    store.write(writer, b"also in a").unwrap();
    store.open("b", true).unwrap();
    assert_eq!(store.stat(&digest).unwrap(), None);
    let other = store.finish(writer).unwrap();
    assert_eq!(store.stat(&other).unwrap(), None);
    store.open("a", false).unwrap();
    assert_eq!(store.list().unwrap().len(), 2);
}

fn folders_that_cannot_be_made(on: On) {
    let folder = Temp::new();
    folder.write("file", "");
    symlink("nowhere", folder.join("dangling")).unwrap();
    let mut store = on.inside(folder.path());
    let code = ErrorCode::BlobIoError;
    for path in [
        "file",
        "file/x",
        "dangling",
        "dangling/x",
        &"x".repeat(300),
        "nul\0",
    ] {
        refused(store.open(path, true), code, &[path]);
    }
    assert_eq!(names(folder.path()), ["dangling", "file"]);
}

fn the_store_may_be_a_link_that_the_user_named(on: On) {
    let folder = Temp::new();
    fs::create_dir(folder.join("real")).unwrap();
    symlink("real", folder.join("link")).unwrap();
    let mut store = on.inside(folder.path());
    store.open("link", true).unwrap();
    store.put(b"x").unwrap();
    store.open("link/deeper", true).unwrap();
    assert!(folder.join("real/blobs/sha256").is_dir());
    assert!(folder.join("real/deeper/blobs/sha256").is_dir());
}

fn nothing_outside_of_the_folder_is_touched(on: On) {
    let folder = Temp::new();
    folder.write("beside", "as it was");
    folder.write("store/README", "as it was");
    let mut store = on.inside(folder.path());
    store.open("store", true).unwrap();
    let digest = store.put(b"bytes").unwrap();
    store.record(&digest, &digest).unwrap();
    store.trust(&[digest]).unwrap();
    assert_eq!(names(folder.path()), ["beside", "state", "store"]);
    assert_eq!(
        names(&folder.join("store")),
        [
            "README",
            "blobs",
            "cache",
            "index.json",
            "oci-layout",
            "tmp"
        ]
    );
    for file in ["beside", "store/README"] {
        assert_eq!(fs::read(folder.join(file)).unwrap(), b"as it was");
    }
}

fn a_store_that_is_renamed_while_it_is_open(on: On) {
    let folder = Temp::new();
    let mut store = on.inside(folder.path());
    store.open("before", true).unwrap();
    let digest = store.put(b"bytes").unwrap();
    let writer = store.create().unwrap();
    store.write(writer, b"more bytes").unwrap();
    fs::rename(folder.join("before"), folder.join("after")).unwrap();
    // What now has the name is another folder.
    fs::create_dir(folder.join("before")).unwrap();
    let more = store.finish(writer).unwrap();
    for digest in [digest, more] {
        store.record(&digest, &digest).unwrap();
        store.trust(&[digest]).unwrap();
        store.verify(&digest).unwrap();
        assert!(
            folder
                .join("after/blobs/sha256")
                .join(digest.hex())
                .is_file()
        );
    }
    assert_eq!(names(&folder.join("before")), [] as [&str; 0]);
    assert_eq!(names(&folder.join("after/cache")).len(), 2);
}
