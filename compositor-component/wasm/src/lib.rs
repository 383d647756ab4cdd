//! Components read to their types, and written.
//!
//! Reading: [`scan()`] walks a component's bytes to its [`Skeleton`], [`World::of`] reads
//! that to imports and exports, whose structures are interned in [`Shapes`] and compared
//! there. [`lines_wit`] and [`document_wit`] say types as WIT; [`canon_wit`] gives
//! interfaces and worlds their ids. Writing: [`mod@write`] has indices, types of other
//! components' worlds, and names. [`strip()`] copies a component without custom sections.
//!
//! The parser stays in here: everybody else sees types as [`mod@types`] has them, and
//! bytes as [`encoded`] does.

pub mod canon_wit;
mod children;
mod count;
mod definitions;
mod document;
pub mod encoded;
mod externs;
mod fit;
mod given;
mod module;
mod names;
mod package;
mod read;
mod scan;
mod scan_error;
mod section;
mod shape;
mod strip;
pub mod types;
mod window;
mod wit;
mod world;
pub mod write;

pub use children::{children, is_nominal};
pub use count::modules_and_components;
pub use definitions::Comparison;
pub use document::document_wit;
pub use externs::{Extern, NameOptions};
pub use fit::Difference;
pub use names::ExternName;
pub use package::NoWorld;
pub use scan::{Skeleton, scan};
pub use scan_error::ScanError;
pub use shape::{ShapeId, Shapeless, Shapes};
pub use strip::{KEPT_SECTIONS, Strip, strip};
pub use wit::{identities, lines_wit};
pub use world::{Origin, TypeKey, World, WorldError, type_key};

pub use compositor_validator::{FEATURES, WasmFeatures};
