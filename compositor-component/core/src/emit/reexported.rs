//! Resources that come to an instance through a provider which hands out what
//! it imports itself: to whoever writes their types, they are the provider's
//! import's.

use std::collections::HashMap;

use crate::emit::level::{Argument, Level};
use compositor_wasm::types::{AnyTypeId, EntityType};
use compositor_wasm::write::types::{InstanceIndex, Name};
use compositor_wasm::{Origin, World};

/// The open import that each such resource comes from in the end: whose import
/// it is, and the resource's place there.
pub fn reexported(level: &Level) -> HashMap<Name, (InstanceIndex, Origin)> {
    let mut reexported: HashMap<Name, (InstanceIndex, Origin)> = HashMap::new();
    // Providers come before consumers.
    for (instance, placed) in level.instances.enumerated() {
        let world = level.world(instance);
        for (import, supply) in world.imports.iter().zip(&placed.arguments) {
            let Argument::Instance(provider, export) = supply else {
                continue;
            };
            let from = level.world(*provider);
            let Some(export) = from.export(export) else {
                continue;
            };
            for name in names(world, import.ty) {
                let asked = resource(world, import.ty, name);
                let given = resource(from, export.ty, name);
                let keys = asked.zip(given).map(|(asked, given)| {
                    let first = |world: &World, ty| world.keys(ty).first().copied();
                    (first(world, asked), first(from, given))
                });
                let Some((Some(key), Some(given))) = keys else {
                    continue;
                };
                let Some(origin) = from.origin(given) else {
                    continue;
                };
                let position = from.import_position(&origin.import);
                let supply = position.map(|at| &level.instances[*provider].arguments[at]);
                let end = match supply {
                    Some(Argument::Open(_)) => Some((*provider, origin.clone())),
                    _ => reexported.get(&(*provider, given)).cloned(),
                };
                reexported.extend(end.map(|end| ((instance, key), end)));
            }
        }
    }
    reexported
}

/// What an import may call resources: its exports, or nothing when it is one.
fn names(world: &World, ty: EntityType) -> Vec<Option<&str>> {
    match ty {
        EntityType::Instance(id) => {
            let items = world.types.items(id).iter();
            items.map(|(name, _)| Some(name)).collect()
        }
        _ => vec![None],
    }
}

/// A resource that an import or export is, or that it exports by a name.
fn resource(world: &World, ty: EntityType, name: Option<&str>) -> Option<AnyTypeId> {
    let ty = match (ty, name) {
        (EntityType::Instance(id), Some(name)) => world.types.items(id).get(name)?,
        (ty, None) => ty,
        _ => return None,
    };
    match ty {
        EntityType::Type(created) => matches!(created, AnyTypeId::Resource(_)).then_some(created),
        _ => None,
    }
}
