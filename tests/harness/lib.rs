//! Shared pieces of the end-to-end tests.

mod artifact;
mod command;
mod distribution;
mod embedding;
mod engine;
mod golden;
mod http;
mod measure;
mod plan;
mod process;
pub mod wat;

pub use artifact::{Artifact, Compiled};
pub use command::{
    Output, WITHOUT_PYTHON, composectl, composectl_in, full_audit_log, node, run, wasmtime_cli,
};
pub use conformance_runner::{Temp, state_of};
pub use distribution::{dist, guest, read, root};
pub use embedding::{Embedding, Ended, Prepared};
pub use engine::State;
pub use golden::{golden, nearly_golden};
pub use http::{Client, Head, Report, load, load_echo};
pub use measure::{Measured, measured, memory_of};
pub use plan::Written;
pub use process::{Running, start};
pub use test_core_embeddings::{CoreComponent, Emission, Shelf};
