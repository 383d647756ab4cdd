//! Core modules, validated as they stream by.
//!
//! A module is never whole in memory: its sections are, its code passes in
//! pieces, and of its data only the heads of segments are read. Bodies of
//! functions are validated by all processors, where there are threads; what is
//! said of a module that is invalid does not depend on them.

mod data;
mod features;
mod functions;
mod input;
mod stop;
mod stream;
mod validate;
mod work;

pub use features::{BASELINE, FEATURES, PROPOSALS, SHARED_MEMORIES, named, names, needed};
pub use validate::{Fault, Ranges, Validated, modules};

pub use wasmparser::WasmFeatures;
