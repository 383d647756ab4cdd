//! What a component imports, as the host that runs it is told.

use std::borrow::Cow;

use wasmparser::component_types::ComponentEntityType;

use crate::host::Import;
use crate::order::sort;
use crate::wasm::{Extern, World};

impl World {
    /// The imports that functions come through.
    pub fn given(&self) -> Vec<Import> {
        let given = self.imports.iter().map(|import| Import {
            name: import.name.clone(),
            implements: import.item.full_implements().map(Cow::into_owned),
            functions: given_functions(self, import),
        });
        given
            .filter(|import| !import.functions.is_empty())
            .collect()
    }
}

/// What is no type is taken for a function: a host has to hear of it.
fn given_functions(world: &World, import: &Extern) -> Vec<String> {
    let is_type = |ty: &ComponentEntityType| matches!(ty, ComponentEntityType::Type { .. });
    let mut functions: Vec<String> = match &import.item.ty {
        ComponentEntityType::Instance(id) => {
            let items = world.types[*id].exports.iter();
            let items = items.filter(|(_, item)| !is_type(&item.ty));
            items.map(|(name, _)| name.to_string()).collect()
        }
        ty if is_type(ty) => Vec::new(),
        _ => vec![import.name.clone()],
    };
    sort(&mut functions);
    functions
}
