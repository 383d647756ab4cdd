//! What generates components: one that satisfies the imports which a component does
//! not get from the artifact's host, from the imports' own types, and those that such
//! components share.
//!
//! `abi`, `code`, `constant`, `release` are the canonical ABI: layouts, bodies of core
//! functions, values in memory, handles. `answer` says what a function gives; `interface`
//! writes one import, `satisfier` all of a component's.

mod abi;
mod answer;
mod arguments;
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
mod satisfier;
mod satisfier_writer;
mod sources;

pub use arguments::is_arguments;
pub use deterministic::source;
pub use recorder::{declare, recorder};
pub use satisfier::{Satisfier, satisfier};
pub use satisfier_writer::{Request, Source};
