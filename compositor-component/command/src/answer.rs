//! What a command ends with: an answer or a failure.

use compositor_diagnostic::Rule;
use serde_json::{Map, Value};

use crate::bindings::sys::compose::types::Error;
use crate::finding::Finding;

/// What a command that did its work has to say.
#[derive(Debug, Default)]
pub struct Answer {
    /// For people, with a line end.
    pub text: String,
    /// For programs; `ok` and `findings` come beside it.
    pub json: Map<String, Value>,
    /// Warnings and notes.
    pub findings: Vec<Finding>,
    /// The exit status.
    pub status: u8,
    /// Whether stdout already carries bytes that were asked for; the text
    /// goes to stderr then.
    pub stdout_taken: bool,
}

impl Answer {
    /// An answer that is only for people.
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            text,
            ..Self::default()
        }
    }

    /// Adds a field for programs.
    pub fn field(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.json.insert(name.to_string(), value.into());
        self
    }

    /// The answer when nothing went wrong; else a failure that carries it.
    pub fn unless(self, findings: Vec<Finding>) -> Result<Self, Failure> {
        match findings.is_empty() {
            true => Ok(self),
            false => Err(Failure {
                done: self,
                ..Failure::of(findings)
            }),
        }
    }

    /// Adds warnings and notes.
    pub fn findings(mut self, findings: Vec<Finding>) -> Self {
        self.findings.extend(findings);
        self
    }
}

/// Why a command did not do its work.
#[derive(Debug)]
pub struct Failure {
    /// Why, at least one of them an error.
    pub findings: Vec<Finding>,
    /// The exit status: 1, or 2 when the command line is wrong.
    pub status: u8,
    /// How the command is used, when the command line is wrong.
    pub usage: Option<String>,
    /// What it did of its work all the same.
    pub done: Answer,
}

impl Failure {
    /// Some findings, at least one of them an error.
    pub fn of(findings: Vec<Finding>) -> Self {
        Self {
            findings,
            status: 1,
            usage: None,
            done: Answer::default(),
        }
    }

    /// The command line is wrong.
    pub fn usage(message: impl Into<String>, help: impl Into<String>, usage: String) -> Self {
        let finding = Finding::error(Rule::Usage, message).help(help);
        Self {
            status: 2,
            usage: Some(usage),
            ..Self::from(finding)
        }
    }

    /// The command line is wrong in what it gives to a command, or to a group of
    /// commands, of that name, whose own help always is a part of what to do next.
    pub fn misuse(
        name: &str,
        message: impl Into<String>,
        help: Option<String>,
        usage: String,
    ) -> Self {
        let more = format!("`{name} --help` says more");
        let help = match help {
            Some(help) => format!("{help} ({more})"),
            None => more,
        };
        Self::usage(message, help, usage)
    }
}

impl From<Finding> for Failure {
    fn from(finding: Finding) -> Self {
        Self::of(vec![finding])
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Finding::from(error).into()
    }
}
