//! Plans that nobody wrote, composed by the core, by the component and by
//! wac-graph.
//!
//! What wac-graph composes as well must be the same world, and do the same when
//! it runs. Where the two may differ is listed in [`Known`]; all else fails.

mod behaviour;
mod wac;

use std::collections::{BTreeMap, BTreeSet};

use arbitrary::Unstructured;
use compositor_core::memory::MemoryStore;
use compositor_core::plan::to_json;
use compositor_core::wasm::{Extern, ShapeId, Shapes, World, scan};
use compositor_core::{Digest, Limits};
use compositor_tests::Temp;
use test_generate::{Composition, Kinds, noise};
use test_properties::composed;

use super::case;
use behaviour::{behaviour, behaviour_in_parts};

/// Bytes that decide a plan.
const BYTES: usize = 1500;

/// The plan of a number.
fn plan(number: u64, kinds: Kinds) -> Composition {
    let bytes = noise(number, BYTES);
    let composition = Composition::new(&mut Unstructured::new(&bytes), kinds);
    composition.expect("enough bytes")
}

/// Writes a plan and its components to a folder of their own, not locked.
fn write(composition: &Composition) -> Temp {
    let temp = Temp::new();
    let mut plan = composition.plan.clone();
    for component in &mut plan.components {
        if let Some(bytes) = component.digest.and_then(|d| composition.blobs.get(&d)) {
            let name = format!("{}.wasm", component.id);
            temp.write(&name, bytes);
            component.digest = None;
            component.source = Some(format!("file:{name}"));
        }
    }
    temp.write("plan.json", to_json(&plan));
    temp
}

/// The core in the component gives the bytes, and the errors, of the core here.
#[test]
fn natively_and_in_the_component() {
    let (mut emitted, mut refused) = (0, 0);
    let kinds = Kinds {
        policies: true,
        mistakes: true,
    };
    for number in 0..300 {
        let composition = plan(number, kinds);
        let temp = write(&composition);
        let path = temp.join("plan.json");
        match composed(&composition) {
            Ok(_) => {
                case::emit(&path);
                emitted += 1;
            }
            Err(_) => {
                case::errors(&path);
                refused += 1;
            }
        }
    }
    assert!(emitted >= 200 && refused >= 20, "{emitted} {refused}");
}

/// What runs is the artifact in parts, and does what the artifact does.
#[test]
fn in_parts_as_a_whole() {
    let kinds = Kinds {
        policies: true,
        mistakes: false,
    };
    let (mut active, mut parts) = (0, 0);
    for number in 0..COMPARED {
        let Ok(artifact) = composed(&plan(number, kinds)) else {
            continue;
        };
        let whole = behaviour(&artifact).map_err(|error| error.root_cause().to_string());
        let in_parts = behaviour_in_parts(&artifact);
        let in_parts = in_parts.map_err(|error| error.root_cause().to_string());
        let (in_parts, modules) = match in_parts {
            Ok((did, modules)) => (Ok(did), modules),
            Err(error) => (Err(error), 0),
        };
        active += usize::from(whole.as_ref().is_ok_and(|did| !did.is_empty()));
        parts += modules;
        assert_eq!(in_parts, whole, "{number}");
    }
    assert!(active >= 300, "{active} do something");
    assert!(parts >= 1000, "{parts} modules are compiled apart");
}

/// Where two composers may differ, and both be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Known {
    /// An interface of types alone is an import of wac-graph's, where ours has
    /// the types themselves.
    TypesAlone,
    /// The same of types that a component takes from an interface whose functions
    /// another component takes: wac-graph's one import has the types of both.
    TypesOfAnother,
}

/// Plans that are composed by both.
const COMPARED: u64 = 500;

