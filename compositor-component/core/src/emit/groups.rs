//! Levels: one component holds at most so many instances, so a larger plan
//! is encoded as groups of instances, each a component of its own, and a
//! level of groups around them.
//!
//! One file because what a group is depends on what crosses its edge.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use wasm_encoder::ComponentType;

use crate::emit::chunks::{GroupIndex, Groups, chunks, depth_first, fits, too_large};
use crate::emit::context::{Enclosed, enclose, given};
use crate::emit::identity::is_same;
use crate::emit::level::{Argument, Embedded, Exported, Level, LevelInstance, Payload, UnitIndex};
use crate::emit::segments::split;
use crate::emit::wrapper::encode;
use compositor_diagnostic::Diagnostic;
use compositor_diagnostic::index::{Idx, IndexVec};
use compositor_diagnostic::limits::{INSTANCES_PER_COMPONENT, MODULES_AND_COMPONENTS};
use compositor_diagnostic::order::sort_by;
use compositor_host::Segment;
use compositor_wasm::types::EntityType;
use compositor_wasm::write::component_type;
use compositor_wasm::write::types::InstanceIndex;
use compositor_wasm::{NameOptions, Shapes, World};

/// An encoded component and what it becomes.
pub struct Encoded {
    /// With skeletons.
    pub skeleton: Vec<u8>,
    /// To validate.
    pub enclosed: Enclosed,
    /// With blobs.
    pub segments: Vec<Segment>,
    /// Modules and components that these have, with the component itself.
    pub modules_and_components: usize,
}

/// Encodes the outermost level, in groups while it is too large for one component.
pub fn encode_level(mut level: Level, mut shapes: Shapes) -> Result<Encoded, Diagnostic> {
    lighten(&mut level, &mut shapes);
    if fits(&level) {
        return encode_one(&level);
    }
    let open = open_instances(&level);
    if open > INSTANCES_PER_COMPONENT {
        return Err(too_large(&format!(
            "{open} interfaces stay open, of {INSTANCES_PER_COMPONENT} instances that a component holds"
        )));
    }
    level = depth_first(level);
    loop {
        let groups = chunks(&level)?;
        if groups.len() >= level.instances.len() {
            return Err(too_large("its instances are too entangled to be grouped"));
        }
        level = share(level, &groups);
        let crossing = crossing(&level, &groups);
        let mut units = Vec::with_capacity(groups.len());
        for (group, members) in groups.enumerated() {
            let inner = group_level(&level, members, &crossing, group);
            let Encoded {
                skeleton,
                enclosed,
                segments,
                modules_and_components,
            } = encode_one(&inner)?;
            let world = World::of_enclosed(&enclosed.bytes, enclosed.depth, &mut shapes)
                .map_err(|error| too_large(&format!("a group of instances is invalid: {error}")))?;
            units.push(Embedded {
                name: format!("group{}", group.index()),
                skeleton: skeleton.into(),
                ty: written(&world, &mut shapes).map(Rc::new),
                world: Rc::new(world),
                payload: Payload::Segments(segments),
                modules_and_components,
            });
        }
        level = outer_level(&level, &crossing, units);
        if fits(&level) {
            return encode_one(&level);
        }
    }
}

/// Puts types in place of skeletons where those together have more modules and
/// components than a validator takes, with what is around them: an artifact may
/// have as many as that, and its groups are validated beside its parts.
fn lighten(level: &mut Level, shapes: &mut Shapes) {
    // What is around them, the encoded component, and some groups of it.
    const AROUND: usize = 50;
    let mut known = HashSet::new();
    let units = level.units();
    let counts = units
        .filter(|unit| known.insert(Rc::as_ptr(&unit.skeleton)))
        .map(|unit| unit.world.modules_and_components);
    if counts.sum::<usize>() + AROUND <= MODULES_AND_COMPONENTS {
        return;
    }
    let mut types: HashMap<*const [u8], Option<Rc<ComponentType>>> = HashMap::new();
    let units = level.shared.iter_mut().chain(&mut level.own);
    for unit in units.filter(|unit| unit.world.modules_and_components > 1) {
        let ty = types.entry(Rc::as_ptr(&unit.skeleton)).or_insert_with(|| {
            // Read again, with the types that the written one is compared with.
            let world = World::of(&unit.skeleton, shapes).ok()?;
            written(&world, shapes).map(Rc::new)
        });
        unit.ty = ty.clone();
    }
}

/// How many instances the encoded component imports.
fn open_instances(level: &Level) -> usize {
    let mut names = BTreeSet::new();
    for (instance, placed) in level.instances.enumerated() {
        for (import, supply) in level.world(instance).imports.iter().zip(&placed.arguments) {
            if let (EntityType::Instance(_), Argument::Open(name)) = (import.ty, supply) {
                names.insert(name.as_str());
            }
        }
    }
    names.len()
}

