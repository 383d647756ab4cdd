//! What the host that composes or runs a plan permits and refuses, beside the
//! plan's own policy.

use crate::plan::Rule;

/// A host's policy. Of the rules that cover an import the most specific one
/// holds, and of equally specific ones the denial.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostPolicy {
    /// Granted without being asked for.
    pub allow: Vec<Rule>,
    /// Denied, whatever the plan asks for.
    pub deny: Vec<Rule>,
}
