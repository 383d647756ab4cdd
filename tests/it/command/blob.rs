//! `blob`, and which folder the store is.

use std::fs::File;
use std::process::Command;

use compositor_tests::{Temp, dist, run};

use super::fixture::{bad, digest, good, json, names, piped};

#[test]
fn put_list_has_get_and_remove() {
    let folder = Temp::new();
    folder.write("a.txt", "hello");
    let (a, other) = (digest("hello"), digest("other"));
    assert_eq!(
        good(&folder, &["blob", "put", "a.txt"]),
        format!("{a}  a.txt\n")
    );
    assert_eq!(good(&folder, &["blob", "list"]), format!("{a}  5\n"));
    assert_eq!(good(&folder, &["blob", "has", &a]), "");
    assert_eq!(bad(&folder, 1, &["blob", "has", &other]), "");
    // The digits alone are a digest too.
    assert_eq!(
        good(&folder, &["blob", "get", &a["sha256:".len()..]]),
        "hello"
    );
    assert_eq!(
        good(&folder, &["blob", "get", &a, "-o", "b.txt"]),
        "wrote b.txt (5 bytes)\n"
    );
    assert_eq!(
        std::fs::read(folder.join("b.txt")).expect("b.txt"),
        b"hello"
    );
    assert_eq!(good(&folder, &["blob", "verify"]), "verified 1 blob\n");
    assert_eq!(good(&folder, &["blob", "rm", &a]), format!("removed {a}\n"));
    assert_eq!(good(&folder, &["blob", "list"]), "");
    let gone = bad(&folder, 1, &["blob", "get", &a]);
    assert!(
        gone.contains("error[Blob.NotFound]") && gone.contains(&a),
        "{gone}"
    );
    let gone = bad(&folder, 1, &["blob", "rm", &a]);
    assert!(
        gone.contains("error[Blob.NotFound]") && gone.contains(&a),
        "{gone}"
    );
}

#[test]
fn for_programs() {
    let folder = Temp::new();
    folder.write("a.txt", "hello");
    let a = digest("hello");
    let put = json(&folder, 0, &["blob", "put", "a.txt"]);
    assert_eq!(put["blobs"][0]["digest"], a.as_str());
    assert_eq!(put["blobs"][0]["path"], "a.txt");
    let list = json(&folder, 0, &["blob", "list"]);
    assert_eq!(list["blobs"][0]["size"], 5);
    assert_eq!(json(&folder, 0, &["blob", "has", &a])["has"], true);
    // Bytes and the object cannot both have stdout.
    let failed = json(&folder, 2, &["blob", "get", &a]);
    assert!(
        failed["errors"][0]["message"]
            .as_str()
            .is_some_and(|m| m.contains("-o"))
    );
    let got = json(&folder, 0, &["blob", "get", &a, "-o", "b.txt"]);
    assert_eq!(got["size"], 5);
}

#[test]
fn stdin_is_a_file_too() {
    let folder = Temp::new();
    let path = folder.write("a.txt", vec![7; 3 << 20]);
    let stdin = File::open(path).expect("a.txt");
    let output = piped(&folder, stdin, &["blob", "put", "-"]).success();
    assert_eq!(output, format!("{}  -\n", digest(vec![7; 3 << 20])));
}

#[test]
fn a_damaged_blob_is_told_and_healed() {
    let folder = Temp::new();
    folder.write("a.txt", "hello");
    good(&folder, &["blob", "put", "a.txt"]);
    let a = digest("hello");
    let stored = format!(".compose/blobs/sha256/{}", &a["sha256:".len()..]);
    // The store may keep its blobs read-only.
    std::fs::remove_file(folder.join(&stored)).expect("the blob");
    folder.write(&stored, "jello");
    for args in [
        &["blob", "verify"][..],
        &["blob", "verify", &a],
        &["blob", "get", &a],
    ] {
        let said = bad(&folder, 1, args);
        assert!(
            said.contains("error[Blob.DigestMismatch]") && said.contains(&a),
            "{said}"
        );
    }
    good(&folder, &["blob", "put", "a.txt"]);
    assert_eq!(good(&folder, &["blob", "get", &a]), "hello");
}

#[test]
fn a_digest_is_64_lower_case_digits() {
    let folder = Temp::new();
    let upper = digest("").to_uppercase();
    for wrong in ["abc", upper.as_str(), "sha512:00"] {
        let said = bad(&folder, 1, &["blob", "has", wrong]);
        assert!(
            said.contains(&format!("`{wrong}` is not a sha-256 digest")),
            "{said}"
        );
        assert!(
            said.contains("= expected:") && said.contains("= help:"),
            "{said}"
        );
    }
}

#[test]
fn files_that_cannot_be_read() {
    let folder = Temp::new();
    let missing = bad(&folder, 1, &["blob", "put", "none.txt"]);
    assert!(
        missing.contains("cannot read `none.txt`: there is no such file"),
        "{missing}"
    );
    let is_folder = bad(&folder, 1, &["blob", "put", "."]);
    assert!(is_folder.contains("it is a folder"), "{is_folder}");
}

#[test]
fn the_store_is_where_the_user_says() {
    let folder = Temp::new();
    folder.write("a.txt", "hello");
    let a = digest("hello");
    // What is not there reads as empty, and reading does not make it.
    assert_eq!(good(&folder, &["blob", "list"]), "");
    assert_eq!(names(&folder), ["a.txt"]);

    good(&folder, &["--store", "mine", "blob", "put", "a.txt"]);
    assert_eq!(names(&folder), ["a.txt", "mine"]);
    assert_eq!(
        good(&folder, &["blob", "list", "--store=mine"]),
        format!("{a}  5\n")
    );
    assert_eq!(good(&folder, &["blob", "list"]), "");

    let mut command = Command::new(dist("composectl"));
    command
        .args(["blob", "list"])
        .current_dir(folder.path())
        .env("COMPOSE_STORE", "mine");
    assert_eq!(run(&mut command).success(), format!("{a}  5\n"));

    // A folder that is a store itself, when there is no `.compose`.
    let mut command = Command::new(dist("composectl"));
    command
        .args(["blob", "list"])
        .current_dir(folder.join("mine"))
        .env_remove("COMPOSE_STORE");
    assert_eq!(run(&mut command).success(), format!("{a}  5\n"));

    good(&folder, &["blob", "put", "a.txt"]);
    assert_eq!(names(&folder), [".compose", "a.txt", "mine"]);
}