/// The type of a unit, where it can be written and is the same when it is read:
/// then its skeleton need not be validated again in what is around it.
fn written(world: &World, shapes: &mut Shapes) -> Option<ComponentType> {
    let ty = component_type(world).ok()?;
    let read = given(&ty, shapes).ok()?;
    is_same(world, &read).then_some(ty)
}

fn encode_one(level: &Level) -> Result<Encoded, Diagnostic> {
    let skeleton = encode(level)?;
    let segments = split(&skeleton, level.embedded())
        .ok_or_else(|| too_large("a component of it is larger than 4 GiB"))?;
    let enclosed = enclose(level, &skeleton);
    let embedded = level.embedded();
    let counts = embedded.map(|unit| unit.modules_and_components);
    Ok(Encoded {
        skeleton,
        enclosed,
        segments,
        modules_and_components: 1 + counts.sum::<usize>(),
    })
}

/// Moves units that several groups use to the shared ones, so that each is
/// embedded once.
fn share(level: Level, groups: &Groups) -> Level {
    let mut groups_of: HashMap<UnitIndex, BTreeSet<GroupIndex>> = HashMap::new();
    for (group, members) in groups.enumerated() {
        for member in members {
            let unit = level.instances[*member].unit;
            groups_of.entry(unit).or_default().insert(group);
        }
    }
    let mut shared = level.shared.clone();
    let mut own = Vec::new();
    // Of each own unit, where it is among the shared ones or the own ones.
    let places: Vec<Result<UnitIndex, usize>> = (0..)
        .zip(&level.own)
        .map(|(index, unit)| {
            let groups = groups_of.get(&level.own_unit(index));
            if groups.is_some_and(|groups| groups.len() > 1) {
                shared.push(unit.clone());
                return Ok(UnitIndex::new(shared.len() - 1));
            }
            own.push(unit.clone());
            Err(own.len() - 1)
        })
        .collect();
    let places = places.into_iter();
    let places = places.map(|place| place.unwrap_or_else(|own| UnitIndex::new(shared.len() + own)));
    let unmoved = (0..level.shared.len()).map(UnitIndex::new);
    let moved: IndexVec<UnitIndex, UnitIndex> = unmoved.chain(places).collect();
    let mut instances = level.instances;
    for placed in &mut instances {
        placed.unit = moved[placed.unit];
    }
    Level {
        shared,
        own,
        instances,
        ..level
    }
}

/// What passes between groups.
struct Crossing {
    /// The group of each instance.
    group_of: IndexVec<InstanceIndex, GroupIndex>,
    /// Exports that leave their group, with the label they leave under.
    labels: BTreeMap<(InstanceIndex, String), String>,
    /// The group that each label leaves.
    source: HashMap<String, GroupIndex>,
    /// What the labels of interfaces of types start with, and no other name.
    types_prefix: String,
}

fn crossing(level: &Level, groups: &Groups) -> Crossing {
    // Groups are of consecutive instances.
    let group_of = groups
        .enumerated()
        .flat_map(|(group, members)| members.iter().map(move |_| group));
    let group_of: IndexVec<InstanceIndex, GroupIndex> = group_of.collect();
    let mut leaving = BTreeSet::new();
    for (instance, placed) in level.instances.enumerated() {
        for supply in &placed.arguments {
            if let Argument::Instance(provider, export) = supply
                && group_of[*provider] != group_of[instance]
            {
                leaving.insert((*provider, export.clone()));
            }
        }
    }
    for export in &level.exports {
        leaving.insert((export.instance, export.export.clone()));
    }
    // No name of an open import may start with as many `x` as the labels do,
    // whatever its hyphens and letters' case. As few as that: a name may be long.
    let arguments = level.instances.iter().flat_map(|placed| &placed.arguments);
    let taken: HashSet<usize> = arguments
        .filter_map(|supply| match supply {
            Argument::Open(name) => Some(leading(&bare(name))),
            _ => None,
        })
        .collect();
    let count = (1..).find(|count| !taken.contains(count));
    let prefix = "x".repeat(count.unwrap_or(1));
    let mut labels = BTreeMap::new();
    let mut source = HashMap::new();
    for (index, key) in leaving.into_iter().enumerate() {
        let label = format!("{prefix}{index}");
        source.insert(label.clone(), group_of[key.0]);
        labels.insert(key, label);
    }
    Crossing {
        group_of,
        labels,
        source,
        types_prefix: format!("{prefix}-t"),
    }
}

/// A name without what does not make it another name.
fn bare(name: &str) -> String {
    let (_, name) = name.rsplit_once(']').unwrap_or(("", name));
    let letters = name.chars().filter(|letter| *letter != '-');
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}

/// How many times `x` stands first.
fn leading(name: &str) -> usize {
    name.len() - name.trim_start_matches('x').len()
}

