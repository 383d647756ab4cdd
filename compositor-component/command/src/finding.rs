//! One thing to tell the user, wherever it was found.

use std::rc::Rc;

use crate::bindings::sys::compose::diagnostics::{Diagnostic, Position, Severity};
use crate::bindings::sys::compose::types::{Error, ErrorCode};
use crate::text::Text;

/// Findings of one kind that are shown; a plan may have thousands of components, and each
/// may be missing.
pub const MOST_FINDINGS: usize = 100;

/// An error, a warning or a note.
#[derive(Clone, Debug)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// Its code.
    pub code: ErrorCode,
    /// A sentence for people.
    pub message: String,
    /// What it is about when that is not in a text: a path, an id, a digest.
    pub context: Option<String>,
    /// The plan or the policy that it is about.
    pub text: Option<Rc<Text>>,
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
    pub fn error(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code,
            message: message.into(),
            context: None,
            text: None,
            pointer: None,
            position: None,
            found: None,
            expected: None,
            help: None,
        }
    }

    /// A warning.
    pub fn warning(code: ErrorCode, message: impl Into<String>) -> Self {
        let severity = Severity::Warning;
        Self {
            severity,
            ..Self::error(code, message)
        }
    }

    /// A note.
    pub fn note(code: ErrorCode, message: impl Into<String>) -> Self {
        let severity = Severity::Note;
        Self {
            severity,
            ..Self::error(code, message)
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

    /// The core's finding about a plan.
    pub fn of_plan(diagnostic: Diagnostic, plan: Option<Rc<Text>>) -> Self {
        // What happened while it ran has no place in the plan.
        let is_of_run = diagnostic.pointer.is_empty() && is_of_run(diagnostic.code);
        let mut finding = Self::of_text(diagnostic, plan);
        if is_of_run {
            (finding.text, finding.pointer, finding.position) = (None, None, None);
        }
        finding
    }

    /// The core's finding about a text.
    pub fn of_text(diagnostic: Diagnostic, text: Option<Rc<Text>>) -> Self {
        let next_step = || next_step(diagnostic.code).map(str::to_string);
        let help = Some(diagnostic.help).filter(|help| !help.is_empty());
        Self {
            severity: diagnostic.severity,
            code: diagnostic.code,
            message: diagnostic.message,
            context: None,
            text,
            pointer: Some(diagnostic.pointer),
            position: diagnostic.position,
            found: diagnostic.found,
            expected: diagnostic.expected,
            help: help.or_else(next_step),
        }
    }
}

impl From<Error> for Finding {
    fn from(error: Error) -> Self {
        Self {
            context: error.context,
            help: next_step(error.code).map(str::to_string),
            ..Self::error(error.code, error.message)
        }
    }
}

fn is_of_run(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::ExecTrap
            | ErrorCode::ExecTimeout
            | ErrorCode::ExecResourceExhausted
            | ErrorCode::ExecMissingExport
            | ErrorCode::ExecCapabilityDenied
            | ErrorCode::InvalidInput
    )
}

/// What to do about an error of the store, of the trust or of the host, which
/// have no place for it.
fn next_step(code: ErrorCode) -> Option<&'static str> {
    Some(match code {
        ErrorCode::BlobNotFound | ErrorCode::EmitMissingBlob => {
            "`blob list` shows what is there; `blob put FILE` adds to it"
        }
        ErrorCode::EmitCompositionFailed => {
            "name a file that is a valid WebAssembly component; of a valid one `plan validate PLAN \
             --target composectl` says what it needs and this host lacks"
        }
        ErrorCode::BlobDigestMismatch => {
            "`blob put FILE` replaces it with a good copy; `blob rm DIGEST` removes it"
        }
        ErrorCode::BlobIoError => {
            "check the store's folder, its permissions and the room left; `blob rm DIGEST` removes what is no blob"
        }
        ErrorCode::EmitInvalidDigest => "`blob list` and `plan info PLAN` print digests",
        ErrorCode::TrustUntrustedSource => {
            "`trust add DIGEST` trusts it, `trust add --plan PLAN` all components of a plan"
        }
        ErrorCode::TrustVerificationFailed => {
            "mend or remove what the message names; `trust list` shows what is trusted"
        }
        ErrorCode::TrustSignatureInvalid | ErrorCode::TrustCertificateExpired => {
            "get the component again from who signs it"
        }
        ErrorCode::ExecTrap => {
            "see what its component does there; `plan validate` says whether the plan is sound"
        }
        ErrorCode::ExecTimeout | ErrorCode::ExecResourceExhausted => {
            "`--limit NAME=VALUE` sets the limit, up to what the plan's policy states"
        }
        ErrorCode::ExecCapabilityDenied => "name it in the plan's policy, or give `--allow`",
        ErrorCode::ExecMissingExport => "`exec list PLAN` shows the exports",
        ErrorCode::InternalError => "report it, with the plan and the command line",
        // The others say themselves what to do.
        _ => return None,
    })
}
