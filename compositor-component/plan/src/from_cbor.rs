//! Canonical CBOR with integer keys to the tree that JSON gives too, so that
//! one reader holds both to the schema.

use crate::cbor::{self, Item, Kind};
use crate::kind::Kind as _;
use crate::table::Shape;
use crate::to_cbor::to_cbor;
use crate::types::Plan;
use compositor_diagnostic::limits::Limits;
use compositor_diagnostic::tree::{Field, Node, Span, Value};
use compositor_diagnostic::{Diagnostic, Position, Remedy, Rule};

/// Decodes a plan's bytes; the tree still has to be held to the schema.
pub fn from_cbor(bytes: &[u8], limits: &Limits) -> Result<Node, Diagnostic> {
    let item = cbor::decode(bytes, limits).map_err(|violation| {
        let message = format!(
            "the plan is not canonical CBOR at byte {}: {}",
            violation.offset, violation.message
        );
        let error = invalid(Rule::InvalidCbor, message, violation.offset, bytes.len());
        error.found(violation.rule)
    })?;
    node(item, Plan::SHAPE)
}

/// A plan has one canonical form: lists that are sorted, defaults that are
/// left out. What does not come back as the same bytes is not it.
pub fn hold_to_canonical(plan: &Plan, bytes: &[u8]) -> Result<(), Diagnostic> {
    let canonical = to_cbor(plan);
    if canonical == bytes {
        return Ok(());
    }
    let same = canonical.iter().zip(bytes).take_while(|(a, b)| a == b);
    let offset = same.count();
    let message =
        format!("the plan is canonical CBOR, but not in the form of a plan at byte {offset}");
    Err(
        invalid(Rule::NotCanonicalPlan, message, offset, bytes.len())
            .found("plan-form")
            .expected("lists sorted, no item twice, defaults left out"),
    )
}

/// The finding about bytes of a plan, up to where something ends.
pub(super) fn invalid(rule: Rule, message: String, offset: usize, end: usize) -> Diagnostic {
    let help = "write the plan as JSON, and convert that";
    let mut error = Diagnostic::error(rule, message, help).remedies([Remedy::EncodePlan]);
    error.position = Some(Position {
        line: 0,
        column: 0,
        offset: offset as u64,
        length: end.saturating_sub(offset).min(1) as u64,
    });
    error
}

fn node(item: Item, shape: Shape) -> Result<Node, Diagnostic> {
    let (start, end) = (item.start, item.end);
    let wrong = |what: &str| {
        let message = format!("at byte {start} the plan must have {what}");
        Err(invalid(Rule::WrongCborItem, message, start, end))
    };
    let value = match (item.kind, shape) {
        (Kind::Text(text), Shape::Plain(_)) => Value::Text(text),
        (Kind::Unsigned(number), Shape::Plain(_)) => Value::integer(number.into()),
        (Kind::Bytes(bytes), Shape::Digest(_)) => Value::Bytes(bytes),
        (Kind::Unsigned(index), Shape::OneOf(texts)) => match texts.get(index as usize) {
            Some(text) => Value::Text((*text).to_string()),
            None => return wrong(&format!("a number below {}", texts.len())),
        },
        (Kind::Array(items), Shape::List { item: shape, .. }) => Value::Array(
            items
                .into_iter()
                .map(|item| node(item, *shape))
                .collect::<Result<_, _>>()?,
        ),
        (Kind::Map(entries), Shape::Object(_, table)) => {
            let fields = entries.into_iter().map(|(key, value)| {
                let known = match key.kind {
                    Kind::Unsigned(key) => table.iter().find(|field| field.key == Some(key)),
                    _ => None,
                };
                let Some(known) = known else {
                    let message = format!("at byte {} the plan has an unknown key", key.start);
                    return Err(invalid(Rule::WrongCborItem, message, key.start, key.end));
                };
                Ok(Field {
                    name: known.name.into(),
                    name_span: Span {
                        start: key.start,
                        end: key.end,
                    },
                    node: node(value, known.shape)?,
                })
            });
            Value::Object(fields.collect::<Result<_, _>>()?)
        }
        (_, Shape::Plain(_)) => return wrong("a text or an unsigned integer"),
        (_, Shape::Digest(_)) => return wrong("a byte string"),
        (_, Shape::OneOf(_)) => return wrong("an unsigned integer"),
        (_, Shape::List { .. }) => return wrong("an array"),
        (_, Shape::Object(..)) => return wrong("a map"),
    };
    Ok(Node {
        value,
        span: Span { start, end },
    })
}
