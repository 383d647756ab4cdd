//! Rules that name what a component imports and change nothing of what it gets.

use std::collections::{BTreeMap, BTreeSet};

use super::grants::{Grants, LeftTo, List};
use compositor_diagnostic::lists::some_of;
use compositor_diagnostic::{Diagnostic, Rule};
use compositor_plan::names::{ImportName, LINKER, covers};
use compositor_plan::{Place, RuleList};

/// What is known of rules while imports are decided.
#[derive(Default)]
pub struct Idle {
    /// Those that changed something.
    acted: BTreeSet<(List, usize)>,
    /// Those that did not, each with why, of one of its imports.
    idle: BTreeMap<(List, usize), String>,
}

impl Idle {
    /// Looks at the rules that hold for an import of a component.
    pub fn see(
        &mut self,
        grants: &Grants<'_>,
        component: &str,
        import: ImportName<'_>,
        left_to: LeftTo,
        carried_by: Option<&str>,
    ) {
        // What functions of the linker do is not decided of it as an import.
        if covers(LINKER, import.interface) {
            return;
        }
        for (rule, idle) in grants.acting(component, import, left_to, carried_by) {
            match idle {
                None => {
                    self.acted.insert(rule);
                }
                Some(why) => {
                    self.idle.entry(rule).or_insert(why);
                }
            }
        }
    }

    /// Warnings of those that changed nothing anywhere, those of one reason together. A
    /// capability that the plan requires has an error of its own.
    pub fn warnings(&self, grants: &Grants<'_>) -> Vec<Diagnostic> {
        let mut together: BTreeMap<(List, &str), Vec<usize>> = BTreeMap::new();
        for ((list, index), why) in &self.idle {
            let is_idle = !self.acted.contains(&(*list, *index));
            if is_idle && !grants.requires(*list, *index) {
                together
                    .entry((*list, why.as_str()))
                    .or_default()
                    .push(*index);
            }
        }
        let warning = |((list, why), rules): (&(List, &str), &Vec<usize>)| {
            let (says, rule, of_plan, help) = match list {
                List::Capability => (
                    "the plan asks for",
                    Rule::UnusedRule,
                    Some(RuleList::Capabilities),
                    "remove it, or what denies it",
                ),
                List::Denial => (
                    "the plan denies",
                    Rule::UnusedRule,
                    Some(RuleList::Denials),
                    "remove it: this cannot be denied",
                ),
                List::Allow => (
                    "the host allows",
                    Rule::UnusedHostRule,
                    None,
                    "leave it out, or change what decides instead",
                ),
                List::Deny => (
                    "the host denies",
                    Rule::UnusedHostRule,
                    None,
                    "leave it out: this cannot be denied",
                ),
            };
            let names: Vec<String> = rules
                .iter()
                .map(|index| format!("{:?}", grants.name(*list, *index)))
                .collect();
            let names = some_of(names.iter().map(String::as_str));
            let message = format!("{says} {names}, which changes nothing: {why}");
            let warning = Diagnostic::warning(rule, message, help);
            match (of_plan, &rules[..]) {
                (Some(list), [first, ..]) => warning.at(Place::RuleField(list, *first, "name")),
                _ => warning,
            }
        };
        together.iter().map(warning).collect()
    }
}