#[test]
fn as_another_composer() {
    let kinds = Kinds {
        policies: false,
        mistakes: false,
    };
    let (mut same, mut active) = (0, 0);
    let mut differences: BTreeMap<Known, usize> = BTreeMap::new();
    let mut alone = 0;
    for number in 0..COMPARED {
        let composition = plan(number, kinds);
        match (composed(&composition), wac::compose(&composition)) {
            (Ok(ours), Ok(theirs)) => {
                let (known, is_active) = compare(&composition, &ours, &theirs, number);
                active += usize::from(is_active);
                match known.is_empty() {
                    true => same += 1,
                    false => known
                        .into_iter()
                        .for_each(|known| *differences.entry(known).or_default() += 1),
                }
            }
            (Err(_), Err(_)) => {}
            // It exports nothing that is made of types without a name there.
            (Ok(_), Err(wac::Failure::Invalid)) => alone += 1,
            (Ok(_), Err(failure)) => panic!("{number}: only ours: {failure:?}"),
            (Err(findings), Ok(_)) => panic!("{number}: only wac-graph: {findings:#?}"),
        }
    }
    let is_seen = |known| differences.get(&known).is_some_and(|count| *count < 20);
    assert!(same >= 400, "{same} {differences:?}");
    assert!(alone < 60, "{alone} are ours alone");
    assert!(active >= 400, "{active} do something");
    assert!(is_seen(Known::TypesAlone), "{differences:?}");
    assert!(is_seen(Known::TypesOfAnother), "{differences:?}");
}

/// Holds two artifacts of one plan to each other: the same exports, the same
/// imports but for what is known, and the same done when they run. Says too
/// whether anything is done.
fn compare(
    composition: &Composition,
    ours: &[u8],
    theirs: &[u8],
    number: u64,
) -> (BTreeSet<Known>, bool) {
    let mut known = BTreeSet::new();
    let mut shapes = Shapes::new(&Limits::default());
    let (our_world, their_world) = (world(ours, &mut shapes), world(theirs, &mut shapes));
    let (our_exports, their_exports) = (by_name(&our_world.exports), by_name(&their_world.exports));
    assert!(our_exports.keys().eq(their_exports.keys()), "{number}");
    for (name, ours) in &our_exports {
        let theirs = &their_exports[name];
        assert!(is_alike(&shapes, *ours, *theirs), "{number}: {name}");
    }
    let (our_imports, their_imports) = (by_name(&our_world.imports), by_name(&their_world.imports));
    for (name, theirs) in &their_imports {
        match our_imports.get(name) {
            Some(ours) if is_alike(&shapes, *ours, *theirs) => {}
            // Whoever gives what theirs needs gives what ours needs, and not the
            // other way round.
            Some(ours) if shapes.difference(*theirs, *ours).is_none() => {
                known.insert(Known::TypesOfAnother);
            }
            None if composition.types_alone.contains(*name) => {
                known.insert(Known::TypesAlone);
            }
            ours => panic!("{number}: {name} is {theirs:?}, and ours {ours:?}"),
        }
    }
    for name in our_imports.keys() {
        assert!(their_imports.contains_key(name), "{number}: {name}");
    }
    let run = |bytes| behaviour(bytes).unwrap_or_else(|error| panic!("{number}: {error:#}"));
    let (ours, theirs) = (run(ours), run(theirs));
    assert_eq!(ours, theirs, "{number}");
    (known, !ours.is_empty())
}

/// Whether two shapes are the same, up to the names that their resources have:
/// these are all that a component's imports and exports have for them, and one
/// composer imports more interfaces of types than the other.
fn is_alike(shapes: &Shapes, ours: ShapeId, theirs: ShapeId) -> bool {
    ours == theirs
        || shapes.difference(ours, theirs).is_none() && shapes.difference(theirs, ours).is_none()
}

fn by_name(externs: &[Extern]) -> BTreeMap<&str, ShapeId> {
    let items = externs.iter();
    items.map(|item| (item.name.as_str(), item.shape)).collect()
}

/// The world of an artifact.
fn world(artifact: &[u8], shapes: &mut Shapes) -> World {
    let store = MemoryStore::new();
    let digest: Digest = store.put(artifact.to_vec());
    let skeleton = scan(store.host(), &digest, artifact.len() as u64).expect("a skeleton");
    World::of(&skeleton.bytes, shapes).expect("a world")
}
