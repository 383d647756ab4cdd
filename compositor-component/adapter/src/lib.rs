//! What generates components: one that virtualizes the imports which a component does
//! not get from the artifact's host, from the imports' own types, and those that such
//! components share.
//!
//! `abi`, `code`, `constant`, `release` are the canonical ABI: layouts, bodies of core
//! functions, values in memory, handles. `behavior` says what a function does; `interface`
//! writes one import, `virtualizer` all of a component's.

mod abi;
mod arguments;
mod behavior;
mod code;
mod constant;
mod deterministic;
mod functions;
mod interface;
mod interface_writer;
mod intrinsic;
mod intrinsics;
mod lifted;
mod record;
mod recorder;
mod release;
mod sources;
mod virtualizer;
mod virtualizer_writer;

pub use arguments::is_arguments;
pub use deterministic::source;
pub use recorder::{declare, recorder};
pub use virtualizer::{Virtualizer, virtualizer};
pub use virtualizer_writer::{Request, Source};
