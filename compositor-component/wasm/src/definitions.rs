//! Why a core module or a component does not fit where another is asked for: as a
//! validator compares them, which shapes do not.

use wasmparser::component_types::{ComponentEntityType, SubtypeCx};
use wasmparser::types::Types;

use compositor_validator::FEATURES;

use crate::read::read;
use crate::types::EntityType;
use crate::{Extern, World};

impl World {
    /// Whether core modules or components are in an import or export.
    pub fn has_definitions(&self, of: &Extern) -> bool {
        self.is_or_has_definition(of.ty)
    }

    fn is_or_has_definition(&self, ty: EntityType) -> bool {
        match ty {
            EntityType::Module | EntityType::Component => true,
            EntityType::Instance(id) => {
                let mut items = self.types.items(id).types();
                items.any(|ty| self.is_or_has_definition(ty))
            }
            _ => false,
        }
    }
}

/// Components that one validator has read, so that their types can be compared.
pub struct Comparison(Types);

/// A component by its index among those that another embeds, and an import or export
/// of it.
pub type Side<'a> = (u32, &'a str);

impl Comparison {
    /// Reads the components that another one embeds; none when it is not valid.
    pub fn of_embedded(component: &[u8]) -> Option<Self> {
        let (types, _) = read(component, 0, FEATURES).ok()?;
        Some(Self(types))
    }

    /// What the validator says of a core module or component that an import asks for
    /// and an export does not give; none when there is no such.
    pub fn mismatch(&self, export: Side<'_>, import: Side<'_>) -> Option<String> {
        let component = |index| &self.0[self.0.as_ref().component_at(index)];
        let given = component(export.0).exports.get(export.1)?.ty;
        let needed = component(import.0).imports.get(import.1)?.ty;
        mismatch(&self.0, given, needed)
    }
}

fn mismatch(
    types: &Types,
    given: ComponentEntityType,
    needed: ComponentEntityType,
) -> Option<String> {
    match (given, needed) {
        (ComponentEntityType::Instance(given), ComponentEntityType::Instance(needed)) => {
            let given = &types[given].exports;
            types[needed].exports.iter().find_map(|(name, needed)| {
                let why = mismatch(types, given.get(name)?.ty, needed.ty)?;
                Some(format!("{name:?}: {why}"))
            })
        }
        (given, needed) if is_definition(&given) && is_definition(&needed) => {
            let mut context = SubtypeCx::new_with_refs(types.as_ref(), types.as_ref());
            let compared = context.component_entity_type(&given, &needed, 0);
            compared.err().map(|error| error.message().to_string())
        }
        _ => None,
    }
}

fn is_definition(ty: &ComponentEntityType) -> bool {
    matches!(
        ty,
        ComponentEntityType::Module(_) | ComponentEntityType::Component(_)
    )
}
