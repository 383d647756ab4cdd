//! Arguments as JSON, which shells and programs write easily, made WAVE, which
//! runners read. JSON does not tell a list from a tuple, nor text from a
//! character or the case of an enum: calls that need those are written in WAVE.

use serde_json::Value;

/// A call: the export, and its arguments in JSON.
pub fn call(export: &str, arguments: &[String]) -> Result<String, String> {
    let mut call = format!("{export}(");
    for (index, argument) in arguments.iter().enumerate() {
        let value: Value = serde_json::from_str(argument).map_err(|cause| {
            format!("the argument `{argument}` is not JSON, where text has its quotes: {cause}")
        })?;
        separate(&mut call, index);
        push(&mut call, &value)?;
    }
    call.push(')');
    Ok(call)
}

/// As deep as the reader of JSON goes, which is not deep.
fn push(wave: &mut String, value: &Value) -> Result<(), String> {
    match value {
        Value::Null => wave.push_str("none"),
        Value::Bool(value) => wave.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => wave.push_str(&number.to_string()),
        Value::String(text) => push_text(wave, text),
        Value::Array(items) => {
            wave.push('[');
            for (index, item) in items.iter().enumerate() {
                separate(wave, index);
                push(wave, item)?;
            }
            wave.push(']');
        }
        // Without the colon it would be flags.
        Value::Object(fields) if fields.is_empty() => wave.push_str("{:}"),
        Value::Object(fields) => {
            wave.push('{');
            for (index, (name, field)) in fields.iter().enumerate() {
                if !is_label(name) {
                    return Err(format!("`{name}` is not the name of a record's field"));
                }
                separate(wave, index);
                // With the sign, also `some` and `none` are names.
                wave.push('%');
                wave.push_str(name);
                wave.push_str(": ");
                push(wave, field)?;
            }
            wave.push('}');
        }
    }
    Ok(())
}

fn separate(wave: &mut String, index: usize) {
    if index > 0 {
        wave.push_str(", ");
    }
}

fn push_text(wave: &mut String, text: &str) {
    wave.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => wave.extend(['\\', c]),
            c if c.is_control() => wave.extend(c.escape_unicode()),
            c => wave.push(c),
        }
    }
    wave.push('"');
}

/// Words of letters and digits, in one case each, with `-` between them.
fn is_label(name: &str) -> bool {
    let is_word = |word: &str| {
        let of = |is_letter: fn(&u8) -> bool| {
            !word.is_empty() && word.bytes().all(|c| c.is_ascii_digit() || is_letter(&c))
        };
        of(u8::is_ascii_lowercase) || of(u8::is_ascii_uppercase)
    };
    name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.split('-').all(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(arguments: &[&str]) -> Result<String, String> {
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        call("f", &arguments)
    }

    #[test]
    fn every_kind_of_value() {
        for (json, expected) in [
            ("18446744073709551615", "18446744073709551615"),
            ("-1", "-1"),
            ("1.5e3", "1500.0"),
            ("true", "true"),
            ("null", "none"),
            (r#""a\"\\\n\u0000é""#, r#""a\"\\\u{a}\u{0}é""#),
            ("[]", "[]"),
            ("[1, [false]]", "[1, [false]]"),
            ("{}", "{:}"),
            (
                r#"{"b-2": 1, "some": {"A": null}}"#,
                "{%b-2: 1, %some: {%A: none}}",
            ),
        ] {
            assert_eq!(wave(&[json]).as_deref(), Ok(&*format!("f({expected})")));
        }
    }

    #[test]
    fn none_or_several() {
        assert_eq!(wave(&[]).as_deref(), Ok("f()"));
        assert_eq!(wave(&["1", "\"x\""]).as_deref(), Ok("f(1, \"x\")"));
    }

    #[test]
    fn what_wave_cannot_say() {
        for json in [
            "hello",
            "1 2",
            "",
            r#"{"a_b": 1}"#,
            r#"{"": 1}"#,
            r#"{"1a": 1}"#,
            r#"{"aB": 1}"#,
            r#"{"a-": 1}"#,
            &"[".repeat(100_000),
        ] {
            assert!(wave(&[json]).is_err(), "{json}");
        }
    }
}
