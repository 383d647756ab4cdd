//! Plans in CBOR of another form: what they are is said, and what can mean one
//! thing only is converted.

use ciborium::Value;
use compositor_core::plan::{Encoding, parse};
use compositor_core::{Code, Diagnostic, Limits, Remedy, convert, id};
use serde_json::json;

/// A plan as an encoder of structs would write it: its fields' names for keys,
/// none for what is left out, the digest as an array of numbers.
fn of_struct() -> Value {
    let text = |text: &str| Value::Text(text.into());
    let map = |fields: Vec<(&str, Value)>| {
        Value::Map(
            fields
                .into_iter()
                .map(|(key, value)| (text(key), value))
                .collect(),
        )
    };
    let digest = Value::Array(vec![Value::from(3); 32]);
    map(vec![
        ("version", text("1")),
        ("root", text("a")),
        ("linkage", text("static")),
        (
            "components",
            Value::Array(vec![map(vec![
                ("id", text("a")),
                ("digest", digest),
                ("source", text("file:a.wasm")),
                ("world", Value::Null),
            ])]),
        ),
        ("bindings", Value::Array(vec![])),
        ("explicit_exports", Value::Array(vec![])),
        ("imports", Value::Array(vec![])),
        ("secrets", Value::Array(vec![])),
        (
            "policy",
            map(vec![
                ("determinism", text("strict")),
                ("capabilities", Value::Array(vec![])),
                ("denials", Value::Array(vec![])),
                ("tenant", Value::Null),
                (
                    "limits",
                    map(vec![("cpu_ms", Value::from(100)), ("wall_ms", Value::Null)]),
                ),
            ]),
        ),
    ])
}

fn written(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).expect("memory");
    bytes
}

/// The plan in its own form.
fn canonical() -> Vec<u8> {
    let plan = json!({
        "version": "1", "root": "a",
        "components": [{ "id": "a", "digest": "03".repeat(32), "source": "file:a.wasm" }],
        "policy": { "determinism": "strict", "limits": { "cpu_ms": 100 } },
    });
    to_cbor(plan.to_string().as_bytes()).expect("a locked plan")
}

fn to_cbor(bytes: &[u8]) -> Result<Vec<u8>, Vec<Diagnostic>> {
    convert(bytes, Encoding::Cbor, &Limits::default())
}

/// Holds bytes to being refused as a plan, with words about their form.
fn refused(bytes: &[u8], words: &str) -> Diagnostic {
    let limits = Limits::default();
    let errors = parse(bytes, &limits).expect_err("another form");
    assert_eq!(id(bytes, &limits).expect_err("no id"), errors);
    let [error] = &errors[..] else {
        panic!("{errors:#?}");
    };
    assert_eq!(error.code, Code::PlanInvalidCbor);
    assert!(error.message.contains(words), "{}", error.message);
    assert!(error.position.is_some());
    error.clone()
}

/// Holds bytes to being refused as they are, and converted to the plan.
fn converted(bytes: &[u8], words: &str) {
    let error = refused(bytes, words);
    assert_eq!(error.remedies, [Remedy::EncodePlan]);
    assert_eq!(to_cbor(bytes), Ok(canonical()));
    assert!(convert(bytes, Encoding::Json, &Limits::default()).is_ok());
}

