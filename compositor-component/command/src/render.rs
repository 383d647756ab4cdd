//! Findings for people: what, where with the excerpt, and what to do next.

use compositor_diagnostic::{Position, Severity};
use unicode_width::UnicodeWidthStr;

use crate::escape;
use crate::finding::Finding;
use crate::invocation::Verbosity;
use crate::style::Style;
use crate::words::{count, severity_name};

/// How wide an excerpt gets, behind the line's number, and how much of it may be before
/// the caret.
const WIDTH: usize = 70;
const BEFORE: usize = 30;

/// The findings, one after the other, and how many there are of several; as much of them
/// as was asked for. Notes that come with no error ask for nothing: they are one line
/// together where nobody wants more.
pub fn findings(findings: &[Finding], verbosity: Verbosity, style: Style) -> String {
    let has_error = findings
        .iter()
        .any(|finding| is_a(finding, Severity::Error));
    let is_shown = |finding: &&Finding| match verbosity {
        Verbosity::Quiet => is_a(finding, Severity::Error),
        Verbosity::Normal => has_error || !is_a(finding, Severity::Note),
        Verbosity::Verbose => true,
    };
    let shown: Vec<&Finding> = findings.iter().filter(is_shown).collect();
    let mut text = String::new();
    for finding in &shown {
        push(&mut text, finding, style);
    }
    if shown.len() > 1 {
        text += &format!("\n{}\n", counts(&shown));
    }
    let notes = findings
        .iter()
        .filter(|finding| is_a(finding, Severity::Note));
    let mut notes = notes.filter(|_| verbosity == Verbosity::Normal && !has_error);
    if let Some(first) = notes.next() {
        let others = match notes.count() {
            0 => String::new(),
            others => format!(", and {}", count(others, "other note")),
        };
        let word = style.severity(Severity::Note, severity_name(Severity::Note));
        let message = escape::line(&first.message);
        text += &format!("{word}: {message}{others} (`-v` says more)\n");
    }
    text
}

fn is_a(finding: &Finding, severity: Severity) -> bool {
    finding.severity == severity
}

fn counts(findings: &[&Finding]) -> String {
    let number = |severity| findings.iter().filter(|f| is_a(f, severity)).count();
    let counts = [
        (number(Severity::Error), "error"),
        (number(Severity::Warning), "warning"),
        (number(Severity::Note), "note"),
    ];
    let counts: Vec<String> = counts
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, what)| count(*n, what))
        .collect();
    counts.join(", ")
}

fn push(text: &mut String, finding: &Finding, style: Style) {
    let severity = severity_name(finding.severity);
    let (code, rule) = (finding.code, escape::line(&finding.rule));
    let message = escape::block(&finding.message, "    ");
    let word = style.severity(finding.severity, &format!("{severity}[{code}/{rule}]"));
    *text += &format!("{word}: {message}\n");
    let excerpt = finding
        .position
        .as_ref()
        .zip(finding.text.as_ref())
        .and_then(|(position, text)| {
            let source = std::str::from_utf8(&text.bytes).ok()?;
            excerpt(source, position)
        });
    let number = match (&excerpt, &finding.position) {
        (Some(_), Some(position)) => position.line.to_string(),
        _ => String::new(),
    };
    let gutter = " ".repeat(number.len());
    if let Some(place) = place(finding) {
        *text += &format!("{gutter} {} {place}\n", style.frame("-->"));
    }
    if let Some(Excerpt {
        line,
        indent,
        carets,
    }) = excerpt
    {
        let (indent, carets) = (" ".repeat(indent), "^".repeat(carets));
        let bar = style.frame("|");
        let number = style.frame(&number);
        let carets = style.severity(finding.severity, &carets);
        *text +=
            &format!("{gutter} {bar}\n{number} {bar} {line}\n{gutter} {bar} {indent}{carets}\n");
    }
    for (name, value) in [
        ("found", &finding.found),
        ("expected", &finding.expected),
        ("help", &finding.next_step()),
    ] {
        if let Some(value) = value {
            // Lines of WIT under each other, whatever the name before them.
            let hanging = format!("{gutter}     ");
            let value = match value.trim_end().contains('\n') {
                true => format!("\n{hanging}{}", escape::block(value, &hanging)),
                false => format!(" {}", escape::block(value, &hanging)),
            };
            *text += &format!("{gutter} {} {name}:{value}\n", style.frame("="));
        }
    }
}

