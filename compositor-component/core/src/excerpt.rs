//! The part of a plan that one component needs, as a plan of its own. Under
//! `runtime` linkage the root and every provider is such a program: it is
//! composed with what it is bound to, and with nothing else of the plan.

use crate::diagnostic::Diagnostic;
use crate::graph;
use crate::plan::{Binding, Component, Encoding, Linkage, Parsed, Plan};
use crate::tree::{Node, Source, Span, Value};

/// A part of a plan.
pub struct Excerpt {
    /// As a plan.
    pub parsed: Parsed,
    /// Where its components and bindings are in the whole plan.
    components: Vec<usize>,
    bindings: Vec<usize>,
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
        let nowhere = Node {
            value: Value::Null,
            span: Span::default(),
        };
        let source = Source {
            text: None,
            tree: nowhere,
        };
        let parsed = Parsed {
            plan: excerpt,
            encoding: Encoding::Cbor,
            source,
        };
        Self {
            parsed,
            components,
            bindings,
        }
    }

    /// Findings about it as findings about the whole plan.
    pub fn place(&self, whole: &Parsed, findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
        let moved = findings.into_iter().map(|finding| Diagnostic {
            pointer: self.pointer(&finding.pointer),
            position: None,
            ..finding
        });
        whole.place(moved.collect())
    }

    fn pointer(&self, pointer: &str) -> String {
        let mut tokens: Vec<String> = pointer.split('/').map(str::to_string).collect();
        let indices = match tokens.get(1).map(String::as_str) {
            Some("components") => &self.components,
            Some("bindings") => &self.bindings,
            _ => return pointer.to_string(),
        };
        if let Some(token) = tokens.get_mut(2)
            && let Some(index) = token.parse().ok().and_then(|i: usize| indices.get(i))
        {
            *token = index.to_string();
        }
        tokens.join("/")
    }
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
