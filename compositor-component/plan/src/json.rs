//! JSON text to a tree with places.
//!
//! `serde_json` says whether the text is JSON (RFC 8259), without keeping what it
//! reads; then a walk over the same bytes, which takes them at their word, says
//! where each value is.

mod sound;

use std::collections::HashSet;
use std::rc::Rc;

use compositor_diagnostic::limits::{Limits, at_most};
use compositor_diagnostic::tree::{Field, Node, Places, Span, Value};
use compositor_diagnostic::{Diagnostic, Rule};
use sound::Sound;

/// Reads a JSON text, which is what it is said to be.
pub fn parse(text: &str, what: &str, limits: &Limits) -> Result<Node, Diagnostic> {
    let refuse = |rule: Rule, syntax: String, at: usize| {
        let character = text.get(at..).and_then(|rest| rest.chars().next());
        let end = at + character.map_or(0, char::len_utf8);
        let mut finding = Diagnostic::error(
            rule,
            format!("{what} is not valid JSON: {syntax}"),
            "correct the JSON at that place",
        );
        let span = Span { start: at, end };
        finding.position = Some(Places::new(Some(text)).position(span));
        finding
    };
    if let Some(Excess {
        what,
        most,
        name,
        at,
    }) = excess(text, limits)
    {
        let refused = refuse(Rule::PlanTooLarge, what.to_string(), at);
        return Err(refused.expected(at_most(most, "of them", name)));
    }
    if let Err(error) = serde_json::from_str::<Sound>(text) {
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or(&message);
        let at = offset_of(text, &error);
        return Err(refuse(Rule::InvalidJson, message.to_string(), at));
    }
    let names = HashSet::new();
    Ok(Walk { text, at: 0, names }.value())
}

/// Reads text that is JSON: nothing is checked twice.
struct Walk<'a> {
    text: &'a str,
    at: usize,
    names: HashSet<Rc<str>>,
}

impl Walk<'_> {
    fn value(&mut self) -> Node {
        let start = self.skip();
        let value = match self.byte() {
            b'"' => Value::Text(self.string()),
            b'[' => {
                let mut items = Vec::new();
                while self.another(b']') {
                    items.push(self.value());
                }
                items.shrink_to_fit();
                Value::Array(items)
            }
            b'{' => {
                let mut fields = Vec::new();
                while self.another(b'}') {
                    fields.push(self.field());
                }
                fields.shrink_to_fit();
                Value::Object(fields)
            }
            _ => self.word(),
        };
        let end = self.at;
        Node {
            value,
            span: Span { start, end },
        }
    }

    fn field(&mut self) -> Field {
        let start = self.skip();
        let name = self.name();
        let end = self.at;
        self.skip();
        // The colon.
        self.at += 1;
        Field {
            name,
            name_span: Span { start, end },
            node: self.value(),
        }
    }

    /// Steps over the bracket or comma before the next item, or over the end.
    fn another(&mut self, end: u8) -> bool {
        let is_first = matches!(self.byte(), b'[' | b'{');
        self.skip();
        let is_comma = self.byte() == b',';
        if is_first || is_comma {
            self.at += 1;
            self.skip();
        }
        let is_end = self.byte() == end;
        self.at += usize::from(is_end);
        !is_end
    }

    /// A name, kept once however often it is there: more than these are known
    /// to no schema.
    fn name(&mut self) -> Rc<str> {
        const KEPT: usize = 64;
        let name = self.string();
        if let Some(kept) = self.names.get(name.as_str()) {
            return kept.clone();
        }
        let name: Rc<str> = name.into();
        if self.names.len() < KEPT {
            self.names.insert(name.clone());
        }
        name
    }

    fn string(&mut self) -> String {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let mut is_plain = true;
        self.at += 1;
        while bytes[self.at] != b'"' {
            let is_escape = bytes[self.at] == b'\\';
            is_plain &= !is_escape;
            self.at += 1 + usize::from(is_escape);
        }
        self.at += 1;
        let quoted = &self.text[start..self.at];
        match is_plain {
            true => quoted[1..quoted.len() - 1].to_string(),
            false => serde_json::from_str(quoted).unwrap_or_default(),
        }
    }

    fn word(&mut self) -> Value {
        let rest = &self.text[self.at..];
        let is_end = |c: char| matches!(c, ',' | ']' | '}' | ' ' | '\t' | '\r' | '\n');
        let word = &rest[..rest.find(is_end).unwrap_or(rest.len())];
        self.at += word.len();
        match word {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::Null,
            number => match number.parse() {
                Ok(integer) => Value::integer(integer),
                Err(_) => Value::Float(number.parse().unwrap_or(f64::NAN)),
            },
        }
    }

    fn byte(&self) -> u8 {
        self.text.as_bytes()[self.at]
    }

    /// Skips whitespace; returns where the next thing starts.
    fn skip(&mut self) -> usize {
        let rest = &self.text.as_bytes()[self.at..];
        let is_space = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
        self.at += rest.iter().take_while(is_space).count();
        self.at
    }
}

