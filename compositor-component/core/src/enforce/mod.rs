//! The enforcement phase: policy by composition. An import that a component does not
//! get from the artifact's host is bound to a component that [`compositor_adapter`]
//! generates from the import's own type. So the artifact does not have the import, and
//! no host can give it back.
//!
//! The components are generated for one component of the plan each, and become part of
//! the graph as if the plan had them. Each imports what its types are made of and it
//! does not refuse itself, such as the streams of `wasi:io`.

mod generated;
mod owners;
mod phase;
mod plan;
mod virtualized;

pub use phase::enforce;
pub use plan::EnforcedPlan;
