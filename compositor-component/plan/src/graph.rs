//! The graph phase: ids, bindings and their order, without looking at any
//! blob. A plan that passes is a [`ValidPlan`]; nothing else can be resolved.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use crate::names::split;
use crate::place::{Place, RuleList};
use crate::{ComponentIndex, Plan};
use compositor_diagnostic::lists::some_of;
use compositor_diagnostic::order::topological;
use compositor_diagnostic::{Diagnostic, Digest, Error, Findings, Rule, suggest};

/// A plan whose graph is sound: ids are unique and known, imports are bound
/// once, and no component needs itself.
#[derive(Clone, Debug)]
pub struct ValidPlan {
    plan: Rc<Plan>,
    order: Vec<String>,
    reached: HashSet<String>,
}

impl ValidPlan {
    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Component ids, providers before their consumers; among those that are
    /// ready the smallest id is first, so that the order of the text does not
    /// matter.
    pub fn order(&self) -> &[String] {
        &self.order
    }

    /// Whether the artifact is made of a component, among others.
    pub fn reaches(&self, id: &str) -> bool {
        self.reached.contains(id)
    }
}

/// Checks the graph; returns warnings beside the plan.
pub fn check(plan: &Rc<Plan>) -> Result<(ValidPlan, Vec<Diagnostic>), Vec<Diagnostic>> {
    let mut findings = Findings::default();
    let ids: BTreeSet<&str> = plan.components.iter().map(|c| c.id.as_str()).collect();
    duplicate_ids(plan, &mut findings);
    unknown_ids(plan, &ids, &mut findings);
    duplicate_bindings(plan, &mut findings);
    duplicate_names(plan, &mut findings);
    duplicate_rules(plan, &mut findings);
    let order = order(plan, &ids);
    if let Err(cycle) = &order {
        findings.push(cycle_error(plan, cycle));
    }
    let findings = findings.end()?;
    let valid = ValidPlan {
        plan: Rc::clone(plan),
        order: order.unwrap_or_default(),
        reached: reached(plan),
    };
    Ok((valid, findings))
}

fn duplicate_ids(plan: &Plan, findings: &mut Findings) {
    let mut seen: HashMap<&str, ComponentIndex> = HashMap::new();
    for (index, component) in plan.indexed_components() {
        if let Some(first) = seen.insert(&component.id, index) {
            let message = format!("two components have the id {:?}", component.id);
            let help = format!("rename one; the other is {}", Place::Component(first));
            let error = Diagnostic::error(Rule::DuplicateId, message, help);
            findings.push(error.at(Place::ComponentField(index, "id")));
        }
    }
}

fn unknown_ids(plan: &Plan, ids: &BTreeSet<&str>, findings: &mut Findings) {
    let mut check = |id: &str, place: Place| {
        if ids.contains(id) {
            return;
        }
        findings.error(|| {
            let help = match suggest::nearest(id, ids.iter().copied()) {
                Some(near) => format!("did you mean {near:?}?"),
                None => "add a component of that id, or name one that is there".to_string(),
            };
            let message = format!("no component has the id {id:?}");
            Diagnostic::error(Rule::UnknownId, message, help)
                .at(place)
                .found(format!("{id:?}"))
                .expected(some_of(ids.iter().copied()))
        });
    };
    check(&plan.root, Place::Root);
    for (index, binding) in plan.indexed_bindings() {
        if let Some(consumer) = &binding.consumer {
            check(consumer, Place::BindingField(index, "consumer_id"));
        }
        check(&binding.provider, Place::BindingField(index, "provider_id"));
    }
    for (index, export) in plan.explicit_exports.iter().enumerate() {
        let place = Place::ExplicitExportField(index, "source_instance");
        check(&export.source_instance, place);
    }
    for (list, rules) in rules(plan) {
        for (index, (_, ids)) in rules.into_iter().enumerate() {
            for (of, id) in ids.into_iter().flatten().enumerate() {
                check(id, Place::RuleComponent(list, index, of));
            }
        }
    }
}

