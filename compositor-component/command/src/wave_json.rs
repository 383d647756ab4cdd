//! Results in WAVE as JSON: records are objects, lists and tuples arrays, flags
//! arrays of names, enums and cases without payload text, cases with one
//! objects of one field; an option is its value or null. What JSON has no
//! number for is text.

use serde_json::{Map, Number, Value};

/// How deep values may nest: deeper than any type, and shallow enough to follow.
const NESTING: usize = 200;

/// Reads a value in WAVE; none when it is not one.
pub fn value(wave: &str) -> Option<Value> {
    if wave.trim().is_empty() {
        return Some(Value::Null);
    }
    let mut reader = Reader { rest: wave };
    let value = reader.value(0)?;
    reader.space();
    reader.rest.is_empty().then_some(value)
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Option<Value> {
        self.space();
        let first = self.rest.chars().next().filter(|_| depth < NESTING)?;
        match first {
            '[' => self.items('[', ']', depth),
            '(' => self.items('(', ')', depth),
            '{' => self.fields(depth),
            '"' => self.quoted('"').map(Value::String),
            '\'' => self.quoted('\'').map(Value::String),
            '0'..='9' | '-' => self.number(),
            _ => self.named(depth),
        }
    }

    fn items(&mut self, open: char, close: char, depth: usize) -> Option<Value> {
        self.token(open)?;
        let mut items = Vec::new();
        while self.token(close).is_none() {
            items.push(self.value(depth + 1)?);
            self.separator(close)?;
        }
        Some(Value::Array(items))
    }

    /// A record, or flags.
    fn fields(&mut self, depth: usize) -> Option<Value> {
        self.token('{')?;
        let mut fields = Map::new();
        if self.token(':').is_some() {
            self.token('}')?;
            return Some(Value::Object(fields));
        }
        let mut flags = Vec::new();
        while self.token('}').is_none() {
            let name = self.name()?;
            if self.token(':').is_some() {
                fields.insert(name, self.value(depth + 1)?);
            } else {
                flags.push(Value::String(name));
            }
            self.separator('}')?;
        }
        match (fields.is_empty(), flags.is_empty()) {
            (true, _) => Some(Value::Array(flags)),
            (false, true) => Some(Value::Object(fields)),
            (false, false) => None,
        }
    }

    fn named(&mut self, depth: usize) -> Option<Value> {
        let name = self.name()?;
        let payload = match self.token('(') {
            Some(()) => {
                let payload = self.value(depth + 1)?;
                self.token(')')?;
                Some(payload)
            }
            None => None,
        };
        Some(match (name.as_str(), payload) {
            ("true", None) => Value::Bool(true),
            ("false", None) => Value::Bool(false),
            ("none", None) => Value::Null,
            ("some", Some(payload)) => payload,
            (_, None) => Value::String(name),
            (_, Some(payload)) => Value::Object(Map::from_iter([(name, payload)])),
        })
    }

    fn number(&mut self) -> Option<Value> {
        let is_of = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.');
        let text = self.take(is_of);
        if let Ok(integer) = text.parse::<i64>() {
            return Some(integer.into());
        }
        if let Ok(integer) = text.parse::<u64>() {
            return Some(integer.into());
        }
        match text.parse::<f64>().ok().and_then(Number::from_f64) {
            Some(number) => Some(Value::Number(number)),
            // `-inf`.
            None => Some(Value::String(text.to_string())),
        }
    }

    fn quoted(&mut self, quote: char) -> Option<String> {
        self.token(quote)?;
        let mut text = String::new();
        let mut chars = self.rest.chars();
        loop {
            match chars.next()? {
                c if c == quote => break,
                '\\' => match chars.next()? {
                    'n' => text.push('\n'),
                    'r' => text.push('\r'),
                    't' => text.push('\t'),
                    'u' => {
                        let (digits, rest) = chars.as_str().strip_prefix('{')?.split_once('}')?;
                        text.push(char::from_u32(u32::from_str_radix(digits, 16).ok()?)?);
                        chars = rest.chars();
                    }
                    c => text.push(c),
                },
                c => text.push(c),
            }
        }
        self.rest = chars.as_str();
        Some(text)
    }

    fn name(&mut self) -> Option<String> {
        self.space();
        self.rest = self.rest.strip_prefix('%').unwrap_or(self.rest);
        let name = self.take(|c| c.is_ascii_alphanumeric() || c == '-');
        (!name.is_empty()).then(|| name.to_string())
    }

    fn separator(&mut self, close: char) -> Option<()> {
        self.space();
        match self.rest.starts_with(close) {
            true => Some(()),
            false => self.token(','),
        }
    }

    fn token(&mut self, token: char) -> Option<()> {
        self.space();
        self.rest = self.rest.strip_prefix(token)?;
        Some(())
    }

    fn space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, is_of: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !is_of(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_value() {
        for (wave, json) in [
            ("", "null"),
            ("18446744073709551615", "18446744073709551615"),
            ("-1", "-1"),
            ("1.5", "1.5"),
            ("nan", r#""nan""#),
            ("-inf", r#""-inf""#),
            ("true", "true"),
            (r#""a\"\\\n\u{0}é""#, r#""a\"\\\n\u0000é""#),
            (r"'\''", r#""'""#),
            ("[]", "[]"),
            ("[(1, \"x\"), (2, \"y\",)]", r#"[[1,"x"],[2,"y"]]"#),
            ("{:}", "{}"),
            ("{}", "[]"),
            ("{read, %write}", r#"["read","write"]"#),
            (
                "{a: 1, %some: {b-2: none}}",
                r#"{"a":1,"some":{"b-2":null}}"#,
            ),
            ("some(none)", "null"),
            ("ok", r#""ok""#),
            ("err(\"no\")", r#"{"err":"no"}"#),
            ("circle(2.5)", r#"{"circle":2.5}"#),
        ] {
            let value = value(wave).unwrap_or_else(|| panic!("{wave}"));
            assert_eq!(value.to_string(), json, "{wave}");
        }
    }

    #[test]
    fn what_is_not_wave() {
        for wave in [
            "[",
            "(1",
            "{a: }",
            "{a: 1, b}",
            "\"",
            "'\\u{}'",
            "1 2",
            "f(",
            &"[".repeat(9999),
        ] {
            assert_eq!(value(wave), None, "{wave}");
        }
    }
}
