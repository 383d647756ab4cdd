//! A world of a WIT package, as if it were that of a component.

use wasmparser::component_types::{
    ComponentAnyTypeId, ComponentEntityType, ComponentItem, ComponentTypeId,
};
use wasmparser::types::Types;

use compositor_diagnostic::lists::some_of;
use compositor_validator::FEATURES;

use crate::read::read;
use crate::scan::start_of_component;
use crate::{Shapes, World, WorldError};

/// Why a WIT package does not give a world.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoWorld {
    /// It is no package, or breaks a rule.
    #[error("{0}")]
    Unreadable(#[from] WorldError),
    /// It has others.
    #[error("it has {}", match &worlds[..] {
        [] => "no world".to_string(),
        worlds => some_of(worlds.iter().map(String::as_str)),
    })]
    Absent {
        /// Their names.
        worlds: Vec<String>,
    },
}

impl World {
    /// Reads a world of a WIT package in its binary form, by its name there or by its
    /// full name.
    ///
    /// # Errors
    /// When there is none, or it has a type that no component can have.
    pub fn of_package(package: &[u8], name: &str, shapes: &mut Shapes) -> Result<Self, NoWorld> {
        start_of_component(package)
            .map_err(|what| WorldError::Invalid(format!("it is {what}, not a WIT package")))?;
        let (types, names) = read(package, 0, FEATURES).map_err(WorldError::from)?;
        let mut worlds = Vec::new();
        let mut found = None;
        for short in names.exports {
            let Some((full, id)) = world(&types, &short) else {
                continue;
            };
            if name == short || name == full {
                found = Some(id);
            }
            worlds.push(short);
        }
        let Some(id) = found else {
            return Err(NoWorld::Absent { worlds });
        };
        let owned = |(name, item): (&String, &ComponentItem)| (name.clone(), item.clone());
        let imports = types[id].imports.iter().map(owned).collect();
        let exports = types[id].exports.iter().map(owned).collect();
        Ok(Self::with(types, imports, exports, shapes)?)
    }
}

/// The full name of a world and its type, which a package exports in a component type
/// of its own.
fn world(types: &Types, short: &str) -> Option<(String, ComponentTypeId)> {
    let view = types.as_ref();
    let ComponentEntityType::Type {
        referenced: ComponentAnyTypeId::Component(around),
        ..
    } = view.component_item_for_export(short)?.ty
    else {
        return None;
    };
    let mut items = types[around].exports.iter();
    match (items.next()?, items.next()) {
        ((full, item), None) => match item.ty {
            ComponentEntityType::Component(id) => Some((full.clone(), id)),
            _ => None,
        },
        _ => None,
    }
}
