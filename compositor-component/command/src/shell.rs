//! Words as shells take them.

/// A word that means itself to a shell, in quotes where it must be.
pub fn word(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./:=@%+,…".contains(c);
    match !text.is_empty() && text.chars().all(is_plain) {
        true => text.to_string(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::word;

    #[test]
    fn quotes_where_they_must_be() {
        for plain in ["a/b.wasm", "--x=y", "wasi:http@0.2", "näher.json"] {
            assert_eq!(word(plain), plain);
        }
        assert_eq!(word("a b"), "'a b'");
        assert_eq!(word(""), "''");
        assert_eq!(word("it's $(x)"), r"'it'\''s $(x)'");
    }
}
