//! Names and kinds of imports and exports, as they are written.

use wasm_encoder::{ComponentExportKind, ComponentExternName};
use wasmparser::component_types::{ComponentEntityType, ComponentItem};

use crate::NameOptions;

/// The name of an import or export with what else the binary says of it.
pub fn extern_name<'b>(name: &'b str, item: &'b ComponentItem) -> ComponentExternName<'b> {
    ComponentExternName {
        name: name.into(),
        implements: item.implements.as_deref().map(Into::into),
        version_suffix: item.version_suffix.as_deref().map(Into::into),
        external_id: item.external_id.as_deref().map(Into::into),
    }
}

/// A name with what else the binary is to say of it.
pub fn named<'b>(name: &'b str, options: &'b NameOptions) -> ComponentExternName<'b> {
    ComponentExternName {
        name: name.into(),
        implements: options.implements.as_deref().map(Into::into),
        version_suffix: options.version_suffix.as_deref().map(Into::into),
        external_id: options.external_id.as_deref().map(Into::into),
    }
}

/// The kind of an import or export.
pub fn kind(item: &ComponentItem) -> ComponentExportKind {
    match item.ty {
        ComponentEntityType::Module(_) => ComponentExportKind::Module,
        ComponentEntityType::Func(_) => ComponentExportKind::Func,
        ComponentEntityType::Value(_) => ComponentExportKind::Value,
        ComponentEntityType::Type { .. } => ComponentExportKind::Type,
        ComponentEntityType::Instance(_) => ComponentExportKind::Instance,
        ComponentEntityType::Component(_) => ComponentExportKind::Component,
    }
}
