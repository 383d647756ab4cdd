//! Components around an encoded one, in which that has its type.
//!
//! At the end of each module and component, a validator copies its lists of all
//! types so far: with each skeleton where it is embedded, that would be the square
//! of their number. So what is validated is the encoded component with aliases in
//! place of its skeletons. Around it is each skeleton once, however many units have
//! it, and of groups, whose skeletons have those of all their units, the type.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::rc::Rc;

use wasm_encoder::{
    Component, ComponentImportSection, ComponentType, ComponentTypeRef, ComponentTypeSection,
    Encode,
};

use crate::emit::level::{Embedded, Level};
use crate::emit::segments::{COMPONENT_SECTION, aliased};
use compositor_diagnostic::limits::COMPONENTS_PER_COMPONENT;
use compositor_wasm::write::builder::Builder;
use compositor_wasm::{Shapes, World, WorldError};

/// An encoded component in its context.
pub struct Enclosed {
    /// The outermost component.
    pub bytes: Vec<u8>,
    /// How many are around the encoded one, each the last in the next.
    pub depth: usize,
}

/// Puts a level, encoded with skeletons, into its context.
pub fn enclose(level: &Level, encoded: &[u8]) -> Enclosed {
    // The encoded component takes an index itself.
    const END: usize = COMPONENTS_PER_COMPONENT - 1;
    let mut context = Context::default();
    for unit in level.units().take(END) {
        context.add(unit);
    }
    let embedded = (0..).take(END).skip(level.first_embedded()).map(Some);
    let mut builder = context.builder;
    builder.component("encoded", &aliased(encoded, embedded));
    Enclosed {
        bytes: surround(builder.finish(), &context.types),
        depth: context.types.len() + 1,
    }
}

/// The component right around the encoded one, which has each unit at the index
/// that it has there.
#[derive(Default)]
struct Context<'a> {
    builder: Builder,
    /// What components further and further out are given, each one of a type.
    types: Vec<&'a ComponentType>,
    /// The indices of skeletons.
    skeletons: HashMap<*const [u8], u32>,
}

impl<'a> Context<'a> {
    /// Adds the next unit.
    fn add(&mut self, unit: &'a Embedded) {
        if let Some(ty) = &unit.ty {
            self.types.push(ty);
            let count = self.types.len() as u32;
            self.builder.outer_component(&unit.name, count, 0);
            return;
        }
        match self.skeletons.entry(Rc::as_ptr(&unit.skeleton)) {
            Entry::Occupied(known) => {
                self.builder.outer_component(&unit.name, 0, *known.get());
            }
            Entry::Vacant(new) => {
                new.insert(self.builder.component(&unit.name, &unit.skeleton));
            }
        }
    }
}

/// The world of a type, at the end of a component that is given one.
pub fn given(ty: &ComponentType, shapes: &mut Shapes) -> Result<World, WorldError> {
    World::of_enclosed(&giving(ty).finish(), 1, shapes)
}

/// A component that imports one of a type.
fn giving(ty: &ComponentType) -> Component {
    let mut component = Component::new();
    let mut types = ComponentTypeSection::new();
    types.component(ty);
    component.section(&types);
    let mut imports = ComponentImportSection::new();
    imports.import("given", ComponentTypeRef::Component(0));
    component.section(&imports);
    component
}

