//! Canonical CBOR with integer keys to the tree that JSON gives too, so that
//! one reader holds both to the schema.

use crate::cbor::{self, Item, Kind};
use crate::to_cbor::to_cbor;
use crate::types::{Determinism, Linkage, Mode, Plan};
use compositor_diagnostic::limits::Limits;
use compositor_diagnostic::tree::{Field, Node, Span, Value};
use compositor_diagnostic::{Diagnostic, Position, Remedy, Rule};

/// How a field's value is written.
#[derive(Clone, Copy)]
pub enum Shape {
    /// A text, or an integer where JSON has one.
    Plain,
    /// 32 bytes.
    Digest,
    /// An integer that stands for one of these texts.
    OneOf(&'static [&'static str]),
    /// A map.
    Map(&'static [(u64, &'static str, Shape)]),
    /// An array of such values.
    List(&'static Shape),
}

/// The integer keys of a plan, as `plans/plan.cddl` has them.
pub const KEYS: &[(u64, &str, Shape)] = &[
    (0, "version", Shape::Plain),
    (1, "root", Shape::Plain),
    (2, "components", Shape::List(&Shape::Map(COMPONENT))),
    (3, "bindings", Shape::List(&Shape::Map(BINDING))),
    (4, "secrets", Shape::List(&Shape::Map(SECRET))),
    (5, "policy", Shape::Map(POLICY)),
    (6, "linkage", Shape::OneOf(Linkage::WORDS)),
    (
        7,
        "explicit_exports",
        Shape::List(&Shape::Map(EXPLICIT_EXPORT)),
    ),
    (8, "imports", Shape::List(&Shape::Plain)),
];

const COMPONENT: &[(u64, &str, Shape)] = &[
    (0, "id", Shape::Plain),
    (1, "digest", Shape::Digest),
    (2, "source", Shape::Plain),
    (3, "world", Shape::Digest),
];

const BINDING: &[(u64, &str, Shape)] = &[
    (0, "import_name", Shape::Plain),
    (1, "provider_id", Shape::Plain),
    (2, "export_name", Shape::Plain),
    (3, "consumer_id", Shape::Plain),
];

const SECRET: &[(u64, &str, Shape)] = &[
    (0, "secret_id", Shape::Plain),
    (1, "backend_uri", Shape::Plain),
];

const EXPLICIT_EXPORT: &[(u64, &str, Shape)] = &[
    (0, "source_instance", Shape::Plain),
    (1, "interface_name", Shape::Plain),
];

const POLICY: &[(u64, &str, Shape)] = &[
    (0, "determinism", Shape::OneOf(Determinism::WORDS)),
    (1, "capabilities", Shape::List(&Shape::Map(CAPABILITY))),
    (2, "tenant", Shape::Plain),
    (3, "limits", Shape::Map(CEILINGS)),
    (4, "denials", Shape::List(&Shape::Map(DENIAL))),
];

const CAPABILITY: &[(u64, &str, Shape)] = &[
    (0, "name", Shape::Plain),
    (1, "level", Shape::OneOf(&["required", "optional"])),
    (2, "components", Shape::List(&Shape::Plain)),
];

const DENIAL: &[(u64, &str, Shape)] = &[
    (0, "name", Shape::Plain),
    (1, "mode", Shape::OneOf(Mode::WORDS)),
    (2, "components", Shape::List(&Shape::Plain)),
];

const CEILINGS: &[(u64, &str, Shape)] = &[
    (0, "cpu_ms", Shape::Plain),
    (1, "memory_bytes", Shape::Plain),
    (2, "io_ops", Shape::Plain),
    (3, "wall_ms", Shape::Plain),
];

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
    node(item, Shape::Map(KEYS))
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
        (Kind::Text(text), Shape::Plain) => Value::Text(text),
        (Kind::Unsigned(number), Shape::Plain) => Value::integer(number.into()),
        (Kind::Bytes(bytes), Shape::Digest) => Value::Bytes(bytes),
        (Kind::Unsigned(index), Shape::OneOf(texts)) => match texts.get(index as usize) {
            Some(text) => Value::Text((*text).to_string()),
            None => return wrong(&format!("a number below {}", texts.len())),
        },
        (Kind::Array(items), Shape::List(shape)) => Value::Array(
            items
                .into_iter()
                .map(|item| node(item, *shape))
                .collect::<Result<_, _>>()?,
        ),
        (Kind::Map(entries), Shape::Map(keys)) => {
            let fields = entries.into_iter().map(|(key, value)| {
                let known = match key.kind {
                    Kind::Unsigned(number) => keys.iter().find(|(key, ..)| *key == number),
                    _ => None,
                };
                let Some((_, name, shape)) = known else {
                    let message = format!("at byte {} the plan has an unknown key", key.start);
                    return Err(invalid(Rule::WrongCborItem, message, key.start, key.end));
                };
                Ok(Field {
                    name: (*name).into(),
                    name_span: Span {
                        start: key.start,
                        end: key.end,
                    },
                    node: node(value, *shape)?,
                })
            });
            Value::Object(fields.collect::<Result<_, _>>()?)
        }
        (_, Shape::Plain) => return wrong("a text or an unsigned integer"),
        (_, Shape::Digest) => return wrong("a byte string"),
        (_, Shape::OneOf(_)) => return wrong("an unsigned integer"),
        (_, Shape::List(_)) => return wrong("an array"),
        (_, Shape::Map(_)) => return wrong("a map"),
    };
    Ok(Node {
        value,
        span: Span { start, end },
    })
}