/// A name, and the components that it is said for.
type RuleScope<'a> = (&'a str, Option<&'a [String]>);

/// What the policy says of imports, by its lists.
fn rules(plan: &Plan) -> [(RuleList, Vec<RuleScope<'_>>); 2] {
    let policy = plan.policy.iter();
    let capabilities = policy.clone().flat_map(|policy| &policy.capabilities);
    let denials = policy.flat_map(|policy| &policy.denials);
    [
        (
            RuleList::Capabilities,
            capabilities
                .map(|c| (c.name.as_str(), c.components.as_deref()))
                .collect(),
        ),
        (
            RuleList::Denials,
            denials
                .map(|d| (d.name.as_str(), d.components.as_deref()))
                .collect(),
        ),
    ]
}

/// A name may stand again for other components, and once for all of them; of
/// versions of one track any is its name.
fn duplicate_rules(plan: &Plan, findings: &mut Findings) {
    for (list, rules) in rules(plan) {
        let mut seen = HashMap::new();
        for (index, (name, ids)) in rules.into_iter().enumerate() {
            let all = ids.is_none().then_some("");
            let ids = ids.into_iter().flatten().map(String::as_str);
            for id in ids.chain(all) {
                let Some(first) = seen.insert((split(name), id), name) else {
                    continue;
                };
                findings.error(|| {
                    let whose = match id {
                        "" => String::new(),
                        id => format!(" for component {id:?}"),
                    };
                    let message = match first == name {
                        true => format!("{name:?} is listed twice in the {}{whose}", list.name()),
                        false => format!(
                            "{first:?} and {name:?} in the {}{whose} are versions of one track",
                            list.name()
                        ),
                    };
                    Diagnostic::error(Rule::DuplicateRule, message, "remove one of them")
                        .at(Place::Rule(list, index))
                });
            }
        }
    }
}

fn duplicate_bindings(plan: &Plan, findings: &mut Findings) {
    let mut seen = HashMap::new();
    for (index, binding) in plan.indexed_bindings() {
        let consumer = plan.consumer_of(binding);
        if let Some(first) = seen.insert((consumer, binding.import_name.as_str()), index) {
            let message = format!(
                "import {:?} of {consumer:?} is bound twice",
                binding.import_name
            );
            let help = format!("remove one; the other is {}", Place::Binding(first));
            let error = Diagnostic::error(Rule::DuplicateBinding, message, help);
            findings.push(error.at(Place::Binding(index)));
        }
    }
}

/// What a list says twice means nothing more, and would make two plans of one.
fn duplicate_names(plan: &Plan, findings: &mut Findings) {
    let mut report = |place: fn(usize) -> Place, what: &str, names: Vec<&str>| {
        let mut seen = BTreeSet::new();
        for (index, name) in names.into_iter().enumerate() {
            if !seen.insert(name) {
                let message = format!("{what} {name:?} is listed twice");
                let error = Diagnostic::error(Rule::DuplicateName, message, "remove one of them");
                findings.push(error.at(place(index)));
            }
        }
    };
    let exports = plan
        .explicit_exports
        .iter()
        .map(|e| e.interface_name.as_str());
    report(Place::ExplicitExport, "export", exports.collect());
    report(
        Place::Import,
        "import",
        plan.imports.iter().map(String::as_str).collect(),
    );
    report(
        Place::Secret,
        "secret",
        plan.secrets.iter().map(|s| s.id.as_str()).collect(),
    );
}

/// The components that the artifact is made of: the root, what is exported
/// explicitly, and their providers.
pub fn reached(plan: &Plan) -> HashSet<String> {
    let providers = providers(plan);
    let exported = plan.explicit_exports.iter();
    let exported = exported.map(|export| export.source_instance.as_str());
    let mut next: Vec<&str> = exported.chain([plan.root.as_str()]).collect();
    let mut reached = HashSet::new();
    while let Some(id) = next.pop() {
        if reached.insert(id.to_string()) {
            next.extend(providers.get(id).into_iter().flatten());
        }
    }
    reached
}

/// A component that nothing reaches is not in a static artifact. Under
/// `runtime` linkage it may be resolved by id, which no binding shows. Checked
/// beside the shapes: a binding that is missing leaves both a component that
/// nothing reaches and an import that names it.
pub fn unreached(valid: &ValidPlan, findings: &mut Findings) {
    if valid.plan.linkage.resolves() {
        return;
    }
    for (index, component) in valid.plan.indexed_components() {
        if valid.reaches(&component.id) {
            continue;
        }
        findings.error(|| {
            let message = format!("nothing reaches component {:?}", component.id);
            let help = "bind an import to it, export it, or remove it; a component that is \
                        resolved by id needs \"linkage\": \"runtime\"";
            Diagnostic::error(Rule::UnreachedComponent, message, help).at(Place::Component(index))
        });
    }
}

/// The providers of each consumer.
fn providers(plan: &Plan) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut providers: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for binding in &plan.bindings {
        let consumer = plan.consumer_of(binding);
        providers
            .entry(consumer)
            .or_default()
            .insert(&binding.provider);
    }
    providers
}

