//! Where the resources come from that virtualizers are made of.
//!
//! Components that pass each other a resource of the host mean one resource.
//! When one of them gets it from the host, it is the host's for all of them,
//! and those that it is denied to can hold it, but do nothing with it. When it
//! is denied to all, the first one's virtualizer defines it.

use std::collections::HashMap;

use super::virtualized::Virtualized;
use crate::decide::Retained;
use crate::generated_ids::virtualizer_id;
use crate::shape_phase::{Bound, ResourceImport, ShapedPlan, SharedIndex};
use compositor_adapter::Source;
use compositor_diagnostic::index::IndexVec;

/// Who has which resource.
pub struct Owners<'a> {
    shaped: &'a ShapedPlan,
    virtualized: &'a Virtualized<'a>,
    bound: Bound<'a>,
    shared: IndexVec<SharedIndex, Shared<'a>>,
    retained: &'a Retained<'a>,
}

/// Those that mean one resource.
struct Shared<'a> {
    /// One that gets it from the host.
    given: Option<&'a ResourceImport>,
    /// The first in the order of instances.
    first: Option<&'a ResourceImport>,
}

impl<'a> Owners<'a> {
    pub fn of(
        shaped: &'a ShapedPlan,
        virtualized: &'a Virtualized<'a>,
        retained: &'a Retained<'a>,
    ) -> Self {
        let mut owners = Self {
            shaped,
            virtualized,
            bound: Bound::of(&shaped.links),
            shared: IndexVec::default(),
            retained,
        };
        let order = shaped.resolved.valid.order().iter().enumerate();
        let rank: HashMap<&str, usize> = order.map(|(rank, id)| (id.as_str(), rank)).collect();
        for members in shaped.shared.members() {
            let mut members = members.iter();
            let first = members.clone();
            let shared = Shared {
                given: members.find(|member| owners.is_the_hosts(member)),
                first: first.min_by_key(|member| rank[member.component.as_str()]),
            };
            owners.shared.push(shared);
        }
        owners
    }

    /// Where a resource of a component's import comes from, and its name there;
    /// none when the component's virtualizer defines it.
    pub fn source(&self, id: &str, import: &str, name: &str) -> Option<(Source, String)> {
        let open =
            |import: &str, name: &str| Some((Source::Open(import.to_string()), name.to_string()));
        if let Some(link) = self.bound.to(id, import) {
            let source = Source::Export(link.provider.clone(), link.export.clone());
            return Some((source, name.to_string()));
        }
        let asked = ResourceImport {
            component: id.to_string(),
            import: import.to_string(),
            export: Some(name.to_string()),
        };
        if self.is_the_hosts(&asked) {
            return open(import, name);
        }
        let shared = &self.shared[self.shaped.shared.of(&asked)?];
        if let Some((import, name)) = shared.given.and_then(item) {
            return open(import, name);
        }
        let first = shared.first.filter(|first| first.component != id)?;
        let (import, name) = item(first)?;
        let source = Source::Export(virtualizer_id(&first.component), import.to_string());
        Some((source, name.to_string()))
    }

    /// Whether a resource that a component imports by itself is one with another's,
    /// because of a binding.
    pub fn is_shared(&self, id: &str, import: &str) -> bool {
        let asked = ResourceImport {
            component: id.to_string(),
            import: import.to_string(),
            export: None,
        };
        self.shaped.shared.of(&asked).is_some()
    }

    /// Whether a component gets a resource from the host, or hands it out.
    fn is_the_hosts(&self, resource: &ResourceImport) -> bool {
        let ResourceImport {
            component,
            import,
            export,
        } = resource;
        let types = self.retained.types(component, import);
        let name = export.as_ref().unwrap_or(import);
        self.virtualized.is_given(component, import)
            || types.is_some_and(|types| types.contains(name.as_str()))
    }
}

/// The instance that a resource is an item of, and its name there.
fn item(resource: &ResourceImport) -> Option<(&str, &str)> {
    Some((&resource.import, resource.export.as_deref()?))
}
