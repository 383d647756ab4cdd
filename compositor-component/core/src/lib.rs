//! The compositor's pipeline as a library: plan, validate, resolve, compose,
//! emit, exec. It does no IO and knows no clock, path or environment; what it
//! needs of the world comes through [`Host`].

mod compose;
mod create;
mod created;
mod decide;
mod described;
mod emit;
mod enforce;
pub mod exec;
mod exec_key;
mod fit_target;
mod fit_world;
mod generated_ids;
pub mod host_policy;
mod operations;
mod pipeline;
mod policy;
mod program_grants;
mod programs;
mod prove;
mod resolve;
mod reuse;
mod run_options;
pub mod serve;
mod shape_phase;
mod strip;
mod targets;
mod without_effect;

// One crate to whoever embeds the pipeline.
pub use compositor_diagnostic::{self as diagnostic, ceilings, limits};
pub use compositor_host::{self as host, memory};
pub use compositor_plan::{self as plan, cbor};
pub use compositor_wasm::{self as wasm, canon_wit};

pub use compositor_diagnostic::limits::{LimitError, Limits};
pub use compositor_diagnostic::{
    Code, Diagnostic, Digest, DigestError, Error, Position, Remedy, Rule, Severity,
};
pub use compositor_host::Host;
pub use compositor_plan::{Decided, Decision};
pub use compositor_wasm::Strip;
pub use create::{create, extend};
pub use created::{Candidate, Created, GivenChoice, GivenImports, ManifestEntry, Misfit};
pub use described::{Described, DescribedName, describe};
pub use emit::{Artifact, Ingredient, Inspection, Provenance};
pub use host_policy::HostPolicy;
pub use operations::{Report, build, build_stripped, convert, id, lock, validate};
pub use run_options::Options;
pub use targets::{Target, TargetWorld, UnknownTarget};

// Named outside for the examples alone that show that nothing makes the one of the other
// but enforcement.
#[doc(hidden)]
pub use enforce::EnforcedPlan;
#[doc(hidden)]
pub use shape_phase::ShapedPlan;
