//! What is said on stderr beside an answer.

use crate::finding::Finding;
use crate::invocation::Verbosity;
use crate::style::Style;
use crate::{render, stdio};

/// Says findings, as much of them as was asked for.
pub fn findings(findings: &[Finding], verbosity: Verbosity) {
    if findings.is_empty() {
        return;
    }
    stdio::err(&render::findings(findings, verbosity, Style::of_stderr()));
}
