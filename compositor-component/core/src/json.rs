//! JSON text to a tree with places, and back.
//!
//! `serde_json` says whether the text is JSON (RFC 8259); `jsonc-parser`,
//! with all its extensions off, says where each value is.

use jsonc_parser::ast;
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use crate::diagnostic::Diagnostic;
use crate::error::Code;
use crate::limits;
use crate::tree::{Field, Node, Span, Value, position};

/// Reads a JSON text, which is what it is said to be.
pub fn parse(text: &str, what: &str) -> Result<Node, Diagnostic> {
    let (syntax, at) = match excess(text) {
        Some(excess) => excess,
        None => match serde_json::from_str::<serde_json::Value>(text) {
            Ok(_) => match parse_strict(text) {
                Ok(node) => return Ok(node),
                Err(error) => (error.kind().to_string(), error.range().start),
            },
            Err(error) => {
                let message = error.to_string();
                let message = message.split(" at line ").next().unwrap_or(&message);
                (message.to_string(), offset_of(text, &error))
            }
        },
    };
    let span = Span {
        start: at,
        end: (at + 1).min(text.len()).max(at),
    };
    let mut finding = Diagnostic::error(
        Code::PlanInvalidSchema,
        format!("{what} is not valid JSON: {syntax}"),
        "mend the JSON at that place",
    );
    finding.position = Some(position(Some(text), span));
    Err(finding)
}

fn parse_strict(text: &str) -> Result<Node, jsonc_parser::errors::ParseError> {
    let options = ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let result = parse_to_ast(text, &CollectOptions::default(), &options)?;
    Ok(match result.value {
        Some(value) => node(value),
        None => Node {
            value: Value::Null,
            span: Span::default(),
        },
    })
}

fn node(value: ast::Value<'_>) -> Node {
    let range = value.range();
    let span = Span {
        start: range.start,
        end: range.end,
    };
    let value = match value {
        ast::Value::StringLit(text) => Value::Text(text.value.into_owned()),
        ast::Value::NumberLit(number) => match number.value.parse() {
            Ok(integer) => Value::Integer(integer),
            Err(_) => Value::Float(number.value.parse().unwrap_or(f64::NAN)),
        },
        ast::Value::BooleanLit(boolean) => Value::Bool(boolean.value),
        ast::Value::NullKeyword(_) => Value::Null,
        ast::Value::Array(array) => Value::Array(array.elements.into_iter().map(node).collect()),
        ast::Value::Object(object) => Value::Object(
            object
                .properties
                .into_iter()
                .map(|property| {
                    let range = property.name.range();
                    Field {
                        name_span: Span {
                            start: range.start,
                            end: range.end,
                        },
                        name: property.name.into_string(),
                        node: node(property.value),
                    }
                })
                .collect(),
        ),
    };
    Node { value, span }
}

/// Where the text nests too deep or has too many values, found before
/// anything recurses or is allocated for it.
fn excess(text: &str) -> Option<(String, usize)> {
    let (mut depth, mut values, mut in_text, mut escaped) = (0, 0, false, false);
    for (offset, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'[' | b'{' => {
                depth += 1;
                values += 1;
                if depth > limits::NESTING {
                    let deep = format!("arrays and objects nest deeper than {}", limits::NESTING);
                    return Some((deep, offset));
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            // Each value but the first of its array or object follows one.
            b',' => values += 1,
            _ => {}
        }
        if values > limits::VALUES {
            return Some((
                format!("it has more than {} values", limits::VALUES),
                offset,
            ));
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
        super::parse(text, "the text")
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

    #[test]
    fn deep_text_is_an_error_with_its_place() {
        let text = "[".repeat(200_000);
        let error = parse(&text).unwrap_err();
        let offset = error.position.map(|position| position.offset);
        assert_eq!(offset, Some(limits::NESTING as u64));
    }

    #[test]
    fn values_are_counted_before_they_are_read() {
        let zeros = |count: usize| format!("[0{}]", ",0".repeat(count - 1));
        assert!(parse(&zeros(limits::VALUES)).is_ok());
        let error = parse(&zeros(limits::VALUES + 1)).unwrap_err();
        assert!(error.message.contains("more than"), "{}", error.message);
    }

    #[test]
    fn errors_have_lines_and_columns() {
        let error = parse("{\n  \"ä\": x\n}").unwrap_err();
        let position = error.position.expect("a place");
        assert_eq!((position.line, position.column), (2, 8));
    }
}
