//! Each limit of `limits.rs`: what is at it is taken, one past it is an error
//! with a code, and neither takes long.

use compositor_core::memory::MemoryStore;
use compositor_core::plan::parse;
use compositor_core::{Code, Diagnostic, HostPolicy, build, limits, validate};
use serde_json::{Value, json};

const DIGEST: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

fn plan() -> Value {
    json!({ "version": "1", "root": "a", "components": [{ "id": "a", "digest": DIGEST }] })
}

fn errors(plan: &Value) -> Vec<Diagnostic> {
    parse(plan.to_string().as_bytes()).map_or_else(|errors| errors, |_| Vec::new())
}

fn codes(plan: &Value) -> Vec<Code> {
    errors(plan).iter().map(|error| error.code).collect()
}

/// Composes one component by itself.
fn alone(bytes: Vec<u8>) -> Result<(), Vec<Diagnostic>> {
    let store = MemoryStore::new();
    let digest = store.put(bytes);
    let mut plan = plan();
    plan["components"][0]["digest"] = json!(digest.to_string());
    validate(
        plan.to_string().as_bytes(),
        &HostPolicy::default(),
        store.host(),
    )
    .map(drop)
}

fn wat(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("sound WAT")
}

fn refused(result: Result<(), Vec<Diagnostic>>, code: Code, why: &str) {
    let errors = result.expect_err(why);
    assert_eq!(errors[0].code, code, "{errors:?}");
    assert!(errors[0].message.contains(why), "{}", errors[0].message);
}

#[test]
fn bytes_of_a_plan() {
    let text = plan().to_string();
    let padded =
        |bytes: usize| [text.clone().into_bytes(), vec![b' '; bytes - text.len()]].concat();
    assert!(parse(&padded(limits::PLAN_BYTES)).is_ok());
    let errors = parse(&padded(limits::PLAN_BYTES + 1)).expect_err("too large");
    assert_eq!(errors[0].code, Code::PlanInvalidSchema);
}

#[test]
fn nesting_of_a_plan() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let message = |depth: usize| {
        let errors = parse(nested(depth).as_bytes()).expect_err("not a plan");
        errors[0].message.clone()
    };
    assert!(!message(limits::NESTING).contains("nest deeper"));
    assert!(message(limits::NESTING + 1).contains("nest deeper"));
}

#[test]
fn characters_of_ids_and_names() {
    let mut long = plan();
    let id = "i".repeat(limits::ID_CHARS);
    long["root"] = json!(id);
    long["components"][0]["id"] = json!(id);
    long["imports"] = json!(["n".repeat(limits::NAME_BYTES)]);
    assert_eq!(codes(&long), []);
    long["root"] = json!(format!("{id}i"));
    long["imports"] = json!(["n".repeat(limits::NAME_BYTES + 1)]);
    assert_eq!(codes(&long), [Code::PlanInvalidSchema; 2]);
}

#[test]
fn components_and_bindings_of_a_plan() {
    let list =
        |count: usize, item: &dyn Fn(usize) -> Value| (0..count).map(item).collect::<Vec<_>>();
    let component = |index: usize| json!({ "id": format!("c{index}"), "digest": DIGEST });
    let binding = |index: usize| {
        let name = format!("n{index}");
        json!({ "import_name": name, "provider_id": "c1", "export_name": name })
    };
    let mut many = plan();
    many["root"] = json!("c0");
    many["components"] = json!(list(limits::COMPONENTS, &component));
    many["bindings"] = json!(list(limits::BINDINGS, &binding));
    assert_eq!(codes(&many), []);
    many["components"] = json!(list(limits::COMPONENTS + 1, &component));
    many["bindings"] = json!(list(limits::BINDINGS + 1, &binding));
    assert_eq!(codes(&many), [Code::PlanInvalidSchema; 2]);
}

#[test]
fn errors_beyond_the_limit_are_counted() {
    let mut wrong = plan();
    let items = vec![json!(0); limits::FINDINGS + 7];
    wrong["imports"] = json!(items);
    let errors = errors(&wrong);
    assert_eq!(errors.len(), limits::FINDINGS + 1);
    let last = &errors[limits::FINDINGS].message;
    assert!(last.starts_with("7 more"), "{last}");
}

