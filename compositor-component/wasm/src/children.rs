//! What types are made of.

use crate::types::{DefinedType, ValueType};

/// The types that a type is made of.
pub fn children(ty: DefinedType<'_>) -> Vec<ValueType> {
    match ty {
        DefinedType::Primitive(_)
        | DefinedType::Flags(_)
        | DefinedType::Enum(_)
        | DefinedType::Own(_)
        | DefinedType::Borrow(_) => Vec::new(),
        DefinedType::Record(record) => record.types().collect(),
        DefinedType::Variant(variant) => variant.types().flatten().collect(),
        DefinedType::List(element) | DefinedType::FixedLengthList(element, _) => vec![element],
        DefinedType::Map(key, value) => vec![key, value],
        DefinedType::Tuple(tuple) => tuple.types().collect(),
        DefinedType::Option(ty) => vec![ty],
        DefinedType::Result(ok, err) => ok.into_iter().chain(err).collect(),
        DefinedType::Future(ty) | DefinedType::Stream(ty) => ty.into_iter().collect(),
    }
}

/// Whether a type must have a name where it is imported or exported.
pub fn is_nominal(ty: DefinedType<'_>) -> bool {
    matches!(
        ty,
        DefinedType::Record(_)
            | DefinedType::Variant(_)
            | DefinedType::Flags(_)
            | DefinedType::Enum(_)
    )
}
