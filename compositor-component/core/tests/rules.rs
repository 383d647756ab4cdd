//! The components that a plan's policy names: they are the plan's, and none of
//! them is told the same thing twice.

use compositor_core::memory::MemoryStore;
use compositor_core::{Code, Diagnostic, HostPolicy, validate};
use serde_json::{Value, json};

/// What the graph phase says of a policy, in a plan of `app` and `greeter`.
/// What comes after it lacks the blobs.
fn findings(policy: Value) -> Vec<Diagnostic> {
    let digest = "00".repeat(32);
    let plan = json!({
        "version": "1", "root": "app",
        "components": [
            { "id": "app", "digest": digest },
            { "id": "greeter", "digest": digest },
        ],
        "bindings": [{ "import_name": "g", "provider_id": "greeter", "export_name": "g" }],
        "policy": policy,
    });
    let store = MemoryStore::new();
    let policy = HostPolicy::default();
    let result = validate(plan.to_string().as_bytes(), &policy, store.host());
    let mut findings = result.expect_err("no blobs");
    findings.retain(|finding| finding.code != Code::EmitMissingBlob);
    findings
}

#[test]
fn unknown_components() {
    let found = findings(json!({
        "capabilities": [
            { "name": "wasi:http", "level": "optional", "components": ["app"] },
            { "name": "wasi:sockets", "level": "optional", "components": ["app", "greter"] },
        ],
        "denials": [{ "name": "wasi:random", "components": ["nobody-near"] }],
    }));
    let pointers: Vec<&str> = found.iter().map(|f| f.pointer.as_str()).collect();
    assert_eq!(
        pointers,
        [
            "/policy/capabilities/1/components/1",
            "/policy/denials/0/components/0"
        ]
    );
    for finding in &found {
        assert_eq!(finding.code, Code::PlanInvalidGraph);
        assert!(finding.position.is_some_and(|at| at.line == 1));
    }
    assert_eq!(found[0].help, "did you mean \"greeter\"?");
}

#[test]
fn a_name_may_stand_again_for_other_components() {
    let capability = |level: &str, components: Value| {
        let mut capability = json!({ "name": "wasi:http", "level": level });
        if !components.is_null() {
            capability["components"] = components;
        }
        capability
    };
    let sound = json!({
        "capabilities": [
            capability("optional", Value::Null),
            capability("required", json!(["app"])),
            capability("optional", json!(["greeter"])),
        ],
        "denials": [
            { "name": "*", "components": ["app"] },
            { "name": "*", "mode": "empty", "components": ["greeter"] },
        ],
    });
    assert_eq!(findings(sound), []);
    let twice = findings(json!({
        "capabilities": [
            capability("optional", json!(["app", "greeter"])),
            capability("required", json!(["greeter"])),
        ],
        "denials": [{ "name": "*" }, { "name": "*", "mode": "trap" }],
    }));
    let twice: Vec<_> = twice
        .iter()
        .map(|finding| (finding.pointer.as_str(), finding.message.as_str()))
        .collect();
    assert_eq!(
        twice,
        [
            (
                "/policy/capabilities/1",
                "\"wasi:http\" is listed twice in the capabilities for component \"greeter\""
            ),
            ("/policy/denials/1", "\"*\" is listed twice in the denials"),
        ]
    );
}
