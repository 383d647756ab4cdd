//! Bindings whose two sides do not fit, imports that nothing satisfies, and
//! blobs that are no components.

use compositor_core::{Code, Digest};
use compositor_tests::Written as _;
use serde_json::Value;
use test_generate::plan::Plan;

use super::case::{BothWays as _, says};
use super::wat::{asks, gives, leaf, node};
use super::wiring::wiring;

const A: &str = "t:n/a@0.1.0";
const B: &str = "t:n/b@0.1.0";
const APP: &str = "t:n/app@0.1.0";

const NUMBER: (&str, &str, &str) = ("f", "(result u32)", "(result i32)");
const TEXT: (&str, &str, &str) = ("f", "(result string)", "(result i32)");

#[test]
fn all_mismatches_at_once() {
    let root = asks(
        &[
            (A, r#"(export "f" (func (result u32)))"#),
            (B, r#"(export "f" (func (result u32)))"#),
            ("t:n/c@0.1.0", r#"(export "g" (func (param "x" u8)))"#),
            ("t:n/d@0.1.0", r#"(export "f" (func (result u32)))"#),
        ],
        APP,
    );
    let errors = Plan::new("app", root)
        .component("text", gives(A, &[TEXT]))
        .component("other", leaf("t:n/other@0.1.0", 1))
        .component("half", gives("t:n/c@0.1.0", &[NUMBER]))
        .bind("app", A, "text")
        .bind("app", B, "other")
        .bind("app", "t:n/c@0.1.0", "half")
        .bind_as("app", "t:n/x@0.1.0", "other", "t:n/other@0.1.0")
        .refused();
    let at = |pointer: &str| {
        let mut found = errors.iter().filter(|e| e.pointer.starts_with(pointer));
        let error = found
            .next()
            .unwrap_or_else(|| panic!("none at {pointer}: {errors:#?}"));
        assert!(found.next().is_none(), "several at {pointer}: {errors:#?}");
        assert_eq!(error.code, Code::EmitLinkError, "{error:#?}");
        error
    };
    let words = |pointer: &str, words: &[&str]| {
        let error = at(pointer);
        says(error, Code::EmitLinkError, &error.pointer, words);
    };
    // Another type: both sides as WIT.
    words(
        "/bindings/0",
        &[
            "\"app\"",
            "\"text\"",
            A,
            "func() -> u32",
            "func() -> string",
        ],
    );
    // No such export: those that there are.
    words("/bindings/1", &["\"other\"", B, "t:n/other@0.1.0"]);
    // A function is missing.
    words("/bindings/2", &["\"half\"", "t:n/c@0.1.0", "g"]);
    // No such import: those that there are.
    words("/bindings/3", &["\"app\"", "t:n/x@0.1.0", A]);
    // Nothing binds d.
    let dangling = errors.iter().find(|e| e.message.contains("t:n/d@0.1.0"));
    let dangling = dangling.unwrap_or_else(|| panic!("nothing of d: {errors:#?}"));
    assert_eq!(dangling.code, Code::EmitLinkError);
    assert_eq!(errors.len(), 5, "{errors:#?}");
}

#[test]
fn a_dangling_import_names_who_could_provide_it() {
    let case = Plan::new("app", node(&[A, B], APP, 1))
        .component("one", node(&[A], B, 2))
        .component("two", leaf(A, 3))
        .bind("app", B, "one")
        .bind("one", A, "two");
    let error = case.refusal();
    assert_eq!(error.code, Code::EmitLinkError);
    says(&error, error.code, &error.pointer, &["\"app\"", A, "two"]);
}

#[test]
fn an_open_import_is_the_artifacts() {
    let emitted = Plan::new("app", node(&[A, B], APP, 1))
        .component("one", node(&[A], B, 2))
        .bind("app", B, "one")
        .open(A)
        .emitted();
    assert_eq!(wiring(&emitted.bytes).imports, [A]);
}

#[test]
fn an_open_import_that_nothing_asks_for() {
    let case = Plan::new("app", leaf(APP, 1)).open("t:n/typo@0.1.0");
    let temp = case.written();
    // Whether that is an error or a warning, it is said, and where.
    let findings = match super::case::native(&temp.join("plan.json")).0 {
        Ok((_, findings)) | Err(findings) => findings,
    };
    assert_eq!(findings.len(), 1, "{findings:#?}");
    says(
        &findings[0],
        findings[0].code,
        "/imports/0",
        &["t:n/typo@0.1.0"],
    );
}

#[test]
fn one_name_with_two_types_cannot_stay_open() {
    let text = asks(&[(A, r#"(export "f" (func (result string)))"#)], B);
    let case = Plan::new("app", node(&[A, B], APP, 1))
        .component("one", text)
        .bind("app", B, "one")
        .open(A);
    let errors = case.refused();
    assert_eq!(errors.len(), 1, "{errors:#?}");
    let words = [A, "\"app\"", "\"one\"", "func() -> u32", "func() -> string"];
    says(&errors[0], Code::EmitLinkError, &errors[0].pointer, &words);
}

#[test]
fn an_export_that_is_not_there() {
    let errors = Plan::new("app", leaf(APP, 1)).export("app", A).refused();
    assert_eq!(errors.len(), 1, "{errors:#?}");
    let words = [A, "\"app\"", APP];
    says(
        &errors[0],
        Code::EmitLinkError,
        "/explicit_exports/0/interface_name",
        &words,
    );
}

#[test]
fn blobs_that_are_no_components() {
    let invalid = wat::parse_str(leaf(A, 1)).unwrap();
    let invalid = &invalid[..invalid.len() - 1];
    let module = r#"(module (func (export "f")))"#;
    let bodies = r#"(component (core module (func (result i32))))"#;
    let bodies = wat::parse_str(bodies).unwrap();
    // Those that do not start as a component are not put into a store at all.
    let (module, text) = (module.as_bytes(), &b"hello, I am not a component"[..]);
    for parts in [
        [("module", module), ("text", text)],
        [("torn", invalid), ("ill-typed", bodies.as_slice())],
    ] {
        let [(one, first), (other, second)] = parts;
        let errors = Plan::new("app", node(&[A, B], APP, 1))
            .component(one, first)
            .component(other, second)
            .bind("app", A, one)
            .bind("app", B, other)
            .refused();
        assert_eq!(errors.len(), 2, "{errors:#?}");
        for id in [one, other] {
            let error = errors.iter().find(|error| error.message.contains(id));
            let error = error.unwrap_or_else(|| panic!("{errors:#?}"));
            assert!(error.pointer.starts_with("/components/"), "{error:#?}");
            says(error, Code::EmitCompositionFailed, &error.pointer, &[id]);
        }
    }
}

#[test]
fn digests_of_nothing() {
    let mut plan = Plan::new("app", node(&[A, B], APP, 1))
        .component("gone", leaf(A, 1))
        .component("lost", leaf(B, 1))
        .bind("app", A, "gone")
        .bind("app", B, "lost")
        .value;
    let temp = Plan::new("app", node(&[A, B], APP, 1)).written();
    let components = plan["components"].as_array_mut().unwrap();
    for component in components.iter_mut().skip(1) {
        let id = component["id"].as_str().unwrap().to_string();
        *component = serde_json::json!({ "id": id, "digest": Digest::of(id.as_bytes()).hex() });
    }
    let errors = super::case::errors(&temp.write("plan.json", plan.to_string()));
    assert_eq!(errors.len(), 2, "{errors:#?}");
    for id in ["gone", "lost"] {
        let error = errors.iter().find(|e| e.message.contains(id)).unwrap();
        let digest = Digest::of(id.as_bytes()).to_string();
        assert!(error.pointer.starts_with("/components/"), "{error:#?}");
        says(error, Code::EmitMissingBlob, &error.pointer, &[&digest]);
    }
}

#[test]
fn digests_that_are_none() {
    let hex = Digest::of(b"").hex();
    for (digest, words) in [
        (Value::from(&hex[1..]), &["64"][..]),
        (Value::from(hex.to_uppercase()), &["lower"]),
        (Value::from(format!("sha512:{hex}")), &["sha512", "sha256"]),
        (Value::from(vec![1; 31]), &["31", "32"]),
        (Value::from(vec![256; 32]), &["256"]),
        (Value::from(7), &[]),
    ] {
        let mut plan = Plan::new("app", leaf(APP, 1)).value;
        plan["components"][0]["digest"] = digest.clone();
        let temp = Plan::new("app", leaf(APP, 1)).written();
        let errors = super::case::errors(&temp.write("plan.json", plan.to_string()));
        assert_eq!(errors.len(), 1, "{digest}: {errors:#?}");
        let pointer = &errors[0].pointer;
        assert!(pointer.starts_with("/components/0/digest"), "{errors:#?}");
        says(&errors[0], Code::EmitInvalidDigest, pointer, words);
    }
}
