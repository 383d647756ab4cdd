//! Imports whose resources a host hands in when it calls an export.

use std::collections::HashMap;

use crate::shape_phase::{Link, ShapedPlan};
use compositor_plan::carried::hands;
use compositor_wasm::World;

/// Components and imports of them, each with the artifact's export through which
/// resources of the import are handed in: to the component that exports it, and
/// over bindings to those that it calls with them. A component that is called with
/// none, or that calls, is handed nothing.
pub fn handed(shaped: &ShapedPlan) -> HashMap<(&str, &str), &str> {
    let mut handed: HashMap<(&str, &str), &str> = HashMap::new();
    let mut next: Vec<(&str, &str, &str)> = Vec::new();
    for export in &shaped.exports {
        let world = shaped.resolved.world(&export.component);
        let Some(found) = world.export(&export.name) else {
            continue;
        };
        let name = export.name.as_str();
        let resources = world.resources_of(found).into_iter();
        let resources = resources.filter(|import| is_handed(world, name, import));
        next.extend(resources.map(|import| (export.component.as_str(), import, name)));
    }
    if next.is_empty() {
        return handed;
    }
    let mut calls: HashMap<(&str, &str), Vec<&Link>> = HashMap::new();
    for link in &shaped.links {
        let world = shaped.resolved.world(&link.consumer);
        let import = world.import(&link.import).into_iter();
        for other in import.flat_map(|import| world.resources_of(import)) {
            let calls = calls.entry((link.consumer.as_str(), other)).or_default();
            calls.push(link);
        }
    }
    while let Some((component, import, by)) = next.pop() {
        if handed.insert((component, import), by).is_some() {
            continue;
        }
        for link in calls.get(&(component, import)).into_iter().flatten() {
            let world = shaped.resolved.world(&link.provider);
            let export = world.export(&link.export).into_iter();
            let resources = export.flat_map(|export| world.resources_of(export));
            let resources = resources.filter(|import| is_handed(world, by, import));
            next.extend(resources.map(|import| (link.provider.as_str(), import, by)));
        }
    }
    handed
}

/// Whether a host that calls an export hands in resources of a component's import,
/// by whatever name the component imports the interface.
fn is_handed(world: &World, export: &str, import: &str) -> bool {
    let import = world.import(import);
    import.is_some_and(|import| hands(export, &import.interface))
}