fn place(finding: &Finding) -> Option<String> {
    let Some(text) = &finding.text else {
        let context = finding.context.as_deref()?;
        return (!finding.message.contains(context)).then(|| escape::line(context));
    };
    let mut place = escape::line(&text.name);
    match &finding.position {
        Some(position) if position.line > 0 => {
            place += &format!(":{}:{}", position.line, position.column);
        }
        Some(position) => place += &format!(", byte {}", position.offset),
        None => {}
    }
    match finding.pointer.as_deref() {
        None | Some("") => {}
        Some(pointer) => place += &format!("  ({})", escape::line(pointer)),
    }
    Some(place)
}

struct Excerpt {
    line: String,
    indent: usize,
    carets: usize,
}

/// The line of a position, cut to a width, and what of it the position covers.
fn excerpt(source: &str, position: &Position) -> Option<Excerpt> {
    let start = usize::try_from(position.offset).ok()?;
    let length = usize::try_from(position.length).ok()?;
    if position.line == 0 || !source.is_char_boundary(start) {
        return None;
    }
    let line_start = source[..start].rfind('\n').map_or(0, |at| at + 1);
    let line = source[line_start..].split('\n').next().unwrap_or_default();
    let line = line.strip_suffix('\r').unwrap_or(line);
    let before = line.get(..start - line_start).unwrap_or(line);
    let after = &line[before.len()..];

    let is_short = width_up_to(line, WIDTH) <= WIDTH;
    let mut left = Vec::new();
    let mut indent = 0;
    let mut is_cut = false;
    for c in before.chars().rev() {
        let (shown, width) = cell(c);
        if !is_short && indent + width > BEFORE {
            is_cut = true;
            break;
        }
        indent += width;
        left.push(shown);
    }
    let mut shown: String = left.into_iter().rev().collect();
    if is_cut {
        shown.insert(0, '…');
        indent += 1;
    }
    let mut width = indent;
    let mut carets = 0;
    for (at, c) in after.char_indices() {
        let (cell, cell_width) = cell(c);
        if !is_short && width + cell_width > WIDTH {
            shown.push('…');
            break;
        }
        width += cell_width;
        if at < length {
            carets += cell_width;
        }
        shown += &cell;
    }
    Some(Excerpt {
        line: shown,
        indent,
        carets: carets.max(1),
    })
}

/// A character as it is shown, and how wide that is.
fn cell(c: char) -> (String, usize) {
    let mut shown = String::new();
    match c {
        '\t' => shown.push_str("    "),
        c => escape::push(&mut shown, c),
    }
    let width = shown.width();
    (shown, width)
}

/// The width of a text, or something more than `most`: a plan may be one line.
fn width_up_to(text: &str, most: usize) -> usize {
    let mut width = 0;
    for c in text.chars() {
        width += cell(c).1;
        if width > most {
            break;
        }
    }
    width
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(source: &str, offset: u64, length: u64) -> (String, String) {
        let position = Position {
            line: 1,
            column: 1,
            offset,
            length,
        };
        let Excerpt {
            line,
            indent,
            carets,
        } = excerpt(source, &position).expect("an excerpt");
        (line, " ".repeat(indent) + &"^".repeat(carets))
    }

    #[test]
    fn carets_under_what_is_meant() {
        let (line, carets) = shown("{\n\t\"日本\": \"x\"\r\n}", 13, 3);
        assert_eq!(line, "    \"日本\": \"x\"");
        assert_eq!(carets, "            ^^^");
        assert_eq!(
            shown("a\x1bb", 2, 1),
            ("a\\u{1b}b".to_string(), "       ^".to_string())
        );
    }

    #[test]
    fn the_end_and_beyond() {
        assert_eq!(shown("ab", 2, 5), ("ab".to_string(), "  ^".to_string()));
        assert_eq!(shown("a\nb", 1, 1), ("a".to_string(), " ^".to_string()));
        let far = Position {
            line: 1,
            column: 1,
            offset: 9,
            length: 1,
        };
        assert!(excerpt("ab", &far).is_none());
        let inside = Position {
            line: 1,
            column: 1,
            offset: 1,
            length: 1,
        };
        assert!(excerpt("é", &inside).is_none());
    }

    #[test]
    fn long_lines_are_cut() {
        let source = format!("{}here{}", "a".repeat(5000), "b".repeat(5000));
        let (line, carets) = shown(&source, 5000, 4);
        assert_eq!(line, format!("…{}here{}…", "a".repeat(30), "b".repeat(35)));
        assert_eq!(carets, format!("{}^^^^", " ".repeat(31)));
    }
}
