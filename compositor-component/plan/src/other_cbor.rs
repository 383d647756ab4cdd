//! Plans in CBOR of another form, as encoders of structs write it: with the
//! fields' names for keys, in the order of the fields, with lengths and numbers
//! that are not the shortest. They have no plan id before they are converted;
//! what converts them takes what can mean one thing only.

use crate::cbor::{self, Item, Kind};
use crate::from_cbor::invalid;
use crate::kind::Kind as _;
use crate::table::{FieldSchema, Shape};
use crate::types::Plan;
use compositor_diagnostic::limits::Limits;
use compositor_diagnostic::tree::{Field, Node, Span, Value};
use compositor_diagnostic::{Diagnostic, Remedy, Rule};

/// What is known of a form by looking at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keys {
    /// The integers of `plans/plan.cddl`.
    Integers,
    /// The names that JSON has.
    Texts,
}

/// Reads a map of another form; the tree still has to be held to the schema.
/// None when the bytes are no CBOR at all, or no map.
pub fn from_other_cbor(bytes: &[u8], limits: &Limits) -> Option<Result<Node, Diagnostic>> {
    let item = untagged(cbor::decode_any(bytes, limits).ok()?);
    matches!(item.kind, Kind::Map(_)).then(|| node(item, Some(Plan::SHAPE)))
}

/// Says of an error about bytes that are not canonical which form they look
/// like, and whether that can be converted.
pub fn explain(mut error: Diagnostic, bytes: &[u8], limits: &Limits, reads: bool) -> Diagnostic {
    let Some(keys) = keys(bytes, limits) else {
        return error;
    };
    let form = match keys {
        Keys::Texts => "text keys, as encoders of structs such as serde's write it",
        Keys::Integers => "the right keys, but not in canonical form",
    };
    error.message = format!("{}; it looks like a plan with {form}", error.message);
    let (help, remedy) = match reads {
        true => (
            "convert it, which writes it as it must be",
            Remedy::EncodePlan,
        ),
        false => (
            "convert it, which says what in it cannot be read as a plan",
            Remedy::ConvertPlan,
        ),
    };
    (error.help, error.remedies) = (help.to_string(), vec![remedy]);
    error
}

/// What keys the outermost map has, when it has those of a plan.
fn keys(bytes: &[u8], limits: &Limits) -> Option<Keys> {
    let item = untagged(cbor::decode_any(bytes, limits).ok()?);
    let Kind::Map(entries) = item.kind else {
        return None;
    };
    let is_version = |item: &Item| match &item.kind {
        Kind::Text(name) if name == "version" => Some(Keys::Texts),
        Kind::Unsigned(0) => Some(Keys::Integers),
        _ => None,
    };
    entries.iter().find_map(|(key, _)| is_version(key))
}

/// What the tag of self-described CBOR is of.
fn untagged(item: Item) -> Item {
    match item.kind {
        Kind::Tag(55799, content) => *content,
        _ => item,
    }
}

fn node(item: Item, shape: Option<Shape>) -> Result<Node, Diagnostic> {
    let span = Span {
        start: item.start,
        end: item.end,
    };
    let wrong = |what: &str| {
        let message = format!("at byte {} the plan must have {what}", span.start);
        Err(invalid(Rule::WrongCborItem, message, span.start, span.end))
    };
    let value = match (item.kind, shape) {
        // A choice by its place in the schema, as in the canonical form.
        (Kind::Unsigned(index), Some(Shape::OneOf(texts))) => match texts.get(index as usize) {
            Some(text) => Value::Text((*text).to_string()),
            None => return wrong(&format!("a number below {}", texts.len())),
        },
        (Kind::Unsigned(number), _) => Value::integer(number.into()),
        (Kind::Negative(number), _) => Value::integer(-1 - i128::from(number)),
        (Kind::Bytes(bytes), _) => Value::Bytes(bytes),
        (Kind::Text(text), _) => Value::Text(text),
        (Kind::Bool(value), _) => Value::Bool(value),
        (Kind::Float(value), _) => Value::Float(value),
        (Kind::Null | Kind::Undefined, _) => Value::Null,
        (Kind::Array(items), shape) => {
            let shape = match shape {
                Some(Shape::List { item, .. }) => Some(*item),
                _ => None,
            };
            let items = items.into_iter().map(|item| node(item, shape));
            Value::Array(items.collect::<Result<_, _>>()?)
        }
        (Kind::Map(entries), shape) => {
            let table = match shape {
                Some(Shape::Object(_, table)) => table,
                _ => &[],
            };
            let fields = entries
                .into_iter()
                .map(|(key, value)| field(key, value, table));
            Value::Object(fields.collect::<Result<_, _>>()?)
        }
        (Kind::Tag(..) | Kind::Simple(_), _) => return wrong("a value without a tag"),
    };
    Ok(Node { value, span })
}

fn field(key: Item, value: Item, table: &[FieldSchema]) -> Result<Field, Diagnostic> {
    let known = table.iter().find(|field| match &key.kind {
        Kind::Unsigned(key) => field.key == Some(*key),
        Kind::Text(key) => field.name == key,
        _ => false,
    });
    let name = match (known, key.kind) {
        (Some(field), _) => field.name.into(),
        (None, Kind::Text(name)) => name.into(),
        (None, _) => {
            let message = format!("at byte {} the plan has an unknown key", key.start);
            return Err(invalid(Rule::WrongCborItem, message, key.start, key.end));
        }
    };
    Ok(Field {
        name,
        name_span: Span {
            start: key.start,
            end: key.end,
        },
        node: node(value, known.map(|field| field.shape))?,
    })
}
