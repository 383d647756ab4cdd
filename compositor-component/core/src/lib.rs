//! The compositor's pipeline as a library: plan, validate, resolve, compose,
//! emit, exec. It does no IO and knows no clock, path or environment; what it
//! needs of the world comes through [`host::Host`].

pub mod canon_wit;
pub mod cbor;
pub mod ceilings;
mod compose;
mod create;
pub mod diagnostic;
mod digest;
mod emit;
mod error;
mod excerpt;
pub mod exec;
mod exec_key;
mod findings;
mod graph;
mod half;
pub mod host;
pub mod host_policy;
mod json;
mod kept;
pub mod limits;
mod lists;
pub mod memory;
mod nfc;
mod order;
mod pipeline;
pub mod plan;
mod policy;
mod program_grants;
mod programs;
mod resolve;
mod reuse;
mod satisfy;
mod shape_phase;
mod suggest;
mod target;
mod tree;
pub mod wasm;

pub use create::{Candidate, Created, ManifestEntry, Misfit, create};
pub use diagnostic::{Diagnostic, Position, Severity};
pub use digest::{Digest, DigestError};
pub use emit::{Artifact, Inspection, Provenance};
pub use error::{Code, Error};
pub use host::Host;
pub use host_policy::HostPolicy;
pub use limits::{LimitError, Limits};
pub use pipeline::{Report, build, convert, id, lock, validate};
pub use plan::{Decided, Decision};
pub use target::{Target, UnknownTarget};
