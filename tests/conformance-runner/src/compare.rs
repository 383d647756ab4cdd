//! What is expected against what was found.

use serde_json::{Map, Value, json};

/// Where something found is not what is expected, and how; none when it is.
///
/// Of an object every field that is expected must be there, and there may be
/// more. Lists are of the same length; but of `events` those that are expected
/// must come in their order, with others between them. `{"has": TEXT}` holds
/// to any text with that in it.
pub fn difference(expected: &Value, found: &Value) -> Option<String> {
    differ(expected, found, "", false)
}

/// What is expected, with what was found where they differ.
pub fn blessed(expected: &Value, found: &Value) -> Value {
    match (expected, found) {
        _ if difference(expected, found).is_none() => expected.clone(),
        (Value::Object(fields), Value::Object(_)) => {
            let field = |(name, value): (&String, &Value)| {
                let found = found.get(name).unwrap_or(&Value::Null);
                let value = match (name.as_str(), value, found) {
                    ("events", Value::Array(items), Value::Array(others)) => {
                        blessed_events(items, others)
                    }
                    _ => blessed(value, found),
                };
                (name.clone(), value)
            };
            Value::Object(fields.iter().map(field).collect::<Map<_, _>>())
        }
        (Value::Array(items), Value::Array(others)) if items.len() == others.len() => {
            let pairs = items.iter().zip(others);
            pairs.map(|(item, found)| blessed(item, found)).collect()
        }
        _ => found.clone(),
    }
}

/// Events are found among others: each is the next of its kind, and all of them
/// when one is of no kind that there still is.
fn blessed_events(items: &[Value], others: &[Value]) -> Value {
    let mut left = others.iter();
    let next = |item: &Value| {
        let found = left.find(|found| found.get("kind") == item.get("kind"))?;
        Some(blessed(item, found))
    };
    let all: Option<Vec<Value>> = items.iter().map(next).collect();
    Value::Array(all.unwrap_or_else(|| others.to_vec()))
}

fn differ(expected: &Value, found: &Value, at: &str, in_order: bool) -> Option<String> {
    let unlike = || {
        Some(format!(
            "at `{at}`: expected {}, found {}",
            short(expected),
            short(found)
        ))
    };
    match (expected, found) {
        (Value::Object(fields), Value::String(text)) => match fields.get("has") {
            Some(Value::String(part)) if text.contains(part.as_str()) => None,
            _ => unlike(),
        },
        (Value::Object(fields), Value::Object(others)) => {
            fields.iter().find_map(|(name, value)| {
                let at = format!("{at}/{name}");
                match others.get(name) {
                    Some(found) => differ(value, found, &at, name == "events"),
                    None => Some(format!(
                        "at `{at}`: expected {}, found nothing",
                        short(value)
                    )),
                }
            })
        }
        (Value::Array(items), Value::Array(others)) if in_order => {
            let mut left = others.iter();
            let missing = items
                .iter()
                .position(|item| !left.any(|found| differ(item, found, at, false).is_none()))?;
            Some(format!(
                "at `{at}/{missing}`: expected {} in its order in {}",
                short(&items[missing]),
                short(found)
            ))
        }
        (Value::Array(items), Value::Array(others)) if items.len() == others.len() => {
            let pairs = items.iter().zip(others).enumerate();
            pairs.into_iter().find_map(|(index, (item, found))| {
                differ(item, found, &format!("{at}/{index}"), false)
            })
        }
        _ if expected == found => None,
        _ => unlike(),
    }
}

/// A value as a message shows it.
fn short(value: &Value) -> String {
    const MOST: usize = 600;
    let text = value.to_string();
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// What was found where the host did not do what it takes to look.
pub fn failure(message: &str) -> Value {
    json!({ "failure": message })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences() {
        let same = |expected: Value, found: Value| difference(&expected, &found).is_none();
        assert!(same(json!({ "a": 1 }), json!({ "a": 1, "b": 2 })));
        assert!(!same(json!({ "a": 1, "b": null }), json!({ "a": 1 })));
        assert!(!same(json!([1]), json!([1, 2])));
        assert!(!same(json!([{ "a": 1 }]), json!([{ "a": 2 }])));
        assert!(!same(json!("a"), json!("ab")));
        assert!(same(json!({ "has": "b" }), json!("abc")));
        assert!(!same(json!({ "has": "d" }), json!("abc")));
        assert!(!same(json!({ "events": [{ "k": 1 }] }), failure("it hung")));
        let events = |kinds: &[&str]| json!({ "events": kinds });
        assert!(same(events(&["a", "c"]), events(&["a", "b", "c"])));
        assert!(!same(events(&["c", "a"]), events(&["a", "b", "c"])));
        assert!(!same(events(&["a", "a"]), events(&["a", "b", "c"])));
        let at = difference(&json!({ "a": [1, 2] }), &json!({ "a": [1, 3] }));
        assert_eq!(at.as_deref(), Some("at `/a/1`: expected 2, found 3"));
    }

    #[test]
    fn blessing_keeps_what_fits() {
        let expected = json!({ "a": { "has": "x" }, "b": null, "c": [{ "d": 1 }] });
        let found = json!({ "a": "xyz", "b": "id", "c": [{ "d": 2, "e": 3 }], "f": 4 });
        let blessed = blessed(&expected, &found);
        assert_eq!(
            blessed,
            json!({ "a": { "has": "x" }, "b": "id", "c": [{ "d": 2 }] })
        );
        assert_eq!(difference(&blessed, &found), None);
    }
}
