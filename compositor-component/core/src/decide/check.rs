//! Decides what each component gets, and says what that means.

use super::imports::decide;
use crate::policy::{Grants, Idle};
use crate::shape_phase::ShapedPlan;
use compositor_diagnostic::{Diagnostic, Rule};
use compositor_plan::{Decided, Decision, Place};

/// Decides every open import; refuses a plan that requires what is denied. With what was
/// decided go the rules of the plan and of its host that changed nothing.
pub fn check(
    shaped: &ShapedPlan,
    grants: &Grants<'_>,
) -> Result<(Vec<Decided>, Idle), Vec<Diagnostic>> {
    let (decided, idle) = decide(shaped, grants);
    let mut refusals = grants.refusals(&decided);
    refusals.extend(grants.linking_of(&decided).err());
    match refusals.is_empty() {
        true => Ok((decided, idle)),
        false => Err(refusals),
    }
}

/// Recording has one place where it behaves differently.
pub fn notes(shaped: &ShapedPlan, decided: &[Decided]) -> Vec<Diagnostic> {
    let recorded = decided.iter().filter(|d| d.decision == Decision::Recorded);
    let in_turn = recorded.filter(|decided| {
        let mut consumers = decided.consumers.iter();
        consumers.any(|id| {
            let world = shaped.resolved.world(id);
            let import = world.import(&decided.import);
            import.is_some_and(|import| world.has_async(import))
        })
    });
    let note = |decided: &Decided| {
        let message = format!(
            "calls of one component to async functions of {:?} are made one after the other",
            decided.import
        );
        let help = "nothing to do, unless the component makes several at once: recorded calls are made in turn";
        Diagnostic::note(Rule::RecordedInTurn, message, help).at(Place::PolicyField("determinism"))
    };
    in_turn.map(note).collect()
}
