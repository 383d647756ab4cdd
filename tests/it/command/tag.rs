//! `emit build --tag`: names that tools of OCI registries read.

use std::process::Stdio;

use compositor_tests::{Temp, composectl_in, read, start};
use serde_json::{Value, json as value};

use super::fixture::{bad, blobs, digest, folder, good, json};

fn index(folder: &Temp) -> Value {
    serde_json::from_slice(&read(folder.join(".compose/index.json"))).expect("an index")
}

fn blob(folder: &Temp, digest: &Value) -> Vec<u8> {
    let digest = digest.as_str().expect("a digest");
    let hex = digest.strip_prefix("sha256:").expect("a digest");
    read(folder.join(format!(".compose/blobs/sha256/{hex}")))
}

fn names(index: &Value) -> Vec<&str> {
    let entries = index["manifests"].as_array().expect("a list").iter();
    let names = entries
        .filter_map(|entry| entry["annotations"]["org.opencontainers.image.ref.name"].as_str());
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names
}

#[test]
fn a_name_is_a_manifest() {
    let folder = folder();
    let said = json(
        &folder,
        0,
        &["emit", "build", "plan.json", "--tag", "app-1.0"],
    );
    let index = index(&folder);
    assert_eq!(index["schemaVersion"], 2);
    assert_eq!(names(&index), ["app-1.0"]);
    let entry = &index["manifests"][0];
    assert_eq!(entry["digest"], said["manifest"]);
    let manifest = blob(&folder, &entry["digest"]);
    assert_eq!(entry["size"], manifest.len());
    assert_eq!(entry["digest"], digest(&manifest).as_str());
    let manifest: Value = serde_json::from_slice(&manifest).expect("a manifest");
    let layer = &manifest["layers"][0];
    assert_eq!(layer["mediaType"], "application/wasm");
    assert_eq!(layer["digest"], said["digest"]);
    assert_eq!(layer["size"], blob(&folder, &layer["digest"]).len());
    let config = blob(&folder, &manifest["config"]["digest"]);
    assert_eq!(manifest["config"]["size"], config.len());
    let config: Value = serde_json::from_slice(&config).expect("a configuration");
    assert_eq!(config["layerDigests"], value!([said["digest"]]));

    // Again it is the same; another name comes beside it, and what others named stays.
    let before = blobs(&folder);
    good(&folder, &["emit", "build", "plan.json", "--tag", "app-1.0"]);
    assert_eq!(blobs(&folder), before);
    assert_eq!(self::index(&folder), index);
    let mut others = index.clone();
    let theirs = value!({ "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "digest": digest("theirs"), "size": 6,
        "annotations": { "org.opencontainers.image.ref.name": "theirs" } });
    others["manifests"]
        .as_array_mut()
        .expect("a list")
        .push(theirs);
    others["annotations"] = value!({ "kept": "yes" });
    folder.write(".compose/index.json", others.to_string());
    good(
        &folder,
        &[
            "emit",
            "build",
            "plan.json",
            "--tag",
            "latest",
            "-o",
            "out.wasm",
        ],
    );
    let index = self::index(&folder);
    assert_eq!(names(&index), ["app-1.0", "latest", "theirs"]);
    assert_eq!(index["annotations"]["kept"], "yes");
    // A lost index is made again.
    std::fs::remove_file(folder.join(".compose/index.json")).expect("a file");
    good(&folder, &["emit", "build", "plan.json", "--tag", "latest"]);
    assert_eq!(names(&self::index(&folder)), ["app-1.0", "latest"]);

    // What is named stays.
    let all = blobs(&folder);
    let said = good(&folder, &["blob", "gc", "--recent", "0"]);
    assert!(said.contains("removed 0 blobs"), "{said}");
    folder.write(
        "other.json",
        r#"{ "version": "1", "root": "app", "bindings": [],
        "components": [{ "id": "app", "source": "file:lib/numbers.wasm" }] }"#,
    );
    good(&folder, &["blob", "gc", "other.json"]);
    assert_eq!(blobs(&folder), all);

    // Nobody knows what an index names that cannot be read.
    folder.write(".compose/index.json", "{");
    let said = bad(&folder, 1, &["blob", "gc", "other.json"]);
    assert!(said.contains("`index.json` is not a JSON object"), "{said}");
    assert_eq!(blobs(&folder), all);
}

#[test]
fn names_that_are_none() {
    let folder = folder();
    for name in ["", ".app", "a/b", "a:b", "a b", &"x".repeat(129)] {
        bad(&folder, 2, &["emit", "build", "plan.json", "--tag", name]);
    }
    assert!(!folder.join(".compose").exists());
    bad(&folder, 2, &["emit", "build", "plan.json"]);
}

/// Names that are given at once are all there in the end.
#[test]
fn several_at_once() {
    let folder = folder();
    good(&folder, &["plan.json"]);
    let give = |number: usize| {
        let name = format!("n{number}");
        let mut command = composectl_in(folder.path());
        command.args(["emit", "build", "plan.json", "--tag", &name]);
        start(command.stdin(Stdio::null()))
    };
    let running: Vec<_> = (0..8).map(give).collect();
    for running in running {
        assert_eq!(running.end().status, 0);
    }
    let index = index(&folder);
    assert_eq!(
        names(&index),
        ["n0", "n1", "n2", "n3", "n4", "n5", "n6", "n7"]
    );
}
