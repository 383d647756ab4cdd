//! Why a composed component does not validate although every binding was found
//! to fit: shapes do not compare core modules and components, which may be more
//! than what is asked for.

use std::collections::HashMap;
use std::rc::Rc;

use crate::compose::Graph;
use compositor_diagnostic::{Diagnostic, Rule};
use compositor_plan::Place;
use compositor_wasm::Comparison;
use compositor_wasm::write::builder::Builder;

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
        if !needs.world.has_definitions(import) {
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
    let comparison = Comparison::of_embedded(&builder.finish())?;
    doubtful
        .into_iter()
        .find_map(|(link, import, export, [needs, gives])| {
            let why = comparison.mismatch((gives, &export.name), (needs, &import.name))?;
            let message = format!(
                "export {:?} of {:?} does not fit import {:?} of {:?}: {why}",
                export.name, link.provider, import.name, link.consumer
            );
            let help = "bind it to a component with the same types, or rebuild one side";
            let at = link.binding.map_or(Place::Plan, |binding| {
                Place::BindingField(binding, "export_name")
            });
            let error = Diagnostic::error(Rule::TypeMismatch, message, help);
            Some(error.at(at))
        })
}
