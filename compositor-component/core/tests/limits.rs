//! Each limit of `limits.rs`: what is at it is taken, one past it is an error
//! that has a code and names the limit. Those that an embedder sets hold as it
//! sets them.

use std::collections::BTreeSet;

use compositor_core::memory::MemoryStore;
use compositor_core::plan::parse;
use compositor_core::{
    Code, Diagnostic, Digest, HostPolicy, LimitError, Limits, build, canon_wit, cbor, host_policy,
    limits, validate, wasm,
};
use serde_json::{Value, json};

const DIGEST: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

fn plan() -> Value {
    json!({ "version": "1", "root": "a", "components": [{ "id": "a", "digest": DIGEST }] })
}

fn errors(plan: &Value, limits: &Limits) -> Vec<Diagnostic> {
    parse(plan.to_string().as_bytes(), limits).map_or_else(|errors| errors, |_| Vec::new())
}

/// Composes one component by itself.
fn alone(bytes: &[u8], limits: &Limits) -> Vec<Diagnostic> {
    several(bytes, 1, limits)
}

/// Composes a component several times.
fn several(bytes: &[u8], count: usize, limits: &Limits) -> Vec<Diagnostic> {
    let store = MemoryStore::new().with_limits(limits.clone());
    let digest = store.put(bytes.to_vec()).to_string();
    let component = |index: usize| json!({ "id": format!("c{index}"), "digest": digest });
    let components: Vec<Value> = (0..count).map(component).collect();
    let plan = json!({ "version": "1", "root": "c0", "components": components });
    let plan = plan.to_string();
    validate(plan.as_bytes(), &HostPolicy::default(), store.host())
        .map_or_else(|errors| errors, |_| Vec::new())
}

fn wat(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("sound WAT")
}

/// Whether the limit is what is complained of.
fn names(error: &Diagnostic, limit: &str) -> bool {
    let shown = format!(
        "{} {}",
        error.message,
        error.expected.as_deref().unwrap_or("")
    );
    shown.contains(&format!("limit `{limit}`"))
}

/// An input that has so much of what is limited is taken at the limit, and
/// refused by one that is lower by one; `complains` says of what.
#[track_caller]
fn holds(limit: &str, code: Code, size: usize, complains: impl Fn(&Limits) -> Vec<Diagnostic>) {
    for (value, is_taken) in [(size, true), (size + 1, true), (size - 1, false)] {
        let limits = Limits::with([(limit, value as u64)]);
        let limits = limits.unwrap_or_else(|error| panic!("{error}"));
        let errors = complains(&limits);
        let error = errors.iter().find(|error| names(error, limit));
        assert_eq!(error.is_none(), is_taken, "{limit} {value}: {errors:?}");
        if let Some(error) = error {
            assert_eq!(error.code, code, "{error:?}");
            assert!(!error.help.is_empty(), "{error:?}");
        }
    }
}

fn default(limit: impl Fn(Limits) -> usize) -> usize {
    limit(Limits::default())
}

#[test]
fn every_limit_has_a_test() {
    let source: String = include_str!("limits.rs").split_whitespace().collect();
    for name in Limits::names() {
        let has_test = source.contains(&format!("holds({name:?}"));
        assert!(has_test, "{name} has no test");
    }
}

#[test]
fn names_are_those_of_the_fields() {
    let names = Limits::names();
    let all: BTreeSet<&String> = names.iter().collect();
    assert_eq!(all.len(), names.len());
    for name in &names {
        assert_eq!(Limits::with([(name.as_str(), 1)]).map(drop), Ok(()));
    }
    let unknown = Limits::with([("plan_byte", 1)]).expect_err("there is none");
    assert!(matches!(unknown, LimitError::Unknown { .. }), "{unknown}");
    assert!(unknown.to_string().contains("plan-bytes"), "{unknown}");
}

#[test]
fn what_recurses_has_a_ceiling() {
    for (name, most) in [
        ("nesting", 100),
        ("component-nesting", 200),
        ("plan-bytes", 1 << 30),
    ] {
        assert_eq!(Limits::with([(name, most)]).map(drop), Ok(()));
        let error = Limits::with([(name, most + 1)]).expect_err("too high");
        assert!(error.to_string().contains(name), "{error}");
    }
    let highest = Limits::HIGHEST;
    let nested = format!(
        "{}{}",
        "[".repeat(highest.nesting),
        "]".repeat(highest.nesting)
    );
    let errors = parse(nested.as_bytes(), &highest).expect_err("not a plan");
    assert!(
        errors[0]
            .message
            .contains("the plan is not what it must be"),
        "{errors:?}"
    );
    let complaints = alone(&nested_components(highest.component_nesting), &highest);
    assert_eq!(complaints, []);
}