/// Puts components around another, the first right around it, each of which
/// imports a component of a type: one each, because the size of all imports of
/// a component together is limited.
fn surround(inner: Vec<u8>, types: &[&ComponentType]) -> Vec<u8> {
    let mut size = inner.len();
    let mut parts = vec![inner];
    for ty in types {
        let mut start = giving(ty).finish();
        start.push(COMPONENT_SECTION);
        size.encode(&mut start);
        size += start.len();
        parts.push(start);
    }
    parts.reverse();
    parts.concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emit::level::{Argument, LevelInstance, Payload, UnitIndex};
    use crate::emit::wrapper::encode;
    use compositor_diagnostic::Digest;
    use compositor_diagnostic::index::Idx;
    use compositor_diagnostic::limits::Limits;
    use compositor_wasm::write::types::InstanceIndex;

    fn unit(text: &str) -> Embedded {
        let bytes = wat::parse_str(text).expect("sound WAT");
        let world = World::of(&bytes, &mut Shapes::new(&Limits::default()));
        Embedded {
            name: "unit".into(),
            world: Rc::new(world.expect("a world")),
            ty: None,
            payload: Payload::Blob(Digest::of(&bytes), bytes.len() as u64),
            modules_and_components: 1,
            skeleton: bytes.into(),
        }
    }

    fn placed(unit: usize, arguments: &[(usize, &str)]) -> LevelInstance {
        let supply = |(from, export): &(usize, &str)| {
            Argument::Instance(InstanceIndex::new(*from), (*export).into())
        };
        LevelInstance {
            name: "instance".into(),
            pointer: String::new(),
            unit: UnitIndex::new(unit),
            arguments: arguments.iter().map(supply).collect(),
        }
    }

    /// What a validator says of instances of units.
    fn validated(own: Vec<Embedded>, instances: Vec<LevelInstance>) -> Result<(), String> {
        let level = Level {
            shared: Vec::new(),
            outermost: true,
            own,
            instances: instances.into(),
            exports: Vec::new(),
            options: Rc::default(),
        };
        let encoded = encode(&level).expect("imports that can be written");
        let mut shapes = Shapes::new(&Limits::default());
        let enclosed = enclose(&level, &encoded);
        let world = World::of_enclosed(&enclosed.bytes, enclosed.depth, &mut shapes);
        let whole = World::of(&encoded, &mut shapes);
        assert_eq!(world.as_ref().err(), whole.as_ref().err());
        world.map(drop).map_err(|error| error.to_string())
    }

    const GIVES: &str = r#"(component
        (core module $m (func (export "f") (result i32) i32.const 0))
        (core instance $m (instantiate $m))
        (func (export "f") (result u32) (canon lift (core func $m "f"))))"#;

    #[test]
    fn what_does_not_fit_is_refused() {
        let validated = |asks: &str| {
            let asks = format!(r#"(component (import "f" (func (result {asks}))))"#);
            let units = vec![unit(GIVES), unit(&asks)];
            validated(units, vec![placed(0, &[]), placed(1, &[(0, "f")])])
        };
        assert_eq!(validated("u32"), Ok(()));
        let refused = validated("s32").unwrap_err();
        assert!(refused.contains("type mismatch"), "{refused}");
    }

    #[test]
    fn equal_skeletons_have_resources_of_their_own() {
        let gives = unit(
            r#"(component
                (type $r (resource (rep i32)))
                (export $e "r" (type $r))
                (core module $m (func (export "f") (result i32) i32.const 0))
                (core instance $m (instantiate $m))
                (func (export "f") (result (own $e)) (canon lift (core func $m "f"))))"#,
        );
        let asks = unit(
            r#"(component
                (import "r" (type $r (sub resource)))
                (import "f" (func (result (own $r)))))"#,
        );
        let validated = |from: usize| {
            let units = vec![gives.clone(), gives.clone(), asks.clone()];
            let asks = placed(2, &[(0, "r"), (from, "f")]);
            validated(units, vec![placed(0, &[]), placed(1, &[]), asks])
        };
        assert_eq!(validated(0), Ok(()));
        let refused = validated(1).unwrap_err();
        assert!(refused.contains("type mismatch"), "{refused}");
    }

    #[test]
    fn as_many_units_as_a_component_holds() {
        // The encoded one counts, and in its context what is around it.
        const MOST: usize = COMPONENTS_PER_COMPONENT - 2;
        let units = |count: usize| (0..count).map(|_| unit("(component)")).collect();
        assert_eq!(validated(units(MOST), vec![placed(MOST - 1, &[])]), Ok(()));
        let refused = validated(units(MOST + 2), vec![placed(MOST, &[])]).unwrap_err();
        assert!(refused.contains("components count"), "{refused}");
    }
}
