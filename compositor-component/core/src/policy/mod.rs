//! The policy phase: for each import that nothing binds, whether its component
//! gets it, and why.

mod carried;
mod grants;
mod rules;
mod unmatched;
mod wasi;

pub use carried::{gives_arguments, hands, is_program};
pub use grants::{Grants, is_silent};
pub use unmatched::{check as check_rules, has_rules};

use std::collections::{HashMap, HashSet};

use crate::diagnostic::Diagnostic;
use crate::emit::Sealed;
use crate::error::Code;
use crate::host::Import;
use crate::plan::names::{LINKER, covers};
use crate::plan::{Decided, Decision, Plan};
use crate::satisfy::decide;
use crate::shape_phase::ShapedPlan;
use grants::is_base;

/// What audited components say their calls to.
pub const AUDIT: &str = "sys:compose/audit@1.0.0";

/// Decides every open import; refuses a plan that requires what is denied.
pub fn check(shaped: &ShapedPlan, grants: &Grants<'_>) -> Result<Vec<Decided>, Vec<Diagnostic>> {
    let decided = decide(shaped, grants);
    let mut refusals = grants.refusals(&decided);
    refusals.extend(grants.linking_of(&decided).err());
    match refusals.is_empty() {
        true => Ok(decided),
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
        let help =
            "nothing, unless the component makes several at once; that is how they are recorded";
        Diagnostic::note(Code::NotImplemented, message, help).at("/policy/determinism")
    };
    in_turn.map(note).collect()
}

/// Holds what the artifact imports, as it was read back, to what was decided: a
/// function of an import is there only if some component is given it.
pub fn prove(
    sealed: &Sealed,
    decided: &[Decided],
    shaped: &ShapedPlan,
) -> Result<(), Vec<Diagnostic>> {
    let mut exports = shaped.exports.iter();
    let is_program = exports.any(|export| is_program(&export.name));
    let mut given: HashMap<&str, HashSet<&str>> = HashMap::new();
    for decided in decided {
        let Some(import) = sealed.settled.get(&decided.import) else {
            continue;
        };
        let given = given.entry(import).or_default();
        for id in &decided.consumers {
            let world = shaped.resolved.world(id);
            let functions = world
                .import(&decided.import)
                .map(|own| world.functions(own));
            let functions = functions.into_iter().flatten();
            given.extend(functions.filter(|name| match decided.decision {
                Decision::Granted | Decision::Recorded => true,
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
            return Err(vec![Diagnostic::error(Code::InternalError, message, help)]);
        }
    }
    Ok(())
}

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
    vec![Diagnostic::warning(Code::SecretNotFound, message, help).at("/secrets")]
}
