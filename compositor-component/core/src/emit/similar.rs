//! Names of the artifact's imports or exports that are one to a component: those
//! that differ in hyphens and letters' case alone, or in what a function is to a
//! resource (`[method]a.b` and `[static]a.b`).

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::enforce::EnforcedPlan;
use crate::generated_ids::made_for;
use compositor_diagnostic::lists::some_of;
use compositor_diagnostic::{Diagnostic, Findings, Rule};
use compositor_plan::Place;
use compositor_wasm::ExternName;

/// An import or export: its name and the components that bring it, by id.
struct Brought<'a> {
    name: &'a str,
    by: Vec<&'a str>,
}

/// Each import that is one with another import, and each export that is one with
/// another export, by the names that the artifact has.
pub fn similar(
    plan: &EnforcedPlan,
    settled: &std::collections::BTreeMap<String, String>,
) -> Vec<Diagnostic> {
    let mut imports: Vec<Brought<'_>> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (name, open) in plan.open() {
        let name = settled.get(name).unwrap_or(name);
        let place = *places.entry(name).or_insert_with(|| {
            let by = Vec::new();
            imports.push(Brought { name, by });
            imports.len() - 1
        });
        let made_for = open.consumers.iter().map(|id| made_for(id));
        imports[place].by.extend(made_for);
    }
    let exports = plan.exports().iter().map(|export| Brought {
        name: &export.name,
        by: vec![&export.component],
    });
    let mut findings = Findings::default();
    let help = |one: &Brought<'_>, other: &Brought<'_>| {
        format!(
            "bind {:?} of {} or {:?} of {} to a component, or rebuild one against the other's name",
            one.name,
            ids(one),
            other.name,
            ids(other)
        )
    };
    check(plan, "import", imports.into_iter(), help, &mut findings);
    let help = |one: &Brought<'_>, other: &Brought<'_>| {
        format!(
            "export {:?} or {:?} alone, in \"explicit_exports\" or by the root, and bind the \
             other where it is needed",
            one.name, other.name
        )
    };
    check(plan, "export", exports, help, &mut findings);
    findings.end().err().unwrap_or_default()
}

fn check<'a>(
    plan: &EnforcedPlan,
    what: &str,
    all: impl Iterator<Item = Brought<'a>>,
    help: impl Fn(&Brought<'_>, &Brought<'_>) -> String,
    findings: &mut Findings,
) {
    let mut seen: HashMap<ExternName, Brought<'a>> = HashMap::new();
    for brought in all {
        // A name of a component that was validated is one.
        let Some(name) = ExternName::new(brought.name) else {
            continue;
        };
        let other = match seen.entry(name) {
            Entry::Vacant(new) => {
                new.insert(brought);
                continue;
            }
            Entry::Occupied(other) => other.into_mut(),
        };
        findings.error(|| {
            let message = format!(
                "the artifact cannot have both {what}s {:?} of {} and {:?} of {}: names must \
                 differ in more than hyphens and letters' case",
                other.name,
                ids(other),
                brought.name,
                ids(&brought)
            );
            let components = brought.by.iter();
            let first = components.filter_map(|id| plan.plan().component(id)).min();
            Diagnostic::error(Rule::SimilarNames, message, help(other, &brought))
                .at(first.map_or(Place::Plan, Place::Component))
                .found(format!("{:?}", brought.name))
                .expected(format!("a name that is not {:?}", other.name))
        });
    }
}

fn ids(brought: &Brought<'_>) -> String {
    let mut ids: Vec<String> = brought.by.iter().map(|id| format!("{id:?}")).collect();
    ids.dedup();
    some_of(ids.iter().map(String::as_str))
}
