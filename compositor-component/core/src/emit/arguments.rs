//! Why a composed component does not validate although every binding was found
//! to fit: shapes do not compare core modules and components, which may be more
//! than what is asked for.

use std::collections::HashMap;
use std::rc::Rc;

use wasmparser::component_types::{ComponentEntityType, SubtypeCx};
use wasmparser::types::Types;

use crate::compose::Graph;
use compositor_diagnostic::{Diagnostic, Rule};
use compositor_wasm::write::builder::Builder;
use compositor_wasm::{FEATURES, World, read};

/// The first binding whose core module or component does not fit.
pub fn finding(graph: &Graph) -> Option<Diagnostic> {
    let plan = &graph.plan;
    let mut builder = Builder::default();
    let mut index_of: HashMap<*const [u8], u32> = HashMap::new();
    let mut doubtful = Vec::new();
    for link in plan.links() {
        let sides = [&link.consumer, &link.provider].map(|id| plan.part_index(id));
        let [needs, gives] = sides.map(|part| plan.part(part));
        let import = needs.world.import(&link.import)?;
        let export = gives.world.export(&link.export)?;
        if !has_definitions(&needs.world, &import.item.ty) {
            continue;
        }
        let places = [needs, gives].map(|part| {
            let skeleton = Rc::as_ptr(&part.skeleton);
            *index_of
                .entry(skeleton)
                .or_insert_with(|| builder.component("part", &part.skeleton))
        });
        doubtful.push((link, import, export, places));
    }
    if doubtful.is_empty() {
        return None;
    }
    // Types are compared where one validator has them all.
    let (types, _) = read(&builder.finish(), 0, FEATURES).ok()?;
    doubtful
        .into_iter()
        .find_map(|(link, import, export, [needs, gives])| {
            let view = types.as_ref();
            let [needs, gives] = [needs, gives].map(|place| &types[view.component_at(place)]);
            let needed = needs.imports.get(&link.import)?.ty;
            let given = gives.exports.get(&link.export)?.ty;
            let why = mismatch(&types, given, needed)?;
            let message = format!(
                "export {:?} of {:?} does not fit import {:?} of {:?}: {why}",
                export.name, link.provider, import.name, link.consumer
            );
            let help = "bind it to a component with the same types, or rebuild one side";
            let at = link
                .binding
                .map(|index| format!("/bindings/{index}/export_name"));
            let error = Diagnostic::error(Rule::TypeMismatch, message, help);
            Some(error.at(at.unwrap_or_default()))
        })
}

/// Whether core modules or components are in an import.
fn has_definitions(world: &World, ty: &ComponentEntityType) -> bool {
    match *ty {
        ComponentEntityType::Module(_) | ComponentEntityType::Component(_) => true,
        ComponentEntityType::Instance(id) => {
            let mut items = world.types[id].exports.values();
            items.any(|item| has_definitions(world, &item.ty))
        }
        _ => false,
    }
}

/// What the validator says of core modules and components.
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
