//! Findings about a plan, each tied to its place in the plan's text.

use crate::error::{Code, Error};
use crate::remedy::Remedy;
use crate::rule::Rule;
use crate::severity::Severity;

/// A place in the plan's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// 1-based; 0 when the plan is CBOR.
    pub line: u32,
    /// 1-based, in characters; 0 when the plan is CBOR.
    pub column: u32,
    /// In bytes, from the start of the plan.
    pub offset: u64,
    /// In bytes.
    pub length: u64,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How much it matters.
    pub severity: Severity,
    /// What kind of finding it is.
    pub rule: Rule,
    /// The rule's code.
    pub code: Code,
    /// A sentence that names the plan's own ids.
    pub message: String,
    /// RFC 6901 pointer into the plan; "" is the whole plan.
    pub pointer: String,
    /// Whether it is about the name of the field at `pointer`, not its value.
    pub about_key: bool,
    /// Where that is in the text.
    pub position: Option<Position>,
    /// What was found.
    pub found: Option<String>,
    /// What was expected.
    pub expected: Option<String>,
    /// What to do next, in words that hold for every tool; empty when the message of
    /// a host has to do.
    pub help: String,
    /// What of that a tool does.
    pub remedies: Vec<Remedy>,
}

impl Diagnostic {
    /// An error; `help` says what to do next.
    pub fn error(rule: Rule, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(Severity::Error, rule, message, help)
    }

    /// A warning.
    pub fn warning(rule: Rule, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(Severity::Warning, rule, message, help)
    }

    /// A note.
    pub fn note(rule: Rule, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(Severity::Note, rule, message, help)
    }

    fn new(
        severity: Severity,
        rule: Rule,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        debug_assert!(
            rule.severity().is_none_or(|always| always == severity),
            "{rule} is said as another severity than its own"
        );
        Self {
            severity,
            rule,
            code: rule.code(),
            message: message.into(),
            pointer: String::new(),
            about_key: false,
            position: None,
            found: None,
            expected: None,
            help: help.into(),
            remedies: Vec::new(),
        }
    }

    /// The same finding as one of another kind, which knows more of it.
    pub fn with_rule(mut self, rule: Rule) -> Self {
        (self.rule, self.code) = (rule, rule.code());
        self
    }

    /// Says where in the plan.
    pub fn at(mut self, pointer: impl Into<String>) -> Self {
        self.pointer = pointer.into();
        self
    }

    /// Says that the field's name is meant.
    pub fn about_key(mut self) -> Self {
        self.about_key = true;
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

    /// Says what tools do of the help.
    pub fn remedies(mut self, remedies: impl IntoIterator<Item = Remedy>) -> Self {
        self.remedies.extend(remedies);
        self
    }

    /// An error that the host reported while something of the plan was looked at.
    pub fn of_host(error: Error, pointer: impl Into<String>) -> Self {
        let (help, remedy) = match error.code {
            Code::BlobNotFound | Code::EmitMissingBlob => {
                ("put the component into the store", Some(Remedy::PutBlob))
            }
            Code::BlobDigestMismatch => (
                "put a good copy into the store, which replaces the bad one",
                Some(Remedy::PutBlob),
            ),
            Code::TrustUntrustedSource => (
                "trust its digest, if you trust the component",
                Some(Remedy::Trust(None)),
            ),
            Code::BlobIoError => ("check the store's folder and its permissions", None),
            Code::NotImplemented => (
                "write the artifact, to be run elsewhere",
                Some(Remedy::WriteArtifact),
            ),
            // Whoever shows it knows what its commands are.
            _ => ("", None),
        };
        let message = match &error.context {
            Some(context) if !error.message.contains(context.as_str()) => {
                format!("{} ({context})", error.message)
            }
            _ => error.message,
        };
        let rule = Rule::of_host(error.code);
        let message = match rule.code() == error.code {
            true => message,
            false => format!("{}: {message}", error.code),
        };
        let error = Self::error(rule, message, help).at(pointer);
        error.remedies(remedy)
    }
}
