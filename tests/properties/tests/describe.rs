//! Exports as WIT: a parser of WIT takes what is printed, whatever is exported.

use std::collections::BTreeSet;

use arbitrary::Unstructured;
use compositor_core::Limits;
use compositor_core::wasm::{Shapes, World, document_wit};
use test_generate::{Composition, Kinds, Part, WorldTypes, noise};
use wit_parser::Resolve;

/// Prints and parses each import and export of a component.
fn parses(bytes: &[u8]) -> usize {
    let world = World::of(bytes, &mut Shapes::new(&Limits::default())).expect("a world");
    let all = world.imports.iter().chain(&world.exports);
    for item in all.clone() {
        let text = document_wit(&world, item);
        if let Err(error) = Resolve::default().push_str("printed.wit", &text) {
            panic!("{error:?}\n{text}");
        }
    }
    all.count()
}

#[test]
fn of_generated_interfaces() {
    let kinds = Kinds {
        policies: false,
        mistakes: false,
    };
    let mut printed = 0;
    for number in 0..60 {
        let bytes = noise(number, 2000);
        let Ok(composition) = Composition::new(&mut Unstructured::new(&bytes), kinds) else {
            continue;
        };
        for component in composition.blobs.values() {
            printed += parses(component);
        }
    }
    assert!(printed > 300, "{printed}");
}

#[test]
fn of_types_of_the_world() {
    let mut printed = 0;
    for number in 0..400 {
        let bytes = noise(number, 600);
        let Ok(world_types) = WorldTypes::new(&mut Unstructured::new(&bytes)) else {
            continue;
        };
        let all: BTreeSet<usize> = (0..world_types.interfaces()).collect();
        let none = BTreeSet::new();
        for (imports, exports) in [(none.clone(), all.clone()), (all, none)] {
            let part = Part {
                imports,
                exports,
                has_world: true,
            };
            printed += parses(&wat::parse_str(world_types.text(&part)).expect("sound WAT"));
        }
    }
    assert!(printed > 1000, "{printed}");
}

/// Words of the language, resources with all that they have, types of elsewhere.
#[test]
fn what_is_hard_to_say() {
    let text = r#"(component
        (import "a:b/types@1.2.0" (instance $t
            (export "r" (type $r (sub resource)))
            (type $i (enum "type" "use" "own")) (export "list" (type $list (eq $i)))
            (type $p (record (field "interface" $list) (field "r" (own $r))))
            (export "record" (type (eq $p)))))
        (alias export $t "r" (type $r))
        (alias export $t "record" (type $record))
        (import "own:type/interface" (instance
            (export "resource" (type $res (sub resource)))
            (export "string" (type $alias (eq $res)))
            (export "record" (type $rec (eq $record)))
            (type $flags (flags "async" "with")) (export "flags" (type $f (eq $flags)))
            (type $v (variant (case "option" (option $f)) (case "none"))) (export "variant" (type $v' (eq $v)))
            (export "[constructor]resource" (func (param "func" u32) (result (own $res))))
            (export "[method]resource.import" (func (param "self" (borrow $res)) (param "from" string) (result bool)))
            (export "[static]resource.export" (func (result (result (own $res) (error $rec)))))
            (export "func" (func (param "r" (borrow $alias)) (param "as" (own $r)) (result (tuple $v' (list $f)))))))
    )"#;
    let bytes = wat::parse_str(text).expect("sound WAT");
    assert_eq!(parses(&bytes), 2);
    let world = World::of(&bytes, &mut Shapes::new(&Limits::default())).expect("a world");
    let import = world.import("own:type/interface").expect("it is there");
    let printed = document_wit(&world, import);
    for line in [
        "package %own:%type;",
        "interface %interface {",
        "%import: func(%from: string) -> bool;",
        "%export: static func() -> result<%resource, %record>;",
        "constructor(%func: u32);",
        "type %string = %resource;",
    ] {
        assert!(printed.contains(line), "{line}\n{printed}");
    }
    let text = r#"(component
        (import "thing" (type $t (sub resource)))
        (import "[method]thing.get" (func (param "self" (borrow $t)) (result u32)))
        (type $e (enum "a")) (import "color" (type $color (eq $e)))
        (import "paint" (func (param "with" $color) (param "t" (own $t))))
        (import "plain" (instance (export "f" (func))))
        (import "m" (core module)))"#;
    assert_eq!(parses(&wat::parse_str(text).expect("sound WAT")), 6);
}
