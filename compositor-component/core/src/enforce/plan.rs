//! A plan whose policy is enforced, which is the only thing that can be composed.

use std::collections::{BTreeMap, HashMap};

use super::generated::Generated;
use crate::generated_ids::{is_generated, made_for};
use crate::resolve::{Part, PartIndex, ResolvedPlan};
use crate::shape_phase::{Export, Link, Open};
use compositor_diagnostic::index::{Idx, IndexVec};
use compositor_plan::graph::ValidPlan;
use compositor_plan::{Place, Plan};
use compositor_wasm::{Shapes, World};

/// A plan in which each import that a component does not get from the host is bound to
/// a generated component. Only [`super::enforce`] makes one, and nothing changes it.
///
/// It is all that is composed, so that a pipeline without the call does not compile:
///
/// ```
/// use compositor_core::{EnforcedPlan, ShapedPlan};
///
/// fn order(enforced: &EnforcedPlan) -> &[String] {
///     enforced.order()
/// }
///
/// fn is_whole(shaped: &ShapedPlan) -> bool {
///     shaped.links.is_empty()
/// }
/// ```
///
/// A plan that was not enforced is not one that was:
///
/// ```compile_fail,E0308
/// use compositor_core::{EnforcedPlan, ShapedPlan};
///
/// fn order(shaped: &ShapedPlan) -> &[String] {
///     EnforcedPlan::order(shaped)
/// }
/// ```
///
/// It cannot be made into one by hand, as what would have to be said is private:
///
/// ```compile_fail,E0451
/// use compositor_core::{EnforcedPlan, ShapedPlan};
///
/// fn forge(shaped: ShapedPlan, enforced: EnforcedPlan) -> EnforcedPlan {
///     EnforcedPlan {
///         links: shaped.links,
///         ..enforced
///     }
/// }
/// ```
///
/// Nor can one that was enforced be changed:
///
/// ```compile_fail,E0616
/// use compositor_core::EnforcedPlan;
///
/// fn open(mut enforced: EnforcedPlan) -> EnforcedPlan {
///     enforced.links.clear();
///     enforced
/// }
/// ```
pub struct EnforcedPlan {
    valid: ValidPlan,
    /// Those of the plan, and then those that were generated.
    parts: IndexVec<PartIndex, Part>,
    first_generated: PartIndex,
    index_of: HashMap<String, PartIndex>,
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
        let first_generated = PartIndex::new(parts.len());
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

    /// Where the component of an id is in the plan, or the one that it was generated
    /// for; the whole plan of what was generated for several.
    pub fn place(&self, id: &str) -> Place {
        let component = self.plan().component(made_for(id));
        component.map_or(Place::Plan, Place::Component)
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
    pub fn part_index(&self, id: &str) -> PartIndex {
        self.index_of[id]
    }

    /// The part of an index.
    pub fn part(&self, index: PartIndex) -> &Part {
        &self.parts[index]
    }

    /// The parts that are components of the plan, in order.
    pub fn of_plan(&self) -> &[Part] {
        self.parts.split_at(self.first_generated.index()).0
    }

    /// Whether the part of an index was generated for the plan: then it is its skeleton,
    /// and the store does not have it.
    pub fn is_generated(&self, index: PartIndex) -> bool {
        index >= self.first_generated
    }

    /// The parts that were generated, in order.
    pub fn generated(&self) -> &[Part] {
        self.parts.split_at(self.first_generated.index()).1
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
