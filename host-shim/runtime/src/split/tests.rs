//! Wrappers mean what their components mean.
//!
//! One file because all cases are shown by the same two ways to run one.

use wasmparser::{Validator, WasmFeatures};
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, Linker};
use wasmtime::{Config, Engine, Module, Store, WasmBacktrace};

use super::{Split, split};

fn engine() -> Engine {
    let mut config = Config::new();
    config
        .wasm_gc(true)
        .wasm_exceptions(true)
        .wasm_memory64(true)
        .wasm_threads(true);
    config.shared_memory(true);
    Engine::new(&config).expect("an engine")
}

/// What each exported function returns, or why and where it traps; functions take
/// nothing and return a `u32`.
fn outcome(engine: &Engine, component: &Component, linker: &Linker<()>) -> Vec<String> {
    let pre = linker.instantiate_pre(component).expect("it links");
    let mut store = Store::new(engine, ());
    let instance = pre.instantiate(&mut store).expect("it starts");
    let ty = component.component_type();
    let mut outcome = Vec::new();
    for (name, item) in ty.exports(engine) {
        let ComponentItem::ComponentFunc(_) = item.ty else {
            continue;
        };
        let function = instance.get_typed_func::<(), (u32,)>(&mut store, name);
        outcome.push(match function.expect("a function").call(&mut store, ()) {
            Ok((number,)) => format!("{name} = {number}"),
            Err(error) => {
                let trace = error.downcast_ref::<WasmBacktrace>().expect("a trace");
                let frames = trace.frames().iter().map(|frame| {
                    let module = frame.module().name();
                    format!(
                        "{:?} {module:?} {:?}",
                        frame.func_name(),
                        frame.func_offset()
                    )
                });
                format!(
                    "{name} fails: {} {:?}",
                    error.root_cause(),
                    frames.collect::<Vec<_>>()
                )
            }
        });
    }
    outcome
}

fn component(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("a component")
}

/// Splits a component, and shows that the wrapper is valid and does the same; returns
/// how many modules it imports, and what it did.
#[track_caller]
fn same(bytes: &[u8]) -> (usize, Vec<String>) {
    let parts = split(bytes).expect("a component");
    valid(&parts);
    let engine = engine();
    let whole = Component::new(&engine, bytes).expect("a component");
    let wrapper = Component::new(&engine, &parts.wrapper).expect("a component");
    let mut linker = Linker::new(&engine);
    let whole = outcome(&engine, &whole, &linker);
    for module in &parts.modules {
        let compiled = Module::new(&engine, &bytes[module.range.clone()]).expect("a module");
        let defined = linker.root().module(&module.name(), &compiled);
        defined.expect("each is imported once");
    }
    assert_eq!(outcome(&engine, &wrapper, &linker), whole);
    (parts.modules.len(), whole)
}

#[track_caller]
fn valid(parts: &Split<'_>) {
    let mut validator = Validator::new_with_features(WasmFeatures::all());
    let valid = validator.validate_all(&parts.wrapper);
    valid.unwrap_or_else(|error| panic!("{error}"));
}

const ANSWER: &str = r#"(core module (func (export "f") (result i32) i32.const 42))"#;

#[test]
fn a_module_is_imported_once() {
    let text = format!(
        r#"(component
            (component $a
                {ANSWER}
                (component $b {ANSWER}
                    (core module (func (export "f") (result i32) i32.const 7))
                    (core instance $i (instantiate 0)) (core instance $j (instantiate 1))
                    (func (export "f") (result u32) (canon lift (core func $i "f")))
                    (func (export "g") (result u32) (canon lift (core func $j "f"))))
                (core instance $i (instantiate 0))
                (instance $b (instantiate $b))
                (func (export "f") (result u32) (canon lift (core func $i "f")))
                (export "g" (func $b "f"))
                (export "h" (func $b "g")))
            (instance $a (instantiate $a))
            (export "f" (func $a "f")) (export "g" (func $a "g")) (export "h" (func $a "h")))"#
    );
    let (modules, did) = same(&component(&text));
    assert_eq!(modules, 2);
    assert_eq!(did, ["f = 42", "g = 42", "h = 7"]);
}

