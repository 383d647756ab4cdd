//! What the compositor knows of a component's bytes: its skeleton, its world
//! and the shapes of its types.

mod children;
mod core_type;
mod count;
mod module;
mod read;
mod scan;
mod shape;
mod window;
mod wit;
mod world;

pub use children::children;
pub use count::modules_and_components;
pub(crate) use read::read;
pub use scan::{ScanError, Skeleton, scan, start_of_component};
pub use shape::{Difference, ShapeId, Shapeless, Shapes};
pub use wit::{item_wit, lines_wit};
pub use world::{Extern, Origin, TypeKey, World, WorldError};

pub use compositor_validator::FEATURES;
pub use wasmparser::WasmFeatures;
