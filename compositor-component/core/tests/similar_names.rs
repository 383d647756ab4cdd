//! Names that are one to a component although they are written differently.

use compositor_core::memory::MemoryStore;
use compositor_core::{Code, Diagnostic, HostPolicy, build};
use serde_json::json;

/// A root and a provider, both of which leave an import open.
fn open(root: (&str, &str), provider: (&str, &str)) -> Result<(), Vec<Diagnostic>> {
    let store = MemoryStore::new();
    let put = |text: String| {
        let bytes = wat::parse_str(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        store.put(bytes).to_string()
    };
    let item = |(name, ty): (&str, &str)| format!("(import {name:?} {ty})");
    let app = put(format!(
        "(component {} (import \"t:t/t\" (instance)))",
        item(root)
    ));
    let lib = put(format!(
        "(component {} (instance $i) (export \"t:t/t\" (instance $i)))",
        item(provider)
    ));
    let plan = json!({
        "version": "1", "root": "app",
        "components": [{ "id": "app", "digest": app }, { "id": "lib", "digest": lib }],
        "bindings": [{ "import_name": "t:t/t", "provider_id": "lib", "export_name": "t:t/t" }],
        "imports": [root.0, provider.0],
    });
    let built = build(
        plan.to_string().as_bytes(),
        &HostPolicy::default(),
        store.host(),
    )?;
    let bytes = store.get(&built.digest).expect("it was written");
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
    let store = MemoryStore::new();
    let put = |text: &str| {
        store
            .put(wat::parse_str(text).expect("sound WAT"))
            .to_string()
    };
    let app = put(
        "(component (import \"t:t/t\" (instance)) (instance $i) (export \"a:key-value/x\" (instance $i)))",
    );
    let lib = put(
        "(component (instance $i) (export \"t:t/t\" (instance $i)) (export \"a:keyvalue/x\" (instance $i)))",
    );
    let plan = json!({
        "version": "1", "root": "app",
        "components": [{ "id": "app", "digest": app }, { "id": "lib", "digest": lib }],
        "bindings": [{ "import_name": "t:t/t", "provider_id": "lib", "export_name": "t:t/t" }],
        "explicit_exports": [{ "source_instance": "lib", "interface_name": "a:keyvalue/x" }],
    });
    let plan = plan.to_string();
    let errors = build(plan.as_bytes(), &HostPolicy::default(), store.host());
    let errors = errors.expect_err("one name");
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
