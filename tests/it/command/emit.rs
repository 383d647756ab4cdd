//! The plan alone and `emit build`: what is written, and what is not.

use std::io::Read as _;
use std::process::{Command, Stdio};

use compositor_tests::{Artifact, dist};

use super::fixture::{PLAN, bad, digest, folder, good, json, names};

#[test]
fn to_the_store_and_to_a_file() {
    let folder = folder();
    let shown = good(&folder, &["plan.json"]);
    good(&folder, &["blob", "has", shown.trim_end()]);
    let said = good(&folder, &["plan.json", "-o", "out.wasm"]);
    let bytes = std::fs::read(folder.join("out.wasm")).expect("out.wasm");
    assert_eq!(format!("{}\n", digest(&bytes)), shown);
    assert_eq!(
        said,
        format!(
            "wrote out.wasm ({} bytes, {})\n",
            bytes.len(),
            shown.trim_end()
        )
    );
    let said = json(
        &folder,
        0,
        &["emit", "build", "plan.json", "-o", "again.wasm"],
    );
    assert_eq!(said["digest"], shown.trim_end());
    assert_eq!(said["cached"], true);
    let mut artifact = Artifact::new(&bytes).expect("an artifact");
    assert_eq!(
        artifact.wave("demo:app/app#seven", &[]).expect("a call"),
        "7"
    );
    assert_eq!(
        names(&folder),
        [
            ".compose",
            "again.wasm",
            "app.wasm",
            "lib",
            "out.wasm",
            "plan.json"
        ]
    );
}

#[test]
fn a_failure_leaves_the_old_file() {
    let folder = folder();
    folder.write("out.wasm", "old");
    folder.write(
        "wrong.json",
        PLAN.replace("\"demo:numbers/numbers\"", "\"demo:x/y\""),
    );
    bad(&folder, 1, &["wrong.json", "-o", "out.wasm"]);
    bad(
        &folder,
        1,
        &["emit", "build", "none.json", "-o", "out.wasm"],
    );
    assert_eq!(
        std::fs::read(folder.join("out.wasm")).expect("out.wasm"),
        b"old"
    );
    for (out, why) in [
        (".", "it is a folder"),
        ("lib", "it is a folder"),
        ("no/x", "no such file"),
    ] {
        let said = bad(&folder, 1, &["plan.json", "-o", out]);
        assert!(
            said.contains(&format!("cannot write `{out}`")) && said.contains(why),
            "{said}"
        );
    }
    assert_eq!(
        names(&folder),
        [
            ".compose",
            "app.wasm",
            "lib",
            "out.wasm",
            "plan.json",
            "wrong.json"
        ]
    );
    // A temporary file that a killed process left is in nobody's way.
    folder.write(".compositor-0.tmp", "torn");
    good(&folder, &["plan.json", "-o", "out.wasm"]);
    assert_eq!(
        std::fs::read(folder.join(".compositor-0.tmp")).expect("it"),
        b"torn"
    );
}

#[test]
fn to_stdout() {
    let folder = folder();
    let shown = good(&folder, &["plan.json"]);
    let mut command = Command::new(dist("composectl"));
    command
        .args(["plan.json", "-o", "-"])
        .current_dir(folder.path());
    let output = command
        .env_remove("COMPOSE_STORE")
        .output()
        .expect("composectl");
    assert_eq!(digest(output.stdout), shown.trim_end());
    let said = json(&folder, 2, &["plan.json", "-o", "-"]);
    assert_eq!(said["errors"][0]["code"], "InvalidInput");
}

/// `composectl … | head -c 1` is no reason to panic, or to complain.
#[test]
fn a_reader_that_goes_away() {
    let folder = folder();
    folder.write("large", vec![0; 4 << 20]);
    good(&folder, &["blob", "put", "large"]);
    let mut child = Command::new(dist("composectl"))
        .args(["blob", "get", &digest(vec![0; 4 << 20])])
        .current_dir(folder.path())
        .env_remove("COMPOSE_STORE")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("composectl");
    let mut stdout = child.stdout.take().expect("its stdout");
    stdout.read_exact(&mut [0]).expect("a byte");
    drop(stdout);
    let output = child.wait_with_output().expect("its end");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}
