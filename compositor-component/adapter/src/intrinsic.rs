//! A core function that bodies call, by what it does.

use compositor_wasm::types::{DefinedTypeId, ResourceId};

/// A core function that the core module imports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intrinsic {
    /// Drops a handle to a resource.
    Drop(ResourceId),
    /// Makes a handle to a resource that is defined here.
    New(ResourceId),
    /// Gives up an end of a stream or a future.
    DropEnd(DefinedTypeId),
    /// A function that is imported.
    Call(&'static str),
}
