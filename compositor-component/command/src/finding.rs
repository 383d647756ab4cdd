//! One thing to tell the user, wherever it was found.

use std::borrow::Cow;
use std::rc::Rc;

use compositor_diagnostic::{Code, Position, Rule, Severity};

use crate::bindings::sys::compose::diagnostics::Diagnostic;
use crate::bindings::sys::compose::types::Error;
use crate::convert::{code, position, severity};
use crate::text::Text;
use crate::{convert, remedy};

/// Findings of one kind that are shown; a plan may have thousands of components, and each
/// may be missing.
pub const MOST_FINDINGS: usize = 100;

/// An error, a warning or a note.
#[derive(Clone, Debug)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// The name of what kind it is. The core may know more kinds than this part does.
    pub rule: Cow<'static, str>,
    /// Its code.
    pub code: Code,
    /// A sentence for people.
    pub message: String,
    /// What it is about when that is not in a text: a path, an id, a digest.
    pub context: Option<String>,
    /// The plan or the policy that it is about.
    pub text: Option<Rc<Text>>,
    /// The plan, or the component in its place, that commands of the help are about.
    pub plan: Option<String>,
    /// Where in it.
    pub pointer: Option<String>,
    /// Where in the text.
    pub position: Option<Position>,
    /// What was found.
    pub found: Option<String>,
    /// What was expected.
    pub expected: Option<String>,
    /// What to do next.
    pub help: Option<String>,
}

impl Finding {
    /// An error.
    pub fn error(rule: Rule, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            rule: rule.name().into(),
            code: rule.code(),
            message: message.into(),
            context: None,
            text: None,
            plan: None,
            pointer: None,
            position: None,
            found: None,
            expected: None,
            help: None,
        }
    }

    /// A warning.
    pub fn warning(rule: Rule, message: impl Into<String>) -> Self {
        let severity = Severity::Warning;
        Self {
            severity,
            ..Self::error(rule, message)
        }
    }

    /// A note.
    pub fn note(rule: Rule, message: impl Into<String>) -> Self {
        let severity = Severity::Note;
        Self {
            severity,
            ..Self::error(rule, message)
        }
    }

    /// Says what it is about.
    pub fn about(mut self, context: impl Into<String>) -> Self {
        self.context = Some(context.into());
        self
    }

    /// Says what was found.
    pub fn found(mut self, found: impl Into<String>) -> Self {
        self.found = Some(found.into());
        self
    }

    /// Says what was expected.
    pub fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    /// Says what to do next.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// What to do next, as a shell takes it.
    pub fn next_step(&self) -> Option<String> {
        let text = self.text.as_ref().map(|text| text.name.as_str());
        let plan = self.plan.as_deref().or(text);
        let plan = plan.filter(|name| *name != "<stdin>");
        Some(remedy::pasted(self.help.as_deref()?, plan))
    }

    /// The core's finding about a plan.
    pub fn of_plan(diagnostic: Diagnostic, plan: Option<Rc<Text>>) -> Self {
        // What happened while it ran has no place in the plan.
        let is_of_run = diagnostic.pointer.is_empty() && is_of_run(code(diagnostic.code));
        let mut finding = Self::of_text(diagnostic, plan);
        if is_of_run {
            (finding.text, finding.pointer, finding.position) = (None, None, None);
        }
        finding
    }

    /// The core's finding about a text.
    pub fn of_text(diagnostic: Diagnostic, text: Option<Rc<Text>>) -> Self {
        let code = code(diagnostic.code);
        let help = match diagnostic.help.is_empty() {
            true => remedy::of_code(code).map(str::to_string),
            false => {
                let remedies = diagnostic.remedies.into_iter().map(convert::remedy);
                Some(remedy::with_commands(diagnostic.help, remedies))
            }
        };
        Self {
            severity: severity(diagnostic.severity),
            rule: diagnostic.rule.into(),
            code,
            message: diagnostic.message,
            context: None,
            text,
            plan: None,
            pointer: Some(diagnostic.pointer),
            position: diagnostic.position.map(position),
            found: diagnostic.found,
            expected: diagnostic.expected,
            help,
        }
    }
}

impl From<Error> for Finding {
    fn from(error: Error) -> Self {
        let rule = Rule::of_host(code(error.code));
        Self {
            context: error.context,
            help: remedy::of_code(rule.code()).map(str::to_string),
            ..Self::error(rule, error.message)
        }
    }
}

fn is_of_run(code: Code) -> bool {
    matches!(
        code,
        Code::ExecTrap
            | Code::ExecTimeout
            | Code::ExecResourceExhausted
            | Code::ExecMissingExport
            | Code::ExecCapabilityDenied
            | Code::InvalidInput
    )
}