/// The root's modules keep their indices, whatever is between them, and what nested
/// components take of them.
#[test]
fn the_root_has_modules_of_its_own() {
    let text = format!(
        r#"(component
            {ANSWER}
            (component $a
                (core module (func (export "f") (result i32) i32.const 1))
                (alias outer 1 0 (core module $outer))
                (core instance $i (instantiate 0)) (core instance $o (instantiate $outer))
                (func (export "f") (result u32) (canon lift (core func $i "f")))
                (func (export "o") (result u32) (canon lift (core func $o "f"))))
            {ANSWER}
            (core module (import "m" "f" (func (result i32)))
                (func (export "f") (result i32) (i32.add (i32.const 1) (call 0))))
            (core instance $first (instantiate 1))
            (core instance $second (instantiate 2 (with "m" (instance $first))))
            (instance $a (instantiate $a))
            (func (export "own") (result u32) (canon lift (core func $second "f")))
            (export "f" (func $a "f")) (export "o" (func $a "o")))"#
    );
    let (modules, did) = same(&component(&text));
    assert_eq!(modules, 3);
    assert_eq!(did, ["f = 1", "o = 42", "own = 43"]);
}

/// One module gives all kinds of what a type may have, and another takes them.
#[test]
fn types_are_exact() {
    let types = r#"
        (rec (type $list (sub (struct (field (ref null $list)) (field (mut i32)))))
             (type $more (sub final $list
                (struct (field (ref null $more)) (field (mut i32)) (field i64)))))
        (type $fun (func (param anyref v128) (result i32)))"#;
    let items = [
        ("wide", "(memory i64 1 9)"),
        ("shared", "(memory 2 3 shared)"),
        ("plain", "(memory 1)"),
        ("table", "(table 3 5 funcref)"),
        ("tables", "(table i64 1 externref)"),
        ("mutable", "(global (mut i64)) "),
        ("vector", "(global v128)"),
        ("any", "(global anyref)"),
        ("tag", "(tag (param i32 anyref))"),
        ("call", "(func (type $fun))"),
    ];
    let given = items.map(|(name, item)| {
        let item = match item {
            "(global (mut i64)) " => "(global (mut i64) (i64.const 3))",
            "(global v128)" => "(global v128 (v128.const i64x2 1 2))",
            "(global anyref)" => "(global anyref (ref.i31 (i32.const 5)))",
            "(func (type $fun))" => "(func (type $fun) (i32.const 11))",
            item => item,
        };
        let (kind, rest) = item.split_at(item.find(' ').expect("a kind"));
        format!(r#"{kind} (export "{name}") {rest}"#)
    });
    let taken = items.map(|(name, item)| format!(r#"(import "m" "{name}" {item})"#));
    let text = format!(
        r#"(component (component $c
            (core module {types} {})
            (core module {types} {}
                (func (export "f") (result i32)
                    (call 0 (struct.new $more (ref.null $more) (i32.const 1) (i64.const 2))
                        (v128.const i64x2 0 0))))
            (core instance $m (instantiate 0))
            (core instance $n (instantiate 1 (with "m" (instance $m))))
            (func (export "f") (result u32) (canon lift (core func $n "f"))))
            (instance $c (instantiate $c)) (export "f" (func $c "f")))"#,
        given.join(" "),
        taken.join(" "),
    );
    assert_eq!(same(&component(&text)), (2, vec!["f = 11".to_string()]));
}

/// The runtime does not know them in a module's type.
#[test]
fn items_that_refer_to_types_stay() {
    for item in [
        "(table 2 (ref null $fun))",
        "(global (ref null $fun) (ref.null $fun))",
        "(global (mut (ref null $fun)) (ref.null $fun))",
        "(func (param (ref null $fun)))",
        "(func (type $open))",
        "(func (type $second))",
        "(tag (param (ref null $fun)))",
    ] {
        let (kind, rest) = item.split_at(item.find(' ').expect("a kind"));
        let types = "(type $fun (func)) (type $open (sub (func)))
            (rec (type $first (func)) (type $second (func)))";
        let text = format!(
            r#"(component (component $c
                (core module {types} {kind} (export "it") {rest})
                (core module {types} (import "m" "it" {})
                    (func (export "f") (result i32) i32.const 42))
                (core instance $m (instantiate 0))
                (core instance $n (instantiate 1 (with "m" (instance $m))))
                (func (export "f") (result u32) (canon lift (core func $n "f"))))
                (instance $c (instantiate $c)) (export "f" (func $c "f")))"#,
            item.replace(" (ref.null $fun)", ""),
        );
        assert_eq!(same(&component(&text)), (0, vec!["f = 42".to_string()]));
    }
}

