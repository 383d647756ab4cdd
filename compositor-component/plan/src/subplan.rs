//! The part of a plan that one component needs, as a plan of its own. Under
//! `runtime` linkage the root and every provider is such a program: it is
//! composed with what it is bound to, and with nothing else of the plan.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use crate::{Binding, Component, ComponentIndex, Encoding, Parsed, Plan, Policy};
use compositor_diagnostic::Diagnostic;
use compositor_diagnostic::index::Idx as _;
use compositor_diagnostic::tree::{Node, Source, Span, Value};

/// A plan whose graph is sound, by component: each part is found in the time
/// that its own size takes.
pub struct Whole<'a> {
    plan: &'a Plan,
    components: HashMap<&'a str, usize>,
    /// Where the bindings of each consumer are.
    bindings: HashMap<&'a str, Vec<usize>>,
    capabilities: RulesByComponent<'a>,
    denials: RulesByComponent<'a>,
}

/// Where the rules of a list are that are for all components, and those that
/// are for one, with its place among those that each is for.
#[derive(Default)]
struct RulesByComponent<'a> {
    all: Vec<usize>,
    own: HashMap<&'a str, Vec<(usize, usize)>>,
}

/// A part of a plan.
pub struct Subplan {
    /// As a plan.
    pub parsed: Parsed<'static>,
    /// Where its components and bindings are in the whole plan.
    components: Vec<usize>,
    bindings: Vec<usize>,
    /// And where those of the policy are.
    capabilities: Vec<usize>,
    denials: Vec<usize>,
}

impl<'a> Whole<'a> {
    /// Of such a plan.
    pub fn of(plan: &'a Plan) -> Self {
        let components = plan.components.iter().enumerate();
        let mut bindings: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, binding) in plan.bindings.iter().enumerate() {
            let consumer = plan.consumer_of(binding);
            bindings.entry(consumer).or_default().push(index);
        }
        let capabilities = plan.policy.iter().flat_map(|policy| &policy.capabilities);
        let denials = plan.policy.iter().flat_map(|policy| &policy.denials);
        Self {
            plan,
            components: components.map(|(at, c)| (c.id.as_str(), at)).collect(),
            bindings,
            capabilities: RulesByComponent::of(capabilities.map(|c| &c.components)),
            denials: RulesByComponent::of(denials.map(|d| &d.components)),
        }
    }

    /// Whether imports of a component are bound.
    pub fn binds(&self, consumer: &str) -> bool {
        self.bindings.contains_key(consumer)
    }

    /// Where a component is.
    pub fn component(&self, id: &str) -> ComponentIndex {
        ComponentIndex::new(self.components[id])
    }

    /// What a component needs.
    pub fn subplan(&self, root: &str) -> Subplan {
        let plan = self.plan;
        let explicit_exports = match root == plan.root {
            true => plan.explicit_exports.clone(),
            false => Vec::new(),
        };
        let exported = explicit_exports.iter();
        let exported = exported.map(|export| export.source_instance.as_str());
        let mut next: Vec<&str> = exported.chain([root]).collect();
        let (mut components, mut bindings) = (BTreeSet::new(), Vec::new());
        while let Some(id) = next.pop() {
            if components.insert(self.components[id]) {
                let own = self.bindings.get(id).into_iter().flatten();
                bindings.extend(own.clone());
                next.extend(own.map(|index| plan.bindings[*index].provider.as_str()));
            }
        }
        bindings.sort_unstable();
        let components: Vec<usize> = components.into_iter().collect();
        let ids = || components.iter().map(|at| plan.components[*at].id.as_str());
        let capabilities = self.capabilities.about(ids());
        let denials = self.denials.about(ids());
        let policy = plan.policy.as_ref().map(|policy| Policy {
            capabilities: capabilities
                .iter()
                .map(|(index, places)| {
                    let capability = &policy.capabilities[*index];
                    capability.of_components(some(&capability.components, places))
                })
                .collect(),
            denials: denials
                .iter()
                .map(|(index, places)| {
                    let denial = &policy.denials[*index];
                    denial.of_components(some(&denial.components, places))
                })
                .collect(),
            ..policy.of_each_program()
        });
        let subplan = Plan {
            root: root.to_string(),
            components: components
                .iter()
                .map(|index| Component {
                    // Where it came from says nothing about what it is.
                    source: None,
                    ..plan.components[*index].clone()
                })
                .collect(),
            bindings: bindings
                .iter()
                .map(|index| of_root(root, plan, &plan.bindings[*index]))
                .collect(),
            explicit_exports,
            policy,
            ..plan.of_each_program()
        };
        let nowhere = Node {
            value: Value::Null,
            span: Span::default(),
        };
        let source = Source {
            text: None,
            tree: nowhere,
        };
        let parsed = Parsed {
            plan: Rc::new(subplan),
            encoding: Encoding::Cbor,
            source,
        };
        Subplan {
            parsed,
            components,
            bindings,
            capabilities: capabilities.into_keys().collect(),
            denials: denials.into_keys().collect(),
        }
    }
}

impl<'a> RulesByComponent<'a> {
    fn of(rules: impl Iterator<Item = &'a Option<Vec<String>>>) -> Self {
        let mut by_component = Self::default();
        for (index, components) in rules.enumerate() {
            let Some(ids) = components else {
                by_component.all.push(index);
                continue;
            };
            for (place, id) in ids.iter().enumerate() {
                let own = by_component.own.entry(id).or_default();
                own.push((index, place));
            }
        }
        by_component
    }

