//! Capabilities that a plan requires, and those that it can do without.

use compositor_tests::{Output, Temp, Written as _, composectl};
use serde_json::json;

use super::fixture::plan;
use super::wasi::command;

const VERSION: &str = "0.2.3";
const IMPORT: &str = "wasi:sockets/tcp-create-socket@0.2.3";

/// A plan that makes a socket, and asks for that at a level.
fn asks(level: &str) -> Temp {
    let runs = format!("{IMPORT}#create-tcp-socket");
    let policy = json!({ "capabilities": [
        { "name": "wasi:sockets", "level": level },
        { "name": "wasi:filesystem", "level": "optional" },
    ] });
    let folder = plan(command(VERSION, &runs).bytes).policy(policy).written();
    composectl(folder.path(), ["trust", "add", "--plan", "plan.json"]).success();
    folder
}

fn emit(folder: &Temp, options: &[&str]) -> Output {
    let args = [&["emit", "build", "plan.json", "-o", "out.wasm"], options].concat();
    composectl(folder.path(), args)
}

fn exec(folder: &Temp, options: &[&str]) -> Output {
    composectl(
        folder.path(),
        [&["exec", "run", "plan.json"], options].concat(),
    )
}

#[test]
fn required_and_denied() {
    let folder = asks("required");
    let by_policy = json!({ "deny": ["wasi:sockets"] });
    folder.write("denies.json", by_policy.to_string());
    for (options, rule) in [
        (&["--deny", "wasi:sockets"][..], "wasi:sockets"),
        (&["--deny", "*=error"], "*"),
        (
            &["--deny", "wasi:sockets/tcp-create-socket"],
            "wasi:sockets/tcp-create-socket",
        ),
        (&["--policy", "denies.json"], "wasi:sockets"),
    ] {
        for (output, status) in [(emit(&folder, options), 1), (exec(&folder, options), 126)] {
            assert_eq!(output.status, status, "{output:?}");
            assert_eq!(output.stdout, "");
            let reason = format!("the host denies {rule:?}");
            for says in [
                "error[Exec.CapabilityDenied/",
                "required capability \"wasi:sockets\" is denied",
                &format!("import {IMPORT:?} of app"),
                &reason,
                "plan.json",
            ] {
                assert!(output.stderr.contains(says), "no {says} in {output:?}");
            }
        }
        assert!(!folder.join("out.wasm").exists());
    }
}

#[test]
fn required_and_granted() {
    let folder = asks("required");
    // Denied is another one, which the plan can do without.
    let deny = ["--deny", "wasi:filesystem"];
    emit(&folder, &deny).success();
    assert!(folder.join("out.wasm").exists());
    let printed = exec(&folder, &deny).success();
    assert!(printed.starts_with("00eeeeee"), "{printed}");
}

#[test]
fn optional_and_denied() {
    let folder = asks("optional");
    assert!(exec(&folder, &[]).success().starts_with("00eeeeee"));
    let deny = ["--deny", "wasi:sockets"];
    // An error, `access-denied`.
    let printed = exec(&folder, &deny).success();
    assert!(printed.starts_with("01eeeeee01eeeeee"), "{printed}");
    let output = exec(&folder, &["--deny", "wasi:sockets=trap"]);
    assert_eq!(
        (output.status, output.stdout.as_str()),
        (126, ""),
        "{output:?}"
    );
    let says = format!("called what is denied to it, {IMPORT}#create-tcp-socket");
    assert!(output.stderr.contains(&says), "{output:?}");
}