/// The map with its keys in the order of their bytes.
fn sorted(value: Value) -> Value {
    match value {
        Value::Map(entries) => {
            let mut entries: Vec<_> = entries.into_iter().map(|(k, v)| (k, sorted(v))).collect();
            entries.sort_by_key(|(key, _)| written(key));
            Value::Map(entries)
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        value => value,
    }
}

#[test]
fn text_keys() {
    converted(&written(&of_struct()), "text keys");
    // Canonical CBOR, and still not in the form of a plan.
    converted(&written(&sorted(of_struct())), "text keys");
    let tagged = Value::Tag(55799, Box::new(of_struct()));
    converted(&written(&tagged), "text keys");
}

/// What an encoder makes of a plan's own keys that knows no canonical form.
#[test]
fn integer_keys() {
    let canonical = canonical();
    let value: Value = ciborium::from_reader(&canonical[..]).expect("CBOR");
    fn reversed(value: Value) -> Value {
        match value {
            Value::Map(entries) => Value::Map(
                entries
                    .into_iter()
                    .rev()
                    .map(|(k, v)| (k, reversed(v)))
                    .collect(),
            ),
            Value::Array(items) => Value::Array(items.into_iter().map(reversed).collect()),
            value => value,
        }
    }
    converted(&written(&reversed(value)), "the right keys");
    // A map and a text without a length, and a long zero.
    let mut long = vec![0xbf];
    long.extend(&canonical[1..]);
    long.push(0xff);
    converted(&long, "the right keys");
    let mut zero = canonical.clone();
    zero.splice(1..2, [0x18, 0]);
    converted(&zero, "the right keys");
    let mut text = canonical.clone();
    assert_eq!(text[2..4], [0x61, b'1']);
    text.splice(2..4, [0x7f, 0x60, 0x61, b'1', 0xff]);
    converted(&text, "the right keys");
    // A default that is spelled out.
    let mut spelled = canonical.clone();
    spelled[0] += 1;
    spelled.extend([6, 0]);
    converted(&spelled, "the right keys");
}

/// Without a digest there is no CBOR, but JSON.
#[test]
fn unlocked() {
    let text = |text: &str| Value::Text(text.into());
    let plan = Value::Map(vec![
        (text("version"), text("1")),
        (text("root"), text("a")),
        (
            text("components"),
            Value::Array(vec![Value::Map(vec![
                (text("id"), text("a")),
                (text("source"), text("file:a.wasm")),
            ])]),
        ),
    ]);
    let bytes = written(&plan);
    refused(&bytes, "text keys");
    let errors = to_cbor(&bytes).expect_err("not locked");
    assert_eq!(errors[0].code, Code::PlanMissingField);
    assert!(convert(&bytes, Encoding::Json, &Limits::default()).is_ok());
}

/// What could mean two things, or is no plan, is an error that says what.
#[test]
fn what_is_ambiguous() {
    let Value::Map(fields) = of_struct() else {
        panic!("a map");
    };
    let with = |key: Value, value: Value| {
        let fields = fields.iter().cloned().chain([(key, value)]);
        written(&Value::Map(fields.collect()))
    };
    let text = |text: &str| Value::Text(text.into());
    for (bytes, says) in [
        (with(text("root"), text("b")), "\"root\" is given twice"),
        (with(Value::from(1), text("a")), "\"root\" is given twice"),
        (with(text("author"), text("me")), "unknown field \"author\""),
        (with(Value::from(77), text("me")), "an unknown key"),
        (with(Value::Bool(true), text("me")), "an unknown key"),
        (
            with(text("description"), Value::Tag(1, Box::new(Value::from(1)))),
            "without a tag",
        ),
    ] {
        let error = refused(&bytes, "text keys");
        assert!(error.help.contains("says what"), "{}", error.help);
        assert_eq!(error.remedies, [Remedy::ConvertPlan]);
        let errors = to_cbor(&bytes).expect_err("not a plan");
        assert!(errors[0].message.contains(says), "{errors:#?}");
        assert!(errors[0].position.is_some());
    }
    // No map, or bytes that are no CBOR: nothing is said of a form.
    for bytes in [
        &[0x80][..],
        &[0xbf, 0],
        &[0xff; 9],
        &[0xa1, 0x61],
        &[0x9f; 100_000],
        &[0xbf; 100_000],
    ] {
        let strict = parse(bytes, &Limits::default()).expect_err("no plan");
        assert!(!strict[0].message.contains("looks like"), "{strict:#?}");
        assert!(!strict[0].help.starts_with("convert it"), "{strict:#?}");
        assert_eq!(to_cbor(bytes).expect_err("no plan"), strict);
    }
    let large = vec![0xbf; Limits::default().plan_bytes + 1];
    assert_eq!(
        to_cbor(&large).expect_err("large")[0].code,
        Code::PlanInvalidSchema
    );
}
