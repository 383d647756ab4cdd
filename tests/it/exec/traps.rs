//! Whose doing a failure was: the component, its export, who called it, and the exit
//! status; also of code that nothing names.

use compositor_tests::composectl;
use serde_json::{Value, json};

use super::fixture::{Folder, Runs as _, bytes, fails, plan};
use super::wat;

const QUOTE: &str = "acme:pricing/quote@1.0.0";

/// A component that exports `total`, whose function does this; core exports are named
/// as toolchains name them.
fn quote(fields: &str, body: &str) -> Vec<u8> {
    let text = format!(
        r#"(component
             (core module
               (memory 1) {fields}
               (func (export "{QUOTE}#total") (result i32) {body}))
             (core instance (instantiate 0))
             (alias core export 0 "{QUOTE}#total" (core func))
             (func (result u32) (canon lift (core func 0)))
             (instance (export "total" (func 0)))
             (export "{QUOTE}" (instance 0)))"#
    );
    wat::component(&text)
}

/// A component that exports `total` and asks another for it, or a program that does.
fn asks(exports: &str, name: &str, result: &str) -> Vec<u8> {
    let text = format!(
        r#"(component
             (import "{QUOTE}" (instance (export "total" (func (result u32)))))
             (alias export 0 "total" (func))
             (core func (canon lower (func 0)))
             (core module
               (import "i" "total" (func (result i32)))
               (func (export "{exports}#{name}") (result i32) (call 0)))
             (core instance (export "total" (func 0)))
             (core instance (instantiate 0 (with "i" (instance 0))))
             (alias core export 1 "{exports}#{name}" (core func))
             (func (result {result}) (canon lift (core func 1)))
             (instance (export "{name}" (func 1)))
             (export "{exports}" (instance 1)))"#
    );
    wat::component(&text)
}

const RUN: &str = "wasi:cli/run@0.2.0";

/// A program that asks `pricing`, which does this.
fn shop(fields: &str, body: &str) -> Folder {
    plan(asks(RUN, "run", "(result)"))
        .component("pricing", quote(fields, body))
        .bind("app", QUOTE, "pricing")
        .trusted()
}

/// What is said of a run that fails.
fn said(folder: &Folder, options: &[&str], code: &str) -> String {
    let output = folder.run(options, &[]);
    fails(&output, code);
    output.stderr
}

#[test]
fn a_trap_by_component_and_export() {
    let said = said(&shop("", "unreachable"), &[], "Exec.Trap");
    let call = format!("in {QUOTE}#total, called by \"app\" in {RUN}#run");
    assert!(said.contains("component \"pricing\" trapped: "), "{said}");
    assert!(said.contains(&call), "{said}");
    assert!(!said.contains('?'), "{said}");
}

/// What no name section names has its index, and what one names is as it was written.
#[test]
fn functions_by_name_or_index() {
    let fields = r#"(func $_RNvCs4fqI2P2rA04_7pricing5total (unreachable))
                    (func (call $_RNvCs4fqI2P2rA04_7pricing5total))
                    (table 1 funcref)"#;
    let said = said(&shop(fields, "(call 1) (i32.const 0)"), &[], "Exec.Trap");
    let line = format!("\"pricing\": pricing::total < function 1 < {QUOTE}#total");
    assert!(said.contains(&line), "{said}");
    let line = format!("\"app\": {RUN}#run");
    assert!(said.contains(&line), "{said}");
}

/// The outermost export is told however deep the innermost function is.
#[test]
fn a_stack_that_overflows() {
    let fields = r#"(func $deep (call $deep))"#;
    let said = said(
        &shop(fields, "(call $deep) (i32.const 0)"),
        &[],
        "Exec.Trap",
    );
    assert!(said.contains("component \"pricing\" trapped: "), "{said}");
    assert!(said.contains("deep < deep"), "{said}");
    assert!(said.lines().all(|line| line.len() < 600), "{said}");
}

#[test]
fn limits_by_component() {
    let spins = shop("", "(loop (br 0)) (i32.const 0)");
    let time = said(&spins, &["--limit", "cpu-ms=100"], "Exec.Timeout");
    let grows = shop("", "(drop (memory.grow (i32.const 1000))) (i32.const 0)");
    let memory = ["--limit", "memory-bytes=1MiB"];
    let memory = said(&grows, &memory, "Exec.ResourceExhausted");
    for said in [time, memory] {
        assert!(
            said.contains("component \"pricing\" was stopped: "),
            "{said}"
        );
        assert!(
            said.contains(&format!("{QUOTE}#total, called by \"app\"")),
            "{said}"
        );
    }
}

