//! Which resources of two components are in the same places of their types.
//!
//! Types that were found to fit have the same structure, so walking both at once
//! meets each handle of one where the other has its own.

use std::collections::{HashMap, HashSet};

use compositor_wasm::types::{AnyTypeId, DefinedType, EntityType, ResourceId, ValueType};
use compositor_wasm::{Extern, World, children};

/// The pairs of resources of an import, and of the export that is bound to it.
pub fn same_resources(
    (needs, import): (&World, &Extern),
    (gives, export): (&World, &Extern),
) -> Vec<(AnyTypeId, AnyTypeId)> {
    let given: HashMap<Option<&str>, EntityType> = items(gives, export).collect();
    let mut same = Same::of(needs, gives);
    for (name, ty) in items(needs, import) {
        if let Some(given) = given.get(&name) {
            same.entities(ty, *given);
        }
    }
    same.resources
}

/// The items of an instance by name, or what an import or export is itself.
pub fn items<'a>(
    world: &'a World,
    item: &Extern,
) -> impl Iterator<Item = (Option<&'a str>, EntityType)> + use<'a> {
    let (own, instance) = match item.ty {
        EntityType::Instance(id) => (None, Some(world.types.items(id).iter())),
        ty => (Some((None, ty)), None),
    };
    let items = instance.into_iter().flatten();
    let items = items.map(|(name, ty)| (Some(name), ty));
    own.into_iter().chain(items)
}

/// A type of one of two components.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Side {
    One(AnyTypeId),
    Other(AnyTypeId),
}

/// Walks types of two components at once. Types that were met in one place stay
/// together: what two types have in common with a third, they have in common. So
/// there are no more steps than types, however often each is named.
pub struct Same<'a> {
    one: &'a World,
    other: &'a World,
    /// What each type is together with; itself at the end.
    together: HashMap<Side, Side>,
    met: HashSet<(ResourceId, ResourceId)>,
    /// Resources that are in the same place, each pair once.
    pub resources: Vec<(AnyTypeId, AnyTypeId)>,
}

impl<'a> Same<'a> {
    pub fn of(one: &'a World, other: &'a World) -> Self {
        Self {
            one,
            other,
            together: HashMap::new(),
            met: HashSet::new(),
            resources: Vec::new(),
        }
    }

    /// Walks two items: functions, or types.
    pub fn entities(&mut self, one: EntityType, other: EntityType) {
        let mut next = Vec::new();
        match (one, other) {
            (EntityType::Func(one), EntityType::Func(other)) => {
                let (one, other) = (self.one.types.func(one), self.other.types.func(other));
                next.extend(one.values().zip(other.values()).filter_map(any));
            }
            (EntityType::Type(one), EntityType::Type(other)) => next.push((one, other)),
            (EntityType::Value(one), EntityType::Value(other)) => {
                next.extend(any((one, other)));
            }
            _ => {}
        }
        while let Some((one, other)) = next.pop() {
            if !self.join(Side::One(one), Side::Other(other)) {
                continue;
            }
            match (one, other) {
                (AnyTypeId::Resource(a), AnyTypeId::Resource(b)) => {
                    if self.met.insert((a.resource(), b.resource())) {
                        self.resources.push((one, other));
                    }
                }
                (AnyTypeId::Defined(a), AnyTypeId::Defined(b)) => {
                    let (a, b) = (self.one.types.defined(a), self.other.types.defined(b));
                    match (handle(a), handle(b)) {
                        (Some(one), Some(other)) => next.push((one, other)),
                        _ => next.extend(children(a).into_iter().zip(children(b)).filter_map(any)),
                    }
                }
                _ => {}
            }
        }
    }

    /// Puts two types together; whether they were not.
    fn join(&mut self, one: Side, other: Side) -> bool {
        let (one, other) = (self.find(one), self.find(other));
        if one == other {
            return false;
        }
        self.together.insert(one, other);
        true
    }

    /// What stands for all that a type is together with.
    fn find(&mut self, side: Side) -> Side {
        let mut at = side;
        while let Some(next) = self.together.get(&at).copied() {
            // Halves the way for who comes next.
            if let Some(after) = self.together.get(&next).copied() {
                self.together.insert(at, after);
            }
            at = next;
        }
        at
    }
}

/// The resource that a handle is to.
fn handle(ty: DefinedType<'_>) -> Option<AnyTypeId> {
    match ty {
        DefinedType::Own(id) | DefinedType::Borrow(id) => Some(AnyTypeId::Resource(id)),
        _ => None,
    }
}

/// Two types that are not primitive; parts of equal types are both or neither.
fn any((one, other): (ValueType, ValueType)) -> Option<(AnyTypeId, AnyTypeId)> {
    match (one, other) {
        (ValueType::Defined(one), ValueType::Defined(other)) => {
            Some((AnyTypeId::Defined(one), AnyTypeId::Defined(other)))
        }
        _ => None,
    }
}
