//! The schemas beside the code: what the code writes, they accept; what the
//! code refuses for its shape, they refuse.
//!
//! One file because all of it is one table of plans, and what each schema says of
//! them.

use compositor_core::plan::{self, Encoding, FieldSchema, Parsed, Plan, Presence, Shape, plan_id};
use compositor_core::{Code, Diagnostic, Limits};
use serde_json::{Value, json};

const CDDL: &str = include_str!("../../../plans/plan.cddl");
const JSON_SCHEMA: &str = include_str!("../../../plans/plan.schema.json");

fn parse(bytes: &[u8]) -> Result<Parsed<'_>, Vec<Diagnostic>> {
    plan::parse(bytes, &Limits::default())
}

fn convert(bytes: &[u8], to: Encoding) -> Result<Vec<u8>, Vec<Diagnostic>> {
    compositor_core::convert(bytes, to, &Limits::default())
}

fn digest(byte: u8) -> String {
    format!("sha256:{}", format!("{byte:02x}").repeat(32))
}

/// A plan with every field: those that are not written down here have some value.
fn full() -> Value {
    let mut plan = json!({
        "version": "1",
        "root": "app",
        "linkage": "runtime",
        "components": [
            { "id": "b/2@+x", "digest": vec![7; 32], "source": "file:b.wasm" },
            { "id": "app", "digest": digest(1), "world": digest(9) },
            { "id": "a", "digest": &digest(2)[7..] },
        ],
        "bindings": [
            { "import_name": "z:z/z@1.0.0", "provider_id": "a", "export_name": "y:y/y" },
            { "consumer_id": "a", "import_name": "q", "provider_id": "b/2@+x", "export_name": "q" },
            { "consumer_id": "app", "import_name": "b", "provider_id": "a", "export_name": "b" },
        ],
        "explicit_exports": [{ "source_instance": "a", "interface_name": "y:y/y" }],
        "imports": ["o:o/p", "o:o/o"],
        "secrets": [{ "secret_id": "key", "backend_uri": "vault://a" }],
        "policy": {
            "determinism": "audit",
            "capabilities": [
                { "name": "wasi:sockets", "level": "optional" },
                { "name": "dynlink:resolve", "level": "required" },
                { "name": "wasi:http", "level": "optional" },
                { "name": "wasi:http", "level": "required", "components": ["b/2@+x", "a"] },
            ],
            "denials": [
                { "name": "wasi:random", "mode": "empty", "components": ["b/2@+x"] },
                { "name": "wasi:random", "mode": "error", "components": ["app", "a"] },
                { "name": "wasi:clocks/wall-clock@0.2.0", "mode": "trap" },
                { "name": "*", "components": ["a"] },
            ],
            "tenant": "t",
            "limits": { "cpu_ms": 1, "memory_bytes": 9007199254740991u64, "io_ops": 0, "wall_ms": 60_000 },
        },
        "$schema": "https://example.com/plan.schema.json",
        "description": "Everything,\n\ton several lines",
    });
    fill(vec![&mut plan], Plan::FIELDS);
    plan
}

/// Gives the first of several objects the fields that none of them has.
fn fill(mut objects: Vec<&mut Value>, table: &[FieldSchema]) {
    for field in table {
        if objects
            .iter()
            .all(|object| object.get(field.name).is_none())
        {
            objects[0][field.name] = some(field.shape);
        }
        let values = objects.iter_mut();
        let values = values.filter_map(|object| object.get_mut(field.name));
        match field.shape {
            Shape::Object(_, table) => fill(values.collect(), table),
            Shape::List {
                item: Shape::Object(_, table),
                ..
            } => fill(
                values.filter_map(Value::as_array_mut).flatten().collect(),
                table,
            ),
            _ => {}
        }
    }
}

/// A value of a shape.
fn some(shape: Shape) -> Value {
    match shape {
        Shape::Plain("count") => json!(1),
        Shape::Plain(_) => json!("a:b"),
        Shape::Digest(_) => json!(digest(8)),
        Shape::OneOf(words) => json!(words.last()),
        Shape::List { item, .. } => json!([some(*item)]),
        Shape::Object(_, table) => {
            let fields = table.iter();
            let fields = fields.map(|field| (field.name.to_string(), some(field.shape)));
            Value::Object(fields.collect())
        }
    }
}

