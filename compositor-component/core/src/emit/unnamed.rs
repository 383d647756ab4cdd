//! Why a composed component does not validate although every binding fits: an
//! import or export is made of types that have no name in the artifact.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::compose::Graph;
use crate::enforce::EnforcedPlan;
use crate::shape_phase::{Bound, Export, half_open};
use compositor_diagnostic::{Diagnostic, Rule};
use compositor_plan::Place;
use compositor_wasm::types::EntityType;
use compositor_wasm::{Extern, World};
/// The first such import or export.
pub fn finding(graph: &Graph) -> Option<Diagnostic> {
    let enforced = &graph.plan;
    let exports = enforced.exports().iter();
    let plan = Plan {
        enforced,
        exported: exports
            .map(|export| (export.component.as_str(), export.name.as_str()))
            .collect(),
        bound: Bound::of(enforced.links()),
    };
    plan.foreign()
        .or_else(|| plan.beside())
        .or_else(|| plan.open())
}

/// A plan, and what is in it.
struct Plan<'a> {
    enforced: &'a EnforcedPlan,
    /// Components, and their exports that the artifact has.
    exported: HashSet<(&'a str, &'a str)>,
    bound: Bound<'a>,
}

/// What to do about an export of a provider that `id` is made of and the
/// artifact does not have.
fn export_too(
    enforced: &EnforcedPlan,
    id: &str,
    what: &str,
    provider: &str,
    export: &str,
) -> String {
    match enforced.exports().iter().find(|other| other.name == export) {
        Some(other) => format!(
            "rebuild {id:?}, or {:?}, whose export {export:?} stands where those types would be",
            other.component
        ),
        None => format!(
            "export {what} too: {{ \"source_instance\": {provider:?}, \"interface_name\": {export:?} }} \
             in \"explicit_exports\""
        ),
    }
}

impl Plan<'_> {
    /// Exports made of types that come from another component, which the
    /// artifact does not export.
    fn foreign(&self) -> Option<Diagnostic> {
        for Export {
            component: id,
            name,
        } in self.enforced.exports()
        {
            let world = self.enforced.world(id);
            for import in world.made_of(world.export(name)?) {
                let Some(link) = self.bound.to(id, import) else {
                    continue;
                };
                if self.exported.contains(&(&link.provider, &link.export)) {
                    continue;
                }
                let message = format!(
                    "export {name:?} of {id:?} is made of types of its import {import:?}, \
                     which the artifact does not export"
                );
                let help = match link.binding {
                    Some(_) => export_too(self.enforced, id, "them", &link.provider, &link.export),
                    // No component of the plan gives it: the policy does.
                    None => "grant it, or bind it to a component and export that too".to_string(),
                };
                let error = Diagnostic::error(Rule::UnexportedTypes, message, help);
                return Some(error.at(Place::ExplicitExports));
            }
        }
        None
    }

    /// Exports made of types of another export of the same component, which the
    /// artifact does not have.
    fn beside(&self) -> Option<Diagnostic> {
        // The first export that has a type of this name, by component.
        let mut hidden: HashMap<(&str, &str), usize> = HashMap::new();
        let ids: BTreeSet<&str> = self.exported.iter().map(|(id, _)| *id).collect();
        for id in ids {
            let world = self.enforced.world(id);
            for (position, export) in world.exports.iter().enumerate() {
                if !self.exported.contains(&(id, &export.name)) {
                    for name in types(world, export) {
                        hidden.entry((id, name)).or_insert(position);
                    }
                }
            }
        }
        for Export {
            component: id,
            name,
        } in self.enforced.exports()
        {
            let world = self.enforced.world(id);
            let types = types(world, world.export(name)?).into_iter();
            let first = types.filter_map(|name| hidden.get(&(id.as_str(), name)));
            let Some(first) = first.min() else { continue };
            let other = &world.exports[*first].name;
            let message = format!(
                "export {name:?} of {id:?} is made of types of its export {other:?}, \
                 which the artifact does not have"
            );
            let help = export_too(self.enforced, id, "that", id, other);
            let error = Diagnostic::error(Rule::UnexportedTypes, message, help);
            return Some(error.at(Place::ExplicitExports));
        }
        None
    }

    /// Open imports made of types, which are themselves made of others, of an
    /// import that is not open.
    fn open(&self) -> Option<Diagnostic> {
        let asked = self.enforced.open().iter().flat_map(|(name, open)| {
            let consumers = open.consumers.iter();
            consumers.map(move |id| (name, id))
        });
        for (name, id) in asked {
            let world = self.enforced.world(id);
            for import in world.made_of(world.import(name)?) {
                let Some(link) = self.bound.to(id, import) else {
                    continue;
                };
                let (what, help) = match link.binding {
                    Some(_) => ("bound", "leave both open, or bind both"),
                    None => ("denied", "grant both, or deny both"),
                };
                return Some(half_open(id, name, import, what, help));
            }
        }
        None
    }
}

/// The names of an export's types. A type's identity does not tell: types of
/// values are written anew for each instance.
fn types<'a>(world: &'a World, export: &Extern) -> Vec<&'a str> {
    let EntityType::Instance(id) = export.ty else {
        return Vec::new();
    };
    let items = world.types.items(id).iter();
    let types = items.filter(|(_, ty)| matches!(ty, EntityType::Type(_)));
    types.map(|(name, _)| name).collect()
}
