//! Which core module types a composition graph can say: `wac-types` has no
//! references to types that a module defines, and gives up on exact functions.

use wasmparser::types::{CoreTypeId, EntityType, Types};
use wasmparser::{CompositeInnerType, HeapType, RefType, ValType};

/// Whether an import or export of a core module is made of plain types.
pub fn is_plain(types: &Types, ty: &EntityType) -> bool {
    match ty {
        EntityType::Func(id) | EntityType::Tag(id) => is_plain_func(types, *id),
        EntityType::Table(table) => is_plain_ref(table.element_type),
        EntityType::Global(global) => is_plain_value(global.content_type),
        EntityType::Memory(_) => true,
        EntityType::FuncExact(_) => false,
    }
}

fn is_plain_func(types: &Types, id: CoreTypeId) -> bool {
    match &types[id].composite_type.inner {
        CompositeInnerType::Func(func) => {
            let mut values = func.params().iter().chain(func.results());
            values.all(|ty| is_plain_value(*ty))
        }
        _ => false,
    }
}

fn is_plain_value(ty: ValType) -> bool {
    match ty {
        ValType::Ref(ty) => is_plain_ref(ty),
        _ => true,
    }
}

fn is_plain_ref(ty: RefType) -> bool {
    matches!(ty.heap_type(), HeapType::Abstract { .. })
}
