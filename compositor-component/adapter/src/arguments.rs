//! The function of an import that gives a program its name and arguments.

use wasmparser::PrimitiveValType;
use wasmparser::component_types::{ComponentDefinedType, ComponentFuncTypeId, ComponentValType};
use wasmparser::types::Types;

use compositor_plan::carried::gives_arguments;

/// Whether a function of an import gives a program its name and arguments: by
/// its name, and as `func() -> list<string>`.
pub fn is_arguments(types: &Types, import: &str, function: &str, ty: ComponentFuncTypeId) -> bool {
    let ty = &types[ty];
    let is_texts = |ty: ComponentValType| match ty {
        ComponentValType::Primitive(_) => false,
        ComponentValType::Type(id) => matches!(
            types[id],
            ComponentDefinedType::List {
                element: ComponentValType::Primitive(PrimitiveValType::String),
                ..
            }
        ),
    };
    gives_arguments(import, function)
        && !ty.async_
        && ty.params.is_empty()
        && ty.result.is_some_and(is_texts)
}
