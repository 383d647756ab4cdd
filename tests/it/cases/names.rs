//! Names that match by semver, and nearby versions of one interface.

use compositor_core::Code;
use compositor_core::diagnostic::Severity;
use compositor_tests::Artifact;
use test_generate::plan::Plan;

use super::case::{BothWays as _, Emitted, says};
use super::wat::{asks, leaf, node};
use super::wiring::wiring;

const APP: &str = "t:n/app@0.1.0";

fn f(emitted: &Emitted) -> String {
    let mut artifact = Artifact::new(&emitted.bytes).unwrap();
    artifact.wave(&format!("{APP}#f"), &[]).unwrap()
}

/// That a note says both names.
fn notes(emitted: &Emitted, pointer: &str, words: [&str; 2]) {
    assert_eq!(emitted.findings.len(), 1, "{:#?}", emitted.findings);
    let note = &emitted.findings[0];
    assert_eq!(note.severity, Severity::Note);
    says(note, note.code, &note.pointer, &words);
    assert!(note.pointer.starts_with(pointer), "{note:#?}");
}

#[test]
fn an_export_of_a_later_patch() {
    let emitted = Plan::new("app", node(&["t:n/a@0.2.0"], APP, 1))
        .component("alpha", leaf("t:n/a@0.2.6", 2))
        .bind("app", "t:n/a@0.2.0", "alpha")
        .emitted();
    notes(&emitted, "/bindings/0", ["t:n/a@0.2.0", "t:n/a@0.2.6"]);
    assert_eq!(f(&emitted), "3");
}

#[test]
fn an_import_of_an_earlier_patch() {
    let emitted = Plan::new("app", node(&["t:n/a@1.2.0"], APP, 1))
        .component("alpha", leaf("t:n/a@1.3.6", 2))
        .bind("app", "t:n/a@1.3.6", "alpha")
        .emitted();
    notes(&emitted, "/bindings/0", ["t:n/a@1.3.6", "t:n/a@1.2.0"]);
    assert_eq!(f(&emitted), "3");
}

#[test]
fn a_plan_that_says_both_names_needs_no_note() {
    let emitted = Plan::new("app", node(&["t:n/a@0.2.0"], APP, 1))
        .component("alpha", leaf("t:n/a@0.2.6", 2))
        .bind_as("app", "t:n/a@0.2.0", "alpha", "t:n/a@0.2.6")
        .emitted();
    assert_eq!(emitted.findings, []);
    assert_eq!(f(&emitted), "3");
}

#[test]
fn another_track_is_another_name() {
    for (import, export) in [
        ("t:n/a@0.2.0", "t:n/a@0.3.0"),
        ("t:n/a@0.0.1", "t:n/a@0.0.2"),
        ("t:n/a@1.0.0", "t:n/a@2.0.0"),
        ("t:n/a@1.0.0", "t:n/a"),
        ("t:n/a@1.0.0-rc.1", "t:n/a@1.0.0"),
    ] {
        let error = Plan::new("app", node(&[import], APP, 1))
            .component("alpha", leaf(export, 2))
            .bind("app", import, "alpha")
            .refusal();
        assert_eq!(error.code, Code::EmitLinkError);
        says(
            &error,
            error.code,
            &error.pointer,
            &[import, export, "\"alpha\""],
        );
    }
}

#[test]
fn the_exact_name_wins() {
    let two = r#"(component
        (core module $m
            (func (export "early") (result i32) (i32.const 10))
            (func (export "late") (result i32) (i32.const 20)))
        (core instance $m (instantiate $m))
        (func $early (result u32) (canon lift (core func $m "early")))
        (func $late (result u32) (canon lift (core func $m "late")))
        (instance $a (export "f" (func $early)))
        (instance $b (export "f" (func $late)))
        (export "t:n/a@0.2.0" (instance $a))
        (export "t:n/a@0.2.9" (instance $b)))"#;
    for (name, expected) in [
        ("t:n/a@0.2.0", "11"),
        ("t:n/a@0.2.9", "21"),
        ("t:n/a@0.2.5", "21"),
    ] {
        let emitted = Plan::new("app", node(&[name], APP, 1))
            .component("two", two)
            .bind("app", name, "two")
            .emitted();
        assert_eq!(f(&emitted), expected, "{name}");
    }
}

const NOW: &str = r#"(export "now" (func (result u64)))"#;
const RESOLUTION: &str = r#"(export "resolution" (func (result u64)))"#;