/// A limit that a text exceeds.
struct Excess {
    what: &'static str,
    most: usize,
    name: &'static str,
    at: usize,
}

/// Where the text nests too deep or has too many values, found before
/// anything recurses or is allocated for it.
fn excess(text: &str, limits: &Limits) -> Option<Excess> {
    let (mut depth, mut values, mut in_text, mut escaped) = (0, 0, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'[' | b'{' => {
                depth += 1;
                values += 1;
                if depth > limits.nesting {
                    return Some(Excess {
                        what: "arrays and objects nest too deep",
                        most: limits.nesting,
                        name: "nesting",
                        at,
                    });
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            // Each value but the first of its array or object follows one.
            b',' => values += 1,
            _ => {}
        }
        if values > limits.values {
            return Some(Excess {
                what: "it has too many values",
                most: limits.values,
                name: "values",
                at,
            });
        }
    }
    None
}

/// serde_json counts lines from 1 and columns in bytes from 1.
fn offset_of(text: &str, error: &serde_json::Error) -> usize {
    let line_start: usize = text
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum();
    let mut offset = (line_start + error.column().saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Node, Diagnostic> {
        super::parse(text, "the text", &Limits::default())
    }

    #[test]
    fn only_json() {
        for bad in [
            "",
            "{",
            "[1,]",
            "{a:1}",
            "// x\n1",
            "'a'",
            "[1 2]",
            "[{} {}]",
            "01",
            "1 1",
            "NaN",
            "\"\t\"",
            "{\"a\":1 \"b\":2}",
            "\"\\ud800\"",
            "{\"\\ud800\":1}",
            "1e999",
        ] {
            assert!(parse(bad).is_err(), "{bad:?}");
        }
        for good in [
            "1",
            "[]",
            "{\"a\":[1,2,{\"b\":null}]}",
            "\"\\ud83d\\ude00\"",
        ] {
            assert!(parse(good).is_ok(), "{good:?}");
        }
    }

    /// The walk over the bytes finds what `serde_json` reads, each in its place.
    #[test]
    fn values_and_places() {
        fn check(text: &str, node: &Node, value: &serde_json::Value) {
            let here = &text[node.span.start..node.span.end];
            assert_eq!(
                serde_json::from_str::<serde_json::Value>(here)
                    .ok()
                    .as_ref(),
                Some(value)
            );
            match (&node.value, value) {
                (Value::Null, serde_json::Value::Null) => {}
                (Value::Bool(a), serde_json::Value::Bool(b)) => assert_eq!(a, b),
                (Value::Integer(_) | Value::Large(_), value) => {
                    assert_eq!(node.value.describe(), value.to_string());
                }
                (Value::Float(a), value) => assert_eq!(Some(*a), value.as_f64()),
                (Value::Text(a), serde_json::Value::String(b)) => assert_eq!(a, b),
                (Value::Array(a), serde_json::Value::Array(b)) => {
                    assert_eq!(a.len(), b.len());
                    a.iter().zip(b).for_each(|(a, b)| check(text, a, b));
                }
                (Value::Object(a), serde_json::Value::Object(b)) => {
                    assert_eq!(a.len(), b.len());
                    for (a, (name, b)) in a.iter().zip(b) {
                        assert_eq!(*a.name, **name);
                        let here = &text[a.name_span.start..a.name_span.end];
                        assert_eq!(
                            serde_json::from_str::<String>(here).ok().as_ref(),
                            Some(name)
                        );
                        check(text, &a.node, b);
                    }
                }
                pair => panic!("{pair:?}"),
            }
        }
        for text in [
            " \t\r\n{ } ",
            "[ [ ] , [ [ ] ] ,{} ]",
            r#"{"a" : [1, -2 ,3.5e1, true,false , null ], "é\n\"\\" :"x\u00e9\ud83d\ude00\/" }"#,
            r#"{"":"","\\":"\\","[{":"]}",",":":"}"#,
            "18446744073709551615",
            "-0.5",
            "1E-2",
        ] {
            let value = serde_json::from_str(text).expect("JSON");
            check(text, &parse(text).expect("JSON"), &value);
        }
    }

    #[test]
    fn deep_text_is_an_error_with_its_place() {
        let text = "[".repeat(200_000);
        let error = parse(&text).unwrap_err();
        let offset = error.position.map(|position| position.offset);
        assert_eq!(offset, Some(Limits::default().nesting as u64));
    }

    #[test]
    fn errors_have_lines_and_columns() {
        let error = parse("{\n  \"ä\": x\n}").unwrap_err();
        let position = error.position.expect("a place");
        assert_eq!((position.line, position.column), (2, 8));
    }

    #[test]
    fn a_place_is_a_whole_character() {
        for (text, length) in [("[x", 1), ("[\u{feff}", 3), ("[🦀", 4)] {
            let error = parse(text).unwrap_err();
            let position = error.position.expect("a place");
            assert_eq!((position.offset, position.length), (1, length), "{text:?}");
        }
    }
}
