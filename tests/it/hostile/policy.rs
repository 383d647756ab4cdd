//! Ways around a policy: names that are nearly known, and what is denied behind
//! what is allowed.

use serde_json::{Value, json};

use super::row::{Folder, bounded, held};

/// A component whose imports are these, each an interface with a function.
fn importing(names: &[&str]) -> Vec<u8> {
    let import = |name: &&str| {
        format!("(import \"{name}\" (instance (export \"now\" (func (result u64)))))")
    };
    let imports: String = names.iter().map(import).collect();
    wat::parse_str(format!("(component {imports})")).expect("WAT")
}

fn folder(component: &[u8], policy: &Value) -> Folder {
    let folder = Folder::new();
    let digest = folder.put(component);
    let plan = json!({
        "version": "1", "root": "a", "components": [{ "id": "a", "digest": digest }],
        "policy": policy,
    });
    folder.0.write("plan.json", plan.to_string());
    folder
}

/// The artifact's imports that functions come through.
fn open(name: &str, folder: &Folder, args: &[&str]) -> Vec<String> {
    let args = [&["emit", "build", "plan.json", "-o", "out.wasm"], args].concat();
    let output = bounded(name, folder.run(&args));
    assert_eq!(output.status, 0, "{name}: {output:?}");
    let bytes = std::fs::read(folder.0.join("out.wasm")).expect("it was written");
    crate::runtimes::imports(&bytes)
}

/// A version that nobody has published, or that is close to one that is granted,
/// is an interface like any other: it takes the same grant.
#[test]
fn versions_that_are_nearly_known() {
    const NEAR: [&str; 5] = [
        "wasi:clocks/monotonic-clock@0.2.99",
        "wasi:clocks/monotonic-clock@0.2.4294967295",
        "wasi:clocks/monotonic-clock@0.3.99",
        "wasi:clocks/monotonic-clock@9.9.9",
        "wasi:sockets/tcp@0.2.99",
    ];
    for name in NEAR {
        let component = importing(&[name]);
        let denied = json!({ "denials": [{ "name": "wasi:clocks" }] });
        assert_eq!(
            open(name, &folder(&component, &denied), &[]),
            [""; 0],
            "{name}"
        );
        // What is allowed on one track is allowed on that one, and deterministic.
        let other = json!({ "determinism": "strict" });
        let allowed = ["--allow", "wasi:clocks@0.2.0", "--deny", "wasi:clocks"];
        let kept = open(name, &folder(&component, &other), &allowed);
        assert_eq!(kept, [""; 0], "{name}");
        let strict = json!({ "determinism": "strict" });
        assert_eq!(
            open(name, &folder(&component, &strict), &[]),
            [""; 0],
            "{name}"
        );
    }
}

/// Names that look like what is granted, and are not.
#[test]
fn names_that_are_nearly_known() {
    let grant = json!({
        "capabilities": [{ "name": "wasi:http", "level": "optional" }],
    });
    for name in [
        "wasi:https/handler@0.2.0",
        "wasi:http-x/handler@0.2.0",
        "wasi:filesystem/http@0.2.0",
        "wasi:sockets/wasi-http@0.2.0",
        "wasi:htttp/handler",
    ] {
        let component = importing(&[name]);
        assert_eq!(
            open(name, &folder(&component, &grant), &[]),
            [""; 0],
            "{name}"
        );
    }
    // Of another namespace it is nobody's to grant, and must be bound.
    for name in [
        "wasi-http:wasi/handler",
        "xwasi:http/handler@0.2.0",
        "wasix:http/handler",
    ] {
        folder(&importing(&[name]), &grant).refused(name, "Emit.LinkError");
    }
    for name in [
        "WASI:http/handler",
        "wasi:http/handler@0.2",
        "wasi:http/handler@0.2.0@0.2.0",
        "wasi:http",
    ] {
        let Ok(component) = std::panic::catch_unwind(|| importing(&[name])) else {
            continue;
        };
        let code = match name {
            "wasi:http" => continue,
            _ => "Emit.CompositionFailed",
        };
        folder(&component, &grant).refused(name, code);
    }
}

/// A resource that is denied stays denied, also where an interface that is
/// allowed gives it.
#[test]
fn denied_resources_through_allowed_interfaces() {
    let text = r#"(component
      (import "wasi:filesystem/types@0.2.0" (instance $types
        (export "descriptor" (type $d (sub resource)))
        (export "[method]descriptor.sync" (func (param "self" (borrow $d))))))
      (alias export $types "descriptor" (type $d))
      (import "wasi:filesystem/preopens@0.2.0" (instance $preopens
        (alias outer 1 $d (type $o)) (export "descriptor" (type $e (eq $o)))
        (export "get" (func (result (own $e)))))))"#;
    let component = wat::parse_str(text).expect("WAT");
    let only = json!({
        "capabilities": [{ "name": "wasi:filesystem/preopens", "level": "optional" }],
        "denials": [{ "name": "wasi:filesystem/types" }],
    });
    assert_eq!(
        open("preopens alone", &folder(&component, &only), &[]),
        [""; 0]
    );
    let both = json!({ "capabilities": [{ "name": "wasi:filesystem", "level": "optional" }] });
    assert_eq!(open("both", &folder(&component, &both), &[]).len(), 2);
}

/// As many rules as a policy may have, for as many imports as a component may:
/// each import finds its rule, none is looked through.
#[test]
fn rules_for_imports() {
    let imports: String = (0..9_000)
        .map(|at| format!("(import \"i{at}\" (func))"))
        .collect();
    let component = wat::parse_str(format!("(component {imports})")).expect("WAT");
    for level in ["required", "optional"] {
        let rule = |at: usize| json!({ "name": format!("i{at}"), "level": level });
        let rules: Vec<Value> = (0..10_000).map(rule).collect();
        let folder = folder(&component, &json!({ "capabilities": rules }));
        assert_eq!(open(level, &folder, &[]).len(), 9_000);
    }
    // Those that nobody uses are denied for a reason of their own.
    let rule = |at: usize| json!({ "name": format!("acme:i{at}"), "level": "required" });
    let rules: Vec<Value> = (0..10_000).map(rule).collect();
    let denied = json!({ "capabilities": rules, "denials": [{ "name": "*" }] });
    let refusal = folder(&importing(&["wasi:http/handler@0.2.0"]), &denied);
    let refusal = refusal.refused("nobody's", "Exec.CapabilityDenied");
    assert!(refusal.text.contains("acme:i0"), "{}", refusal.text);
}

/// Each program of a runtime plan has all the rules that are for all.
#[test]
fn rules_for_programs() {
    let component = r#"(component (instance $e)
        (export "compose:dynlink/endpoint@0.1.0" (instance $e)))"#;
    let folder = Folder::new();
    let digest = folder.put(&wat::parse_str(component).expect("WAT"));
    let part = |at: usize| json!({ "id": format!("c{at}"), "digest": digest });
    let rule = |at: usize| json!({ "name": format!("acme:i{at}"), "level": "optional" });
    let plan = json!({
        "version": "1", "root": "c0", "linkage": "runtime",
        "components": (0..10_000).map(part).collect::<Vec<_>>(),
        "policy": { "capabilities": (0..10_000).map(rule).collect::<Vec<_>>() },
    });
    folder.0.write("plan.json", plan.to_string());
    let args = ["plan", "validate", "plan.json"];
    let output = held("programs", folder.run(&args));
    assert!(output.stderr.contains("limit `work`"), "{output:?}");
}