/// Providers before consumers, or the ids of a cycle in the order in which
/// each needs the next.
fn order(plan: &Plan, ids: &BTreeSet<&str>) -> Result<Vec<String>, Vec<String>> {
    let providers = providers(plan);
    let mut needs: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for id in ids {
        let known = needs.entry(id).or_default();
        for provider in providers.get(id).into_iter().flatten() {
            if ids.contains(provider) {
                known.insert(provider);
            }
        }
    }
    let stuck = match topological(&needs) {
        Ok(order) => return Ok(order.into_iter().map(str::to_string).collect()),
        Err(stuck) => stuck,
    };
    // Whoever is stuck needs somebody who is stuck: following the smallest
    // such need must come back to where it was.
    let mut path: Vec<&str> = Vec::new();
    let mut at = stuck.first().copied();
    while let Some(id) = at {
        if let Some(start) = path.iter().position(|before| *before == id) {
            path.drain(..start);
            break;
        }
        path.push(id);
        at = needs[id]
            .iter()
            .copied()
            .find(|other| stuck.contains(other));
    }
    // Starts at the smallest id, wherever the search came in.
    let smallest = path.iter().enumerate().min_by_key(|(_, id)| **id);
    let start = smallest.map_or(0, |(index, _)| index);
    path.rotate_left(start);
    Err(path.into_iter().map(str::to_string).collect())
}

fn cycle_error(plan: &Plan, cycle: &[String]) -> Diagnostic {
    let mut path: Vec<&str> = cycle.iter().map(String::as_str).collect();
    path.extend(cycle.first().map(String::as_str));
    let mut bindings = plan.indexed_bindings();
    let first = bindings.find(|(_, binding)| {
        path.len() > 1 && plan.consumer_of(binding) == path[0] && binding.provider == path[1]
    });
    let message = format!(
        "components need each other in a cycle: {}",
        path.join(" -> ")
    );
    let help = "remove a binding of the cycle: an instance exists only after its providers";
    let error = Diagnostic::error(Rule::BindingCycle, message, help).found(path.join(" -> "));
    match first {
        Some((index, _)) => error.at(Place::Binding(index)),
        None => error,
    }
}

/// An error about a blob, at the component that it is.
pub fn of_component(error: Error, plan: &Plan, digest: &Digest) -> Diagnostic {
    let mut components = plan.indexed_components();
    let found = components.find(|(_, component)| component.digest.as_ref() == Some(digest));
    let Some((index, component)) = found else {
        return Diagnostic::of_host(error, Place::Plan);
    };
    let message = format!("component {:?}: {}", component.id, error.message);
    Diagnostic::of_host(Error { message, ..error }, Place::Component(index))
}
