//! What is said of another tool's file that is to become a plan, each at its place.

use std::ops::Range;
use std::rc::Rc;

use compositor_diagnostic::{Position, Rule, Severity};

use crate::finding::{Finding, MOST_FINDINGS};
use crate::text::Text;

/// Findings about a text, as they come.
pub struct Remarks {
    text: Rc<Text>,
    said: Vec<(Finding, Range<usize>)>,
    left_out: usize,
    has_errors: bool,
}

impl Remarks {
    /// None yet.
    pub fn about(text: &Rc<Text>) -> Self {
        Self {
            text: Rc::clone(text),
            said: Vec::new(),
            left_out: 0,
            has_errors: false,
        }
    }

    /// The file is not valid in its own language.
    pub fn invalid(
        &mut self,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let finding = Finding::error(Rule::InvalidForeignFile, message).help(help);
        self.push(finding, span);
    }

    /// A component that the file names is not there.
    pub fn absent(
        &mut self,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let finding = Finding::error(Rule::UnknownPackage, message).help(help);
        self.push(finding, span);
    }

    /// A plan would mean something else than the file does.
    pub fn changed(
        &mut self,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let finding = Finding::error(Rule::NotCarriedOver, message).help(help);
        self.push(finding, span);
    }

    /// A plan has no word for something, and means the same without it.
    pub fn dropped(
        &mut self,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let finding = Finding::warning(Rule::NotCarriedOver, message).help(help);
        self.push(finding, span);
    }

    /// Something else.
    pub fn push(&mut self, finding: Finding, span: Range<usize>) {
        self.has_errors |= finding.severity == Severity::Error;
        // There is room for errors behind what does not keep the plan from being written.
        let room = match finding.severity {
            Severity::Error => 2 * MOST_FINDINGS,
            Severity::Warning | Severity::Note => MOST_FINDINGS,
        };
        match self.said.len() < room {
            true => self.said.push((finding, span)),
            false => self.left_out += 1,
        }
    }

    /// Whether there is an error.
    pub fn has_errors(&self) -> bool {
        self.has_errors
    }

    /// The findings in the order of their places.
    pub fn findings(self) -> Vec<Finding> {
        let mut said = self.said;
        said.sort_by_key(|(_, span)| span.start);
        let positions = positions(&self.text.bytes, said.iter().map(|(_, span)| span.clone()));
        let placed = said.into_iter().zip(positions);
        let mut findings: Vec<Finding> = placed
            .map(|((finding, _), position)| Finding {
                text: Some(Rc::clone(&self.text)),
                position: Some(position),
                ..finding
            })
            .collect();
        if self.left_out > 0 {
            let message = format!("there are {} more findings", self.left_out);
            let more = Finding::note(Rule::MoreFindings, message);
            findings.push(more.help("mend these first"));
        }
        findings
    }
}

/// Where spans are, which ascend: in one pass over the text.
fn positions(bytes: &[u8], spans: impl Iterator<Item = Range<usize>>) -> Vec<Position> {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let mut characters = text.char_indices().peekable();
    let (mut line, mut column) = (1, 1);
    let mut place = |span: Range<usize>| {
        while let Some((_, character)) = characters.next_if(|(at, _)| *at < span.start) {
            (line, column) = match character {
                '\n' => (line + 1, 1),
                _ => (line, column + 1),
            };
        }
        Position {
            line,
            column,
            offset: span.start as u64,
            length: span.len() as u64,
        }
    };
    spans.map(&mut place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns() {
        let at = positions("a\nbé d\n".as_bytes(), [0..1, 2..3, 6..7, 6..7].into_iter());
        let at: Vec<_> = at.iter().map(|at| (at.line, at.column)).collect();
        assert_eq!(at, [(1, 1), (2, 1), (2, 4), (2, 4)]);
    }
}
