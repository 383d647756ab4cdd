//! The type of a component, written from its world.

use wasm_encoder::{ComponentType, ComponentTypeRef, TypeBounds};

use super::declare::Declare;
use super::names::extern_name;
use super::types::{InstanceIndex, Outer, Union, Untypable};
use crate::types::EntityType;
use crate::{Extern, World};

/// The component itself, whose names are the only ones.
const OF_ITSELF: InstanceIndex = InstanceIndex(0);

/// What a component of a world is instantiated as: its imports and exports, and
/// which of their resources are the same.
pub fn component_type(world: &World) -> Result<ComponentType, Untypable> {
    let mut outer: Outer<ComponentType> = Outer::default();
    for import in &world.imports {
        let ty = outer.item(world, OF_ITSELF, import)?;
        let index = next(&outer.builder, ty);
        outer.builder.import(extern_name(import), ty);
        outer.supply(OF_ITSELF, &import.name, index);
    }
    for export in &world.exports {
        let ty = outer.item(world, OF_ITSELF, export)?;
        let index = next(&outer.builder, ty);
        outer.builder.export(extern_name(export), ty);
        outer.exported(world, OF_ITSELF, export.ty, index);
    }
    Ok(outer.builder)
}

/// The index that an item gets, if it is one that brings types.
fn next(ty: &ComponentType, item: ComponentTypeRef) -> u32 {
    match item {
        ComponentTypeRef::Instance(_) => ty.instance_count(),
        _ => ty.type_count(),
    }
}

impl<D: Declare> Outer<D> {
    /// The type of an import or export, made of what is there before it.
    pub fn item(
        &mut self,
        world: &World,
        instance: InstanceIndex,
        item: &Extern,
    ) -> Result<ComponentTypeRef, Untypable> {
        match item.ty {
            EntityType::Instance(id) => {
                let mut union = Union::default();
                self.ask(&mut union, world, instance, &item.name, id)?;
                Ok(ComponentTypeRef::Instance(self.union_type(&union)))
            }
            EntityType::Func(id) => {
                let index = self.imported_func(world, instance, &item.name, id)?;
                Ok(ComponentTypeRef::Func(index))
            }
            EntityType::Type(created) => {
                let index = self.outer_type(world, instance, created)?;
                let mut keys = world.keys(created).into_iter();
                let origin = keys.find_map(|key| world.origin(key));
                let other = origin.filter(|origin| origin.import != item.name);
                Ok(ComponentTypeRef::Type(match (index, other) {
                    (Some(index), _) => TypeBounds::Eq(index),
                    (None, None) => TypeBounds::SubResource,
                    // It is another import's resource, which is not there yet.
                    (None, Some(origin)) => {
                        let import = origin.import.clone();
                        return Err(Untypable::Resource { import });
                    }
                }))
            }
            EntityType::Component => Err(Untypable::Kind("a component")),
            EntityType::Module => Err(Untypable::Kind("a core module")),
            EntityType::Value(_) => Err(Untypable::Kind("a value")),
        }
    }
}
