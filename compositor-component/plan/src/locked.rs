//! Whether a plan is locked.

use crate::index::ComponentIndex;
use crate::place::Place;
use crate::types::{Component, Plan};
use compositor_diagnostic::{Diagnostic, Remedy, Rule};

/// Components that have no digest yet.
pub fn unlocked(plan: &Plan) -> Vec<Diagnostic> {
    let unlocked = plan.indexed_components();
    let unlocked = unlocked.filter(|(_, component)| component.digest.is_none());
    let error = |(index, component): (ComponentIndex, &Component)| {
        let message = format!("component {:?} is not locked", component.id);
        let help = "lock the plan, which reads its source and writes its digest";
        let error = Diagnostic::error(Rule::UnlockedComponent, message, help);
        let error = error.remedies([Remedy::LockPlan]);
        error.at(Place::Component(index))
    };
    unlocked.map(error).collect()
}
