//! The findings of one phase, as many as are worth showing.

use crate::diagnostic::{Diagnostic, Severity};
use crate::limits;

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
        self.failed |= finding.severity == Severity::Error;
        match self.kept.len() < limits::FINDINGS {
            true => self.kept.push(finding),
            false => self.more += 1,
        }
    }

    /// Adds an error that is described only when there is room for it.
    pub fn error(&mut self, describe: impl FnOnce() -> Diagnostic) {
        self.failed = true;
        match self.kept.len() < limits::FINDINGS {
            true => self.kept.push(describe()),
            false => self.more += 1,
        }
    }

    /// Whether an error was found.
    pub fn failed(&self) -> bool {
        self.failed
    }

    /// Ends the phase.
    pub fn end(mut self) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
        if let (Some(last), true) = (self.kept.last(), self.more > 0) {
            let message = format!("{} more findings are not shown", self.more);
            let note = Diagnostic::note(last.code, message, "mend these first");
            self.kept.push(note);
        }
        match self.failed {
            true => Err(self.kept),
            false => Ok(self.kept),
        }
    }
}
