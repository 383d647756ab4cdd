//! Lines that fit a terminal.

/// Columns of a line, as terminals have them.
pub const COLUMNS: usize = 80;

/// How far a usage line goes in that is more than one.
pub const HANGING: usize = 8;

/// A text of as many lines as it takes, all but the first of which go in so far.
pub fn wrapped(text: &str, indent: usize) -> String {
    if text.chars().count() <= COLUMNS {
        return text.to_string();
    }
    let mut wrapped = String::new();
    let mut column = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > COLUMNS {
            wrapped += &format!("\n{:indent$}", "");
            column = indent;
        } else if column > 0 {
            wrapped.push(' ');
            column += 1;
        }
        wrapped += word;
        column += length;
    }
    wrapped
}

#[cfg(test)]
mod tests {
    use super::wrapped;

    #[test]
    fn words_stay_whole() {
        let text = ["word"; 20].join(" ");
        let lines = wrapped(&text, 4);
        let lines: Vec<&str> = lines.lines().collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0].len(), 79);
        assert_eq!(lines[1], "    word word word word");
        assert_eq!(wrapped(&"x".repeat(90), 4).lines().count(), 1);
        assert_eq!(wrapped("  as it is", 4), "  as it is");
    }
}