#[test]
fn bytes_of_a_plan_and_of_a_policy() {
    let size = default(|limits| limits.plan_bytes);
    let padded = |text: &str| [text.as_bytes(), &vec![b' '; size - text.len()]].concat();
    let text = padded(&plan().to_string());
    holds("plan-bytes", Code::PlanInvalidSchema, size, |limits| {
        parse(&text, limits).map_or_else(|errors| errors, |_| Vec::new())
    });
    let text = padded("{}");
    holds("plan-bytes", Code::InvalidInput, size, |limits| {
        host_policy::parse(&text, limits).map_or_else(|errors| errors, |_| Vec::new())
    });
}

/// What `canon:cbor` says, as a finding.
fn violation(bytes: &[u8], limits: &Limits) -> Vec<Diagnostic> {
    let violation = cbor::check(bytes, limits).err().into_iter();
    let finding = |violation: cbor::Violation| {
        Diagnostic::error(Code::PlanInvalidCbor, violation.message, violation.rule)
    };
    violation.map(finding).collect()
}

#[test]
fn nesting_of_texts() {
    let depth = default(|limits| limits.nesting);
    let json = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    holds("nesting", Code::PlanInvalidSchema, depth, |limits| {
        parse(json.as_bytes(), limits).map_or_else(|errors| errors, |_| Vec::new())
    });
    let cbor = [vec![0x81; depth], vec![0]].concat();
    holds("nesting", Code::PlanInvalidCbor, depth, |limits| {
        violation(&cbor, limits)
    });
}

#[test]
fn values_of_texts() {
    let count = default(|limits| limits.values);
    let json = format!("[0{}]", ",0".repeat(count - 1));
    holds("values", Code::PlanInvalidSchema, count, |limits| {
        parse(json.as_bytes(), limits).map_or_else(|errors| errors, |_| Vec::new())
    });
    let items = count as u32 - 1;
    let cbor = [&[0x9a][..], &items.to_be_bytes(), &vec![0; items as usize]].concat();
    holds("values", Code::PlanInvalidCbor, count, |limits| {
        violation(&cbor, limits)
    });
}

#[test]
fn bytes_of_ids_and_names() {
    let size = default(|limits| limits.id_bytes);
    let mut long = plan();
    long["components"][0]["id"] = json!("i".repeat(size));
    holds("id-bytes", Code::PlanInvalidSchema, size, |limits| {
        errors(&long, limits)
    });
    let size = default(|limits| limits.name_bytes);
    let mut long = plan();
    long["imports"] = json!(["n".repeat(size)]);
    holds("name-bytes", Code::PlanInvalidSchema, size, |limits| {
        errors(&long, limits)
    });
}

#[test]
fn items_of_lists() {
    let list = |count: usize, item: &dyn Fn(usize) -> Value| (0..count).map(item).collect();
    let mut many = plan();
    let count = default(|limits| limits.components);
    many["components"] = list(
        count,
        &|index| json!({ "id": format!("c{index}"), "digest": DIGEST }),
    );
    holds("components", Code::PlanInvalidSchema, count, |limits| {
        errors(&many, limits)
    });
    let mut many = plan();
    let count = default(|limits| limits.bindings);
    many["bindings"] = list(
        count,
        &|index| json!({ "import_name": format!("n{index}"), "provider_id": "c", "export_name": "e" }),
    );
    holds("bindings", Code::PlanInvalidSchema, count, |limits| {
        errors(&many, limits)
    });
    let count = default(|limits| limits.list_items);
    let export = json!({ "source_instance": "a", "interface_name": "i" });
    let secret = json!({ "secret_id": "a", "backend_uri": "i" });
    let rule = json!({ "name": "a:b", "level": "optional" });
    let denial = json!({ "name": "a:b" });
    for (pointer, item) in [
        ("/explicit_exports", export),
        ("/imports", json!("i")),
        ("/secrets", secret),
        ("/policy/capabilities", rule),
        ("/policy/denials", denial),
    ] {
        let mut many = plan();
        match pointer.strip_prefix("/policy/") {
            Some(name) => many["policy"] = json!({ name: vec![item; count] }),
            None => many[&pointer[1..]] = json!(vec![item; count]),
        }
        holds("list-items", Code::PlanInvalidSchema, count, |limits| {
            errors(&many, limits)
        });
    }
}

