//! The part of a plan that one component needs, as a plan of its own. Under
//! `runtime` linkage the root and every provider is such a program: it is
//! composed with what it is bound to, and with nothing else of the plan.

use std::collections::HashSet;
use std::rc::Rc;

use crate::diagnostic::Diagnostic;
use crate::graph;
use crate::plan::{Binding, Component, Encoding, Linkage, Parsed, Plan};
use crate::tree::{Node, Source, Span, Value};

/// A part of a plan.
pub struct Excerpt {
    /// As a plan.
    pub parsed: Parsed<'static>,
    /// Where its components and bindings are in the whole plan.
    components: Vec<usize>,
    bindings: Vec<usize>,
    /// And where those of the policy are.
    capabilities: Vec<usize>,
    denials: Vec<usize>,
}

impl Excerpt {
    /// What `root` needs of a plan whose graph is sound.
    pub fn of(plan: &Plan, root: &str) -> Self {
        let explicit_exports = match root == plan.root {
            true => plan.explicit_exports.clone(),
            false => Vec::new(),
        };
        let mut excerpt = Plan {
            root: root.to_string(),
            linkage: Linkage::Static,
            explicit_exports,
            components: Vec::new(),
            bindings: Vec::new(),
            secrets: Vec::new(),
            imports: plan.imports.clone(),
            policy: plan.policy.clone(),
        };
        let whole = Plan {
            root: excerpt.root.clone(),
            explicit_exports: excerpt.explicit_exports.clone(),
            bindings: plan.bindings.iter().map(|b| explicit(plan, b)).collect(),
            ..plan.clone()
        };
        let reached = graph::reached(&whole);
        let (mut components, mut bindings) = (Vec::new(), Vec::new());
        for (index, component) in plan.components.iter().enumerate() {
            if reached.contains(&component.id) {
                components.push(index);
                // Where it came from says nothing about what it is.
                let source = None;
                excerpt.components.push(Component {
                    source,
                    ..component.clone()
                });
            }
        }
        for (index, binding) in whole.bindings.into_iter().enumerate() {
            if reached.contains(whole_consumer(&binding)) {
                bindings.push(index);
                excerpt.bindings.push(binding);
            }
        }
        let (mut capabilities, mut denials) = (Vec::new(), Vec::new());
        if let Some(policy) = &mut excerpt.policy {
            capabilities = keep(&mut policy.capabilities, |c| &mut c.components, &reached);
            denials = keep(&mut policy.denials, |d| &mut d.components, &reached);
        }
        let nowhere = Node {
            value: Value::Null,
            span: Span::default(),
        };
        let source = Source {
            text: None,
            tree: nowhere,
        };
        let parsed = Parsed {
            plan: Rc::new(excerpt),
            encoding: Encoding::Cbor,
            source,
        };
        Self {
            parsed,
            components,
            bindings,
            capabilities,
            denials,
        }
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

/// Keeps of a policy what is for components that are reached, or for all;
/// returns where that was. What is left of a list that was for others must not
/// become one for all.
fn keep<T>(
    items: &mut Vec<T>,
    of: fn(&mut T) -> &mut Option<Vec<String>>,
    reached: &HashSet<String>,
) -> Vec<usize> {
    let mut kept = Vec::new();
    let mut index = 0;
    items.retain_mut(|item| {
        let is_kept = match of(item) {
            None => true,
            Some(ids) => {
                ids.retain(|id| reached.contains(id));
                !ids.is_empty()
            }
        };
        kept.extend(is_kept.then_some(index));
        index += 1;
        is_kept
    });
    kept
}

/// The same binding with its consumer named: another root has other bindings
/// without one.
fn explicit(plan: &Plan, binding: &Binding) -> Binding {
    Binding {
        consumer: Some(plan.consumer_of(binding).to_string()),
        ..binding.clone()
    }
}

fn whole_consumer(binding: &Binding) -> &str {
    binding.consumer.as_deref().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::parse;

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
        let limits = crate::limits::Limits::default();
        let whole = parse(text.as_bytes(), &limits).expect("a sound plan");
        let excerpt = Excerpt::of(&whole.plan, "b");
        let policy = excerpt.parsed.plan.policy.clone().expect("a policy");
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
            assert_eq!(excerpt.pointer(there), here);
        }
    }
}
