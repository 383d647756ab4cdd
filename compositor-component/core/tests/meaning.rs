//! What a plan means decides its id, its emit key and its artifact, and nothing
//! else does: not the order of anything, not how it is spelled, not where its
//! components came from. `COMPOSITOR_SOAK` is how many spellings are tried.

use compositor_core::memory::MemoryStore;
use compositor_core::plan::Encoding;
use compositor_core::{Artifact, Digest, HostPolicy, Limits, build, convert, id};
use serde_json::{Map, Value, json};

/// Numbers that look random, the same ones each time.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, most: usize) -> usize {
        (self.next() % most as u64) as usize
    }

    fn coin(&mut self) -> bool {
        self.below(2) == 0
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

/// A component that imports some interfaces of one function, and exports others.
fn component(imports: &[&str], exports: &[&str], answer: u32) -> Vec<u8> {
    let mut text = "(component\n".to_string();
    for (index, import) in imports.iter().enumerate() {
        text += &format!(
            "(import {import:?} (instance $i{index} (export \"f\" (func (result u32)))))\n"
        );
    }
    text += &format!(
        "(core module $m (func (export \"f\") (result i32) i32.const {answer}))
         (core instance $c (instantiate $m))
         (func $f (result u32) (canon lift (core func $c \"f\")))\n"
    );
    for (index, export) in exports.iter().enumerate() {
        text += &format!(
            "(instance $e{index} (export \"f\" (func $f)))\n(export {export:?} (instance $e{index}))\n"
        );
    }
    wat::parse_str(text + ")").expect("sound WAT")
}

/// Components of which two share a digest, and a plan with several items in
/// every list.
fn plan() -> (Vec<Vec<u8>>, Value) {
    let blobs = vec![
        component(
            &[
                "a:a/x",
                "a:a/y",
                "a:a/z@1.0.0",
                "wasi:random/insecure-seed@0.2.0",
                "o:o/open",
                "o:o/other",
            ],
            &["r:r/run", "r:r/again"],
            1,
        ),
        component(
            &["a:a/z@1.2.0", "wasi:clocks/odd@0.2.0"],
            &["a:a/x", "a:a/extra"],
            2,
        ),
        component(
            &["wasi:random/odd@0.2.0"],
            &["a:a/y", "a:a/more", "a:a/most"],
            3,
        ),
        component(&[], &["a:a/z@1.3.0"], 4),
    ];
    let digest = |index: usize| Digest::of(&blobs[index]).to_string();
    let bind = |consumer: Option<&str>, import: &str, provider: &str, export: &str| {
        let mut binding =
            json!({ "import_name": import, "provider_id": provider, "export_name": export });
        if let Some(consumer) = consumer {
            binding["consumer_id"] = consumer.into();
        }
        binding
    };
    let plan = json!({
        "version": "1",
        "root": "app",
        "components": [
            { "id": "app", "digest": digest(0) },
            { "id": "one", "digest": digest(1) },
            { "id": "two", "digest": digest(2) },
            { "id": "three", "digest": digest(3) },
            { "id": "four", "digest": digest(3) },
        ],
        "bindings": [
            bind(None, "a:a/x", "one", "a:a/x"),
            bind(None, "a:a/y", "two", "a:a/y"),
            bind(None, "a:a/z@1.0.0", "three", "a:a/z@1.3.0"),
            bind(Some("one"), "a:a/z@1.2.0", "four", "a:a/z@1.3.0"),
        ],
        "explicit_exports": [
            { "source_instance": "two", "interface_name": "a:a/most" },
            { "source_instance": "one", "interface_name": "a:a/extra" },
            { "source_instance": "two", "interface_name": "a:a/more" },
        ],
        "imports": ["o:o/open", "o:o/other"],
        "secrets": [
            { "secret_id": "one", "backend_uri": "env:ONE" },
            { "secret_id": "two", "backend_uri": "env:TWO" },
        ],
        "policy": {
            "capabilities": [
                { "name": "wasi:random", "level": "optional", "components": ["app", "two"] },
                { "name": "wasi:random", "level": "optional", "components": ["three", "four"] },
                { "name": "wasi:clocks", "level": "optional" },
            ],
            "denials": [
                { "name": "wasi:random/odd", "mode": "trap", "components": ["two", "one"] },
                { "name": "wasi:clocks/odd@0.2.0", "mode": "trap" },
            ],
            "tenant": "t",
            "limits": { "cpu_ms": 1000, "wall_ms": 2000 },
        },
    });
    (blobs, plan)
}

/// The same plan in other words.
fn respell(plan: &Value, numbers: &mut Numbers) -> Value {
    let mut plan = plan.clone();
    for component in plan["components"].as_array_mut().expect("components") {
        let text = component["digest"].as_str().expect("a digest").to_string();
        match numbers.below(3) {
            0 => {}
            1 => component["digest"] = text["sha256:".len()..].into(),
            _ => {
                let digest: Digest = text.parse().expect("a digest");
                component["digest"] = digest.as_bytes().to_vec().into();
            }
        }
        if numbers.coin() {
            let source = format!("file:{}/x.wasm", numbers.below(1000));
            component["source"] = source.into();
        } else if numbers.coin() {
            component["source"] = Value::Null;
        }
        if numbers.coin() {
            component["world"] = Value::Null;
        }
    }
    for binding in plan["bindings"].as_array_mut().expect("bindings") {
        if binding.get("consumer_id").is_none() {
            match numbers.below(3) {
                0 => {}
                1 => binding["consumer_id"] = Value::Null,
                _ => binding["consumer_id"] = "app".into(),
            }
        }
    }
    match plan["policy"].as_object_mut() {
        Some(policy) => {
            if !policy.contains_key("determinism") {
                match numbers.below(3) {
                    0 => {}
                    1 => drop(policy.insert("determinism".into(), Value::Null)),
                    _ => drop(policy.insert("determinism".into(), "relaxed".into())),
                }
            }
            for limit in ["memory_bytes", "io_ops"] {
                if numbers.coin() {
                    policy["limits"][limit] = Value::Null;
                }
            }
        }
        None => match numbers.coin() {
            true => plan["policy"] = Value::Null,
            false => drop(plan.as_object_mut().expect("a plan").remove("policy")),
        },
    }
    if numbers.coin() {
        plan["linkage"] = "static".into();
    }
    for name in ["$schema", "description"] {
        match numbers.below(3) {
            0 => {}
            1 => plan[name] = Value::Null,
            _ => plan[name] = format!("{}\n", numbers.next()).into(),
        }
    }
    shuffle(plan, numbers)
}

/// Everything in another order, but for the bytes of digests.
fn shuffle(value: Value, numbers: &mut Numbers) -> Value {
    match value {
        Value::Array(mut items) => {
            if items.iter().any(|item| !item.is_number()) {
                numbers.shuffle(&mut items);
            }
            items
                .into_iter()
                .map(|item| shuffle(item, numbers))
                .collect()
        }
        Value::Object(fields) => {
            let mut fields: Vec<(String, Value)> = fields.into_iter().collect();
            numbers.shuffle(&mut fields);
            let fields = fields
                .into_iter()
                .map(|(name, value)| (name, shuffle(value, numbers)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        value => value,
    }
}

fn composed(blobs: &[Vec<u8>], plan: &[u8]) -> Artifact {
    // A store of its own: nothing is answered from an emit cache.
    let store = MemoryStore::new();
    for blob in blobs {
        store.put(blob.clone());
    }
    build(plan, &HostPolicy::default(), store.host()).unwrap_or_else(|found| panic!("{found:#?}"))
}

#[test]
fn the_same_plan_in_other_words() {
    let count =
        std::env::var("COMPOSITOR_SOAK").map_or(200, |text| text.parse().expect("a number"));
    let (blobs, plan) = plan();
    let mut plans = vec![plan.clone(); 4];
    plans[1]["policy"]["determinism"] = "strict".into();
    plans[2]["policy"]["determinism"] = "audit".into();
    plans[3].as_object_mut().expect("a plan").remove("policy");
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    for plan in plans {
        respelled(&blobs, &plan, count / 4, &mut numbers);
    }
}

/// Holds other spellings of a plan to the artifact of the first.
fn respelled(blobs: &[Vec<u8>], plan: &Value, count: usize, numbers: &mut Numbers) {
    let limits = Limits::default();
    let bytes = plan.to_string().into_bytes();
    let expected = composed(blobs, &bytes);
    assert_eq!(id(&bytes, &limits), Ok(expected.plan_id));
    for _ in 0..count {
        let json = respell(plan, numbers).to_string().into_bytes();
        let bytes = match numbers.below(3) {
            0 => convert(&json, Encoding::Cbor, &limits).expect("a locked plan"),
            1 => convert(&json, Encoding::Json, &limits).expect("a plan"),
            _ => json.clone(),
        };
        let shown = || String::from_utf8_lossy(&json).into_owned();
        assert_eq!(id(&bytes, &limits), Ok(expected.plan_id), "{}", shown());
        let found = composed(blobs, &bytes);
        assert_eq!(found.emit_key, expected.emit_key, "{}", shown());
        assert_eq!(found.digest, expected.digest, "{}", shown());
        // What is said may quote words, and stands in their order.
        let decided = |artifact: &Artifact| {
            let mut decided: Vec<String> = artifact
                .decided
                .iter()
                .map(|one| format!("{one:?}"))
                .collect();
            decided.sort();
            decided
        };
        assert_eq!(decided(&found), decided(&expected), "{}", shown());
    }
}

/// Each change of what it means is another plan.
#[test]
fn another_plan_has_another_id() {
    let limits = Limits::default();
    let (_, plan) = plan();
    let other = format!("sha256:{}", "07".repeat(32));
    let changes: &[(&str, Value)] = &[
        ("/root", json!("one")),
        ("/components/1/id", json!("uno")),
        ("/components/1/digest", json!(other)),
        ("/components/1/world", json!(other)),
        ("/bindings/0/import_name", json!("a:a/w")),
        ("/bindings/0/provider_id", json!("two")),
        ("/bindings/0/export_name", json!("a:a/w")),
        ("/bindings/0/consumer_id", json!("two")),
        ("/explicit_exports/0/interface_name", json!("a:a/w")),
        ("/explicit_exports/0/source_instance", json!("one")),
        ("/imports/0", json!("o:o/w")),
        ("/secrets/0/secret_id", json!("three")),
        ("/secrets/0/backend_uri", json!("env:THREE")),
        ("/linkage", json!("runtime")),
        ("/policy", Value::Null),
        ("/policy/determinism", json!("audit")),
        ("/policy/tenant", Value::Null),
        ("/policy/limits/cpu_ms", json!(1001)),
        ("/policy/limits/wall_ms", json!(2001)),
        ("/policy/limits/io_ops", json!(2000)),
        ("/policy/limits/memory_bytes", json!(0)),
        ("/policy/capabilities/0/level", json!("required")),
        ("/policy/capabilities/0/components", Value::Null),
        ("/policy/denials/0/mode", json!("error")),
        ("/policy/denials/0/name", json!("*")),
    ];
    let of = |plan: &Value| id(plan.to_string().as_bytes(), &limits).expect("a locked plan");
    let mut ids = vec![of(&plan)];
    for (pointer, value) in changes {
        let mut changed = plan.clone();
        let (object, field) = pointer.rsplit_once('/').expect("a pointer");
        let object = changed.pointer_mut(object).expect("it is there");
        match object {
            Value::Array(items) => items[field.parse::<usize>().expect("an index")] = value.clone(),
            object => object[field] = value.clone(),
        }
        let found = of(&changed);
        assert!(!ids.contains(&found), "{pointer}");
        ids.push(found);
    }
}

#[test]
fn notes_and_sources_stay_in_the_file() {
    let limits = Limits::default();
    let (_, mut plan) = plan();
    plan["$schema"] = "plan.schema.json".into();
    plan["description"] = "Two\nlines, and a tab\t".into();
    plan["components"][0]["source"] = "file:app.wasm".into();
    let json = convert(plan.to_string().as_bytes(), Encoding::Json, &limits).expect("a plan");
    let again: Value = serde_json::from_slice(&json).expect("JSON");
    for pointer in ["/$schema", "/description", "/components/0/source"] {
        assert_eq!(again.pointer(pointer), plan.pointer(pointer), "{pointer}");
    }
    let cbor = convert(&json, Encoding::Cbor, &limits).expect("a locked plan");
    let back = convert(&cbor, Encoding::Json, &limits).expect("canonical");
    let back: Value = serde_json::from_slice(&back).expect("JSON");
    let components = back["components"].as_array().expect("components");
    let source = components.iter().find(|component| component["id"] == "app");
    assert_eq!(source.expect("the root")["source"], "file:app.wasm");
    assert_eq!((back.get("$schema"), back.get("description")), (None, None));
    assert_eq!(id(&cbor, &limits), id(&json, &limits));
}
