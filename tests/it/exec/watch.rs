//! `--watch`: what is built and run again when a file changes.

use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use compositor_tests::{composectl_in, start};

use super::fixture::{Runs as _, bytes, plan};

/// Waits until a file holds something else than this.
fn other(path: &Path, before: &[u8]) -> Vec<u8> {
    let started = Instant::now();
    loop {
        match fs::read(path) {
            Ok(bytes) if !bytes.is_empty() && bytes != before => return bytes,
            _ => assert!(started.elapsed() < Duration::from_secs(60), "it stays"),
        }
        sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_program_goes_on_until_another_one_is_ready() {
    let folder = plan(bytes("limits")).untrusted();
    let mut command = composectl_in(folder.0.path());
    command.args(["exec", "run", "plan.json", "--watch", "--trust"]);
    let mut running = start(command.args(["--", "spin"]));
    running.until("trusted for this run alone: `app`");
    running.until("spin\n");

    // What is no component is said, and the program goes on.
    folder.0.write("app.wasm", "half a component");
    running.until("changed: \"app.wasm\"\n");
    running.until("error[Emit.CompositionFailed/");
    running.until("what ran before goes on; waiting for a change of 2 files\n");
    // The same with the plan.
    let text = fs::read_to_string(folder.0.join("plan.json")).expect("plan.json");
    folder.0.write("plan.json", "{");
    running.until("changed: \"plan.json\"\n");
    running.until("error[Plan.InvalidSchema/");
    folder.0.write("app.wasm", bytes("program"));
    folder.0.write("plan.json", &text);

    // The other program knows no `spin`, and ends by itself.
    running.until("composectl: it ended with status 1; waiting for a change of 2 files\n");
    // The plan stays as its author wrote it.
    let now = fs::read_to_string(folder.0.join("plan.json")).expect("plan.json");
    assert_eq!(now, text);
}

#[test]
fn an_artifact_is_built_again() {
    let folder = plan(bytes("program")).untrusted();
    folder.good(&["plan", "lock", "plan.json"]);
    let locked = fs::read(folder.0.join("plan.json")).expect("plan.json");
    let mut command = composectl_in(folder.0.path());
    command.args(["emit", "build", "plan.json", "-o", "out.wasm", "--watch"]);
    let mut running = start(&mut command);
    let out = folder.0.join("out.wasm");
    let mut built = other(&out, b"");
    running.until("waiting for a change of 2 files");
    for name in ["limits", "deterministic", "program"] {
        // In place and in parts, as linkers do.
        let all = bytes(name);
        let half = all.len() / 2;
        fs::write(folder.0.join("app.wasm"), &all[..half]).expect("a half");
        sleep(Duration::from_millis(20));
        fs::write(folder.0.join("app.wasm"), &all).expect("all of it");
        built = other(&out, &built);
    }
    let now = fs::read(folder.0.join("plan.json")).expect("plan.json");
    assert_eq!(now, locked);
    // The same as without it.
    folder.good(&["plan", "lock", "plan.json", "--update"]);
    folder.good(&["emit", "build", "plan.json", "-o", "again.wasm", "--locked"]);
    assert_eq!(fs::read(folder.0.join("again.wasm")).expect("it"), built);
    running.signal("TERM");
    running.end();
}

#[test]
fn what_cannot_be_watched() {
    let folder = plan(bytes("program")).untrusted();
    for (args, why) in [
        (&["exec", "run", "-", "--watch"][..], "stdin"),
        (
            &["exec", "run", "plan.json", "--watch", "--locked"],
            "--locked",
        ),
        (&["plan", "validate", "plan.json", "--watch"], "no option"),
    ] {
        let output = folder.composectl(args);
        assert_eq!(output.status, 2, "{output:?}");
        assert!(output.stderr.contains(why), "{output:?}");
    }
}