#[test]
fn nesting_of_components() {
    // The text format has a limit of its own, so this is the binary.
    let nested = |depth: usize| {
        let mut component = wasm_encoder::Component::new();
        for _ in 0..depth {
            let inner = std::mem::take(&mut component);
            component.section(&wasm_encoder::NestedComponentSection(&inner));
        }
        component.finish()
    };
    assert_eq!(alone(nested(limits::COMPONENT_NESTING)), Ok(()));
    let result = alone(nested(limits::COMPONENT_NESTING + 1));
    refused(result, Code::EmitCompositionFailed, "nested components");
}

#[test]
fn imports_of_a_component() {
    let imports = |count: usize| {
        let import = |index: usize| format!("(import \"i{index}\" (func))");
        wat(&format!(
            "(component {})",
            (0..count).map(import).collect::<String>()
        ))
    };
    let store = MemoryStore::new();
    for (count, sound) in [(limits::EXTERNS, true), (limits::EXTERNS + 1, false)] {
        let digest = store.put(imports(count));
        let mut plan = plan();
        plan["components"][0]["digest"] = json!(digest.to_string());
        // Nothing is bound to any of them: so many errors, in a moment.
        let errors = build(
            plan.to_string().as_bytes(),
            &HostPolicy::default(),
            store.host(),
        )
        .expect_err("dangling");
        let code = if sound {
            Code::EmitLinkError
        } else {
            Code::EmitCompositionFailed
        };
        assert_eq!(errors[0].code, code, "{:?}", errors[0]);
    }
}

/// A core module whose import section has names of so many bytes in all.
fn module_of(bytes: usize) -> String {
    let name = "n".repeat(50_000);
    let imports = (0..bytes / name.len()).map(|i| format!("(import \"{name}\" \"{i}\" (func))"));
    format!("(core module {})", imports.collect::<String>())
}

#[test]
fn bytes_of_sections_and_skeletons() {
    let section = limits::SECTION_BYTES as usize;
    let small = module_of(section / 4);
    assert_eq!(alone(wat(&format!("(component {small})"))), Ok(()));
    let large = module_of(section + 100_000);
    let result = alone(wat(&format!("(component {large})")));
    refused(result, Code::EmitCompositionFailed, "bytes of a section");
    let result = alone(wat(&format!("(component {})", small.repeat(5))));
    refused(result, Code::EmitCompositionFailed, "bytes of a skeleton");
}

#[test]
fn bytes_of_all_skeletons() {
    let store = MemoryStore::new();
    let mut plan = plan();
    plan["components"] = json!([]);
    let mut exports = Vec::new();
    for index in 0..2 {
        let bytes = limits::SKELETONS_BYTES / 2 + 200_000;
        let module = module_of(bytes / 2);
        let text = format!(
            "(component {module}{module} (type (func)) (import \"f{index}\" (func (type 0))) (export \"g{index}\" (func 0)))"
        );
        let (id, digest) = (["a", "b"][index], store.put(wat(&text)).to_string());
        plan["components"]
            .as_array_mut()
            .expect("a list")
            .push(json!({ "id": id, "digest": digest }));
        exports.push(json!({ "source_instance": id, "interface_name": format!("g{index}") }));
    }
    plan["explicit_exports"] = json!(exports);
    plan["imports"] = json!(["f0", "f1"]);
    let result = build(
        plan.to_string().as_bytes(),
        &HostPolicy::default(),
        store.host(),
    )
    .map(drop);
    refused(result, Code::EmitCompositionFailed, "too large together");
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
        plan["imports"] = (0..count).map(|index| format!("p:p/i{index}")).collect();
        build(
            plan.to_string().as_bytes(),
            &HostPolicy::default(),
            store.host(),
        )
        .map(drop)
    };
    assert_eq!(outcome(limits::INSTANCES_PER_COMPONENT - 1), Ok(()));
    let result = outcome(limits::INSTANCES_PER_COMPONENT + 1);
    refused(result, Code::EmitCompositionFailed, "alone takes");
}
