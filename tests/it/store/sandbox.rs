//! What the component asks of its host, and what it does where the host gives it
//! little.

use std::fs;
use std::os::unix::fs::symlink;

use compositor_core::Digest;
use compositor_tests::Temp;
use wasmtime_wasi::FsPerms;

use super::component::{Instance, component};
use super::form::On;
use super::instance::{ErrorCode, Instance as _, names, noise, refused};

#[test]
fn it_imports_files_randomness_and_nothing_else() {
    let component = component();
    let ty = component.component_type();
    let mut imports: Vec<&str> = ty
        .imports(component.engine())
        .map(|(name, _)| name.split('@').next().unwrap_or(name))
        .collect();
    imports.sort();
    // The clock and the types are there for their types; nothing calls them.
    assert_eq!(
        imports,
        [
            "sys:compose/types",
            "wasi:clocks/wall-clock",
            "wasi:filesystem/preopens",
            "wasi:filesystem/types",
            "wasi:random/random",
        ]
    );
}

#[test]
fn big_blobs_need_little_memory() {
    let folder = Temp::new();
    // 1 MiB of stack, 1 MiB of buffer, and what the component itself needs.
    let mut store = Instance::build(&[(folder.path(), ".")], FsPerms::ReadWrite, 6 << 20);
    store.open(".", true).unwrap();
    let piece = noise(6, 1 << 20);
    let writer = store.create().unwrap();
    for _ in 0..40 {
        store.write(writer, &piece).unwrap();
    }
    let digest = store.finish(writer).unwrap();
    let writer = store.create().unwrap();
    store.splice(writer, &digest, 0, 40 << 20).unwrap();
    store.splice(writer, &digest, 1, (40 << 20) - 1).unwrap();
    let both = store.finish(writer).unwrap();
    let whole = piece.repeat(40);
    assert_eq!(both, Digest::of(&[&whole[..], &whole[1..]].concat()));
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
fn a_store_that_may_only_be_read() {
    let folder = Temp::new();
    let digest = On::Component.over(folder.path()).put(b"read me").unwrap();
    let mut store = Instance::read_only(&[(folder.path(), ".")]);
    store.open(".", true).unwrap();
    assert_eq!(store.get(&digest).unwrap(), b"read me");
    let code = ErrorCode::BlobIoError;
    refused(store.put(b"x"), code, &["tmp/", "not permitted"]);
    refused(
        store.remove(&digest),
        code,
        &["blobs/sha256", "not permitted"],
    );
    let code = ErrorCode::NotImplemented;
    refused(store.trust(&[digest]), code, &["--state DIR", "::/state"]);
    refused(store.list_trusted(), code, &["--state DIR"]);
    let code = ErrorCode::TrustUntrustedSource;
    refused(store.trusted(&digest), code, &[]);
    // And no record is believed, or kept.
    assert_eq!(store.get_record(&digest).unwrap(), None);
    store.put_record(&digest, b"value").unwrap();
    assert_eq!(store.list().unwrap().len(), 1);
}

#[test]
fn folders_that_the_host_does_not_permit() {
    let folder = Temp::new();
    symlink("/", folder.join("out")).unwrap();
    let code = ErrorCode::BlobIoError;
    let mut store = Instance::new(&[(folder.path(), ".")]);
    for path in ["out", "out/x"] {
        refused(store.open(path, true), code, &[path]);
    }
    let mut store = Instance::read_only(&[(folder.path(), ".")]);
    refused(store.open("new", true), code, &["`new`", "not permitted"]);
    assert_eq!(names(folder.path()), ["out"]);
}