fn least() -> Value {
    json!({ "version": "1", "root": "a", "components": [{ "id": "a", "digest": digest(3) }] })
}

fn bytes(plan: &Value) -> Vec<u8> {
    plan.to_string().into_bytes()
}

fn accepts_cbor(cbor: &[u8]) -> Result<(), String> {
    cddl_cat::validate_cbor_bytes("plan", CDDL, cbor).map_err(|error| error.to_string())
}

fn accepts_json(plan: &Value) -> bool {
    let schema = serde_json::from_str(JSON_SCHEMA).expect("the schema is JSON");
    jsonschema::is_valid(&schema, plan)
}

#[test]
fn both_schemas_accept_what_the_code_accepts() {
    for plan in [full(), least()] {
        let cbor = convert(&bytes(&plan), Encoding::Cbor).expect("a sound plan");
        assert_eq!(accepts_cbor(&cbor), Ok(()));
        assert!(accepts_json(&plan));
        let again = convert(&cbor, Encoding::Json).expect("canonical");
        let again: Value = serde_json::from_slice(&again).expect("JSON");
        assert!(accepts_json(&again));
        // Both ways, to the same bytes and id; sources stay in the file.
        assert_eq!(convert(&bytes(&again), Encoding::Cbor), Ok(cbor.clone()));
        let id = |bytes: &[u8]| plan_id(&parse(bytes).expect("sound").plan);
        assert_eq!(id(&cbor), id(&bytes(&plan)));
    }
}

/// Both take null for what may be left out, as the same; and for nothing else.
#[test]
fn null_is_left_out() {
    let mut fields = Vec::new();
    of_table(
        Shape::Object("the plan", Plan::FIELDS),
        &full(),
        String::new(),
        &mut fields,
    );
    for (pointer, may_be_left_out) in &fields {
        let (object, field) = pointer.rsplit_once('/').expect("a pointer");
        let with = |value: Option<Value>| {
            let mut plan = full();
            let object = plan.pointer_mut(object).and_then(Value::as_object_mut);
            let object = object.expect("it is there");
            match value {
                Some(value) => object.insert(field.to_string(), value),
                None => object.shift_remove(field),
            };
            plan
        };
        let (null, absent) = (with(Some(Value::Null)), with(None));
        // One of the two is enough.
        let is_source_left = || absent.pointer(&format!("{object}/source")).is_some();
        if !may_be_left_out || (field == "digest" && !is_source_left()) {
            assert!(
                !accepts_json(&null),
                "the JSON schema takes null at {pointer:?}"
            );
            assert!(
                !accepts_json(&absent),
                "the JSON schema does without {pointer:?}"
            );
            let text = bytes(&null);
            let errors = parse(&text).expect_err(pointer);
            let mut errors_at = errors.iter();
            assert!(
                errors_at.any(|error| pointer.starts_with(&error.pointer))
                    && errors.iter().all(|e| e.position.is_some()),
                "{pointer}: {errors:?}"
            );
            continue;
        }
        assert!(
            accepts_json(&null),
            "the JSON schema refuses null at {pointer}"
        );
        assert!(accepts_json(&absent), "the JSON schema needs {pointer}");
        let (null, absent) = (bytes(&null), bytes(&absent));
        let plan = |text| parse(text).expect(pointer).plan;
        assert_eq!(plan(&null), plan(&absent), "{pointer}");
    }
}

/// The fields of a plan that there are in the table, each as often as it stands in the
/// plan, with whether it may be left out. Each has to stand there once.
fn of_table(shape: Shape, value: &Value, pointer: String, found: &mut Vec<(String, bool)>) {
    match shape {
        Shape::List { item, .. } => {
            for (index, value) in value.as_array().into_iter().flatten().enumerate() {
                of_table(*item, value, format!("{pointer}/{index}"), found);
            }
        }
        Shape::Object(_, table) => {
            for field in table {
                let pointer = format!("{pointer}/{}", field.name);
                if let Some(value) = value.get(field.name) {
                    found.push((pointer.clone(), !field.presence.is_required()));
                    of_table(field.shape, value, pointer, found);
                }
            }
        }
        Shape::Plain(_) | Shape::Digest(_) | Shape::OneOf(_) => {}
    }
}

