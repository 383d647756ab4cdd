//! What is said of components that do not fit: in words that the plan has, and
//! never the same for what is found and what is expected.

use compositor_core::{Artifact, Code, Diagnostic, Severity};
use serde_json::json;
use test_generate::plan::Plan;

fn composed(
    components: &[(&str, &str)],
    bindings: &[(&str, &str, &str, &str)],
    imports: &[&str],
) -> Result<Artifact, Vec<Diagnostic>> {
    let mut plan = Plan::of(components.iter().copied()).with("imports", json!(imports));
    for (consumer, import, provider, export) in bindings {
        plan = plan.bind_as(consumer, import, provider, export);
    }
    plan.build().map(|(artifact, _)| artifact)
}

#[track_caller]
fn refused(
    components: &[(&str, &str)],
    bindings: &[(&str, &str, &str, &str)],
    code: Code,
    pointer: &str,
) -> Diagnostic {
    let Err(errors) = composed(components, bindings, &[]) else {
        panic!("it composed");
    };
    let error = errors[0].clone();
    assert_eq!(
        (error.code, error.pointer.as_str()),
        (code, pointer),
        "{error:?}"
    );
    assert!(!error.help.starts_with("report"), "{error:?}");
    if error.found.is_some() {
        assert_ne!(error.found, error.expected);
    }
    error
}

const GIVES: &str = r#"(component
    (core module $m (func (export "f") (result i32) (i32.const 5)))
    (core instance $i (instantiate $m))
    (func $f (result u32) (canon lift (core func $i "f")))
    (instance $x (export "f" (func $f)))
    (export "f" (func $f))
    (export "x" (instance $x))
    (export "m" (core module $m)))"#;

#[test]
fn kinds_are_told_apart() {
    let instance = r#"(component (import "i" (instance (export "f" (func (result u32))))))"#;
    let func = r#"(component (import "i" (func (result u32))))"#;
    for (needs, export, given, needed) in [
        (instance, "f", "a function", "an interface"),
        (func, "x", "an interface", "a function"),
        (func, "m", "a core module", "a function"),
        (instance, "m", "a core module", "an interface"),
    ] {
        let error = refused(
            &[("app", needs), ("p", GIVES)],
            &[("app", "i", "p", export)],
            Code::EmitLinkError,
            "/bindings/0/export_name",
        );
        assert!(error.message.contains(given), "{}", error.message);
        assert!(error.message.contains(needed), "{}", error.message);
        let found = error.found.expect("what was found");
        let expected = error.expected.expect("what was expected");
        assert!(found.starts_with(given), "{found}");
        assert!(expected.starts_with(needed), "{expected}");
    }
}

/// Core modules are more than they look: what is asked for is compared whole.
#[test]
fn a_core_module_that_does_not_fit_is_said_at_its_binding() {
    for asked in [
        r#"(core module (export "f" (func (result i64))))"#,
        r#"(core module (export "g" (func (result i32))))"#,
    ] {
        for (needs, name) in [
            (format!("(component (import \"m\" {asked}))"), "m"),
            (
                format!("(component (import \"t:t/t\" (instance (export \"m\" {asked}))))"),
                "t:t/t",
            ),
        ] {
            let gives = r#"(component
                (core module $m (func (export "f") (result i32) (i32.const 5)))
                (instance $x (export "m" (core module $m)))
                (export "m" (core module $m)) (export "t:t/t" (instance $x)))"#;
            let error = refused(
                &[("app", &needs), ("p", gives)],
                &[("app", name, "p", name)],
                Code::EmitLinkError,
                "/bindings/0/export_name",
            );
            assert!(error.message.contains("does not fit"), "{}", error.message);
        }
    }
}

/// One with types of its own is passed on like any other.
#[test]
fn a_core_module_with_types_of_its_own_is_bound() {
    let needs = r#"(component (import "m" (core module
        (type (func)) (export "t" (table 1 (ref null 0))))))"#;
    let gives = r#"(component
        (core module $m (type $f (func)) (table (export "t") 1 1 (ref null $f)))
        (export "m" (core module $m)))"#;
    let bindings = [("app", "m", "p", "m")];
    let composed = composed(&[("app", needs), ("p", gives)], &bindings, &[]);
    composed.unwrap_or_else(|errors| panic!("{errors:?}"));
}

/// A package of WIT is a component in its binary form, and none that does anything.
#[test]
fn a_wit_package_is_named_as_one() {
    let package = r#"(component
        (type (component
            (type (instance (export "f" (func))))
            (export "t:t/t" (instance (type 0)))))
        (export "t" (type 0)))"#;
    let needs = r#"(component (import "t:t/t" (instance (export "f" (func)))))"#;
    let error = refused(
        &[("app", needs), ("p", package)],
        &[("app", "t:t/t", "p", "t:t/t")],
        Code::EmitCompositionFailed,
        "/components/1",
    );
    assert!(error.message.contains("WIT package"), "{}", error.message);
}

#[test]
fn many_compatible_versions_are_one_note() {
    let ty = r#"(instance (export "f" (func)))"#;
    let imports = |patch: usize| -> Vec<String> {
        (0..13)
            .map(|number| format!("t:t{number}/t@1.0.{patch}"))
            .collect()
    };
    let text = |names: &[String]| -> String {
        names
            .iter()
            .map(|name| format!("(import {name:?} {ty})"))
            .collect()
    };
    let (old, new) = (imports(1), imports(2));
    let app = format!("(component {} (import \"u:u/u\" (instance)))", text(&old));
    let lib = format!(
        "(component {} (instance $i) (export \"u:u/u\" (instance $i)))",
        text(&new)
    );
    let open: Vec<&str> = old.iter().chain(&new).map(String::as_str).collect();
    let components = [("app", app.as_str()), ("lib", lib.as_str())];
    let artifact = composed(&components, &[("app", "u:u/u", "lib", "u:u/u")], &open);
    let findings = artifact
        .unwrap_or_else(|errors| panic!("{errors:?}"))
        .findings;
    let notes: Vec<&Diagnostic> = findings
        .iter()
        .filter(|finding| {
            finding.severity == Severity::Note && finding.message.contains("compatible")
        })
        .collect();
    assert_eq!(notes.len(), 1, "{findings:?}");
    assert!(notes[0].message.contains("13"), "{}", notes[0].message);
    let found = notes[0].found.as_ref().expect("which");
    assert!(found.contains("t:t0/t@1.0.1"), "{found}");
}
