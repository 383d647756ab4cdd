//! Writing components: indices, types of other components' worlds, names.

pub mod builder;
mod component_type;
mod declare;
mod names;
mod structure;
pub mod types;

pub use component_type::component_type;
pub use names::{extern_name, kind, named};