/// The imports of an instance whose types cross the edge of its group: its
/// exports that leave and its imports that come from outside are made of them.
fn named<'a>(
    level: &'a Level,
    member: InstanceIndex,
    crossing: &Crossing,
    group: GroupIndex,
) -> BTreeSet<&'a str> {
    let world = level.world(member);
    let mut named = BTreeSet::new();
    for export in &world.exports {
        if crossing.labels.contains_key(&(member, export.name.clone())) {
            named.extend(world.made_of(export));
        }
    }
    let arguments = &level.instances[member].arguments;
    for (import, supply) in world.imports.iter().zip(arguments) {
        let outside = match supply {
            Argument::Instance(provider, _) => crossing.group_of[*provider] != group,
            Argument::Open(_) => true,
            Argument::Settled => false,
        };
        if outside {
            named.extend(world.made_of(import));
        }
    }
    named
}

/// A group as a level of its own: what comes from other groups is imported
/// under its label, what leaves is exported under its label.
fn group_level(
    level: &Level,
    members: &[InstanceIndex],
    crossing: &Crossing,
    group: GroupIndex,
) -> Level {
    let places = members.iter().enumerate();
    let place_of: HashMap<InstanceIndex, InstanceIndex> = places
        .map(|(place, member)| (*member, InstanceIndex::new(place)))
        .collect();
    let mut own = Vec::new();
    let mut unit_of: HashMap<UnitIndex, UnitIndex> = HashMap::new();
    let mut instances = IndexVec::default();
    let mut types = 0;
    for member in members {
        let placed = &level.instances[*member];
        let unit = *unit_of.entry(placed.unit).or_insert_with(|| {
            if level.own_index(placed.unit).is_none() {
                return placed.unit;
            }
            own.push(level.unit(placed.unit).clone());
            level.own_unit(own.len() - 1)
        });
        let named = named(level, *member, crossing, group);
        let imports = level.world(*member).imports.iter();
        let arguments = placed
            .arguments
            .iter()
            .zip(imports)
            .map(|(supply, import)| {
                let is_instance = matches!(import.ty, EntityType::Instance(_));
                match supply {
                    Argument::Instance(provider, export)
                        if crossing.group_of[*provider] == group =>
                    {
                        Argument::Instance(place_of[provider], export.clone())
                    }
                    Argument::Instance(provider, export) => {
                        Argument::Open(crossing.labels[&(*provider, export.clone())].clone())
                    }
                    // What crosses a group's edge names these types, so they
                    // cross it too; the level around settles them.
                    Argument::Settled if is_instance && named.contains(import.name.as_str()) => {
                        types += 1;
                        Argument::Open(format!("{}{types}", crossing.types_prefix))
                    }
                    other => other.clone(),
                }
            });
        instances.push(LevelInstance {
            name: placed.name.clone(),
            pointer: placed.pointer.clone(),
            unit,
            arguments: arguments.collect(),
        });
    }
    let leaving = crossing.labels.iter();
    let leaving = leaving.filter(|((instance, _), _)| crossing.group_of[*instance] == group);
    // In the order of the instance's own exports: types before what uses them.
    let mut exports: Vec<(InstanceIndex, Option<usize>, Exported)> = leaving
        .map(|((instance, export), label)| {
            let order = level.world(*instance).export_position(export);
            let exported = Exported {
                name: label.clone(),
                instance: place_of[instance],
                export: export.clone(),
                options: NameOptions::default(),
            };
            (*instance, order, exported)
        })
        .collect();
    sort_by(&mut exports, |a, b| (a.0, a.1).cmp(&(b.0, b.1)));
    Level {
        shared: level.shared.clone(),
        outermost: false,
        own,
        instances,
        exports: exports.into_iter().map(|(.., exported)| exported).collect(),
        options: Rc::clone(&level.options),
    }
}

/// What a group is in the level of groups.
fn instance_of(group: GroupIndex) -> InstanceIndex {
    InstanceIndex::new(group.index())
}

/// The level of groups.
fn outer_level(level: &Level, crossing: &Crossing, own: Vec<Embedded>) -> Level {
    let instances = own.iter().enumerate().map(|(index, unit)| LevelInstance {
        name: unit.name.clone(),
        pointer: String::new(),
        unit: level.own_unit(index),
        arguments: unit
            .world
            .imports
            .iter()
            .map(|import| match crossing.source.get(&import.name) {
                Some(group) => Argument::Instance(instance_of(*group), import.name.clone()),
                None if import.name.starts_with(&crossing.types_prefix) => Argument::Settled,
                None => Argument::Open(import.name.clone()),
            })
            .collect(),
    });
    let exports = level.exports.iter().map(|export| Exported {
        name: export.name.clone(),
        instance: instance_of(crossing.group_of[export.instance]),
        export: crossing.labels[&(export.instance, export.export.clone())].clone(),
        options: export.options.clone(),
    });
    Level {
        shared: level.shared.clone(),
        outermost: true,
        instances: instances.collect(),
        exports: exports.collect(),
        options: Rc::clone(&level.options),
        own,
    }
}
