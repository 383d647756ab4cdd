//! The function of an import that gives a program its name and arguments.

use compositor_plan::carried::gives_arguments;
use compositor_wasm::types::{DefinedType, FuncTypeId, Primitive, Types, ValueType};

/// Whether a function of an import gives a program its name and arguments: by
/// its name, and as `func() -> list<string>`.
pub fn is_arguments(types: &Types, import: &str, function: &str, ty: FuncTypeId) -> bool {
    let ty = types.func(ty);
    let is_texts = |ty: ValueType| match ty {
        ValueType::Primitive(_) => false,
        ValueType::Defined(id) => matches!(
            types.defined(id),
            DefinedType::List(ValueType::Primitive(Primitive::String))
        ),
    };
    gives_arguments(import, function)
        && !ty.is_async()
        && ty.params().len() == 0
        && ty.result().is_some_and(is_texts)
}
