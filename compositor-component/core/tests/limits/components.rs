//! What is composed: components, their imports, their types, and how many there are.

use compositor_core::memory::MemoryStore;
use compositor_core::{Code, Diagnostic, HostPolicy, Limits, build, canon_wit, limits, validate};
use serde_json::{Value, json};

use super::{alone, default, holds, names, plan, several, wat};

/// Components in each other; the text format has a limit of its own.
pub fn nested(depth: usize) -> Vec<u8> {
    let mut component = wasm_encoder::Component::new();
    for _ in 0..depth {
        let inner = std::mem::take(&mut component);
        component.section(&wasm_encoder::NestedComponentSection(&inner));
    }
    component.finish()
}

#[test]
fn nesting_of_components() {
    let depth = default(|limits| limits.component_nesting);
    let bytes = nested(depth);
    holds(
        "component-nesting",
        Code::EmitCompositionFailed,
        depth,
        |limits| alone(&bytes, limits),
    );
}

#[test]
fn imports_of_a_component() {
    let count = default(|limits| limits.externs);
    let import = |index: usize| format!("(import \"i{index}\" (func))");
    let text: String = (0..count).map(import).collect();
    let bytes = wat(&format!("(component {text})"));
    // Nothing is bound to any of them: so many errors, in a moment.
    holds("externs", Code::EmitCompositionFailed, count, |limits| {
        alone(&bytes, limits)
    });
}

#[test]
fn values_that_a_world_is_written_out_in() {
    let count = default(|limits| limits.wit_values);
    let fields = 200;
    let parameters: String = (0..fields)
        .map(|index| format!("(param \"p{index}\" u8)"))
        .collect();
    let import = |index: usize| format!("(import \"i{index}\" (func {parameters}))");
    let text: String = (0..count / fields).map(import).collect();
    let bytes = wat(&format!("(component {text})"));
    let world = canon_wit::ids(&bytes, &Limits::default()).expect("as many as are allowed");
    holds("wit-values", Code::EmitCompositionFailed, count, |limits| {
        let store = MemoryStore::new().with_limits(limits.clone());
        let digest = store.put(bytes.clone()).to_string();
        let plan = json!({
            "version": "1", "root": "a", "imports": (0..count / fields).map(|index| format!("i{index}")).collect::<Vec<_>>(),
            "components": [{ "id": "a", "digest": digest, "world": world[0].id.to_string() }],
        });
        validate(
            plan.to_string().as_bytes(),
            &HostPolicy::default(),
            store.host(),
        )
        .map_or_else(|errors| errors, |_| Vec::new())
    });
}

#[test]
fn names_of_a_type() {
    let count = default(|limits| limits.aliases);
    let next = |index: usize| {
        format!(
            "(import \"t{}\" (type $t{} (eq $t{index})))",
            index + 1,
            index + 1
        )
    };
    let text: String = (0..count - 1).map(next).collect();
    let bytes = wat(&format!("(component (type $t0 u8) {text})"));
    holds("aliases", Code::EmitCompositionFailed, count, |limits| {
        alone(&bytes, limits)
    });
}

/// A component that is counted often is as much work as others.
#[test]
fn work_of_a_plan() {
    let interface = "(instance (export \"f\" (func)) (export \"g\" (func)))";
    let bytes = wat(&format!(
        "(component (import \"a:a/a\" {interface}) (import \"f\" (func $f)) (export \"e\" (func $f)))"
    ));
    // Two items of the instance, itself, the function, and the export.
    for count in [1, 7] {
        holds("work", Code::EmitCompositionFailed, 5 * count, |limits| {
            several(&bytes, count, limits)
        });
    }
    // What is there ten thousand times is counted, not gone through.
    let import = |index: usize| format!("(import \"i{index}\" (func))");
    let text: String = (0..101).map(import).collect();
    let bytes = wat(&format!("(component {text})"));
    let errors = several(&bytes, 10_000, &Limits::default());
    assert!(names(&errors[0], "work"), "{errors:?}");
    assert_eq!(errors[0].pointer, "/components/9900");
}

/// A chain of components that import a host's interfaces, under a policy.
fn chain(bytes: &[u8], count: usize, policy: &Value, limits: &Limits) -> Vec<Diagnostic> {
    let store = MemoryStore::new().with_limits(limits.clone());
    let digest = store.put(bytes.to_vec()).to_string();
    let component = |at: usize| json!({ "id": format!("c{at}"), "digest": digest });
    let binding = |at: usize| {
        json!({
            "consumer_id": format!("c{at}"), "import_name": "x:y/z",
            "provider_id": format!("c{}", at + 1), "export_name": "x:y/z",
        })
    };
    let plan = json!({
        "version": "1", "root": "c0", "imports": ["x:y/z"], "policy": policy,
        "components": (0..count).map(component).collect::<Vec<_>>(),
        "bindings": (0..count - 1).map(binding).collect::<Vec<_>>(),
    });
    let plan = plan.to_string();
    validate(plan.as_bytes(), &HostPolicy::default(), store.host())
        .map_or_else(|errors| errors, |_| Vec::new())
}

