//! Lines that fit a terminal. A component cannot ask how wide that is, and what is printed
//! is the same in a pipe.

use unicode_width::UnicodeWidthStr as _;

/// Columns of a line, as terminals have them.
pub const COLUMNS: usize = 80;

/// How far a usage line goes in that is more than one.
pub const HANGING: usize = 8;

/// A text of as many lines as it takes, all but the first of which go in so far.
pub fn wrapped(text: &str, indent: usize) -> String {
    filled(text.split(' '), indent)
}

/// The same of words that stay whole, such as paths with spaces in them. Empty words
/// between others are wider gaps, which a line's end takes the place of.
pub fn filled<'a>(words: impl IntoIterator<Item = &'a str>, indent: usize) -> String {
    let mut text = String::new();
    let mut column = 0;
    let mut is_blank = true;
    let mut gap = 0;
    for word in words {
        if !word.is_empty() {
            if !is_blank && column + gap + word.width() > COLUMNS {
                text += &format!("\n{:indent$}", "");
                column = indent;
            } else {
                text += &" ".repeat(gap);
                column += gap;
            }
            text += word;
            column += word.width();
            (is_blank, gap) = (false, 0);
        }
        gap += 1;
    }
    text
}

/// WIT, with lines that are too wide broken between words, where white space means
/// nothing; such a line goes on two columns further in.
pub fn wit(text: &str) -> String {
    let line = |line: &str| {
        let indent = line.len() - line.trim_start().len();
        wrapped(line, indent + 2)
    };
    let lines: Vec<String> = text.split('\n').map(line).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let path = ["a b"; 25].join(" ");
        assert_eq!(
            filled(["wrote", &path, "", "done"], 2),
            format!("wrote\n  {path}\n  done")
        );
    }

    #[test]
    fn wide_characters_take_two_columns() {
        let text = ["\u{65e5}\u{672c}"; 20].join(" ");
        assert_eq!(wrapped(&text, 0).lines().count(), 2);
        let text = ["\u{65e5}\u{672c}"; 16].join(" ");
        assert_eq!(wrapped(&text, 0).lines().count(), 1);
    }

    #[test]
    fn gaps_end_with_the_line() {
        let gap = format!("{}  {}", "a".repeat(40), "b".repeat(38));
        assert_eq!(wrapped(&gap, 2), gap);
        let gap = format!("{}  {}", "a".repeat(40), "b".repeat(39));
        let broken = format!("{}\n  {}", "a".repeat(40), "b".repeat(39));
        assert_eq!(wrapped(&gap, 2), broken);
    }

    #[test]
    fn wit_goes_on_below() {
        let fields = ["field: string"; 6].join(", ");
        let text = format!("interface a {{\n  record b {{ {fields} }}\n}}");
        let lines = wit(&text);
        let lines: Vec<&str> = lines.lines().collect();
        assert_eq!(lines.len(), 4);
        assert!(lines[1].ends_with("field:"), "{lines:?}");
        assert!(lines[2].starts_with("    string, field"), "{lines:?}");
        let joined = lines.join(" ").split_whitespace().collect::<String>();
        assert_eq!(joined, text.split_whitespace().collect::<String>());
    }
}
