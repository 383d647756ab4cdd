//! The findings of one phase, as many as are worth showing.

use crate::diagnostic::Diagnostic;
use crate::limits;
use crate::order::sort_by;
use crate::rule::Rule;
use crate::severity::Severity;

/// Collects findings. Beyond the limit they are counted and not kept, and
/// what would describe them is not computed: hostile input has no end of errors.
#[derive(Debug, Default)]
pub struct Findings {
    kept: Vec<Diagnostic>,
    more: usize,
    failed: bool,
}

impl Findings {
    /// Adds a finding.
    pub fn push(&mut self, finding: Diagnostic) {
        if finding.severity == Severity::Error {
            return self.error(|| finding);
        }
        match self.kept.len() < limits::FINDINGS {
            true => self.kept.push(finding),
            false => self.more += 1,
        }
    }

    /// Adds an error that is described only when there is room for it.
    pub fn error(&mut self, describe: impl FnOnce() -> Diagnostic) {
        self.failed = true;
        if self.kept.len() == limits::FINDINGS {
            self.more += 1;
            // An error matters more than what is not one.
            let is_error = |finding: &Diagnostic| finding.severity == Severity::Error;
            let Some(other) = self.kept.iter().rposition(|finding| !is_error(finding)) else {
                return;
            };
            self.kept.remove(other);
        }
        self.kept.push(describe());
    }

    /// Whether an error was found.
    pub fn failed(&self) -> bool {
        self.failed
    }

    /// Ends the phase.
    pub fn end(mut self) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
        note(&mut self.kept, self.more);
        match self.failed {
            true => Err(self.kept),
            false => Ok(self.kept),
        }
    }
}

/// Keeps of findings that were collected otherwise as many as are worth
/// showing: errors rather than what is none. One more is what a phase says of
/// those that it did not keep.
pub fn cut(findings: &mut Vec<Diagnostic>) {
    if findings.len() <= limits::FINDINGS + 1 {
        return;
    }
    let is_no_error = |finding: &Diagnostic| finding.severity != Severity::Error;
    sort_by(findings, |a, b| is_no_error(a).cmp(&is_no_error(b)));
    let more = findings.len() - limits::FINDINGS;
    findings.truncate(limits::FINDINGS);
    note(findings, more);
}

/// Says how many more there are.
fn note(kept: &mut Vec<Diagnostic>, more: usize) {
    if more > 0 {
        let message = format!("{more} more findings are not shown");
        kept.push(Diagnostic::note(
            Rule::MoreFindings,
            message,
            "correct these first",
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_take_the_place_of_notes() {
        let mut findings = Findings::default();
        for _ in 0..limits::FINDINGS + 1 {
            findings.push(Diagnostic::note(Rule::JoinedVersions, "note", ""));
        }
        findings.push(Diagnostic::error(Rule::TypeMismatch, "error", ""));
        let kept = findings.end().expect_err("an error was found");
        assert!(kept.iter().any(|finding| finding.message == "error"));
        assert_eq!(
            kept.last().map(|f| f.message.as_str()),
            Some("2 more findings are not shown")
        );
    }
}
