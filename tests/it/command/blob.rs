//! `blob`, and which folder the store is.

use std::fs::File;
use std::os::unix::fs::symlink;
use std::process::Command;

use compositor_tests::{Temp, dist, run};

use super::fixture::folder as plan_folder;
use super::fixture::{APP, bad, component, digest, fifo, good, json, names, partly, piped};

/// Checks a list of one blob of five bytes, whose day is that of the test.
#[track_caller]
fn lists(listed: &str, digest: &str) {
    let words: Vec<&str> = listed.split_whitespace().collect();
    assert_eq!(words[..3], [digest, "5", "other"], "{listed}");
    assert!(words.len() == 4 && words[3].starts_with("20"), "{listed}");
    assert_eq!(listed.lines().count(), 2, "{listed}");
}

#[test]
fn put_list_has_get_and_remove() {
    let folder = Temp::new();
    folder.write("a.txt", "hello");
    let (a, other) = (digest("hello"), digest("other"));
    assert_eq!(
        good(&folder, &["blob", "put", "a.txt"]),
        format!("{a}  a.txt\n")
    );
    lists(&good(&folder, &["blob", "list"]), &a);
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
        gone.contains("error[Blob.NotFound/") && gone.contains(&a),
        "{gone}"
    );
    let gone = bad(&folder, 1, &["blob", "rm", &a]);
    assert!(
        gone.contains("error[Blob.NotFound/") && gone.contains(&a),
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
    let got = json(&folder, 0, &["blob", "get", &a]);
    assert_eq!(got["hex"], "68656c6c6f");
    let got = json(&folder, 0, &["blob", "get", &a, "-o", "b.txt"]);
    assert_eq!(got["size"], 5);
    // Bytes and the object cannot both have stdout.
    let failed = json(&folder, 2, &["blob", "get", &a, "-o", "-"]);
    assert!(
        failed["errors"][0]["message"]
            .as_str()
            .is_some_and(|m| m.contains("-o"))
    );
    for (size, status) in [(1 << 20, 0), ((1 << 20) + 1, 1)] {
        folder.write("a.txt", vec![b'x'; size]);
        good(&folder, &["blob", "put", "a.txt"]);
        let said = json(&folder, status, &["blob", "get", &digest(vec![b'x'; size])]);
        match status {
            0 => assert_eq!(said["hex"].as_str().map(str::len), Some(2 * size)),
            _ => assert!(
                said["errors"][0]["help"].to_string().contains("-o FILE"),
                "{said}"
            ),
        }
    }
}

/// What was done is told also when the rest failed.
#[test]
fn a_part_of_the_work() {
    let folder = Temp::new();
    folder.write("a.txt", "hello");
    let (a, none) = (digest("hello"), digest("none"));
    let (done, said) = partly(&folder, &["blob", "put", "none.txt", "a.txt"]);
    assert_eq!(done, format!("{a}  a.txt\n"));
    assert!(said.contains("cannot read `none.txt`"), "{said}");
    let said = json(&folder, 1, &["blob", "verify", &a, &none]);
    assert_eq!(said["verified"], 1);
    assert_eq!(said["errors"][0]["code"], "Blob.NotFound");
    let said = json(&folder, 1, &["blob", "rm", &none, &a]);
    assert_eq!(said["removed"], serde_json::json!([a]));
    good(&folder, &["blob", "put", "a.txt"]);
    let (done, said) = partly(&folder, &["blob", "rm", &a, &none]);
    assert_eq!(done, format!("removed {a}\n"));
    assert!(said.contains(&none) && !said.contains(&a), "{said}");
}

/// A link, a FIFO or a folder in a blob's place is told, and in no one's way.
#[test]
fn what_is_no_blob() {
    let folder = plan_folder();
    good(&folder, &["plan.json"]);
    let blobs = folder.join(".compose/blobs/sha256");
    let app = digest(component(APP));
    let (link, fifo_, sub) = (digest("link"), digest("fifo"), digest("sub"));
    let hex = |digest: &str| digest["sha256:".len()..].to_string();
    symlink("/etc/hostname", blobs.join(hex(&link))).expect("a link");
    fifo(&folder, &format!(".compose/blobs/sha256/{}", hex(&fifo_)));
    std::fs::create_dir(blobs.join(hex(&sub))).expect("a folder");

    let listed = good(&folder, &["blob", "list"]);
    assert!(listed.contains(&app), "{listed}");
    let said = json(&folder, 1, &["blob", "verify"]);
    let errors = said["errors"].as_array().expect("findings");
    assert_eq!(errors.len(), 3, "{said}");
    for odd in [&link, &fifo_, &sub] {
        assert!(
            listed.contains(&format!("{odd}\n  not a file\n")),
            "{listed}"
        );
        let named = |error: &serde_json::Value| {
            error["message"].to_string().contains(&hex(odd)) && error["help"].is_string()
        };
        assert!(errors.iter().any(named), "{said}");
    }
    assert!(said["verified"].as_u64() >= Some(3), "{said}");
    good(
        &folder,
        &["plan", "new", "app.wasm", "--dir", "lib", "-o", "n.json"],
    );
    good(&folder, &["plan", "validate", "n.json"]);

    // In the place of a component of a plan, it is told at the component.
    good(&folder, &["plan", "lock", "plan.json"]);
    std::fs::remove_file(blobs.join(hex(&app))).expect("a blob");
    symlink("/etc/hostname", blobs.join(hex(&app))).expect("a link");
    for args in [&["plan.json"][..], &["plan", "validate", "plan.json"]] {
        let said = json(&folder, 1, args);
        let error = &said["errors"][0];
        assert_eq!(error["code"], "Blob.IoError");
        assert_eq!(error["pointer"], "/components/0/digest");
    }
    let said = json(&folder, 0, &["plan", "info", "plan.json"]);
    assert_eq!(said["valid"], false);
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
        let (_, said) = partly(&folder, args);
        assert!(
            said.contains("error[Blob.DigestMismatch/") && said.contains(&a),
            "{said}"
        );
        assert!(
            said.contains("= help: `composectl blob put FILE`"),
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
    fifo(&folder, "fifo");
    let is_fifo = bad(&folder, 1, &["blob", "put", "fifo"]);
    assert!(is_fifo.contains("it is not a regular file"), "{is_fifo}");
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
    lists(&good(&folder, &["blob", "list", "--store=mine"]), &a);
    assert_eq!(good(&folder, &["blob", "list"]), "");

    let mut command = Command::new(dist("composectl"));
    command
        .args(["blob", "list"])
        .current_dir(folder.path())
        .env("COMPOSE_STORE", "mine");
    lists(&run(&mut command).success(), &a);

    // A folder that is a store itself, when there is no `.compose`.
    let mut command = Command::new(dist("composectl"));
    command
        .args(["blob", "list"])
        .current_dir(folder.join("mine"))
        .env_remove("COMPOSE_STORE");
    lists(&run(&mut command).success(), &a);

    good(&folder, &["blob", "put", "a.txt"]);
    assert_eq!(names(&folder), [".compose", "a.txt", "mine"]);
}
