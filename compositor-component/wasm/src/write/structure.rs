//! A value type written from what it is made of.

use wasm_encoder::{ComponentDefinedTypeEncoder, ComponentValType as Encoded};
use wasmparser::component_types::{ComponentDefinedType, ComponentDefinedTypeId, ComponentValType};

use super::declare::Declare;
use crate::write::types::{Outer, Scope, Untypable};
use crate::{TypeKey, World, children};

impl<D: Declare> Outer<D> {
    /// Writes what a type is made of, and then the type: in the binary, types
    /// refer backwards.
    pub(super) fn structure(
        &mut self,
        scope: &mut Scope<'_>,
        world: &World,
        instance: usize,
        id: ComponentDefinedTypeId,
    ) -> Result<u32, Untypable> {
        let ty = &world.types[id];
        let parts = match ty {
            ComponentDefinedType::Own(id) | ComponentDefinedType::Borrow(id) => {
                let resource = self.handle(scope, world, instance, *id)?;
                vec![Some(Encoded::Type(resource))]
            }
            ty => {
                let mut parts = Vec::new();
                for part in optional_children(ty) {
                    let part = part.map(|ty| self.value(scope, world, instance, ty));
                    parts.push(part.transpose()?);
                }
                parts
            }
        };
        let (index, encoder) = self.encoder(scope);
        encode(ty, &parts, encoder.defined_type());
        self.remember(scope, (instance, TypeKey::Defined(id)), index);
        Ok(index)
    }
}

/// What a type is made of, each place of it, also those that are empty.
fn optional_children(ty: &ComponentDefinedType) -> Vec<Option<ComponentValType>> {
    match ty {
        ComponentDefinedType::Variant(variant) => {
            variant.cases.values().map(|case| case.ty).collect()
        }
        ComponentDefinedType::Result { ok, err, .. } => vec![*ok, *err],
        ComponentDefinedType::Future { ty, .. } | ComponentDefinedType::Stream { ty, .. } => {
            vec![*ty]
        }
        ty => children(ty).into_iter().map(Some).collect(),
    }
}

/// Writes a type; `parts` are those of [`optional_children`], or a handle's
/// resource.
fn encode(
    ty: &ComponentDefinedType,
    parts: &[Option<Encoded>],
    encoder: ComponentDefinedTypeEncoder<'_>,
) {
    // A type that always has a part at a place has it there: the component
    // was validated, and the parts were made from the same type.
    let absent = Encoded::Primitive(wasm_encoder::PrimitiveValType::Bool);
    let optional = |place: usize| parts.get(place).copied().flatten();
    let part = |place: usize| optional(place).unwrap_or(absent);
    let resource = || match part(0) {
        Encoded::Type(index) => index,
        Encoded::Primitive(_) => 0,
    };
    match ty {
        ComponentDefinedType::Primitive(ty) => encoder.primitive((*ty).into()),
        ComponentDefinedType::Record(record) => {
            let names = record.fields.keys().enumerate();
            let fields = names.map(|(place, name)| (name.as_str(), part(place)));
            encoder.record(fields.collect::<Vec<_>>());
        }
        ComponentDefinedType::Variant(variant) => {
            let names = variant.cases.keys().enumerate();
            let cases = names.map(|(place, name)| (name.as_str(), optional(place)));
            encoder.variant(cases.collect::<Vec<_>>());
        }
        ComponentDefinedType::List { .. } => encoder.list(part(0)),
        ComponentDefinedType::FixedLengthList { length, .. } => {
            encoder.fixed_length_list(part(0), *length);
        }
        ComponentDefinedType::Map { .. } => encoder.map(part(0), part(1)),
        ComponentDefinedType::Tuple(tuple) => {
            let types = (0..tuple.types.len()).map(part);
            encoder.tuple(types.collect::<Vec<_>>());
        }
        ComponentDefinedType::Flags(names) => {
            encoder.flags(names.iter().map(|name| name.as_str()).collect::<Vec<_>>());
        }
        ComponentDefinedType::Enum(names) => {
            encoder.enum_type(names.iter().map(|name| name.as_str()).collect::<Vec<_>>());
        }
        ComponentDefinedType::Option { .. } => encoder.option(part(0)),
        ComponentDefinedType::Result { .. } => encoder.result(optional(0), optional(1)),
        ComponentDefinedType::Own(_) => encoder.own(resource()),
        ComponentDefinedType::Borrow(_) => encoder.borrow(resource()),
        ComponentDefinedType::Future { .. } => encoder.future(optional(0)),
        ComponentDefinedType::Stream { .. } => encoder.stream(optional(0)),
    }
}
