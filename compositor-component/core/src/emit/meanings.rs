//! What components mean by the resources of imports that stay open.

use std::collections::{BTreeMap, HashMap};

use crate::enforce::EnforcedPlan;
use crate::shape_phase::{Owners, Same, items};
use compositor_diagnostic::{Diagnostic, Findings, Rule};
use compositor_plan::names::{Name, split};
use compositor_wasm::types::{AnyTypeId, EntityType};
use compositor_wasm::{Extern, World};

/// An import, by its name without what may differ on a semver track, and the
/// item of it, when it is an instance.
type Item<'a> = (Name<'a>, Option<&'a str>);

/// Who asked for it first, the import that it is of, and its type.
type First<'a> = (&'a str, &'a Extern, EntityType);

/// Checks what stays open: an import is one for all who ask for it, so what is
/// made of a resource of another import must be made of one.
pub fn meanings(plan: &EnforcedPlan) -> Vec<Diagnostic> {
    let world_of = |id: &str| plan.world(id);
    let mut owners = Owners::of(&world_of, plan.links());
    let mut findings = Findings::default();
    let mut first: HashMap<Item<'_>, First<'_>> = HashMap::new();
    for (name, open) in plan.open() {
        let track = split(name);
        for id in &open.consumers {
            let world = plan.world(id);
            let Some(import) = world.import(name) else {
                continue;
            };
            // With each of those who asked for an item first.
            let mut same: BTreeMap<&str, (&Extern, Same<'_>)> = BTreeMap::new();
            for (item, ty) in items(world, import) {
                match first.get(&(track, item)) {
                    None => drop(first.insert((track, item), (id, import, ty))),
                    Some((other_id, other, other_ty)) => {
                        let same = same
                            .entry(other_id)
                            .or_insert_with(|| (other, Same::of(plan.world(other_id), world)));
                        same.1.entities(*other_ty, ty);
                    }
                }
            }
            for (other_id, (other_import, same)) in same {
                let other_world = plan.world(other_id);
                for (one, another) in same.resources {
                    let owner = owners.of_used(id, world, import, another);
                    let other = owners.of_used(other_id, other_world, other_import, one);
                    let (Some(owner), Some(other)) = (owner, other) else {
                        continue;
                    };
                    if owner.is(&other) {
                        continue;
                    }
                    let what = resource_name(world, another);
                    findings.error(|| {
                        let message = format!(
                            "import {name:?} cannot stay open: {other_id:?} and {id:?} mean \
                             different resources by its {what:?}"
                        );
                        let help = "bind it for one of the two, or bind what the resource \
                                    comes from for both to one component";
                        Diagnostic::error(Rule::ConflictingResources, message, help)
                            .at(plan.place(id))
                            .found(owner.describe())
                            .expected(other.describe())
                    });
                }
            }
        }
    }
    findings.end().err().unwrap_or_default()
}

/// The name that a component has for a resource of an import.
fn resource_name(world: &World, ty: AnyTypeId) -> String {
    let mut keys = world.keys(ty).into_iter();
    let origin = keys.find_map(|key| world.origin(key));
    let name = origin.map(|origin| origin.export.as_ref().unwrap_or(&origin.import));
    name.cloned().unwrap_or_default()
}
