//! A value type written from what it is made of.

use wasm_encoder::{ComponentDefinedTypeEncoder, ComponentValType as Encoded};

use super::declare::Declare;
use crate::types::{DefinedType, DefinedTypeId, ValueType};
use crate::write::types::{InstanceIndex, Outer, Scope, Untypable};
use crate::{TypeKey, World, children};

impl<D: Declare> Outer<D> {
    /// Writes what a type is made of, and then the type: in the binary, types
    /// refer backwards.
    pub(super) fn structure(
        &mut self,
        scope: &mut Scope<'_>,
        world: &World,
        instance: InstanceIndex,
        id: DefinedTypeId,
    ) -> Result<u32, Untypable> {
        let ty = world.types.defined(id);
        let parts = match ty {
            DefinedType::Own(id) | DefinedType::Borrow(id) => {
                let resource = self.handle(scope, world, instance, id)?;
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
fn optional_children(ty: DefinedType<'_>) -> Vec<Option<ValueType>> {
    match ty {
        DefinedType::Variant(variant) => variant.types().collect(),
        DefinedType::Result(ok, err) => vec![ok, err],
        DefinedType::Future(ty) | DefinedType::Stream(ty) => vec![ty],
        ty => children(ty).into_iter().map(Some).collect(),
    }
}

/// Writes a type; `parts` are those of [`optional_children`], or a handle's
/// resource.
fn encode(
    ty: DefinedType<'_>,
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
        DefinedType::Primitive(ty) => encoder.primitive(ty.encoded()),
        DefinedType::Record(record) => {
            let names = record.fields().enumerate();
            let fields = names.map(|(place, (name, _))| (name, part(place)));
            encoder.record(fields.collect::<Vec<_>>());
        }
        DefinedType::Variant(variant) => {
            let names = variant.cases().enumerate();
            let cases = names.map(|(place, (name, _))| (name, optional(place)));
            encoder.variant(cases.collect::<Vec<_>>());
        }
        DefinedType::List(_) => encoder.list(part(0)),
        DefinedType::FixedLengthList(_, length) => {
            encoder.fixed_length_list(part(0), length);
        }
        DefinedType::Map(..) => encoder.map(part(0), part(1)),
        DefinedType::Tuple(tuple) => {
            let types = (0..tuple.types().len()).map(part);
            encoder.tuple(types.collect::<Vec<_>>());
        }
        DefinedType::Flags(names) => {
            encoder.flags(names.names().collect::<Vec<_>>());
        }
        DefinedType::Enum(names) => {
            encoder.enum_type(names.names().collect::<Vec<_>>());
        }
        DefinedType::Option(_) => encoder.option(part(0)),
        DefinedType::Result(..) => encoder.result(optional(0), optional(1)),
        DefinedType::Own(_) => encoder.own(resource()),
        DefinedType::Borrow(_) => encoder.borrow(resource()),
        DefinedType::Future(_) => encoder.future(optional(0)),
        DefinedType::Stream(_) => encoder.stream(optional(0)),
    }
}
