//! What one encoded component is made of: units, their instances, exports.

use std::collections::BTreeMap;
use std::rc::Rc;

use wasm_encoder::ComponentType;

use compositor_diagnostic::index::{Idx, IndexVec};
use compositor_diagnostic::{Digest, indices};
use compositor_host::Segment;
use compositor_wasm::write::types::InstanceIndex;
use compositor_wasm::{NameOptions, World};

indices! {
    /// A unit of a level: the shared ones first, and then its own.
    pub struct UnitIndex;
}

/// A component that is embedded, known by its skeleton.
#[derive(Clone)]
pub struct Embedded {
    /// A name for debuggers.
    pub name: String,
    /// Its type.
    pub skeleton: Rc<[u8]>,
    /// Its imports and exports.
    pub world: Rc<World>,
    /// The same, written out: of a group, whose skeleton has those of all of
    /// its units, and of a component where there are many. None of others, and of
    /// those of which it cannot be.
    pub ty: Option<Rc<ComponentType>>,
    /// What takes the skeleton's place in the artifact.
    pub payload: Payload,
    /// Modules and components that this has, through all nesting and with itself.
    pub modules_and_components: usize,
}

/// What takes a skeleton's place.
#[derive(Clone, Debug)]
pub enum Payload {
    /// A blob of that many bytes.
    Blob(Digest, u64),
    /// A composed group.
    Segments(Vec<Segment>),
}

/// An instance of a unit.
#[derive(Clone)]
pub struct LevelInstance {
    /// A name for debuggers.
    pub name: String,
    /// Where the plan has the component that it is, or that it was made for; the
    /// whole plan of a group.
    pub pointer: String,
    /// Its unit.
    pub unit: UnitIndex,
    /// Who gives each import of the unit's world, in the world's order.
    pub arguments: Vec<Argument>,
}

/// Who gives an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    /// An export of an instance before this one.
    Instance(InstanceIndex, String),
    /// The encoded component's own import of that name.
    Open(String),
    /// Nobody needs to: it is types alone.
    Settled,
}

/// An export of the encoded component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// Its name.
    pub name: String,
    /// The instance that gives it.
    pub instance: InstanceIndex,
    /// What the instance calls it.
    pub export: String,
    /// What it says of itself beside its name.
    pub options: NameOptions,
}

/// One component to encode.
#[derive(Clone)]
pub struct Level {
    /// Units that several groups use. The outermost component embeds them;
    /// each group aliases all of them from the component around it, so that
    /// they have the same indices everywhere.
    pub shared: Vec<Embedded>,
    /// Whether this is the outermost component.
    pub outermost: bool,
    /// Units that this component embeds.
    pub own: Vec<Embedded>,
    /// Providers before consumers.
    pub instances: IndexVec<InstanceIndex, LevelInstance>,
    /// In order.
    pub exports: Vec<Exported>,
    /// What the artifact's imports say of themselves beside their names.
    pub options: Rc<BTreeMap<String, NameOptions>>,
}

impl Level {
    /// A unit by its index.
    pub fn unit(&self, unit: UnitIndex) -> &Embedded {
        match self.own_index(unit) {
            None => &self.shared[unit.index()],
            Some(own) => &self.own[own],
        }
    }

    /// Where a unit is among this component's own; none of a shared one.
    pub fn own_index(&self, unit: UnitIndex) -> Option<usize> {
        unit.index().checked_sub(self.shared.len())
    }

    /// The index of a unit that this component embeds itself.
    pub fn own_unit(&self, own: usize) -> UnitIndex {
        UnitIndex::new(self.shared.len() + own)
    }

    /// All units, in the order of their indices.
    pub fn units(&self) -> impl Iterator<Item = &Embedded> {
        self.shared.iter().chain(&self.own)
    }

    /// The world of an instance.
    pub fn world(&self, instance: InstanceIndex) -> &World {
        &self.unit(self.instances[instance].unit).world
    }

    /// The units whose bytes are in the encoded component, in order.
    pub fn embedded(&self) -> impl Iterator<Item = &Embedded> {
        self.units().skip(self.first_embedded())
    }

    /// The index of the first of them.
    pub fn first_embedded(&self) -> usize {
        match self.outermost {
            true => 0,
            false => self.shared.len(),
        }
    }
}
