//! JSON as people read it: what fits is on one line.

use serde_json::Value;

/// Characters of a line.
const WIDTH: usize = 120;

/// A JSON text that ends with a line end.
pub fn layout(value: &Value) -> String {
    let mut text = String::new();
    write(value, 0, 0, &mut text);
    text + "\n"
}

fn write(value: &Value, depth: usize, before: usize, text: &mut String) {
    let line = line(value);
    let is_whole = match value {
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => true,
    };
    if is_whole || 2 * depth + before + line.chars().count() < WIDTH {
        text.push_str(&line);
        return;
    }
    let indent = "  ".repeat(depth + 1);
    let (open, close) = match value {
        Value::Array(_) => ('[', ']'),
        _ => ('{', '}'),
    };
    text.push(open);
    let mut first = true;
    let mut item = |name: Option<&String>, value: &Value| {
        text.push_str(if first { "\n" } else { ",\n" });
        first = false;
        text.push_str(&indent);
        let name = name.map_or(String::new(), |name| {
            format!("{}: ", Value::from(name.as_str()))
        });
        text.push_str(&name);
        write(value, depth + 1, name.chars().count(), text);
    };
    match value {
        Value::Array(items) => items.iter().for_each(|value| item(None, value)),
        Value::Object(fields) => fields
            .iter()
            .for_each(|(name, value)| item(Some(name), value)),
        _ => {}
    }
    text.push('\n');
    text.push_str(&"  ".repeat(depth));
    text.push(close);
}

/// A value on one line, with spaces.
fn line(value: &Value) -> String {
    let joined = |items: Vec<String>| items.join(", ");
    match value {
        Value::Array(items) => format!("[{}]", joined(items.iter().map(line).collect())),
        Value::Object(fields) if fields.is_empty() => "{}".to_string(),
        Value::Object(fields) => {
            let field = |(name, value): (&String, &Value)| {
                format!("{}: {}", Value::from(name.as_str()), line(value))
            };
            format!("{{ {} }}", joined(fields.iter().map(field).collect()))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_fits_is_on_one_line() {
        let long = "x".repeat(100);
        let value = json!({ "a": [1, {}, []], "b": { "c": long, "d": [long, 2] } });
        let text = layout(&value);
        let expected = format!(
            "{{\n  \"a\": [1, {{}}, []],\n  \"b\": {{\n    \"c\": \"{long}\",\n    \
             \"d\": [\"{long}\", 2]\n  }}\n}}\n"
        );
        assert_eq!(text, expected);
        assert_eq!(serde_json::from_str::<Value>(&text).ok(), Some(value));
    }
}