/// Components that are the same bytes are one to the runtime: each is named.
#[test]
fn two_components_of_one_code() {
    let middle = asks(QUOTE, "total", "u32");
    let folder = plan(asks(RUN, "run", "(result)"))
        .component("first", &middle)
        .component("second", &middle)
        .component("pricing", quote("", "unreachable"))
        .bind("app", QUOTE, "first")
        .bind("first", QUOTE, "second")
        .bind("second", QUOTE, "pricing")
        .trusted();
    let said = said(&folder, &[], "Exec.Trap");
    let both = format!("called by \"first\" or \"second\" in {QUOTE}#total");
    assert!(
        said.contains(&format!("{both}, {both}, called by \"app\"")),
        "{said}"
    );
}

#[test]
fn a_denied_call_by_component() {
    let folder = plan(bytes("program"))
        .policy(json!({ "denials": [{ "name": "wasi:clocks", "mode": "trap" }] }))
        .trusted();
    let output = folder.run(&[], &["work", "1"]);
    fails(&output, "Exec.CapabilityDenied");
    let said = "component \"app\" called what is denied to it, wasi:clocks/";
    assert!(output.stderr.contains(said), "{output:?}");
    assert!(output.stderr.contains(", in wasi:cli/run@"), "{output:?}");
}

/// A component that is bound to nothing runs as it is, and is known all the same.
#[test]
fn a_component_by_itself() {
    let output = plan(bytes("limits")).trusted().run(&[], &["trap"]);
    fails(&output, "Exec.Trap");
    assert!(
        output.stderr.contains("component \"app\" trapped: "),
        "{output:?}"
    );
    assert!(!output.stderr.contains("_R"), "{output:?}");
}

/// An error that a program returns without a word is said; what it exits with is its
/// own word.
#[test]
fn an_error_without_a_word() {
    let silent = wat::program(("", "i32.const 1 return"));
    let output = plan(silent).trusted().run(&[], &[]);
    assert_eq!(output.status, 1, "{output:?}");
    let said = "\"app\" returned an error from `wasi:cli/run`, and wrote nothing to stderr\n";
    assert!(output.stderr.ends_with(said), "{output:?}");
    let output = plan(wat::exits(1)).trusted().run(&[], &[]);
    assert_eq!((output.status, &*output.stderr), (1, ""), "{output:?}");
    let output = plan(wat::program(("", ""))).trusted().run(&[], &[]);
    assert_eq!((output.status, &*output.stderr), (0, ""), "{output:?}");
}

/// Each status of `exec run` says whose it is.
#[test]
fn statuses() {
    let status = |folder: &Folder, options: &[&str]| folder.run(options, &[]).status;
    let trap = shop("", "unreachable");
    assert_eq!(status(&trap, &[]), 134);
    assert_eq!(status(&trap, &["--limit", "none=1"]), 125);
    assert_eq!(status(&trap, &["--limit", "none"]), 2);
    let spins = shop("", "(loop (br 0)) (i32.const 0)");
    assert_eq!(status(&spins, &["--limit", "cpu-ms=50"]), 124);
    assert_eq!(status(&plan(bytes("program")).untrusted(), &[]), 125);
    assert_eq!(status(&plan(wat::exits(125)).trusted(), &[]), 125);
}

/// For programs stdout is one object, whatever the guest prints; that goes to stderr.
#[test]
fn one_object_on_stdout() {
    let folder = plan(bytes("program")).trusted();
    let run = |args: &[&str]| {
        let args = [
            &["--format", "json", "exec", "run", "plan.json", "--"],
            args,
        ]
        .concat();
        let output = composectl(folder.0.path(), args);
        let object: Value = serde_json::from_str(&output.stdout).expect("one object");
        (output, object)
    };
    let (output, object) = run(&["both"]);
    assert_eq!(output.status, 0, "{output:?}");
    assert_eq!(
        (&object["ok"], &object["status"]),
        (&json!(true), &json!(0))
    );
    assert_eq!(output.stderr, "to stdout\nto stderr\n");
    let (output, object) = run(&["fail"]);
    assert_eq!(output.status, 1, "{output:?}");
    assert_eq!(
        (&object["ok"], &object["status"]),
        (&json!(false), &json!(1))
    );
    let (output, object) = run(&["panic"]);
    assert_eq!(output.status, 134, "{output:?}");
    assert_eq!(object["errors"][0]["code"], "Exec.Trap");
}

/// A provider of a program that links as it runs is known in its own program.
#[test]
fn providers_at_run_time() {
    let folder = super::fixture::linked()
        .component("lib", wat::provider(("", "unreachable")))
        .trusted();
    let said = folder.script(&[], &["resolve h lib", "invoke h x -"]);
    let said = said.join("\n");
    assert!(said.contains("component \"lib\" trapped"), "{said}");
}
