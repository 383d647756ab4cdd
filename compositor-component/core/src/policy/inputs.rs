//! What of a plan's policy says how far its result depends on its host, and what no
//! phase acts on.

use super::grants::is_base;
use compositor_diagnostic::{Diagnostic, Rule};
use compositor_plan::names::{LINKER, covers};
use compositor_plan::{Decided, Decision, Place, Plan};

/// What of the host decides how a component behaves beside what it is given:
/// an import that it is granted, other than the base and the environment.
pub fn reads_host(decided: &[Decided]) -> Option<&Decided> {
    let given = ["wasi:cli/environment", LINKER];
    decided.iter().find(|decided| {
        decided.decision != Decision::Types
            && decided.decision.is_given()
            && !is_base(&decided.interface)
            && !given.iter().any(|name| covers(name, &decided.interface))
    })
}

/// What a plan says that nothing does yet.
pub fn warnings(plan: &Plan) -> Vec<Diagnostic> {
    if plan.secrets.is_empty() {
        return Vec::new();
    }
    let message = "the plan names secrets, which nothing gives to its components yet";
    let help = "pass them to the artifact as its host can";
    vec![Diagnostic::warning(Rule::UnusedSecrets, message, help).at(Place::Secrets)]
}
