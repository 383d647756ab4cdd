//! Steps that need a tool, as values: each tool has its own words for them.

use crate::digest::Digest;

/// A step that mends a finding, and that some tool does. A finding's help says it in
/// words that hold for all tools; `composectl` adds the command or the option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Put a component's bytes into the store.
    PutBlob,
    /// Lock the plan: read its sources, and write their digests into it.
    LockPlan,
    /// Convert the plan to JSON or canonical CBOR, which says what cannot be.
    ConvertPlan,
    /// Write the plan in canonical CBOR.
    EncodePlan,
    /// Compute the id of a component's world.
    IdentifyWorld,
    /// Trust a component, by its digest where that is known.
    Trust(Option<Digest>),
    /// Let the host grant an import, by its name.
    Grant(String),
    /// Compose for another target, such as the one of this name.
    Target(String),
    /// Write the artifact to a file.
    WriteArtifact,
}
