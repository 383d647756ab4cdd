//! The imports that components do not plainly get from the host.

use std::collections::{BTreeMap, HashMap};

use compositor_plan::{Decided, Decision};

/// Decisions on the imports of components that are virtualized.
pub struct Virtualized<'a>(BTreeMap<&'a str, HashMap<&'a str, Decision>>);

impl<'a> Virtualized<'a> {
    /// Those among all that was decided.
    pub fn among(decided: &'a [Decided]) -> Self {
        let mut all: BTreeMap<&str, HashMap<&str, Decision>> = BTreeMap::new();
        for decided in decided.iter().filter(|of| !of.decision.is_plain()) {
            for consumer in &decided.consumers {
                let imports = all.entry(consumer).or_default();
                imports.insert(&decided.import, decided.decision);
            }
        }
        Self(all)
    }

    /// Whether each component gets all that it asks for, as it is.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The decisions on a component's imports, if some are virtualized.
    pub fn of(&self, component: &str) -> Option<&HashMap<&'a str, Decision>> {
        self.0.get(component)
    }

    /// Whether imports of a component are virtualized.
    pub fn has(&self, component: &str) -> bool {
        self.0.contains_key(component)
    }

    /// The decision on an import of a component, if it is virtualized.
    pub fn decision(&self, component: &str, import: &str) -> Option<Decision> {
        self.of(component)?.get(import).copied()
    }

    /// Whether a component has an import from the host, be it recorded.
    pub fn is_given(&self, component: &str, import: &str) -> bool {
        let decision = self.decision(component, import);
        decision.is_none_or(|decision| decision.is_given())
    }
}
