//! Which folder is opened, what is made there, and what is left alone.

use std::fs;
use std::os::unix::fs::symlink;

use compositor_core::Digest;
use compositor_tests::Temp;

use super::instance::{ErrorCode, Instance, names, refused};

#[test]
fn an_oci_image_layout() {
    let folder = Temp::new();
    let mut store = Instance::over(folder.path());
    assert_eq!(names(folder.path()), ["blobs", "index.json", "oci-layout"]);
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

#[test]
fn nothing_works_before_a_store_is_open() {
    let folder = Temp::new();
    let mut store = Instance::new(&[(folder.path(), ".")]);
    let digest = Digest::of(b"");
    let (code, parts) = (ErrorCode::InvalidInput, ["no store is open"]);
    refused(store.stat(&digest), code, &parts);
    refused(store.get(&digest), code, &parts);
    refused(store.verify(&digest), code, &parts);
    refused(store.list(), code, &parts);
    refused(store.remove(&digest), code, &parts);
    refused(store.create(), code, &parts);
    refused(store.find_key(&digest), code, &parts);
    refused(store.record(&digest, &digest), code, &parts);
    refused(store.trusted(&digest), code, &parts);
    refused(store.trust(&[digest]), code, &parts);
    refused(store.distrust(&[digest]), code, &parts);
    refused(store.list_trusted(), code, &parts);
    assert_eq!(names(folder.path()), [] as [&str; 0]);
}

#[test]
fn a_store_that_is_not_there_is_empty() {
    let folder = Temp::new();
    let mut store = Instance::new(&[(folder.path(), ".")]);
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

#[test]
fn an_open_store_can_be_changed_for_another() {
    let folder = Temp::new();
    let mut store = Instance::new(&[(folder.path(), ".")]);
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

#[test]
fn paths() {
    let folder = Temp::new();
    for name in ["here", "root", "data", "up"] {
        fs::create_dir(folder.join(name)).unwrap();
    }
    let open = |name: &str| folder.join(name);
    let (here, root, data, up) = (open("here"), open("root"), open("data"), open("up"));
    let folders = [
        (root.as_path(), "/"),
        (here.as_path(), "."),
        (up.as_path(), "../up"),
        (data.as_path(), "/mnt/data/"),
    ];
    for (path, made) in [
        (".", "here"),
        ("a", "here/a"),
        ("./b//c/", "here/b/c"),
        ("d/../e", "here/e"),
        ("../up", "up"),
        ("../up/f", "up/f"),
        ("/", "root"),
        ("/g", "root/g"),
        ("/../h", "root/h"),
        ("/mnt/data", "data"),
        ("/mnt/data/i/j", "data/i/j"),
        ("/mnt/database", "root/mnt/database"),
    ] {
        Instance::new(&folders).open(path, true).unwrap();
        let layout = folder.join(made).join("blobs/sha256");
        assert!(layout.is_dir(), "`{path}` makes {}", layout.display());
        fs::remove_dir_all(folder.join(made).join("blobs")).unwrap();
    }

    // On hosts without a current folder, paths start from the root.
    Instance::new(&folders[..1]).open("k", true).unwrap();
    assert!(folder.join("root/k/blobs/sha256").is_dir());
}

#[test]
fn paths_that_no_open_folder_holds() {
    let folder = Temp::new();
    let path = folder.path();
    let code = ErrorCode::InvalidInput;
    let mut none = Instance::new(&[]);
    refused(
        none.open(".compose", true),
        code,
        &["`.compose`", "none", "--dir"],
    );
    let mut store = Instance::new(&[(path, "."), (path, "/mnt")]);
    for outside in ["..", "../x", "a/../../x", "/", "/mn", "/mnt/../x"] {
        let parts = [outside, "`.`, `/mnt`", "--dir"];
        refused(store.open(outside, true), code, &parts);
    }
    refused(store.open("", true), code, &["empty"]);
    assert_eq!(names(path), [] as [&str; 0]);
}

#[test]
fn folders_that_cannot_be_made() {
    let folder = Temp::new();
    folder.write("file", "");
    symlink("/", folder.join("out")).unwrap();
    let mut store = Instance::new(&[(folder.path(), ".")]);
    let code = ErrorCode::BlobIoError;
    for path in ["file", "file/x", "out", "out/x", &"x".repeat(300), "nul\0"] {
        refused(store.open(path, true), code, &[path]);
    }
    assert_eq!(names(folder.path()), ["file", "out"]);

    let mut store = Instance::read_only(&[(folder.path(), ".")]);
    refused(store.open("new", true), code, &["`new`", "not permitted"]);
}

#[test]
fn a_store_that_may_only_be_read() {
    let folder = Temp::new();
    let digest = Instance::over(folder.path()).put(b"read me").unwrap();
    let mut store = Instance::read_only(&[(folder.path(), ".")]);
    store.open(".", true).unwrap();
    assert_eq!(store.get(&digest).unwrap(), b"read me");
    let code = ErrorCode::BlobIoError;
    refused(store.put(b"x"), code, &["blobs/sha256", "not permitted"]);
    refused(
        store.remove(&digest),
        code,
        &["blobs/sha256", "not permitted"],
    );
    refused(store.trust(&[digest]), code, &["trust", "not permitted"]);
    assert_eq!(store.list().unwrap().len(), 1);
}

#[test]
fn the_store_may_be_a_link_that_the_user_named() {
    let folder = Temp::new();
    fs::create_dir(folder.join("real")).unwrap();
    symlink("real", folder.join("link")).unwrap();
    let mut store = Instance::new(&[(folder.path(), ".")]);
    store.open("link", true).unwrap();
    store.put(b"x").unwrap();
    store.open("link/deeper", true).unwrap();
    assert!(folder.join("real/blobs/sha256").is_dir());
    assert!(folder.join("real/deeper/blobs/sha256").is_dir());
}

#[test]
fn nothing_outside_of_the_folder_is_touched() {
    let folder = Temp::new();
    folder.write("beside", "as it was");
    folder.write("store/README", "as it was");
    let mut store = Instance::new(&[(folder.path(), ".")]);
    store.open("store", true).unwrap();
    let digest = store.put(b"bytes").unwrap();
    store.record(&digest, &digest).unwrap();
    store.trust(&[digest]).unwrap();
    assert_eq!(names(folder.path()), ["beside", "store"]);
    assert_eq!(
        names(&folder.join("store")),
        [
            "README",
            "blobs",
            "cache",
            "index.json",
            "oci-layout",
            "trust"
        ]
    );
    for file in ["beside", "store/README"] {
        assert_eq!(fs::read(folder.join(file)).unwrap(), b"as it was");
    }
}
