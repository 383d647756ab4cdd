//! Names that are one to a component although they are written differently.

use compositor_core::{Code, Diagnostic};
use serde_json::json;
use test_generate::plan::plan;

/// A root and a provider, both of which leave an import open.
fn open(root: (&str, &str), provider: (&str, &str)) -> Result<(), Vec<Diagnostic>> {
    let item = |(name, ty): (&str, &str)| format!("(import {name:?} {ty})");
    let app = format!("(component {} (import \"t:t/t\" (instance)))", item(root));
    let lib = format!(
        "(component {} (instance $i) (export \"t:t/t\" (instance $i)))",
        item(provider)
    );
    let plan = plan(app)
        .component("lib", lib)
        .bind("app", "t:t/t", "lib")
        .with("imports", json!([root.0, provider.0]));
    let (_, bytes) = plan.build()?;
    wasmparser::Validator::new()
        .validate_all(&bytes)
        .expect("it is valid");
    Ok(())
}

#[test]
fn imports_that_differ_in_hyphens_or_case_are_refused() {
    let func = "(func)";
    let instance = "(instance (export \"f\" (func)))";
    for (one, other, ty) in [
        ("get-id", "get-ID", func),
        ("get-id", "getid", func),
        ("a-b-c", "ab-c", func),
        ("acme:key-value/store", "acme:keyvalue/store", instance),
        (
            "acme:key-value/store@0.1.0",
            "acme:keyvalue/store@0.1.0",
            instance,
        ),
        (
            "acme:kv/key-store@1.0.0",
            "acme:kv/keystore@1.0.0",
            instance,
        ),
        ("ac-me:kv/store", "acme:kv/sto-re", instance),
        ("acme:kv/STORE", "acme:kv/store", instance),
    ] {
        for (one, other) in [(one, other), (other, one)] {
            let errors = open((one, ty), (other, ty)).expect_err(one);
            assert_eq!(errors.len(), 1, "{errors:?}");
            let error = &errors[0];
            assert_eq!(error.code, Code::EmitLinkError);
            for part in [one, other, "\"app\"", "\"lib\""] {
                assert!(error.message.contains(part), "{}", error.message);
            }
            assert!(
                error.pointer.starts_with("/components/"),
                "{}",
                error.pointer
            );
            assert!(error.help.starts_with("bind "), "{}", error.help);
        }
    }
}

#[test]
fn imports_that_differ_in_more_are_two() {
    let func = "(func)";
    let instance = "(instance (export \"f\" (func)))";
    for (one, other, ty) in [
        ("get-id", "get-ids", func),
        ("a:b/c@0.1.0", "a:b/c@0.2.0", instance),
        ("a:b/cd", "ab:c/d", instance),
        ("a:b/c", "a:b/c-d", instance),
    ] {
        open((one, ty), (other, ty)).unwrap_or_else(|errors| panic!("{one} {other}: {errors:?}"));
    }
}

#[test]
fn exports_that_differ_in_hyphens_are_refused() {
    let errors = plan(
        "(component (import \"t:t/t\" (instance)) (instance $i) (export \"a:key-value/x\" (instance $i)))",
    )
    .component(
        "lib",
        "(component (instance $i) (export \"t:t/t\" (instance $i)) (export \"a:keyvalue/x\" (instance $i)))",
    )
    .bind("app", "t:t/t", "lib")
    .export("lib", "a:keyvalue/x")
    .errors();
    assert_eq!(errors[0].code, Code::EmitLinkError);
    assert!(
        errors[0].message.contains("a:key-value/x"),
        "{}",
        errors[0].message
    );
    assert!(
        errors[0].message.contains("a:keyvalue/x"),
        "{}",
        errors[0].message
    );
    assert!(
        errors[0].help.contains("explicit_exports"),
        "{}",
        errors[0].help
    );
}
