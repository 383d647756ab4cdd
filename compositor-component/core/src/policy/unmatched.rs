//! Rules that are about nothing: no component imports what they name, or
//! nothing could have that name.

use std::collections::HashSet;

use super::grants::LINKING;
use super::rules;
use super::wasi;
use crate::host_policy::HostPolicy;
use compositor_diagnostic::lists::some_of;
use compositor_diagnostic::suggest::nearest;
use compositor_diagnostic::{self as diagnostic, Diagnostic, Findings, limits};
use compositor_plan::names::{LINKER, Name, split};
use compositor_plan::{Place, Plan, Rule, RuleList};
use compositor_wasm::World;

/// A list of rules.
struct List<'a> {
    /// What is said of the name of one, such as `the plan denies`.
    says: &'static str,
    /// The kind of finding about a name that nothing can have.
    unknown: diagnostic::Rule,
    /// The kind of finding about a name that nothing imports.
    unused: diagnostic::Rule,
    /// Where it is in the plan; none when it is the host's.
    of_plan: Option<RuleList>,
    rules: Vec<RuleScope<'a>>,
}

/// A rule, without what it says.
struct RuleScope<'a> {
    name: &'a str,
    components: Option<&'a [String]>,
    /// It is an error when it is not granted, whether or not it is imported.
    required: bool,
}

/// What the components of a plan import.
struct Imports<'a> {
    /// The names that cover an import, and for which component.
    covering: HashSet<(Name<'a>, &'a str)>,
    /// The same, whatever the component.
    any: HashSet<Name<'a>>,
    /// The interfaces, for who misspelt one.
    interfaces: Vec<&'a str>,
}

/// Holds the rules of a plan and of its host to what the plan's components
/// import: errors for names that can mean nothing, warnings for those that no
/// component imports.
///
/// # Errors
///
/// Names of WASI or of components that there are not.
pub fn check<'a>(
    plan: &Plan,
    host: &HostPolicy,
    worlds: impl Iterator<Item = (&'a str, &'a World)>,
) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
    let mut findings = Findings::default();
    let lists = lists(plan, host);
    if lists.iter().all(|list| list.rules.is_empty()) {
        return findings.end();
    }
    let imports = Imports::of(worlds);
    let ids: HashSet<&str> = plan.components.iter().map(|c| c.id.as_str()).collect();
    for list in &lists {
        if list.of_plan.is_none() {
            components(list, &ids, plan, &mut findings);
        }
        names(list, &imports, &mut findings);
    }
    findings.end()
}

/// Whether there is a rule that may be about nothing.
pub fn has_rules(plan: &Plan, host: &HostPolicy) -> bool {
    lists(plan, host).iter().any(|list| !list.rules.is_empty())
}

fn lists<'a>(plan: &'a Plan, host: &'a HostPolicy) -> [List<'a>; 4] {
    let policy = plan.policy.iter();
    let capabilities = policy.clone().flat_map(|policy| &policy.capabilities);
    let denials = policy.flat_map(|policy| &policy.denials);
    let scope = |rule: &'a Rule| RuleScope {
        name: &rule.name,
        components: rule.components.as_deref(),
        required: false,
    };
    [
        List {
            says: "the plan asks for",
            unknown: diagnostic::Rule::UnknownRuleName,
            unused: diagnostic::Rule::UnusedRule,
            of_plan: Some(RuleList::Capabilities),
            rules: capabilities
                .map(|capability| RuleScope {
                    name: &capability.name,
                    components: capability.components.as_deref(),
                    required: capability.required,
                })
                .collect(),
        },
        List {
            says: "the plan denies",
            unknown: diagnostic::Rule::UnknownRuleName,
            unused: diagnostic::Rule::UnusedRule,
            of_plan: Some(RuleList::Denials),
            rules: denials.map(scope).collect(),
        },
        List {
            says: "the host allows",
            unknown: diagnostic::Rule::UnknownHostRuleName,
            unused: diagnostic::Rule::UnusedHostRule,
            of_plan: None,
            rules: host.allow.iter().map(scope).collect(),
        },
        List {
            says: "the host denies",
            unknown: diagnostic::Rule::UnknownHostRuleName,
            unused: diagnostic::Rule::UnusedHostRule,
            of_plan: None,
            rules: host.deny.iter().map(scope).collect(),
        },
    ]
}

impl<'a> Imports<'a> {
    fn of(worlds: impl Iterator<Item = (&'a str, &'a World)>) -> Self {
        let mut imports = Self {
            covering: HashSet::new(),
            any: HashSet::new(),
            interfaces: Vec::new(),
        };
        let mut seen = HashSet::new();
        for (id, world) in worlds {
            for import in &world.imports {
                for (name, _) in rules::names(import.asked()) {
                    imports.covering.insert((name, id));
                    imports.any.insert(name);
                }
                if seen.insert(import.interface.as_str()) {
                    imports.interfaces.push(&import.interface);
                }
            }
        }
        imports
    }

