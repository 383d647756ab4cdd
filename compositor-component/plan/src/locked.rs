//! Whether a plan is locked.

use super::types::{Component, Plan};
use compositor_diagnostic::{Diagnostic, Remedy, Rule};

/// Components that have no digest yet.
pub fn unlocked(plan: &Plan) -> Vec<Diagnostic> {
    let components = plan.components.iter().enumerate();
    let unlocked = components.filter(|(_, component)| component.digest.is_none());
    let error = |(index, component): (usize, &Component)| {
        let message = format!("component {:?} is not locked", component.id);
        let help = "lock the plan, which reads its source and writes its digest";
        let error = Diagnostic::error(Rule::UnlockedComponent, message, help);
        let error = error.remedies([Remedy::LockPlan]);
        error.at(format!("/components/{index}"))
    };
    unlocked.map(error).collect()
}
