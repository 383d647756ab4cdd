//! Components whose worlds the plan states.

use crate::resolve::ResolvedPlan;
use compositor_diagnostic::{Diagnostic, Findings, Remedy, Rule};
use compositor_plan::Place;
use compositor_wasm::canon_wit::{WitError, world_id};

/// Each component that states a world has that one.
pub fn check(resolved: &ResolvedPlan, findings: &mut Findings) {
    for (index, component) in resolved.valid.plan().indexed_components() {
        let Some(stated) = component.world else {
            continue;
        };
        let found = world_id(resolved.world(&component.id), &resolved.shapes.limits);
        if found.as_ref().is_ok_and(|found| *found == stated) {
            continue;
        }
        let at = Place::ComponentField(index, "world");
        findings.error(|| {
            let other = match found {
                Ok(found) => other(&component.id).found(found.to_string()),
                Err(error) => none(&component.id, &error),
            };
            other.at(at).expected(stated.to_string())
        });
    }
}

fn other(id: &str) -> Diagnostic {
    let message = format!("component {id:?} does not have the world that the plan states");
    let help = "use a component that has it, or state the world of this one";
    Diagnostic::error(Rule::WorldMismatch, message, help).remedies([Remedy::IdentifyWorld])
}

fn none(id: &str, error: &WitError) -> Diagnostic {
    let rule = match error {
        WitError::TooLarge { .. } => Rule::WorldTooLarge,
        _ => Rule::WorldWithoutId,
    };
    let message = format!("the world of component {id:?} has no id: {error}");
    Diagnostic::error(rule, message, "leave \"world\" out")
}
