//! What a command is given: its options and arguments, as they were read.

use std::cell::Cell;

use crate::answer::Failure;

/// How answers are printed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// One object, for programs.
    Json,
}

/// Whether events are written where `--events` says.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub enum Recording {
    /// Nothing of the file was touched.
    #[default]
    NotYet,
    /// The host writes them.
    AsItHappens,
    /// The command writes them when all is done.
    AtTheEnd,
}

/// What is said beside an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verbosity {
    /// Errors alone.
    Quiet,
    /// What asks for something, and that there is more.
    Normal,
    /// Everything, and what happened step by step.
    Verbose,
}

/// The options and arguments of a command.
pub struct Invocation {
    /// The command's full name, as in `compositor plan lock`.
    pub name: String,
    /// How the command is used, on one line.
    pub usage: String,
    /// How the answer is printed.
    pub format: Format,
    /// The options by their long names, in order; those that take no value have
    /// an empty one.
    pub options: Vec<(&'static str, String)>,
    /// Positional arguments.
    pub arguments: Vec<String>,
    /// What came after `--`, of a command that hands it on.
    pub rest: Vec<String>,
    /// How far it is with `--events`.
    pub recording: Cell<Recording>,
}

impl Invocation {
    /// What is said beside an answer.
    pub fn verbosity(&self) -> Verbosity {
        match (self.has("quiet"), self.has("verbose")) {
            (true, _) => Verbosity::Quiet,
            (false, true) => Verbosity::Verbose,
            (false, false) => Verbosity::Normal,
        }
    }

    /// Whether an option was given.
    pub fn has(&self, long: &str) -> bool {
        self.options.iter().any(|(name, _)| *name == long)
    }

    /// The value of an option that is given at most once.
    pub fn value(&self, long: &str) -> Option<&str> {
        self.values(long).next()
    }

    /// The values of an option, in order.
    pub fn values(&self, long: &str) -> impl Iterator<Item = &str> {
        let is_meant = move |(name, _): &&(&str, String)| *name == long;
        self.options
            .iter()
            .filter(is_meant)
            .map(|(_, value)| value.as_str())
    }

    /// A failure that shows how the command is used.
    pub fn misuse(&self, message: impl Into<String>) -> Failure {
        Failure::misuse(&self.name, message, None, self.usage.clone())
    }

    /// The same, with what to do.
    pub fn misuse_with(&self, message: impl Into<String>, help: impl Into<String>) -> Failure {
        Failure::misuse(&self.name, message, Some(help.into()), self.usage.clone())
    }
}
