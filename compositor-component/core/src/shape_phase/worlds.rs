//! Components whose worlds the plan states.

use crate::canon_wit::world_id;
use crate::diagnostic::Diagnostic;
use crate::error::Code;
use crate::findings::Findings;
use crate::resolve::ResolvedPlan;

/// Each component that states a world has that one.
pub fn check(resolved: &ResolvedPlan, findings: &mut Findings) {
    for (index, component) in resolved.valid.plan().components.iter().enumerate() {
        let Some(stated) = component.world else {
            continue;
        };
        let found = match world_id(resolved.world(&component.id), &resolved.shapes.limits) {
            Ok(found) if found == stated => continue,
            Ok(found) => found.to_string(),
            Err(error) => error.to_string(),
        };
        findings.error(|| {
            let message = format!(
                "component {:?} has another world than is stated",
                component.id
            );
            let help =
                "take the component that has it, or state the world that `canon wit-id` prints";
            Diagnostic::error(Code::EmitLinkError, message, help)
                .at(format!("/components/{index}/world"))
                .found(found)
                .expected(stated.to_string())
        });
    }
}