    /// What is for all components or for some of these, in the order of the
    /// list; with each, the places of those that it is for.
    fn about<'b>(&self, ids: impl Iterator<Item = &'b str>) -> BTreeMap<usize, BTreeSet<usize>> {
        let mut about: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        about.extend(self.all.iter().map(|index| (*index, BTreeSet::new())));
        for (index, place) in ids.filter_map(|id| self.own.get(id)).flatten() {
            about.entry(*index).or_default().insert(*place);
        }
        about
    }
}

impl Subplan {
    /// How much of the plan it is: its items of all lists together.
    pub fn size(&self) -> usize {
        let plan = &self.parsed.plan;
        let policy = plan.policy.iter();
        let capabilities = policy.clone().flat_map(|policy| &policy.capabilities);
        let denials = policy.flat_map(|policy| &policy.denials);
        let rules = capabilities.map(|c| &c.components);
        let rules = rules.chain(denials.map(|d| &d.components));
        let rules: usize = rules.map(|ids| 1 + ids.iter().flatten().count()).sum();
        plan.components.len()
            + plan.bindings.len()
            + plan.explicit_exports.len()
            + plan.imports.len()
            + rules
    }

    /// Findings about it as findings about the whole plan.
    pub fn place(&self, whole: &Parsed<'_>, findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
        let moved = findings.into_iter().map(|finding| Diagnostic {
            pointer: self.pointer(&finding.pointer),
            position: None,
            ..finding
        });
        whole.place(moved.collect())
    }

    fn pointer(&self, pointer: &str) -> String {
        let mut tokens: Vec<String> = pointer.split('/').map(str::to_string).collect();
        let token = |index: usize| tokens.get(index).map(String::as_str);
        let (indices, at) = match (token(1), token(2)) {
            (Some("components"), _) => (&self.components, 2),
            (Some("bindings"), _) => (&self.bindings, 2),
            (Some("policy"), Some("capabilities")) => (&self.capabilities, 3),
            (Some("policy"), Some("denials")) => (&self.denials, 3),
            _ => return pointer.to_string(),
        };
        if let Some(token) = tokens.get_mut(at)
            && let Some(index) = token.parse().ok().and_then(|i: usize| indices.get(i))
        {
            *token = index.to_string();
        }
        tokens.join("/")
    }
}

/// Of those that a rule is for, the ones at these places. What is for others
/// only is not asked about, so that it does not become a rule for all.
fn some(components: &Option<Vec<String>>, places: &BTreeSet<usize>) -> Option<Vec<String>> {
    let ids = components.as_ref()?;
    Some(places.iter().map(|place| ids[*place].clone()).collect())
}

/// The same binding in a plan of another root: its bindings alone have no
/// consumer, as in a plan that was written for it.
fn of_root(root: &str, plan: &Plan, binding: &Binding) -> Binding {
    let consumer = plan.consumer_of(binding);
    Binding {
        consumer: (consumer != root).then(|| consumer.to_string()),
        ..binding.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    /// What was for others only must not become what is for all.
    #[test]
    fn a_policy_keeps_what_is_for_the_components_that_are_left() {
        let component = |id| serde_json::json!({ "id": id, "source": "x" });
        let plan = serde_json::json!({
            "version": "1", "root": "a", "linkage": "runtime",
            "components": [component("a"), component("b"), component("c")],
            "bindings": [{ "consumer_id": "b", "import_name": "c", "provider_id": "c", "export_name": "c" }],
            "policy": {
                "capabilities": [
                    { "name": "wasi:http", "level": "required", "components": ["a"] },
                    { "name": "wasi:sockets", "level": "optional", "components": ["c", "a"] },
                    { "name": "wasi:cli", "level": "optional" },
                ],
                "denials": [
                    { "name": "*", "components": ["a"] },
                    { "name": "wasi:random", "components": ["b"] },
                ],
            },
        });
        let text = plan.to_string();
        let limits = compositor_diagnostic::limits::Limits::default();
        let whole = parse(text.as_bytes(), &limits).expect("a sound plan");
        let subplan = Whole::of(&whole.plan).subplan("b");
        let policy = subplan.parsed.plan.policy.clone().expect("a policy");
        let ids = |id: &str| Some(vec![id.to_string()]);
        let capabilities: Vec<_> = policy
            .capabilities
            .into_iter()
            .map(|c| (c.name, c.components))
            .collect();
        assert_eq!(
            capabilities,
            [
                ("wasi:sockets".to_string(), ids("c")),
                ("wasi:cli".to_string(), None),
            ]
        );
        let denials: Vec<_> = policy
            .denials
            .into_iter()
            .map(|d| (d.name, d.components))
            .collect();
        assert_eq!(denials, [("wasi:random".to_string(), ids("b"))]);
        for (there, here) in [
            ("/policy/capabilities/0", "/policy/capabilities/1"),
            ("/policy/denials/0/name", "/policy/denials/1/name"),
            ("/policy/determinism", "/policy/determinism"),
            ("/components/1", "/components/2"),
        ] {
            assert_eq!(subplan.pointer(there), here);
        }
    }
}