/// A field that JSON leaves out stands for what the schema says is its default.
#[test]
fn defaults_are_those_of_the_schema() {
    let plan = |text: &[u8]| parse(text).expect("sound").plan;
    for field in Plan::FIELDS {
        if let Presence::Default { value, .. } = field.presence {
            let mut spelled = least();
            spelled[field.name] = value();
            assert_eq!(
                plan(&bytes(&spelled)),
                plan(&bytes(&least())),
                "{}",
                field.name
            );
        }
    }
}

#[test]
fn the_order_of_the_text_does_not_matter() {
    let plan = full();
    let mut turned = plan.clone();
    for list in ["components", "bindings", "imports"] {
        turned[list].as_array_mut().expect("a list").reverse();
    }
    for list in [
        "/policy/capabilities/3/components",
        "/policy/capabilities",
        "/policy/denials/1/components",
        "/policy/denials",
    ] {
        let list = turned.pointer_mut(list).and_then(Value::as_array_mut);
        list.expect("a list").reverse();
    }
    // The root by its name is the root left out.
    turned["bindings"][2]["consumer_id"] = json!("app");
    let fields: Vec<_> = turned
        .as_object()
        .expect("an object")
        .clone()
        .into_iter()
        .rev()
        .collect();
    let turned = Value::Object(fields.into_iter().collect());
    assert_ne!(bytes(&plan), bytes(&turned));
    assert_eq!(
        convert(&bytes(&plan), Encoding::Cbor),
        convert(&bytes(&turned), Encoding::Cbor)
    );
}

/// Each change makes the plan wrong for the code and the JSON schema alike.
#[test]
fn both_refuse_the_same() {
    let changes: &[(&str, Value, Code)] = &[
        ("/version", json!("2"), Code::PlanInvalidSchema),
        ("/version", json!(1), Code::PlanInvalidSchema),
        ("/root", json!("a b"), Code::PlanInvalidSchema),
        ("/root", json!(""), Code::PlanInvalidSchema),
        ("/linkage", json!("dynamic"), Code::PlanInvalidSchema),
        ("/components", json!({}), Code::PlanInvalidSchema),
        (
            "/components/0",
            json!({ "id": "a" }),
            Code::PlanMissingField,
        ),
        (
            "/components/0/digest",
            json!([1, 2]),
            Code::EmitInvalidDigest,
        ),
        (
            "/components/0/digest",
            json!("sha512:00"),
            Code::EmitInvalidDigest,
        ),
        (
            "/components/0/digest",
            json!("AB".repeat(32)),
            Code::EmitInvalidDigest,
        ),
        (
            "/components/0/digest/0",
            json!(256),
            Code::EmitInvalidDigest,
        ),
        ("/bindings/0", json!({}), Code::PlanMissingField),
        (
            "/bindings/0/import_name",
            json!(""),
            Code::PlanInvalidSchema,
        ),
        ("/imports/0", json!(7), Code::PlanInvalidSchema),
        ("/policy", json!([]), Code::PlanInvalidSchema),
        (
            "/policy/determinism",
            json!("loose"),
            Code::PlanInvalidSchema,
        ),
        (
            "/policy/capabilities/0/level",
            json!("maybe"),
            Code::PlanInvalidSchema,
        ),
        (
            "/policy/capabilities/3/components",
            json!([]),
            Code::PlanInvalidSchema,
        ),
        (
            "/policy/denials/0/components",
            json!(["a", "a"]),
            Code::PlanInvalidSchema,
        ),
        (
            "/policy/denials/0/components/0",
            json!("a b"),
            Code::PlanInvalidSchema,
        ),
        (
            "/policy/denials/0/mode",
            json!("stub"),
            Code::PlanInvalidSchema,
        ),
        (
            "/policy/denials/0/name",
            json!("random"),
            Code::PlanInvalidSchema,
        ),
        ("/policy/denials/0", json!({}), Code::PlanMissingField),
        ("/policy/limits/cpu_ms", json!(-1), Code::PlanInvalidSchema),
        (
            "/policy/limits/wall_ms",
            json!("1"),
            Code::PlanInvalidSchema,
        ),
        ("/description", json!(["x"]), Code::PlanInvalidSchema),
        ("/$schema", json!(7), Code::PlanInvalidSchema),
        ("/policy/limits/cpu_ms", json!(1.5), Code::PlanInvalidSchema),
        (
            "/policy/limits/memory_bytes",
            json!(1u64 << 53),
            Code::PlanInvalidSchema,
        ),
    ];
    for (pointer, value, code) in changes {
        let mut plan = full();
        *plan.pointer_mut(pointer).expect("it is there") = value.clone();
        assert!(
            !accepts_json(&plan),
            "the JSON schema takes {value} at {pointer}"
        );
        let errors = parse(&bytes(&plan)).expect_err(pointer);
        assert!(
            errors.iter().any(|error| error.code == *code),
            "{pointer}: {errors:?}"
        );
        assert!(errors.iter().all(|error| error.position.is_some()));
    }
    for unknown in [
        "/author",
        "/policy/limits/gpu_ms",
        "/bindings/0/note",
        "/components/0/description",
        "/policy/$schema",
        "/policy/capabilities/0/mode",
        "/policy/denials/0/level",
    ] {
        let mut plan = full();
        let (object, field) = unknown.rsplit_once('/').expect("a pointer");
        plan.pointer_mut(object).expect("it is there")[field] = json!("x");
        assert!(!accepts_json(&plan));
        let errors = parse(&bytes(&plan)).expect_err(unknown);
        assert_eq!(errors[0].pointer, *unknown);
    }
}

