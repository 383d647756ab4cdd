//! Names and kinds of imports and exports, as they are written.

use wasm_encoder::{ComponentExportKind, ComponentExternName};

use crate::types::EntityType;
use crate::{Extern, NameOptions};

/// The name of an import or export with what else the binary says of it.
pub fn extern_name(of: &Extern) -> ComponentExternName<'_> {
    let item = &of.item;
    ComponentExternName {
        name: of.name.as_str().into(),
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
pub fn kind(ty: EntityType) -> ComponentExportKind {
    match ty {
        EntityType::Module => ComponentExportKind::Module,
        EntityType::Func(_) => ComponentExportKind::Func,
        EntityType::Value(_) => ComponentExportKind::Value,
        EntityType::Type(_) => ComponentExportKind::Type,
        EntityType::Instance(_) => ComponentExportKind::Instance,
        EntityType::Component => ComponentExportKind::Component,
    }
}
