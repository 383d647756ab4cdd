//! How much findings matter.

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The phase failed.
    Error,
    /// The plan is acceptable, but probably not what is meant.
    Warning,
    /// A decision worth knowing.
    Note,
}