/// What a policy makes is work: 300 for an import, and 10 for each thing that
/// what satisfies it is made of; once, when it is the same for all.
#[test]
fn work_of_a_policy() {
    // Two interfaces of three and two, an import of two and an export of two.
    const OWN: usize = 9;
    let bytes = wat(r#"(component
        (import "wasi:x/a" (instance
            (type $p (record (field "x" u8)))
            (export "t" (type $t (eq $p)))
            (export "f" (func (param "x" $t)))))
        (import "wasi:x/b" (instance (export "f" (func))))
        (import "x:y/z" (instance $z (export "f" (func))))
        (export "x:y/z" (instance $z)))"#);
    let grant = json!([{ "name": "wasi:x", "level": "required" }]);
    let granted = json!({ "capabilities": grant });
    let recorded = json!({ "determinism": "audit", "capabilities": grant });
    // What records has two functions to say it with, and the function itself;
    // the record it imports too. Which component it is, is said elsewhere.
    let records = 2 * 300 + 10 * (4 + 3);
    for (count, policy, made) in [
        (1, &granted, 0),
        (1, &json!({}), 600),
        (3, &json!({}), 600),
        (1, &recorded, records),
        (3, &recorded, records),
    ] {
        let size = OWN * count + made;
        holds("work", Code::EmitCompositionFailed, size, |limits| {
            chain(&bytes, count, policy, limits)
        });
    }
}

/// A program of a `runtime` plan is work: 300, 4 for each of its items, and the
/// work of composing it.
#[test]
fn work_of_programs() {
    const ENDPOINT: &str = "compose:dynlink/endpoint@0.1.0";
    let bytes = wat(&format!(
        "(component (import \"{ENDPOINT}\" (instance $e)) (export \"{ENDPOINT}\" (instance $e)))"
    ));
    let store = MemoryStore::new();
    let digest = store.put(bytes.clone()).to_string();
    let component = |at: usize| json!({ "id": format!("c{at}"), "digest": digest });
    let binding = |at: usize| {
        json!({
            "consumer_id": format!("c{at}"), "import_name": ENDPOINT,
            "provider_id": format!("c{}", at + 1), "export_name": ENDPOINT,
        })
    };
    let plan = json!({
        "version": "1", "root": "c0", "linkage": "runtime", "imports": [ENDPOINT],
        "components": (0..3).map(component).collect::<Vec<_>>(),
        "bindings": (0..2).map(binding).collect::<Vec<_>>(),
        "policy": { "capabilities": [
            { "name": "acme:x", "level": "optional" },
            { "name": "acme:y", "level": "optional", "components": ["c1"] },
            { "name": "acme:z", "level": "optional", "components": ["c0"] },
        ] },
    });
    // The program of the second component: it and the third, a binding, the open
    // import, two rules and a component that one of them is for. That of the
    // third: itself, the open import and a rule.
    let second = 300 + 4 * (2 + 1 + 1 + 3) + 2 * 2;
    let third = 300 + 4 * 3 + 2;
    let size = second + third;
    holds("work", Code::EmitCompositionFailed, size, |limits| {
        let store = MemoryStore::new().with_limits(limits.clone());
        store.put(bytes.clone());
        let errors = validate(
            plan.to_string().as_bytes(),
            &HostPolicy::default(),
            store.host(),
        );
        errors.map_or_else(|errors| errors, |_| Vec::new())
    });
}

#[test]
fn instances_of_one_component() {
    // A root that asks for more instances than one component can hold.
    let root = |count: usize| {
        let import =
            |index: usize| format!("(import \"p:p/i{index}\" (instance (export \"f\" (func))))");
        wat(&format!(
            "(component {})",
            (0..count).map(import).collect::<String>()
        ))
    };
    let outcome = |count: usize| {
        let store = MemoryStore::new();
        let mut plan = plan();
        plan["components"][0]["digest"] = json!(store.put(root(count)).to_string());
        let names: Vec<String> = (0..count).map(|index| format!("p:p/i{index}")).collect();
        plan["imports"] = json!(names);
        build(
            plan.to_string().as_bytes(),
            &HostPolicy::default(),
            store.host(),
        )
        .map(drop)
    };
    assert_eq!(outcome(limits::INSTANCES_PER_COMPONENT - 1), Ok(()));
    let errors = outcome(limits::INSTANCES_PER_COMPONENT).expect_err("too large");
    assert_eq!(errors[0].code, Code::EmitCompositionFailed, "{errors:?}");
    assert!(
        errors[0].message.contains("too large to compose"),
        "{errors:?}"
    );
}
