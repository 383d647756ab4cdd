//! The policy phase: for each import that nothing binds, whether its component
//! gets it, and why.

use crate::diagnostic::{Diagnostic, end_phase};
use crate::error::Code;
use crate::host_policy::HostPolicy;
use crate::plan::{Determinism, Mode, Plan, Policy, Rule};
use crate::shape_phase::LeftTo;

/// Interfaces that are always there: stdio, exit and what they are made of.
const BASE: &[&str] = &[
    "wasi:io",
    "wasi:cli/types",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/stderr",
    "wasi:cli/exit",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:cli/terminal-stderr",
];

/// What makes two runs differ, and `relaxed` permits without being asked.
const AMBIENT: &[&str] = &["wasi:clocks", "wasi:random"];

/// What nothing can make deterministic.
const NETWORK: &[&str] = &["wasi:sockets", "wasi:http"];

/// An import, and what was decided of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// The import's name.
    pub import: String,
    /// The components that ask for it and for which this holds.
    pub consumers: Vec<String>,
    /// What they get.
    pub decision: Decision,
    /// Why, as a clause.
    pub why: String,
}

/// What a component gets for an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decision {
    /// It is types alone, which other imports or exports name.
    Types,
    /// What the artifact's host has.
    Granted,
    /// The same, and each call is recorded.
    Recorded,
    /// A deterministic one inside the artifact.
    Deterministic,
    /// A refusal inside the artifact.
    Denied(Option<Mode>),
}