/// A root and a provider that import interfaces of the host.
fn clocks(root: (&str, &str), provider: (&str, &str)) -> Emitted {
    // `node` asks for its provider, `asks` for the clock.
    let app = node(&["t:n/a@0.1.0"], APP, 1);
    let clock = format!("(component\n(import \"{}\" (instance {}))", root.0, root.1);
    let app = app.replacen("(component", &clock, 1);
    Plan::new("app", app)
        .component("alpha", asks(&[provider], "t:n/a@0.1.0"))
        .bind("app", "t:n/a@0.1.0", "alpha")
        .emitted()
}

#[test]
fn subsets_of_one_host_interface() {
    let name = "wasi:clocks/monotonic-clock@0.2.0";
    let emitted = clocks((name, NOW), (name, RESOLUTION));
    assert_eq!(wiring(&emitted.bytes).imports, [name]);
    assert_eq!(f(&emitted), "1");
}

#[test]
fn nearby_versions_of_a_host_interface() {
    // One import has what both ask for, under the later version.
    let names = [
        "wasi:clocks/monotonic-clock@0.2.0",
        "wasi:clocks/monotonic-clock@0.2.6",
    ];
    let emitted = clocks((names[0], NOW), (names[1], RESOLUTION));
    assert_eq!(wiring(&emitted.bytes).imports, [names[1]]);
    notes(&emitted, "", names);
    assert_eq!(f(&emitted), "1");
}

/// Streams of a version, whose errors and pollables come from the interfaces
/// of that version, as real programs import them.
fn io(version: &str, more: &str) -> String {
    format!(
        r#"(import "wasi:io/error@{version}" (instance $error
             (export "error" (type (sub resource))) {more}))
           (alias export $error "error" (type $error))
           (import "wasi:io/poll@{version}" (instance $poll
             (export "pollable" (type (sub resource)))))
           (alias export $poll "pollable" (type $pollable))
           (import "wasi:io/streams@{version}" (instance
             (export "output-stream" (type $stream (sub resource)))
             (alias outer 1 $error (type $e)) (export "error" (type $error (eq $e)))
             (alias outer 1 $pollable (type $p)) (export "pollable" (type $poll (eq $p)))
             (type $own (own $error))
             (type $v (variant (case "last-operation-failed" $own) (case "closed")))
             (export "stream-error" (type $stream-error (eq $v)))
             (type $borrow (borrow $stream))
             (type $check (result u64 (error $stream-error)))
             (export "[method]output-stream.check-write"
               (func (param "self" $borrow) (result $check)))))"#
    )
}

/// Three components in a row that import streams, one of another version.
fn streams(early: &str, late: &str) -> Emitted {
    let with = |component: String, io: &str| {
        component.replacen("(component", &format!("(component\n{io}"), 1)
    };
    let (a, b) = ("t:n/a@0.1.0", "t:n/b@0.1.0");
    Plan::new("app", with(node(&[a], APP, 1), early))
        .component("alpha", with(node(&[b], a, 2), late))
        .component("beta", with(leaf(b, 4), early))
        .bind("app", a, "alpha")
        .bind("alpha", b, "beta")
        .emitted()
}

#[test]
fn nearby_versions_with_resources_of_the_host() {
    let emitted = streams(&io("0.2.0", ""), &io("0.2.6", ""));
    let imports = ["error", "poll", "streams"].map(|name| format!("wasi:io/{name}@0.2.6"));
    assert_eq!(wiring(&emitted.bytes).imports, imports);
    assert_eq!(f(&emitted), "7");
}

#[test]
fn nearby_versions_whose_resources_differ() {
    // Streams are alike, but their errors come from interfaces that are not:
    // each has to keep its own.
    let more = |result| format!(r#"(export "more" (func (result {result})))"#);
    let emitted = streams(&io("0.2.0", &more("u32")), &io("0.2.6", &more("string")));
    let imports = wiring(&emitted.bytes).imports;
    for name in ["error", "streams"] {
        for version in ["0.2.0", "0.2.6"] {
            let import = format!("wasi:io/{name}@{version}");
            assert!(imports.contains(&import), "no {import} in {imports:?}");
        }
    }
}

#[test]
fn nearby_versions_that_differ() {
    // The first was asked for in the plan, the second comes with a provider:
    // libraries that merge them by semver fail, or worse.
    let names = ["t:n/x@0.2.0", "t:n/x@0.2.6"];
    let app = node(&["t:n/a@0.1.0", names[0]], APP, 1);
    let text = asks(
        &[(names[1], r#"(export "f" (func (result string)))"#)],
        "t:n/a@0.1.0",
    );
    let emitted = Plan::new("app", app)
        .component("alpha", text)
        .bind("app", "t:n/a@0.1.0", "alpha")
        .open(names[0])
        .open(names[1])
        .emitted();
    let mut imports = wiring(&emitted.bytes).imports;
    imports.sort();
    assert_eq!(imports, names);
}