#[test]
fn errors_beyond_the_limit_are_counted() {
    let mut wrong = plan();
    let items = vec![json!(0); limits::FINDINGS + 7];
    wrong["imports"] = json!(items);
    let errors = errors(&wrong, &Limits::default());
    assert_eq!(errors.len(), limits::FINDINGS + 1);
    let last = &errors[limits::FINDINGS].message;
    assert!(last.starts_with("7 more"), "{last}");
}

#[test]
fn a_long_name_is_not_quoted() {
    for (length, is_quoted) in [(limits::QUOTED, true), (limits::QUOTED + 1, false)] {
        let name = "n".repeat(length);
        let mut long = plan();
        long[&name] = json!(0);
        let errors = errors(&long, &Limits::default());
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert_eq!(errors[0].message.contains(&name), is_quoted, "{errors:?}");
    }
}

/// Components in each other; the text format has a limit of its own.
fn nested_components(depth: usize) -> Vec<u8> {
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
    let bytes = nested_components(depth);
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

/// A core module whose import section has names of so many bytes in all.
fn module_of(bytes: usize) -> String {
    let name = "n".repeat(50_000);
    let imports = (0..bytes / name.len()).map(|i| format!("(import \"{name}\" \"{i}\" (func))"));
    format!("(core module {})", imports.collect::<String>())
}

/// The bytes of a component's skeleton.
fn skeleton(bytes: &[u8]) -> usize {
    let store = MemoryStore::new().with_limits(Limits::HIGHEST);
    let digest = store.put(bytes.to_vec());
    let skeleton = wasm::scan(store.host(), &digest, bytes.len() as u64);
    skeleton.expect("a component").bytes.len()
}

#[test]
fn bytes_of_a_section() {
    let most = default(|limits| limits.section_bytes);
    for bytes in [1 << 20, most - 100_000] {
        let bytes = wat(&format!("(component {})", module_of(bytes)));
        let payloads = wasmparser::Parser::new(0).parse_all(&bytes);
        let sizes = payloads.filter_map(|payload| match payload {
            Ok(wasmparser::Payload::ImportSection(section)) => Some(section.range()),
            _ => None,
        });
        let size = sizes.map(|range| range.end - range.start).max();
        let size = size.expect("an import section") as usize;
        holds(
            "section-bytes",
            Code::EmitCompositionFailed,
            size,
            |limits| {
                alone(
                    &bytes,
                    &Limits {
                        skeleton_bytes: usize::MAX,
                        ..limits.clone()
                    },
                )
            },
        );
    }
}

#[test]
fn bytes_of_skeletons() {
    let most = default(|limits| limits.skeleton_bytes);
    let bytes = wat(&format!("(component {})", module_of(most / 4).repeat(3)));
    let size = skeleton(&bytes);
    assert!(size < most);
    holds(
        "skeleton-bytes",
        Code::EmitCompositionFailed,
        size,
        |limits| alone(&bytes, limits),
    );
}

#[test]
fn bytes_of_all_skeletons() {
    let half = default(|limits| limits.skeletons_bytes) / 2;
    let module = module_of(half / 2);
    let component = |index: usize| {
        wat(&format!(
            "(component {module}{module} (import \"f{index}\" (func $f)) (export \"g{index}\" (func $f)))"
        ))
    };
    let parts = [component(0), component(1)];
    let size: usize = parts.iter().map(|bytes| skeleton(bytes)).sum();
    holds(
        "skeletons-bytes",
        Code::EmitCompositionFailed,
        size,
        |limits| {
            let store = MemoryStore::new().with_limits(limits.clone());
            let digests: Vec<Digest> = parts.iter().map(|bytes| store.put(bytes.clone())).collect();
            let plan = json!({
                "version": "1", "root": "a", "imports": ["f0", "f1"],
                "components": [
                    { "id": "a", "digest": digests[0].to_string() },
                    { "id": "b", "digest": digests[1].to_string() },
                ],
                "explicit_exports": [{ "source_instance": "b", "interface_name": "g1" }],
            });
            let built = build(
                plan.to_string().as_bytes(),
                &HostPolicy::default(),
                store.host(),
            );
            built.map_or_else(|errors| errors, |_| Vec::new())
        },
    );
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
    let errors = outcome(limits::INSTANCES_PER_COMPONENT + 1).expect_err("too large");
    assert_eq!(errors[0].code, Code::EmitCompositionFailed, "{errors:?}");
    assert!(
        errors[0].message.contains("too large to compose"),
        "{errors:?}"
    );
}
