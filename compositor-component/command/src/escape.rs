//! Makes foreign text safe to print: names come from plans and components
//! that nobody has vouched for, and a terminal obeys what it is sent.

use std::fmt::Write as _;

/// The text on one line, with what a terminal would obey or hide as `\u{..}`.
pub fn line(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        push(&mut shown, c);
    }
    shown
}

/// The text on as many lines as it has, each but the first after `indent`.
pub fn block(text: &str, indent: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for (index, part) in text.trim_end_matches('\n').split('\n').enumerate() {
        if index > 0 {
            shown.push('\n');
            shown.push_str(indent);
        }
        for c in part.trim_end_matches('\r').chars() {
            match c {
                '\t' => shown.push_str("    "),
                c => push(&mut shown, c),
            }
        }
    }
    shown
}

/// One character, as `\u{..}` when it is not for the eye.
pub fn push(shown: &mut String, c: char) {
    if is_visible(c) {
        shown.push(c);
    } else {
        write!(shown, "{}", c.escape_unicode()).expect("a string takes everything");
    }
}

/// A JSON text with the same characters as `\uXXXX`. Outside ASCII there is
/// only text in strings, where an escape means the character itself.
pub fn json(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() && c != '\x7f' || is_visible(c) {
            shown.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            write!(shown, "\\u{unit:04x}").expect("a string takes everything");
        }
    }
    shown
}

/// Whether a terminal just shows it: no control, no change of direction, no
/// format character that hides or reorders others.
fn is_visible(c: char) -> bool {
    !c.is_control()
        && !matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_reaches_the_terminal_raw() {
        assert_eq!(line("a\x1b[31mb\n"), "a\\u{1b}[31mb\\u{a}");
        assert_eq!(line("a\u{202e}b\u{85}"), "a\\u{202e}b\\u{85}");
        assert_eq!(block("x\r\n\ty\x07\n", "  "), "x\n      y\\u{7}");
        assert_eq!(
            json("\"é\u{202e}\u{e0001}\u{7f}\""),
            "\"é\\u202e\\udb40\\udc01\\u007f\""
        );
    }
}
