//! The schemas beside the code: what the code writes, they accept; what the
//! code refuses for its shape, they refuse.
//!
//! One file because all of it is one table of plans, and what each schema says of
//! them.

use compositor_core::plan::{self, Encoding, Parsed, plan_id};
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

/// A plan with every field.
fn full() -> Value {
    json!({
        "version": "1",
        "root": "app",
        "linkage": "runtime",
        "components": [
            { "id": "b/2@+x", "digest": vec![7; 32], "source": "file:b.wasm" },
            { "id": "app", "digest": digest(1) },
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
    })
}

/// Pointers to what may be left out, and so may be null.
const OPTIONAL: &[&str] = &[
    "/linkage",
    "/components/0/source",
    "/components/0/world",
    "/bindings",
    "/bindings/1/consumer_id",
    "/explicit_exports",
    "/imports",
    "/secrets",
    "/policy",
    "/policy/determinism",
    "/policy/capabilities",
    "/policy/capabilities/3/components",
    "/policy/denials",
    "/policy/denials/0/mode",
    "/policy/denials/0/components",
    "/policy/tenant",
    "/policy/limits",
    "/policy/limits/cpu_ms",
    "/policy/limits/memory_bytes",
    "/policy/limits/io_ops",
    "/policy/limits/wall_ms",
    "/$schema",
    "/description",
];

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
    for pointer in OPTIONAL {
        let (object, field) = pointer.rsplit_once('/').expect("a pointer");
        let mut plan = full();
        let object = plan.pointer_mut(object).expect("it is there");
        object[field] = Value::Null;
        let null = bytes(&plan);
        assert!(
            accepts_json(&plan),
            "the JSON schema refuses null at {pointer}"
        );
        let object = plan.pointer_mut(pointer.rsplit_once('/').expect("a pointer").0);
        object
            .and_then(Value::as_object_mut)
            .expect("an object")
            .remove(field);
        let (null, absent) = (parse(&null), bytes(&plan));
        let absent = parse(&absent);
        let plan = |parsed: Result<Parsed<'_>, Vec<Diagnostic>>| parsed.expect(pointer).plan;
        assert_eq!(plan(null), plan(absent), "{pointer}");
    }
    let mut nulls = Vec::new();
    pointers(&full(), String::new(), &mut nulls);
    // Whichever item of a list it is.
    let kind = |pointer: &str| {
        let is_index = |token: &str| token.starts_with(|c: char| c.is_ascii_digit());
        let tokens = pointer.split('/');
        let tokens = tokens.map(|token| if is_index(token) { "0" } else { token });
        tokens.collect::<Vec<_>>().join("/")
    };
    let optional: Vec<String> = OPTIONAL.iter().map(|pointer| kind(pointer)).collect();
    let is_required = |pointer: &&String| !optional.contains(&kind(pointer));
    for pointer in nulls.iter().filter(|pointer| is_required(pointer)) {
        let mut plan = full();
        *plan.pointer_mut(pointer).expect("it is there") = Value::Null;
        let text = bytes(&plan);
        // One of the two is enough.
        if kind(pointer) == "/components/0/digest"
            && plan.pointer(&pointer.replace("digest", "source")).is_some()
        {
            assert!(accepts_json(&plan) && parse(&text).is_ok());
            continue;
        }
        assert!(
            !accepts_json(&plan),
            "the JSON schema takes null at {pointer:?}"
        );
        let errors = parse(&text).expect_err(pointer);
        let at = errors
            .iter()
            .any(|error| pointer.starts_with(&error.pointer));
        assert!(
            at && errors.iter().all(|e| e.position.is_some()),
            "{pointer}: {errors:?}"
        );
    }
}

/// Pointers to all values.
fn pointers(value: &Value, pointer: String, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                pointers(item, format!("{pointer}/{index}"), found);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                pointers(field, format!("{pointer}/{name}"), found);
            }
        }
        _ => {}
    }
    found.push(pointer);
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
