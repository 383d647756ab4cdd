//! A plan whose policy is enforced, which is the only thing that can be composed.

use std::collections::{BTreeMap, HashMap};

use super::generated::Generated;
use crate::generated_ids::is_generated;
use crate::resolve::{Part, ResolvedPlan};
use crate::shape_phase::{Export, Link, Open};
use compositor_plan::Plan;
use compositor_plan::graph::ValidPlan;
use compositor_wasm::{Shapes, World};

/// A plan in which each import that a component does not get from the host is bound to
/// a generated component. Only [`super::enforce`] makes one, and nothing changes it.
pub struct EnforcedPlan {
    valid: ValidPlan,
    /// Those of the plan, and then those that were generated.
    parts: Vec<Part>,
    first_generated: usize,
    index_of: HashMap<String, usize>,
    shapes: Shapes,
    order: Vec<String>,
    links: Vec<Link>,
    open: BTreeMap<String, Open>,
    exports: Vec<Export>,
    work: usize,
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
        let work = resolved.work().saturating_add(generated.work);
        let ResolvedPlan {
            valid,
            mut parts,
            shapes,
            part_of: mut index_of,
            ..
        } = resolved;
        let first_generated = parts.len();
        parts.extend(generated.parts);
        index_of.extend(generated.index_of);
        let mut order = Vec::new();
        for id in valid.order() {
            order.extend(before.get(id).into_iter().flatten().cloned());
            order.push(id.clone());
        }
        Self {
            valid,
            parts,
            first_generated,
            index_of,
            shapes,
            order,
            links,
            open,
            exports,
            work,
        }
    }

    /// The plan, as it was written.
    pub fn plan(&self) -> &Plan {
        self.valid.plan()
    }

    /// The ids of its components and of those that were generated for it, providers
    /// before their consumers.
    pub fn order(&self) -> &[String] {
        &self.order
    }

    /// Whether the artifact is made of a component, among others.
    pub fn reaches(&self, id: &str) -> bool {
        is_generated(id) || self.valid.reaches(id)
    }

    /// The index of the part behind an id.
    pub fn part_index(&self, id: &str) -> usize {
        self.index_of[id]
    }

    /// The part of an index.
    pub fn part(&self, index: usize) -> &Part {
        &self.parts[index]
    }

    /// The parts that are components of the plan, in order.
    pub fn of_plan(&self) -> &[Part] {
        &self.parts[..self.first_generated]
    }

    /// Whether the part of an index was generated for the plan: then it is its skeleton,
    /// and the store does not have it.
    pub fn is_generated(&self, index: usize) -> bool {
        index >= self.first_generated
    }

    /// The parts that were generated, in order.
    pub fn generated(&self) -> &[Part] {
        &self.parts[self.first_generated..]
    }

    /// The world of a component.
    pub fn world(&self, id: &str) -> &World {
        &self.part(self.part_index(id)).world
    }

    /// The structures of all worlds.
    pub fn shapes(&self) -> &Shapes {
        &self.shapes
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
        self.work
    }
}
