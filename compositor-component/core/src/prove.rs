//! The proof of the policy: what the artifact imports, held to what was decided.

use std::collections::{HashMap, HashSet};

use crate::emit::Sealed;
use crate::enforce::EnforcedPlan;
use crate::policy::is_base;
use compositor_diagnostic::{Diagnostic, Rule};
use compositor_host::Import;
use compositor_plan::carried::{gives_arguments, is_program};
use compositor_plan::names::AUDIT;
use compositor_plan::{Decided, Decision};

/// Holds what the artifact imports, as it was read back, to what was decided: a
/// function of an import is there only if some component is given it.
pub fn prove(
    sealed: &Sealed,
    decided: &[Decided],
    plan: &EnforcedPlan,
) -> Result<(), Vec<Diagnostic>> {
    let mut exports = plan.exports().iter();
    let is_program = exports.any(|export| is_program(&export.name));
    let mut given: HashMap<&str, HashSet<&str>> = HashMap::new();
    for decided in decided {
        let Some(import) = sealed.settled.get(&decided.import) else {
            continue;
        };
        let given = given.entry(import).or_default();
        for id in &decided.consumers {
            let world = plan.world(id);
            let functions = world
                .import(&decided.import)
                .map(|own| world.functions(own));
            let functions = functions.into_iter().flatten();
            given.extend(functions.filter(|name| match decided.decision {
                Decision::Granted | Decision::Left | Decision::Recorded => true,
                // Whoever calls a program says its arguments.
                Decision::Denied(_) => is_program && gives_arguments(&decided.interface, name),
                Decision::Types | Decision::Deterministic => false,
            }));
        }
    }
    let is_recorded = decided.iter().any(|d| d.decision == Decision::Recorded);
    let is_given = |import: &Import, function: &String| {
        let own = given.get(import.name.as_str());
        is_base(import.implements.as_ref().unwrap_or(&import.name))
            || (is_recorded && import.name == AUDIT)
            || own.is_some_and(|functions| functions.contains(function.as_str()))
            // An import that is a function may have joined one of another name.
            || (import.name == *function && own.is_some_and(|functions| !functions.is_empty()))
    };
    for import in &sealed.imports {
        let mut functions = import.functions.iter();
        if let Some(function) = functions.find(|name| !is_given(import, name)) {
            let message = format!(
                "the artifact would import function {function:?} of {:?}, which nothing grants",
                import.name
            );
            let help = "report this with the plan and its components";
            return Err(vec![Diagnostic::error(
                Rule::UngrantedFunction,
                message,
                help,
            )]);
        }
    }
    Ok(())
}
