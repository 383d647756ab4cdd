//! The imports and exports that a document is of.

use wasmparser::component_types::{ComponentItem, ComponentType};
use wasmparser::types::Types;

use crate::limits::Limits;

/// Imports and exports by name, and where their types live.
pub struct Externs<'a> {
    pub limits: &'a Limits,
    pub types: &'a Types,
    pub imports: Vec<(&'a str, &'a ComponentItem)>,
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
