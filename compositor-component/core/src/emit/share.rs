//! Components that were made for the plan and that several others embed: the
//! outermost component has each once, and those alias it.
//!
//! What virtualizes the imports of a component has a component for each of them,
//! with core modules. Those of one interface are the same for all components
//! that import it alike, and hosts limit how many an artifact has.

use std::collections::HashMap;
use std::rc::Rc;

use crate::emit::level::{Embedded, Payload};
use crate::emit::segments::{aliased, embedded};
use crate::resolve::Part;
use compositor_host::Segment;
use compositor_wasm::{Shapes, World, WorldError};

/// Components by their bytes, with the indices of those that are shared.
pub struct Shared {
    /// Each once, in the order in which they are met.
    pub units: Vec<Embedded>,
    index: HashMap<Rc<[u8]>, u32>,
}

impl Shared {
    /// What several of the made parts embed, or one of them several times.
    ///
    /// # Errors
    /// None is expected: each was read as a part of what embeds it.
    pub fn of<'a>(
        parts: impl Iterator<Item = &'a Part>,
        shapes: &mut Shapes,
    ) -> Result<Self, WorldError> {
        let mut uses: HashMap<&[u8], usize> = HashMap::new();
        let mut order = Vec::new();
        for bytes in parts.flat_map(|part| embedded(&part.skeleton)) {
            let count = uses.entry(bytes).or_default();
            *count += 1;
            if *count == 2 {
                order.push(bytes);
            }
        }
        let mut units = Vec::with_capacity(order.len());
        let mut index = HashMap::with_capacity(order.len());
        for bytes in order {
            let skeleton: Rc<[u8]> = bytes.into();
            let world = World::of(&skeleton, shapes)?;
            index.insert(skeleton.clone(), units.len() as u32);
            units.push(Embedded {
                name: format!("shared{}", units.len()),
                ty: None,
                payload: Payload::Segments(vec![Segment::Bytes(bytes.to_vec())]),
                modules_and_components: world.modules_and_components,
                world: Rc::new(world),
                skeleton,
            });
        }
        Ok(Self { units, index })
    }

    /// A made part as it is in the artifact. The component around it has those
    /// that are shared at their indices.
    pub fn payload(&self, part: &Part) -> Vec<u8> {
        let outer = embedded(&part.skeleton).map(|bytes| self.index.get(bytes).copied());
        aliased(&part.skeleton, outer)
    }
}