#[test]
fn a_byte_order_mark_is_named() {
    let text = [&b"\xef\xbb\xbf"[..], &bytes(&least())].concat();
    let errors = parse(&text).expect_err("a mark");
    assert_eq!(errors[0].code, Code::PlanInvalidSchema);
    assert!(errors[0].message.contains("byte order mark"), "{errors:?}");
}

#[test]
fn cbor_that_is_canonical_but_not_a_plan_in_its_form_is_refused() {
    let cbor = convert(&bytes(&full()), Encoding::Cbor).expect("a sound plan");
    assert!(parse(&cbor).is_ok());
    // Every byte that is changed, left out or added is an error, never another plan.
    for index in 0..cbor.len() {
        let mut cut = cbor.clone();
        cut.remove(index);
        assert!(parse(&cut).is_err(), "without byte {index}");
    }
    let mut longer = cbor.clone();
    longer.push(0);
    let errors = parse(&longer).expect_err("trailing bytes");
    assert_eq!(errors[0].code, Code::PlanInvalidCbor);
    assert_eq!(
        errors[0].position.map(|p| p.offset),
        Some(cbor.len() as u64)
    );
    // A component with a source and no digest, at its place.
    let unlocked =
        b"\xa5\x00\x61\x31\x01\x61\x61\x02\x81\xa2\x00\x61\x61\x02\x61\x66\x03\x80\x04\x80";
    let errors = parse(unlocked).expect_err("no digest");
    assert_eq!(errors[0].code, Code::PlanMissingField);
    assert_eq!(errors[0].position.map(|p| p.offset), Some(9));
    // Linkage static stands for itself, so it is left out.
    let least = convert(&bytes(&least()), Encoding::Cbor).expect("a sound plan");
    let mut spelled = least.clone();
    spelled[0] += 1;
    spelled.extend([6, 0]);
    let errors = parse(&spelled).expect_err("a default that is spelled out");
    assert_eq!(errors[0].code, Code::PlanInvalidCbor);
    assert_eq!(errors[0].found.as_deref(), Some("plan-form"));
}
