//! The imports and exports that a document is of.

use wasmparser::component_types::{ComponentItem, ComponentType};
use wasmparser::types::Types;

use compositor_diagnostic::limits::Limits;

/// Imports and exports by name.
pub struct Externs<'a> {
    /// How much may be written of them.
    pub limits: &'a Limits,
    /// Where their types live.
    pub types: &'a Types,
    /// What is asked for.
    pub imports: Vec<(&'a str, &'a ComponentItem)>,
    /// What is given.
    pub exports: Vec<(&'a str, &'a ComponentItem)>,
}

/// Those of a type of components.
pub fn externs<'a>(types: &'a Types, ty: &'a ComponentType, limits: &'a Limits) -> Externs<'a> {
    Externs {
        limits,
        types,
        imports: ty.imports.iter().map(|(n, i)| (n.as_str(), i)).collect(),
        exports: ty.exports.iter().map(|(n, i)| (n.as_str(), i)).collect(),
    }
}
