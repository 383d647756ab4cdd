//! The part of TOML that a file of defaults needs: tables, and keys with texts, whole
//! numbers, truth values, and lists of texts on one line.

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

/// Reads a file; of what is wrong, the line and what was expected there.
pub fn read(text: &str) -> Result<Vec<Entry>, (usize, &'static str)> {
    let mut table = String::new();
    let mut entries = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        let wrong = |expected| (number, expected);
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(rest) = line.strip_prefix('[') {
            let (name, rest) = rest.split_once(']').ok_or(wrong("`[table]`"))?;
            if !is_end(rest) || !name.split('.').all(is_key) {
                return Err(wrong("`[table]`, such as `[exec.serve]`"));
            }
            table = name.to_string();
            continue;
        }
        let (key, rest) = line.split_once('=').ok_or(wrong("`key = value`"))?;
        let key = key.trim();
        if !is_key(key) {
            return Err(wrong("a key of letters, digits and hyphens"));
        }
        let (values, rest) = values(rest.trim_start()).map_err(wrong)?;
        if !is_end(rest) {
            return Err(wrong("the end of the line after a value"));
        }
        entries.push(Entry {
            table: table.clone(),
            key: key.to_string(),
            values,
            line: number,
        });
    }
    Ok(entries)
}

fn is_key(key: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !key.is_empty() && key.bytes().all(is_part)
}

fn is_end(rest: &str) -> bool {
    let rest = rest.trim_start();
    rest.is_empty() || rest.starts_with('#')
}

/// A value or a list of them, and what comes after.
fn values(text: &str) -> Result<(Vec<Value>, &str), &'static str> {
    let Some(mut rest) = text.strip_prefix('[') else {
        let (value, rest) = value(text)?;
        return Ok((vec![value], rest));
    };
    let mut values = Vec::new();
    loop {
        rest = rest.trim_start();
        if let Some(rest) = rest.strip_prefix(']') {
            return Ok((values, rest));
        }
        let (next, after) = value(rest)?;
        values.push(next);
        rest = after.trim_start();
        match rest.strip_prefix(',') {
            Some(after) => rest = after,
            None if rest.starts_with(']') => {}
            None => return Err("`,` or `]` in a list, on the same line"),
        }
    }
}

/// A value, and what comes after.
fn value(text: &str) -> Result<(Value, &str), &'static str> {
    const EXPECTED: &str = "a text in quotes, a whole number, true or false";
    if let Some(rest) = text.strip_prefix('\'') {
        let (text, rest) = rest.split_once('\'').ok_or("`'` at the end of a text")?;
        return Ok((Value::Text(text.to_string()), rest));
    }
    if let Some(rest) = text.strip_prefix('"') {
        return quoted(rest);
    }
    let end = text.find([' ', '\t', ',', ']', '#']).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    match word {
        "true" => Ok((Value::Truth(true), rest)),
        "false" => Ok((Value::Truth(false), rest)),
        _ if !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit()) => {
            Ok((Value::Text(word.to_string()), rest))
        }
        _ => Err(EXPECTED),
    }
}

/// A text up to its quote, and what comes after.
fn quoted(text: &str) -> Result<(Value, &str), &'static str> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Ok((Value::Text(value), &text[at + 1..])),
            '\\' => value.push(match characters.next() {
                Some((_, '"')) => '"',
                Some((_, '\\')) => '\\',
                Some((_, 'n')) => '\n',
                Some((_, 't')) => '\t',
                _ => return Err("`\\\"`, `\\\\`, `\\n` or `\\t` after a backslash"),
            }),
            character => value.push(character),
        }
    }
    Err("`\"` at the end of a text")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_has_of_toml() {
        let text = "# comment\nstore = \".compose\" # mine\n\n[exec.serve]\naddr='127.0.0.1:80'\n\
                    access-log = true\ndeny = [\"wasi:http\", 'a # b',]\nn = 12\n";
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
                ("exec.serve", "n", vec![text("12")], 8),
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
            ("a = 1.5", 1),
            ("a = \"b", 1),
            ("a = \"b\" c", 1),
            ("[a", 1),
            ("[]", 1),
            ("a = [1", 1),
            ("a = [1 2]", 1),
            ("a b = 1", 1),
            ("a = \"\\x\"", 1),
        ] {
            assert_eq!(read(text).map_err(|(line, _)| line), Err(line), "{text}");
        }
    }
}
