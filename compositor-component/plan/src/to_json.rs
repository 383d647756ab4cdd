//! A plan as JSON, for people: fields in the order of the table, two spaces.

use serde_json::{Map, Value};

use super::types::Plan;
use crate::kind::{Form, Kind};
use crate::table::FieldSchema;
use compositor_diagnostic::Digest;

/// The plan as JSON text. Lists keep their order; defaults are left out.
pub fn to_json(plan: &Plan) -> String {
    // What an editor and a reader look for comes before the rest.
    const FIRST: [&str; 3] = ["$schema", "version", "description"];
    let mut value: Value = Plan::write(plan);
    if let Value::Object(fields) = &mut value {
        let first = FIRST
            .iter()
            .filter_map(|name| fields.shift_remove_entry(*name));
        let first: Vec<_> = first.collect();
        for entry in first.into_iter().rev() {
            fields.shift_insert(0, entry.0, entry.1);
        }
    }
    let mut text = serde_json::to_string_pretty(&value).unwrap_or_default();
    text.push('\n');
    text
}

impl Form for Value {
    const IS_CBOR: bool = false;

    fn text(text: &str) -> Self {
        text.into()
    }

    fn number(number: u64) -> Self {
        number.into()
    }

    fn digest(digest: &Digest) -> Self {
        digest.to_string().into()
    }

    fn word(_: u64, word: &str) -> Self {
        word.into()
    }

    fn list(items: impl ExactSizeIterator<Item = Self>) -> Self {
        items.collect()
    }

    fn object(fields: impl Iterator<Item = (&'static FieldSchema, Self)>) -> Self {
        let named = fields.map(|(field, value)| (field.name.to_string(), value));
        Value::Object(named.collect::<Map<_, _>>())
    }
}
