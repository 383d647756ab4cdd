//! Whether two worlds are the same, also in which of their types are which.
//!
//! What an instance may be passed to follows from the structure of its types and
//! from the identity of its resources. Whether it may be exported follows from
//! more: a type has to have a name around it, and in the binary a type that is
//! passed on is the same as before, or an alias of its own.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use compositor_wasm::types::{
    AnyTypeId, DefinedType, EntityType, FuncTypeId, ResourceId, ValueType,
};
use compositor_wasm::{Extern, World, children};

/// Whether one world can stand for another wherever a component has it.
pub fn is_same(a: &World, b: &World) -> bool {
    let alike = |a: &[Extern], b: &[Extern]| {
        let mut pairs = a.iter().zip(b);
        a.len() == b.len() && pairs.all(|(a, b)| a.name == b.name && a.shape == b.shape)
    };
    if !alike(&a.imports, &b.imports) || !alike(&a.exports, &b.exports) {
        return false;
    }
    let mut same = Same {
        a,
        b,
        named: Pairs::default(),
        resources: Pairs::default(),
        seen: HashSet::new(),
    };
    let items = |world: &World| -> Vec<EntityType> {
        let all = world.imports.iter().chain(&world.exports);
        all.map(|item| item.ty).collect()
    };
    let (ours, theirs) = (items(a), items(b));
    let mut pairs = ours.iter().zip(&theirs);
    pairs.clone().all(|(a, b)| same.names(*a, *b)) && pairs.all(|(a, b)| same.item(*a, *b))
}

/// Pairs of what is the same, each on either side once.
struct Pairs<T>(HashMap<T, T>, HashMap<T, T>);

impl<T> Default for Pairs<T> {
    fn default() -> Self {
        Self(HashMap::new(), HashMap::new())
    }
}

impl<T: Copy + Eq + Hash> Pairs<T> {
    fn add(&mut self, a: T, b: T) -> bool {
        *self.0.entry(a).or_insert(b) == b && *self.1.entry(b).or_insert(a) == a
    }

    /// Whether two are a pair; none when both are in none.
    fn are(&self, a: T, b: T) -> Option<bool> {
        match (self.0.get(&a), self.1.get(&b)) {
            (None, None) => None,
            (known, _) => Some(known == Some(&b)),
        }
    }
}

/// Two worlds of the same structure.
struct Same<'a> {
    a: &'a World,
    b: &'a World,
    /// Types by their names.
    named: Pairs<AnyTypeId>,
    /// Resources, whatever their names.
    resources: Pairs<ResourceId>,
    /// What was compared: a type may be made of another many times.
    seen: HashSet<(AnyTypeId, AnyTypeId)>,
}

