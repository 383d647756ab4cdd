//! The functions that come through a component's imports.

use wasmparser::component_types::ComponentEntityType;
use wasmparser::{Validator, WasmFeatures};

use crate::names::names;

/// The imports of a component, each with its functions: those of an interface, by
/// their names, or itself; none of what is types alone.
///
/// # Panics
///
/// When it is not a valid component.
pub fn functions(component: &[u8]) -> Vec<(String, Vec<String>)> {
    let mut validator = Validator::new_with_features(WasmFeatures::all());
    let types = validator.validate_all(component).expect("it is valid");
    let types = types.as_ref();
    let of = |name: &str| {
        let item = types.component_item_for_import(name);
        match item.expect("an import has a type").ty {
            ComponentEntityType::Instance(id) => {
                let items = types[id].exports.iter();
                let items =
                    items.filter(|(_, item)| matches!(item.ty, ComponentEntityType::Func(_)));
                items.map(|(name, _)| name.clone()).collect()
            }
            ComponentEntityType::Type { .. } => Vec::new(),
            _ => vec![name.to_string()],
        }
    };
    let imports = names(component).0.into_iter();
    imports.map(|name| (name.clone(), of(&name))).collect()
}