    /// Whether a component that a rule is for imports what it names.
    fn has(&self, rule: &RuleScope<'_>) -> bool {
        let name = match LINKING.contains(&rule.name) {
            true => split(LINKER),
            false => split(rule.name),
        };
        match rule.components {
            _ if rule.name == "*" => true,
            None => self.any.contains(&name),
            Some(ids) => ids.iter().any(|id| self.covering.contains(&(name, id))),
        }
    }

    /// The nearest name of what is imported: as much of it as the rule says.
    fn nearest(&self, name: &str) -> Option<String> {
        let (base, _) = name.split_once('@').unwrap_or((name, ""));
        let near = |interface: &&'a str| {
            let (of, _) = interface.split_once('@').unwrap_or((interface, ""));
            match base.contains('/') {
                true => of,
                false => of.split('/').next().unwrap_or(of),
            }
        };
        let near = nearest(base, self.interfaces.iter().map(near))?;
        // Those that differ in their versions alone.
        let version = |interface: &&'a str| {
            let is_near = *interface == near
                || interface.starts_with(&format!("{near}/"))
                || interface.starts_with(&format!("{near}@"));
            let (_, version) = interface.split_once('@')?;
            is_near.then(|| format!("{near}@{version}"))
        };
        match near == base {
            true => self.interfaces.iter().find_map(version),
            false => Some(near.to_string()),
        }
    }
}

/// Components that a host's rules are for, and that the plan does not have.
fn components(list: &List<'_>, ids: &HashSet<&str>, plan: &Plan, findings: &mut Findings) {
    for (index, rule) in list.rules.iter().enumerate() {
        for (place, id) in rule.components.into_iter().flatten().enumerate() {
            if ids.contains(id.as_str()) {
                continue;
            }
            findings.error(|| {
                let known = || plan.components.iter().map(|c| c.id.as_str());
                let message = format!(
                    "{} {:?} for component {id:?}, which the plan does not have",
                    list.says, rule.name
                );
                let help = match nearest(id, known()) {
                    Some(near) => format!("did you mean {near:?}?"),
                    None => "name components that the plan has".to_string(),
                };
                let place = format!("item {place} of the \"components\" of rule {index}");
                Diagnostic::error(diagnostic::Rule::UnknownHostRuleComponent, message, help)
                    .found(format!("{id:?}, {place}"))
                    .expected(some_of(known()))
            });
        }
    }
}

/// Names that mean nothing here.
fn names(list: &List<'_>, imports: &Imports<'_>, findings: &mut Findings) {
    let place = |index: usize| match list.of_plan {
        Some(list) => Place::RuleField(list, index, "name"),
        None => Place::Plan,
    };
    let mut others: Vec<(usize, &str)> = Vec::new();
    let mut looked_up = 0;
    for (index, rule) in list.rules.iter().enumerate() {
        if imports.has(rule) {
            continue;
        }
        if let Some(unknown) = unknown(rule.name, imports) {
            findings.error(|| {
                let message = format!("{} {:?}, but {}", list.says, rule.name, unknown.why);
                let help = match unknown.near {
                    Some(near) => format!("did you mean {near:?}?"),
                    None => "name an interface of WASI, or one that a component imports".into(),
                };
                Diagnostic::error(list.unknown, message, help)
                    .at(place(index))
                    .found(format!("{:?}", rule.name))
            });
            continue;
        }
        // What is near is looked up as often as it may be said, and no more.
        looked_up += 1;
        let near = match looked_up <= limits::FINDINGS {
            true => imports.nearest(rule.name),
            false => None,
        };
        let Some(near) = near else {
            // One that is required has its own error when it is not granted.
            if !rule.required {
                others.push((index, rule.name));
            }
            continue;
        };
        let message = match rule.components {
            None => format!("{} {:?}, which no component imports", list.says, rule.name),
            Some(ids) => format!(
                "{} {:?} for {}, which does not import it",
                list.says,
                rule.name,
                some_of(ids.iter().map(String::as_str))
            ),
        };
        let help = match split(rule.name) == split(&near) {
            true => "name a component that imports it".to_string(),
            false => format!("did you mean {near:?}?"),
        };
        findings.push(Diagnostic::warning(list.unused, message, help).at(place(index)));
    }
    let Some((first, _)) = others.first() else {
        return;
    };
    let message = format!(
        "{} what no component imports: {}",
        list.says,
        some_of(others.iter().map(|(_, name)| *name))
    );
    let help = "nothing to do, if the policy is for other plans too; else remove it";
    findings.push(Diagnostic::warning(list.unused, message, help).at(place(*first)));
}

/// Why nothing can have a name: a package, an interface or a version that WASI
/// does not have, and no component imports.
fn unknown(name: &str, imports: &Imports<'_>) -> Option<wasi::Unknown> {
    if imports.any.contains(&split(name)) || LINKING.contains(&name) {
        return None;
    }
    if let Some(rest) = name.strip_prefix("dynlink:") {
        return Some(wasi::Unknown {
            why: format!("the linker has no {rest:?}"),
            near: nearest(name, LINKING.into_iter()).map(str::to_string),
        });
    }
    wasi::unknown(name)
}
