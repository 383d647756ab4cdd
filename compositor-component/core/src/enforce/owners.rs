//! Where the resources come from that virtualizers are made of.
//!
//! Components that pass each other a resource of the host mean one resource.
//! When one of them gets it from the host, it is the host's for all of them,
//! and those that it is denied to can hold it, but do nothing with it. When it
//! is denied to all, the first one's virtualizer defines it.

use std::collections::{BTreeMap, HashMap};

use crate::decide::Retained;
use crate::generated_ids::virtualizer_id;
use crate::shape_phase::{ResourceImport, ShapedPlan};
use compositor_adapter::Source;
use compositor_plan::Decision;

/// Decisions on the imports of each component that are virtualized.
type Wanted<'a> = BTreeMap<String, HashMap<&'a str, Decision>>;

/// Who has which resource.
pub struct Owners<'a> {
    wanted: &'a Wanted<'a>,
    links: HashMap<(&'a str, &'a str), (&'a str, &'a str)>,
    /// The class of each resource that is one with others.
    class_of: HashMap<&'a ResourceImport, usize>,
    classes: Vec<Class<'a>>,
    retained: &'a Retained<'a>,
}

/// Those that mean one resource.
#[derive(Clone, Copy, Default)]
struct Class<'a> {
    /// One that gets it from the host.
    given: Option<&'a ResourceImport>,
    /// The first in the order of instances.
    first: Option<&'a ResourceImport>,
}

impl<'a> Owners<'a> {
    pub fn of(shaped: &'a ShapedPlan, wanted: &'a Wanted<'a>, retained: &'a Retained<'a>) -> Self {
        let links = shaped.links.iter().map(|link| {
            let consumer = (link.consumer.as_str(), link.import.as_str());
            (consumer, (link.provider.as_str(), link.export.as_str()))
        });
        let mut class_of: HashMap<&ResourceImport, usize> = HashMap::new();
        let mut classes: Vec<Vec<&ResourceImport>> = Vec::new();
        for (one, other) in &shaped.shared {
            let [one, other] = [one, other].map(|member| {
                *class_of.entry(member).or_insert_with(|| {
                    classes.push(vec![member]);
                    classes.len() - 1
                })
            });
            if one == other {
                continue;
            }
            // The smaller one moves, so that none moves often.
            let (to, from) = match classes[one].len() < classes[other].len() {
                true => (other, one),
                false => (one, other),
            };
            let moved = std::mem::take(&mut classes[from]);
            class_of.extend(moved.iter().map(|member| (*member, to)));
            classes[to].extend(moved);
        }
        let mut owners = Self {
            wanted,
            links: links.collect(),
            class_of,
            classes: Vec::with_capacity(classes.len()),
            retained,
        };
        let order = shaped.resolved.valid.order().iter().enumerate();
        let rank: HashMap<&str, usize> = order.map(|(rank, id)| (id.as_str(), rank)).collect();
        for members in classes {
            let members = members.into_iter();
            owners.classes.push(Class {
                given: members.clone().find(|member| owners.is_the_hosts(member)),
                first: members.min_by_key(|member| rank.get(member.0.as_str()).copied()),
            });
        }
        owners
    }

    /// Where a resource of a component's import comes from, and its name there;
    /// none when the component's virtualizer defines it.
    pub fn source(&self, id: &str, import: &str, name: &str) -> Option<(Source, String)> {
        let open =
            |import: &str, name: &str| Some((Source::Open(import.to_string()), name.to_string()));
        if let Some((provider, export)) = self.links.get(&(id, import)) {
            let source = Source::Export((*provider).to_string(), (*export).to_string());
            return Some((source, name.to_string()));
        }
        let asked = (id.to_string(), import.to_string(), Some(name.to_string()));
        if self.is_the_hosts(&asked) {
            return open(import, name);
        }
        let class = self.class_of.get(&asked);
        let class = class.map(|class| self.classes[*class]).unwrap_or_default();
        if let Some((_, import, Some(name))) = class.given {
            return open(import, name);
        }
        match class.first {
            Some((owner, import, Some(name))) if owner != id => {
                let source = Source::Export(virtualizer_id(owner), import.clone());
                Some((source, name.clone()))
            }
            _ => None,
        }
    }

    /// Whether a resource that a component imports by itself is one with another's,
    /// because of a binding.
    pub fn is_shared(&self, id: &str, import: &str) -> bool {
        let asked = (id.to_string(), import.to_string(), None);
        self.class_of.contains_key(&asked)
    }

    /// Whether a component gets a resource from the host, or hands it out.
    fn is_the_hosts(&self, (id, import, name): &ResourceImport) -> bool {
        let decision = self
            .wanted
            .get(id)
            .and_then(|imports| imports.get(import.as_str()));
        let is_given = decision.is_none_or(|decision| decision.is_given());
        let types = self.retained.types(id, import);
        let name = name.as_ref().unwrap_or(import);
        is_given || types.is_some_and(|types| types.contains(name.as_str()))
    }
}
