//! What plans are made of, and what is said of a plan that was made.

use std::collections::BTreeSet;

use compositor_diagnostic::{Digest, Error};
use compositor_plan::Plan;

/// A component that may be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The id that it gets.
    pub id: String,
    /// Its blob, which is in the store.
    pub digest: Digest,
    /// What the plan's `source` says.
    pub source: Option<String>,
}

/// An import that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestEntry {
    /// The consumer's id.
    pub consumer: String,
    /// The import's name.
    pub import_name: String,
    /// The candidates that export it, the chosen one first; none when missing.
    pub providers: Vec<String>,
    /// The candidates that export it, where it is left to the host all the same.
    pub offered: Vec<String>,
    /// Where there are none, the candidates that export its name with other types.
    pub misfits: Vec<Misfit>,
}

/// A candidate that exports the name of an import, but not what it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// The candidate's id.
    pub provider: String,
    /// Its export.
    pub export_name: String,
    /// What of the import's types it has, in WIT.
    pub found: String,
    /// And what the import needs in their place.
    pub expected: String,
}

/// A candidate for an import that hosts give, too.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GivenChoice {
    /// The consumer's id.
    pub consumer: String,
    /// The import's name.
    pub import_name: String,
    /// The candidate's id.
    pub provider: String,
}

/// Which imports that hosts give are bound to candidates all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GivenImports {
    /// All that a candidate exports.
    All,
    /// These, where the candidate is offered for them.
    Chosen(BTreeSet<GivenChoice>),
}

impl Default for GivenImports {
    /// None: they are left to the host.
    fn default() -> Self {
        Self::Chosen(BTreeSet::new())
    }
}

/// A plan that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// The plan.
    pub plan: Plan,
    /// Every import that no host is known to give or that a candidate offers, by
    /// consumer and name.
    pub manifest: Vec<ManifestEntry>,
    /// Candidates that could not be read, and why.
    pub skipped: Vec<(String, Error)>,
}
