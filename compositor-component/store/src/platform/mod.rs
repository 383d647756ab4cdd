//! What the store asks of a system: folders and files that are open, a step a
//! call. What the steps are for is decided by the rules, once for all systems.

#[cfg(target_family = "wasm")]
mod alone;
mod cause;
#[cfg(not(target_family = "wasm"))]
mod native;
#[cfg(target_family = "wasm")]
mod path;
mod stat;
#[cfg(not(target_family = "wasm"))]
mod threads;
#[cfg(target_family = "wasm")]
mod wasi;
mod words;

#[cfg(target_family = "wasm")]
pub use alone::{Hash, each};
pub use cause::Cause;
#[cfg(not(target_family = "wasm"))]
pub use native::{Base, Directory, Handle, above, random};
pub use stat::{Kind, Lock, Shared, Stat, Time};
#[cfg(not(target_family = "wasm"))]
pub use threads::{Hash, each};
#[cfg(target_family = "wasm")]
pub use wasi::{Base, Directory, Handle, above, random};
