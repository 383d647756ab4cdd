//! What one encoded component is made of: units, their instances, exports.

use crate::digest::Digest;
use crate::emit::segments::Segment;
use crate::wasm::World;

/// A component that is embedded, known by its skeleton.
pub struct Unit<'a> {
    /// A name for debuggers.
    pub name: String,
    /// Its type.
    pub skeleton: &'a [u8],
    /// Its imports and exports.
    pub world: &'a World,
    /// What takes the skeleton's place in the artifact.
    pub payload: Payload,
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
pub struct Placed {
    /// A name for debuggers.
    pub name: String,
    /// The index of its unit.
    pub unit: usize,
    /// Who gives each import of the unit's world, in the world's order.
    pub supplies: Vec<Supply>,
}

/// Who gives an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Supply {
    /// An export of an instance before this one.
    Instance(usize, String),
    /// The artifact's own import of that name.
    Open(String),
    /// Nobody needs to: it is types alone.
    Settled,
}

/// An export of the encoded component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// Its name.
    pub name: String,
    /// The index of the instance that gives it.
    pub instance: usize,
    /// What the instance calls it.
    pub export: String,
}

/// One component to encode.
pub struct Level<'a> {
    /// Embedded components.
    pub units: Vec<Unit<'a>>,
    /// Providers before consumers.
    pub instances: Vec<Placed>,
    /// In order.
    pub exports: Vec<Exported>,
}

impl Level<'_> {
    /// The world of an instance.
    pub fn world(&self, instance: usize) -> &World {
        self.units[self.instances[instance].unit].world
    }
}
