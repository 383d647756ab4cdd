//! What a file of defaults says: keys with texts, whole numbers, truth values, and lists of
//! those, in tables.

use toml::de::{DeTable, DeValue};

/// A key with its values, in the table that it is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The table's name, such as `exec.serve`; empty before the first one.
    pub table: String,
    /// The key.
    pub key: String,
    /// Its values: one, or those of a list.
    pub values: Vec<Value>,
    /// The line, from 1.
    pub line: usize,
}

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A text, or a number as it is written.
    Text(String),
    /// `true` or `false`.
    Truth(bool),
}

/// Reads a file; of what is wrong, the line and what it is.
pub fn read(text: &str) -> Result<Vec<Entry>, (usize, String)> {
    let parsed = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        (line(text, at), error.message().to_string())
    })?;
    let mut entries = Vec::new();
    entries_of(text, "", parsed.get_ref(), &mut entries)?;
    entries.sort_by_key(|entry| entry.line);
    Ok(entries)
}

fn entries_of(
    text: &str,
    name: &str,
    table: &DeTable<'_>,
    entries: &mut Vec<Entry>,
) -> Result<(), (usize, String)> {
    for (key, value) in table {
        let line = line(text, key.span().start);
        let own = key.get_ref();
        if let DeValue::Table(inner) = value.get_ref() {
            let name = match name {
                "" => own.to_string(),
                name => format!("{name}.{own}"),
            };
            entries_of(text, &name, inner, entries)?;
            continue;
        }
        let values = match value.get_ref() {
            DeValue::Array(list) => list.iter().map(|value| value_of(value.get_ref())).collect(),
            value => value_of(value).map(|value| vec![value]),
        };
        let Some(values) = values else {
            let expected =
                "expected a text in quotes, a whole number, true, false, or a list of those";
            return Err((line, expected.to_string()));
        };
        entries.push(Entry {
            table: name.to_string(),
            key: own.to_string(),
            values,
            line,
        });
    }
    Ok(())
}

fn value_of(value: &DeValue<'_>) -> Option<Value> {
    match value {
        DeValue::String(text) => Some(Value::Text(text.to_string())),
        DeValue::Integer(number) => Some(Value::Text(number.to_string())),
        DeValue::Boolean(truth) => Some(Value::Truth(*truth)),
        DeValue::Float(_) | DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

/// The line of a byte, from 1.
fn line(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_has_of_toml() {
        let text = "# comment\nstore = \".compose\" # mine\n\n[exec.serve]\naddr='127.0.0.1:80'\n\
                    access-log = true\ndeny = [\"wasi:http\",\n 'a # b',]\nn = 12\n";
        let entries = read(text).expect("it is TOML");
        let text = |text: &str| Value::Text(text.to_string());
        let found: Vec<_> = entries
            .iter()
            .map(|entry| (&*entry.table, &*entry.key, entry.values.clone(), entry.line))
            .collect();
        assert_eq!(
            found,
            [
                ("", "store", vec![text(".compose")], 2),
                ("exec.serve", "addr", vec![text("127.0.0.1:80")], 5),
                ("exec.serve", "access-log", vec![Value::Truth(true)], 6),
                (
                    "exec.serve",
                    "deny",
                    vec![text("wasi:http"), text("a # b")],
                    7
                ),
                ("exec.serve", "n", vec![text("12")], 9),
            ]
        );
        assert_eq!(
            read(r#"a = "\"\\\n""#).map(|entries| entries[0].values.clone()),
            Ok(vec![Value::Text("\"\\\n".to_string())])
        );
    }

    #[test]
    fn what_is_wrong_says_where() {
        for (text, line) in [
            ("a", 1),
            ("\na = ", 2),
            ("b = 1\na = 1.5", 2),
            ("a = \"b", 1),
            ("a = \"b\" c", 1),
            ("[a", 1),
            ("[]", 1),
            ("a = [1", 1),
            ("a = [1 2]", 1),
            ("a b = 1", 1),
            ("a = \"\\x\"", 1),
            ("a = 1\na = 2", 2),
        ] {
            assert_eq!(read(text).map_err(|(line, _)| line), Err(line), "{text}");
        }
    }
}
