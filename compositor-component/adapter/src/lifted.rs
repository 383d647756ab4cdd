//! A function of an import that is virtualized: its type, how it is called, and what it
//! answers.

use super::abi::{self, Signature};
use super::behavior::Behavior;
use compositor_wasm::World;
use compositor_wasm::types::{DefinedType, FuncTypeId, ResourceId, ValueType};

/// A function, by what is exported and how it is called.
pub(super) struct Lifted<'a> {
    pub(super) name: &'a str,
    pub(super) ty: FuncTypeId,
    pub(super) signature: Signature,
    pub(super) answer: Behavior,
}

impl<'a> Lifted<'a> {
    /// A function of which only how it is called matters.
    pub(super) fn of(world: &World, name: &'a str, ty: FuncTypeId) -> Self {
        let signature = abi::signature(&world.types, ty);
        Self {
            name,
            ty,
            signature,
            answer: Behavior::Nothing,
        }
    }

    /// Whether values of it are passed in memory.
    pub(super) fn in_memory(&self, world: &World) -> bool {
        let result = world.types.func(self.ty).result();
        let texts = result.is_some_and(|ty| abi::has_pointer(&world.types, ty));
        self.signature.result_in_memory || texts || self.allocates(world)
    }

    /// Whether its parameters are in memory that is allocated for them.
    pub(super) fn allocates(&self, world: &World) -> bool {
        let mut params = world.types.func(self.ty).param_types();
        self.signature.params_in_memory || params.any(|ty| abi::has_pointer(&world.types, ty))
    }
}

/// The resource that a function returns a handle of.
pub(super) fn owned(world: &World, result: Option<ValueType>) -> Option<ResourceId> {
    let ValueType::Defined(id) = result? else {
        return None;
    };
    match world.types.defined(id) {
        DefinedType::Own(id) => Some(id.resource()),
        _ => None,
    }
}