impl Same<'_> {
    /// Pairs the types that an import or export names.
    fn names(&mut self, a: EntityType, b: EntityType) -> bool {
        match (a, b) {
            (EntityType::Type(a), EntityType::Type(b)) => {
                let is_same = match (a, b) {
                    (AnyTypeId::Resource(a), AnyTypeId::Resource(b)) => {
                        self.resources.add(a.resource(), b.resource())
                    }
                    _ => true,
                };
                is_same && self.named.add(a, b)
            }
            (EntityType::Instance(a), EntityType::Instance(b)) => {
                let (a, b) = (self.a.types.items(a), self.b.types.items(b));
                let mut pairs = a.iter().zip(b.iter());
                pairs.all(|((a, ty), (b, other))| a == b && self.names(ty, other))
            }
            _ => true,
        }
    }

    /// Whether an import or export is made of the same types.
    fn item(&mut self, a: EntityType, b: EntityType) -> bool {
        match (a, b) {
            (EntityType::Type(a), EntityType::Type(b)) => self.parts(a, b),
            (EntityType::Instance(a), EntityType::Instance(b)) => {
                let (a, b) = (self.a.types.items(a), self.b.types.items(b));
                let mut pairs = a.types().zip(b.types());
                pairs.all(|(a, b)| self.item(a, b))
            }
            (EntityType::Func(a), EntityType::Func(b)) => self.func(a, b),
            _ => false,
        }
    }

    fn func(&mut self, a: FuncTypeId, b: FuncTypeId) -> bool {
        let a: Vec<ValueType> = self.a.types.func(a).values().collect();
        let b: Vec<ValueType> = self.b.types.func(b).values().collect();
        self.values(&a, &b)
    }

    fn values(&mut self, a: &[ValueType], b: &[ValueType]) -> bool {
        let mut pairs = a.iter().zip(b);
        pairs.all(|(a, b)| match (*a, *b) {
            (ValueType::Defined(a), ValueType::Defined(b)) => {
                self.part(AnyTypeId::Defined(a), AnyTypeId::Defined(b))
            }
            (ValueType::Primitive(_), ValueType::Primitive(_)) => true,
            _ => false,
        })
    }

    /// Whether something is made of one where the other is made of the other.
    fn part(&mut self, a: AnyTypeId, b: AnyTypeId) -> bool {
        match self.named.are(a, b) {
            Some(is_same) => is_same,
            None => self.parts(a, b),
        }
    }

    fn parts(&mut self, a: AnyTypeId, b: AnyTypeId) -> bool {
        if !self.seen.insert((a, b)) {
            return true;
        }
        let (a, b) = match (a, b) {
            (AnyTypeId::Defined(a), AnyTypeId::Defined(b)) => (a, b),
            (AnyTypeId::Resource(a), AnyTypeId::Resource(b)) => {
                return self.resources.are(a.resource(), b.resource()) == Some(true);
            }
            _ => return false,
        };
        use DefinedType::{Borrow, Own};
        match (self.a.types.defined(a), self.b.types.defined(b)) {
            (Own(a), Own(b)) | (Borrow(a), Borrow(b)) => {
                self.part(AnyTypeId::Resource(a), AnyTypeId::Resource(b))
            }
            (a, b) => self.values(&children(a), &children(b)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emit::context::given;
    use compositor_diagnostic::limits::Limits;
    use compositor_wasm::Shapes;
    use compositor_wasm::write::component_type;

    /// Whether a component is the same as what is written of it.
    fn is_same_written(text: &str) -> bool {
        let mut shapes = Shapes::new(&Limits::default());
        let bytes = wat::parse_str(text).expect("sound WAT");
        let world = World::of(&bytes, &mut shapes).expect("a world");
        let ty = component_type(&world).expect("a type that can be written");
        let read = given(&ty, &mut shapes).expect("a type that can be read");
        is_same(&world, &read)
    }

    /// A component with an import, and what it exports of its own.
    fn component(exports: &str) -> String {
        format!(
            r#"(component
                (import "a:a/types" (instance $i
                    (export "r" (type $r (sub resource)))
                    (type $p (record (field "x" u32)))
                    (export "p" (type $p' (eq $p)))
                    (export "f" (func (param "p" (tuple $p' $p')) (result (own $r))))))
                (alias export $i "r" (type $r))
                (alias export $i "p" (type $p))
                (alias export $i "f" (func $f))
                {exports})"#
        )
    }

    #[test]
    fn what_is_written_is_the_same() {
        assert!(is_same_written(&component("")));
        assert!(is_same_written(&component(
            r#"(type $own (resource (rep i32)))
               (export "own" (type $own))
               (export $r' "r" (type $r))
               (export "p" (type $p))
               (export "f" (func $f))"#,
        )));
    }

    #[test]
    fn a_type_that_is_passed_on_is_not_an_alias_of_it() {
        assert!(!is_same_written(&component(
            r#"(export "a:a/types" (instance $i))"#
        )));
        assert!(!is_same_written(&component(
            r#"(instance $e (export "p" (type $p)) (export "r" (type $r)))
               (export "a:a/more" (instance $e))"#,
        )));
    }
}
