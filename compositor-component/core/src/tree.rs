//! A plan's text as a tree whose nodes know their place.

use crate::diagnostic::{Diagnostic, Position};

/// A range of bytes in the plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

/// A value and its place.
#[derive(Clone, Debug)]
pub struct Node {
    pub value: Value,
    pub span: Span,
}

/// What JSON and CBOR can say of a plan.
#[derive(Clone, Debug)]
pub enum Value {
    Null,
    Bool(bool),
    Integer(i128),
    Float(f64),
    Text(String),
    Bytes(Vec<u8>),
    Array(Vec<Node>),
    Object(Vec<Field>),
}

/// A named member of an object.
#[derive(Clone, Debug)]
pub struct Field {
    pub name: String,
    pub name_span: Span,
    pub node: Node,
}

impl Value {
    /// What people call such a value.
    pub fn describe(&self) -> String {
        match self {
            Value::Null => "null".into(),
            Value::Bool(value) => value.to_string(),
            Value::Integer(value) => value.to_string(),
            Value::Float(value) => describe_float(*value),
            Value::Text(text) if text.chars().count() <= 80 => format!("{text:?}"),
            Value::Text(text) => format!("a text of {} bytes", text.len()),
            Value::Bytes(bytes) => format!("{} bytes", bytes.len()),
            Value::Array(items) => format!("an array of {}", items.len()),
            Value::Object(_) => "an object".into(),
        }
    }
}

/// As it is written in JSON, where it can be: the standard library's printing of
/// floats would be a second one in the component.
fn describe_float(value: f64) -> String {
    match serde_json::Number::from_f64(value) {
        Some(number) => number.to_string(),
        None if value.is_nan() => "NaN".into(),
        None if value > 0.0 => "inf".into(),
        None => "-inf".into(),
    }
}

impl Node {
    /// The span of the node at an RFC 6901 pointer, or of its nearest
    /// ancestor that is there.
    fn find(&self, pointer: &str, about_key: bool) -> Span {
        let mut node = self;
        let mut span = self.span;
        for token in pointer.split('/').skip(1) {
            let token = token.replace("~1", "/").replace("~0", "~");
            let next = match &node.value {
                Value::Array(items) => match token.parse::<usize>().ok().and_then(|i| items.get(i))
                {
                    Some(item) => (item, item.span),
                    None => break,
                },
                // The last of the duplicates is the one that is complained of.
                Value::Object(fields) => match fields.iter().rfind(|f| f.name == token) {
                    Some(field) => (&field.node, field.name_span),
                    None => return span,
                },
                _ => break,
            };
            node = next.0;
            span = if about_key { next.1 } else { node.span };
        }
        span
    }
}

/// A plan's bytes and their tree.
#[derive(Clone, Debug)]
pub struct Source {
    /// The plan's text, when it is JSON.
    pub text: Option<String>,
    pub tree: Node,
}

impl Source {
    /// Gives each finding its place in the text.
    pub fn place(&self, findings: &mut [Diagnostic]) {
        for finding in findings.iter_mut().filter(|f| f.position.is_none()) {
            let span = self.tree.find(&finding.pointer, finding.about_key);
            finding.position = Some(position(self.text.as_deref(), span));
        }
    }
}

/// Line and column of a span.
pub fn position(text: Option<&str>, span: Span) -> Position {
    let (line, column) = match text {
        Some(text) => {
            let before = &text.as_bytes()[..span.start.min(text.len())];
            let line_start = before
                .iter()
                .rposition(|b| *b == b'\n')
                .map_or(0, |i| i + 1);
            let line = 1 + before.iter().filter(|b| **b == b'\n').count();
            // Continuation bytes do not start a character.
            let starts = |b: &&u8| (**b & 0xc0) != 0x80;
            let column = 1 + before[line_start..].iter().filter(starts).count();
            (line as u32, column as u32)
        }
        None => (0, 0),
    };
    Position {
        line,
        column,
        offset: span.start as u64,
        length: (span.end - span.start) as u64,
    }
}