#[test]
fn traps_say_the_same() {
    let bytes = component(
        r#"(component (component $c
            (core module $inner (func $broken (export "f") (result i32) unreachable))
            (core module $outer (import "m" "f" (func $f (result i32)))
                (func $entry (export "f") (result i32) call $f))
            (core instance $i (instantiate $inner))
            (core instance $o (instantiate $outer (with "m" (instance $i))))
            (func (export "f") (result u32) (canon lift (core func $o "f"))))
            (instance $c (instantiate $c)) (export "f" (func $c "f")))"#,
    );
    let (modules, did) = same(&bytes);
    assert_eq!(modules, 2);
    for part in ["broken", "inner", "entry", "outer", "unreachable"] {
        assert!(did[0].contains(part), "{part} in {did:?}");
    }
}

/// A nested component may export a module, and others instantiate it.
#[test]
fn modules_that_are_exported() {
    let text = format!(
        r#"(component (component $c
            (component $m {ANSWER} (export "m" (core module 0)))
            (instance $m (instantiate $m))
            (alias export $m "m" (core module $alias))
            (core instance $i (instantiate $alias))
            (func (export "f") (result u32) (canon lift (core func $i "f"))))
            (instance $c (instantiate $c)) (export "f" (func $c "f")))"#
    );
    assert_eq!(same(&component(&text)), (1, vec!["f = 42".to_string()]));
}

