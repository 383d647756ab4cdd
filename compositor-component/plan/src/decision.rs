//! What a component gets for an import that nothing binds.

use crate::choice::Words as _;
use crate::names::ImportName;
use crate::types::Mode;

/// An import, and what was decided of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// The import's name.
    pub import: String,
    /// The interface that it is or implements, with its full version.
    pub interface: String,
    /// The components that ask for it and for which this holds.
    pub consumers: Vec<String>,
    /// What they get.
    pub decision: Decision,
    /// Why, as a clause.
    pub why: String,
}

impl Decided {
    /// What rules know the import by.
    pub fn asked(&self) -> ImportName<'_> {
        ImportName {
            name: &self.import,
            interface: &self.interface,
        }
    }

    /// The import in words: its name, and the interface that this stands for.
    pub fn described(&self) -> String {
        match self.import == self.interface {
            true => format!("{:?}", self.import),
            false => format!("{:?} ({:?})", self.import, self.interface),
        }
    }
}

/// What a component gets for an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decision {
    /// It is types alone, which other imports or exports name.
    Types,
    /// What the artifact's host has.
    Granted,
    /// What the artifact's host has, if that gives it: neither a policy nor who runs it
    /// has said so.
    Left,
    /// What the artifact's host has, and each call is recorded.
    Recorded,
    /// A deterministic one inside the artifact.
    Deterministic,
    /// A refusal inside the artifact.
    Denied(Option<Mode>),
}

impl Decision {
    /// Whether the component imports it as it would without a policy.
    pub fn is_plain(self) -> bool {
        matches!(self, Self::Types | Self::Granted | Self::Left)
    }

    /// A number for it, in keys.
    pub fn code(self) -> u64 {
        match self {
            Self::Types => 0,
            // Artifacts are the same.
            Self::Granted | Self::Left => 1,
            Self::Recorded => 2,
            Self::Deterministic => 3,
            Self::Denied(None) => 4,
            Self::Denied(Some(mode)) => 5 + mode.number(),
        }
    }

    /// Whether the component gets what the artifact's host has.
    pub fn is_given(self) -> bool {
        !matches!(self, Self::Deterministic | Self::Denied(_))
    }
}
