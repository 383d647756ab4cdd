//! What the compositor knows of a component's bytes: its skeleton, its world
//! and the shapes of its types.

mod children;
mod count;
mod document;
mod externs;
mod fit;
mod given;
mod module;
mod read;
mod scan;
mod scan_error;
mod section;
mod shape;
mod window;
mod wit;
mod world;

pub use children::{children, is_nominal};
pub use count::modules_and_components;
pub use document::document_wit;
pub(crate) use externs::resource_of;
pub use externs::{Extern, NameOptions};
pub use fit::Difference;
pub(crate) use read::read;
pub use scan::{Skeleton, scan, start_of_component};
pub use scan_error::ScanError;
pub use shape::{ShapeId, Shapeless, Shapes};
pub use wit::{identities, lines_wit};
pub(crate) use world::type_key;
pub use world::{Origin, TypeKey, World, WorldError};

pub use compositor_validator::FEATURES;
pub use wasmparser::WasmFeatures;
