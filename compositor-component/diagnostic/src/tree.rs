//! A plan's text as a tree whose nodes know their place.

use std::rc::Rc;

use crate::diagnostic::{Diagnostic, Position};
use crate::findings;
use crate::limits;

/// A range of bytes in the plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Where it starts.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

/// A value and its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Its place.
    pub span: Span,
}

/// What JSON and CBOR can say of a plan.
#[derive(Clone, Debug)]
pub enum Value {
    /// Nothing.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// What does not fit there: few do, and all values would be larger.
    Large(Box<i128>),
    /// A number that is not whole.
    Float(f64),
    /// A text.
    Text(String),
    /// Bytes, which JSON does not have.
    Bytes(Vec<u8>),
    /// A list.
    Array(Vec<Node>),
    /// Members by name, in the order of the text.
    Object(Vec<Field>),
}

/// A named member of an object. Objects of a kind share their names.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name.
    pub name: Rc<str>,
    /// The name's place.
    pub name_span: Span,
    /// What it has.
    pub node: Node,
}

impl Value {
    /// A whole number.
    pub fn integer(number: i128) -> Self {
        match i64::try_from(number) {
            Ok(number) => Value::Integer(number),
            Err(_) => Value::Large(Box::new(number)),
        }
    }

    /// What people call such a value.
    pub fn describe(&self) -> String {
        match self {
            Value::Null => "null".into(),
            Value::Bool(value) => value.to_string(),
            Value::Integer(value) => value.to_string(),
            Value::Large(value) => value.to_string(),
            Value::Float(value) => describe_float(*value),
            Value::Text(text) if text.len() <= limits::QUOTED => format!("{text:?}"),
            Value::Text(text) => format!("a text of {} bytes", text.len()),
            Value::Bytes(bytes) => format!("{} bytes", bytes.len()),
            Value::Array(items) => format!("an array of {}", items.len()),
            Value::Object(_) => "an object".into(),
        }
    }
}

/// As it is written in JSON, where it can be. The standard library would write it in
/// another way, `1e300` with all its zeros, and makes the core's module 16,720 bytes
/// larger, 1.0 percent: its printing of floats would be a second one.
fn describe_float(value: f64) -> String {
    match serde_json::Number::from_f64(value) {
        Some(number) => number.to_string(),
        None if value.is_nan() => "NaN".into(),
        None if value > 0.0 => "inf".into(),
        None => "-inf".into(),
    }
}

impl Node {
    /// Keeps the places, and of the values what leads to them.
    pub fn forget(&mut self) {
        match &mut self.value {
            Value::Array(items) => items.iter_mut().for_each(Self::forget),
            Value::Object(fields) => fields.iter_mut().for_each(|field| field.node.forget()),
            value => *value = Value::Null,
        }
    }

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
                Value::Object(fields) => match fields.iter().rfind(|f| *f.name == token) {
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
pub struct Source<'a> {
    /// The plan's text, when it is JSON.
    pub text: Option<&'a str>,
    /// What it says.
    pub tree: Node,
}

impl Source<'_> {
    /// Gives each finding its place in the text; of very many, those that are
    /// worth showing.
    pub fn place(&self, findings: &mut Vec<Diagnostic>) {
        findings::cut(findings);
        let places = Places::new(self.text);
        for finding in findings.iter_mut().filter(|f| f.position.is_none()) {
            let span = self.tree.find(&finding.pointer, finding.about_key);
            finding.position = Some(places.position(span));
        }
    }

    /// Where pointers lead: each to a value, or to the nearest one around that is there.
    pub fn positions<'p>(&self, pointers: impl Iterator<Item = &'p str>) -> Vec<Position> {
        let places = Places::new(self.text);
        let spans = pointers.map(|pointer| self.tree.find(pointer, false));
        spans.map(|span| places.position(span)).collect()
    }
}

/// Lines and columns of a text, found without going through all of it for each:
/// there may be many findings in a long one.
pub struct Places<'a> {
    bytes: Option<&'a [u8]>,
    /// Line and column of the start of each block.
    marks: Vec<(u32, u32)>,
}

impl<'a> Places<'a> {
    const BLOCK: usize = 4096;

    /// In a text; bytes that are none have offsets alone.
    pub fn new(text: Option<&'a str>) -> Self {
        let bytes = text.map(str::as_bytes);
        let mut at = (1, 1);
        let mut marks = vec![at];
        for block in bytes.unwrap_or_default().chunks(Self::BLOCK) {
            at = after(at, block);
            marks.push(at);
        }
        Self { bytes, marks }
    }

    /// Where a span starts, and how long it is.
    pub fn position(&self, span: Span) -> Position {
        let (line, column) = match self.bytes {
            Some(bytes) => {
                let start = span.start.min(bytes.len());
                let block = start / Self::BLOCK;
                after(self.marks[block], &bytes[block * Self::BLOCK..start])
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
}

/// Line and column behind bytes that start at a line and column.
fn after(start: (u32, u32), bytes: &[u8]) -> (u32, u32) {
    bytes.iter().fold(start, |(line, column), byte| match byte {
        b'\n' => (line + 1, 1),
        // Continuation bytes do not start a character.
        0x80..0xc0 => (line, column),
        _ => (line, column + 1),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_long_texts() {
        let text = "ab\né\n".repeat(3000) + &"é".repeat(5000);
        let places = Places::new(Some(&text));
        for start in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
            let before = &text[..start];
            let line = before.matches('\n').count() + 1;
            let column = before
                .rsplit('\n')
                .next()
                .unwrap_or_default()
                .chars()
                .count()
                + 1;
            let position = places.position(Span { start, end: start });
            assert_eq!(
                (position.line, position.column),
                (line as u32, column as u32)
            );
        }
    }
}
