//! A plan whose policy is enforced, which is the only thing that can be composed.

use std::collections::{BTreeMap, HashMap};

use super::generated::Generated;
use crate::resolve::{Part, ResolvedPlan};
use crate::shape_phase::{Export, Link, Open};
use compositor_plan::Plan;
use compositor_wasm::{Shapes, World};

/// A plan in which each import that a component does not get from the host is bound to
/// a generated component. Only [`super::enforce`] makes one, and nothing changes it.
pub struct EnforcedPlan {
    resolved: ResolvedPlan,
    generated: Generated,
    order: Vec<String>,
    links: Vec<Link>,
    open: BTreeMap<String, Open>,
    exports: Vec<Export>,
}

impl EnforcedPlan {
    /// The plan with what was generated for it; `before` has, by the id of a component,
    /// the ids of what was generated for it, in order.
    pub(super) fn new(
        resolved: ResolvedPlan,
        generated: Generated,
        before: &HashMap<String, Vec<String>>,
        links: Vec<Link>,
        open: BTreeMap<String, Open>,
        exports: Vec<Export>,
    ) -> Self {
        let mut order = Vec::new();
        for id in resolved.valid.order() {
            order.extend(before.get(id).into_iter().flatten().cloned());
            order.push(id.clone());
        }
        Self {
            resolved,
            generated,
            order,
            links,
            open,
            exports,
        }
    }

    /// The plan, as it was written.
    pub fn plan(&self) -> &Plan {
        self.resolved.valid.plan()
    }

    /// The ids of its components and of those that were generated for it, providers
    /// before their consumers.
    pub fn order(&self) -> &[String] {
        &self.order
    }

    /// Whether the artifact is made of a component, among others.
    pub fn reaches(&self, id: &str) -> bool {
        self.generated.index(id).is_some() || self.resolved.valid.reaches(id)
    }

    /// The index of the part behind an id.
    pub fn part_index(&self, id: &str) -> usize {
        let generated = self.generated.index(id);
        generated.unwrap_or_else(|| self.resolved.part_index(id))
    }

    /// The part of an index.
    pub fn part(&self, index: usize) -> &Part {
        let parts = &self.resolved.parts;
        match index.checked_sub(parts.len()) {
            Some(index) => &self.generated.parts()[index],
            None => &parts[index],
        }
    }

    /// The parts that were generated, in order.
    pub fn generated(&self) -> &[Part] {
        self.generated.parts()
    }

    /// The world of a component.
    pub fn world(&self, id: &str) -> &World {
        &self.part(self.part_index(id)).world
    }

    /// The structures of all worlds.
    pub fn shapes(&self) -> &Shapes {
        &self.resolved.shapes
    }

    /// Bindings, those to generated components among them.
    pub fn links(&self) -> &[Link] {
        &self.links
    }

    /// Imports that stay open, by name.
    pub fn open(&self) -> &BTreeMap<String, Open> {
        &self.open
    }

    /// Exports of the artifact, in order.
    pub fn exports(&self) -> &[Export] {
        &self.exports
    }

    /// What the limit `work` is about.
    pub fn work(&self) -> usize {
        let work = self.resolved.work();
        work.saturating_add(self.generated.work())
    }
}
