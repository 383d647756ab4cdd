//! The components that are generated for a plan.

use std::collections::HashMap;
use std::rc::Rc;

use crate::resolve::{Part, PartIndex, ResolvedPlan};
use compositor_diagnostic::index::Idx;
use compositor_diagnostic::{Diagnostic, Digest, Rule};
use compositor_plan::Place;
use compositor_wasm::World;

/// Generated components, whose indices follow those of the plan's parts.
#[derive(Default)]
pub struct Generated {
    /// Those that are no part of the plan.
    pub parts: Vec<Part>,
    /// By id, also of those that are a part of the plan.
    pub index_of: HashMap<String, PartIndex>,
    by_digest: HashMap<Digest, PartIndex>,
    /// What they add to the plan's work.
    pub work: usize,
}

impl Generated {
    /// Adds a component under an id, and what it adds to the plan's work. What is there
    /// already, as a part of the plan or a generated one, is not added again.
    pub fn add(
        &mut self,
        resolved: &mut ResolvedPlan,
        id: String,
        bytes: Vec<u8>,
        work: usize,
    ) -> Result<(), Diagnostic> {
        let digest = Digest::of(&bytes);
        let known = self.by_digest.get(&digest).copied();
        if let Some(index) = known.or_else(|| resolved.part_with(&digest)) {
            self.index_of.insert(id, index);
            return Ok(());
        }
        let world = World::of(&bytes, &mut resolved.shapes).map_err(|error| {
            // Types may be small enough once, and too large twice.
            let message =
                format!("what was generated to virtualize imports, {id:?}, is not valid: {error}");
            let help = "grant the imports; if it is not a size or a number that is too large, \
                        report this with the plan and its components";
            Diagnostic::error(Rule::InvalidVirtualizer, message, help).at(Place::Policy)
        })?;
        let index = PartIndex::new(resolved.parts.len() + self.parts.len());
        self.index_of.insert(id, index);
        self.by_digest.insert(digest, index);
        self.work = self.work.saturating_add(work);
        self.parts.push(Part {
            features: world.features,
            digest,
            size: bytes.len() as u64,
            skeleton: bytes.into(),
            world: Rc::new(world),
        });
        Ok(())
    }
}