#[test]
fn what_would_move_indices_stays_whole() {
    let nested = format!("(component {ANSWER})");
    let module_type = r#"(core type (module (export "f" (func (result i32)))))"#;
    for root in [
        format!("(core type (func)) {nested}"),
        format!("{module_type} (import \"m\" (core module (type 0))) {nested}"),
        format!(r#"{ANSWER} (export "m" (core module 0)) {nested}"#),
        format!(
            r#"(component $m {ANSWER} (export "m" (core module 0))) (instance $m (instantiate $m))
            (alias export $m "m" (core module)) {nested}"#
        ),
    ] {
        let bytes = component(&format!("(component {root})"));
        let parts = split(&bytes).expect("a component");
        assert!(parts.modules.is_empty(), "{root}");
        assert_eq!(parts.wrapper, bytes, "{root}");
    }
    // A module, and an import under the name that it would have.
    let bytes = component(&format!("(component {nested})"));
    let parts = split(&bytes).expect("a component");
    let name = parts.modules[0].name();
    for name in [name.clone(), name.to_uppercase()] {
        let text = format!(r#"(component (import "{name}" (func)) {nested})"#);
        let parts = component(&text);
        let parts = split(&parts).expect("a component");
        assert!(parts.modules.is_empty(), "{name}");
        valid(&parts);
    }
}

#[test]
fn no_more_modules_than_a_component_may_have() {
    let number = |n: u32| {
        // The later ones are larger.
        let body = "(drop (i32.const 1))".repeat(n as usize / 100);
        format!(r#"(core module (func (export "f") (result i32) {body} i32.const {n}))"#)
    };
    let nested = |range: std::ops::Range<u32>| range.map(number).collect::<String>();
    let text = format!(
        "(component {} (component {}) (component {}) {})",
        number(0),
        nested(1..600),
        nested(500..1100),
        number(1099),
    );
    let bytes = component(&text);
    let parts = split(&bytes).expect("a component");
    valid(&parts);
    // Two sections of the root, and one index for each of the others.
    assert_eq!(parts.modules.len(), 1000);
    // Of the short ones the root's own alone: the others stay where they are.
    let header = component("(component (core module))").len() - component("(module)").len();
    let short = component(&format!("(component {})", number(100))).len() - header;
    let short = parts
        .modules
        .iter()
        .filter(|module| module.range.len() < short);
    assert_eq!(short.count(), 1);
}

#[test]
fn what_is_nested_too_deeply_stays() {
    let (open, close) = ("(component ".repeat(90), ")".repeat(90));
    let bytes = component(&format!("{open} {ANSWER} {close}"));
    let parts = split(&bytes).expect("a component");
    assert!(parts.modules.is_empty());
    let (open, close) = ("(component ".repeat(50), ")".repeat(50));
    let bytes = component(&format!("{open} {ANSWER} {close}"));
    let parts = split(&bytes).expect("a component");
    assert_eq!(parts.modules.len(), 1);
    valid(&parts);
}

/// A module with more exports than a type may have declarations.
#[test]
fn what_no_type_can_say_stays() {
    let exports: String = (0..100_001)
        .map(|n| format!(r#"(export "{n}" (func 0))"#))
        .collect();
    let text = format!("(component (component (core module (func) {exports}) {ANSWER}))");
    let bytes = component(&text);
    let parts = split(&bytes).expect("a component");
    assert_eq!(parts.modules.len(), 1);
    valid(&parts);
}

/// Modules of any proposal: their types are such that the modules themselves fit.
#[test]
fn modules_that_nobody_wrote() {
    let engine = engine();
    let (mut split_off, mut linked) = (0, 0);
    for number in 0..400 {
        let noise = test_generate::noise(number, 4000);
        let mut input = arbitrary::Unstructured::new(&noise);
        let module = input
            .arbitrary::<wasm_smith::Config>()
            .and_then(|config| wasm_smith::Module::new(config, &mut input));
        let Ok(module) = module else {
            continue;
        };
        let mut bytes = wasm_encoder::Component::new();
        let mut nested = wasm_encoder::Component::new();
        let module = module.to_bytes();
        nested.section(&wasm_encoder::RawSection {
            id: 1,
            data: &module,
        });
        bytes.section(&wasm_encoder::NestedComponentSection(&nested));
        let bytes = bytes.finish();
        let mut validator = Validator::new_with_features(WasmFeatures::all());
        if validator.validate_all(&bytes).is_err() {
            continue;
        }
        let parts = split(&bytes).expect("a component");
        valid(&parts);
        split_off += parts.modules.len();
        let (Ok(module), Ok(wrapper)) = (
            Module::new(&engine, &module),
            Component::new(&engine, &parts.wrapper),
        ) else {
            // This engine lacks what it takes.
            assert!(Component::new(&engine, &bytes).is_err(), "{number}");
            continue;
        };
        let mut linker = Linker::<()>::new(&engine);
        for part in &parts.modules {
            linker.root().module(&part.name(), &module).expect("a name");
        }
        let pre = linker.instantiate_pre(&wrapper);
        pre.unwrap_or_else(|error| panic!("{number}: {error:?}"));
        linked += parts.modules.len();
    }
    assert!(split_off >= 100 && linked >= 30, "{split_off} {linked}");
}

/// What differs in names and provenance alone has one wrapper.
#[test]
fn custom_sections_are_no_part_of_a_wrapper() {
    let wrapper = |custom: &str| {
        let bytes = component(&format!(
            "(component {custom} (component {custom} {ANSWER}))"
        ));
        split(&bytes).expect("a component").wrapper.into_owned()
    };
    let plain = wrapper("");
    assert_eq!(wrapper(r#"(@custom "a" "b")"#), plain);
    // Another module is another wrapper.
    let other = component(
        r#"(component (component (core module (func (export "f") (result i32) i32.const 43))))"#,
    );
    assert_ne!(split(&other).expect("a component").wrapper, plain);
}

#[test]
fn what_is_cut_off_is_an_error() {
    let bytes = component(&format!("(component (component {ANSWER}))"));
    for end in 0..bytes.len() {
        // A shorter one may be whole; then it is split as such.
        let _ = split(&bytes[..end]);
    }
    assert!(split(&bytes[..bytes.len() - 1]).is_err());
}
