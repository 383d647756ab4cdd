//! Components and plans made of bytes, so that whoever chooses the bytes chooses
//! among all of them: a fuzzer by what it has seen, a test by a number.
//!
//! `items` makes interfaces and functions as WIT, `module` code that imports
//! and exports them, `component` both to a component, `composition` a plan over
//! several. The code does what can be told apart: each component has a number
//! that what it answers is made of, and calls what it imports. `wiring` reads
//! back from an artifact what was bound to what, `names` and `functions` from any
//! component what it imports and exports. `custom` puts custom sections into components,
//! and takes them out. `plan` is what tests write by hand. `worlds` makes plans over worlds of
//! any kind, of which nothing is called; `world_types` makes components whose types
//! are the world's own, without code.

mod component;
mod composition;
pub mod custom;
mod functions;
mod items;
mod memory;
mod module;
mod names;
mod noise;
pub mod plan;
mod policy;
pub mod wiring;
mod world_types;
mod worlds;

pub use component::Spec;
pub use composition::{Composition, Kinds};
pub use functions::functions;
pub use items::{Item, Universe};
pub use module::core_type;
pub use names::{imports, names};
pub use noise::{next, noise};
pub use world_types::{Part, WorldTypes};
pub use worlds::{Worlds, component, package};
