//! The words for severities, decisions and numbers, wherever people or programs
//! read them.

use compositor_diagnostic::Severity;

use crate::bindings::sys::compose::grants::Decision;

/// How people see a severity.
pub fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// How people see a decision.
pub fn decision_name(decision: &Decision) -> String {
    match decision {
        Decision::Types => "types".into(),
        Decision::Granted => "granted".into(),
        Decision::Left => "left to the host".into(),
        Decision::Recorded => "recorded".into(),
        Decision::Deterministic => "deterministic".into(),
        Decision::Denied(None) => "denied".into(),
        Decision::Denied(Some(mode)) => format!("denied: {mode}"),
    }
}

/// `1 blob`, `2 blobs`.
pub fn count(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        number => format!("{number} {what}s"),
    }
}

/// Names that a message has.
const MOST_NAMES: usize = 10;

/// `` `a`, `b` and 3 more ``: the first of some names, and how many there are more.
pub fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let all: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    let (named, more) = all.split_at(all.len().min(MOST_NAMES));
    let mut text = named.join(", ");
    if !more.is_empty() {
        text += &format!(" and {} more", more.len());
    }
    text
}
