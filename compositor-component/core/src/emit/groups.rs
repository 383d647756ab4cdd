//! Levels: one component holds at most so many instances, so a larger plan
//! is encoded as groups of instances, each a component of its own, and a
//! level of groups around them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::diagnostic::Diagnostic;
use crate::emit::level::{Exported, Level, Payload, Placed, Supply, Unit};
use crate::emit::segments::{Segment, split};
use crate::emit::wrapper::encode;
use crate::error::Code;
use crate::limits::INSTANCES_PER_COMPONENT;
use crate::order::sort_by;
use crate::wasm::{Shapes, World};

/// An encoded component and what it becomes.
pub struct Encoded {
    /// With skeletons.
    pub skeleton: Vec<u8>,
    /// With blobs.
    pub segments: Vec<Segment>,
}

/// Encodes a level, in groups when it is too large for one component.
pub fn encode_level(level: Level<'_>) -> Result<Encoded, Diagnostic> {
    let costs = costs(&level);
    let exports = level.exports.len();
    if costs.iter().sum::<usize>() + 2 * exports <= INSTANCES_PER_COMPONENT {
        return encode_one(&level);
    }
    let groups = chunks(&level, &costs)?;
    let crossing = crossing(&level, &groups);
    let encoded: Vec<Encoded> = groups
        .iter()
        .enumerate()
        .map(|(group, members)| encode_one(&group_level(&level, members, &crossing, group)))
        .collect::<Result<_, _>>()?;
    let mut shapes = Shapes::default();
    let worlds = encoded
        .iter()
        .map(|group| World::of(&group.skeleton, &mut shapes))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| too_large(&format!("a group of instances is invalid: {error}")))?;
    let outer = outer_level(&level, &crossing, &encoded, &worlds);
    if outer.instances.len() >= level.instances.len() {
        return Err(too_large("its instances are too entangled to be grouped"));
    }
    encode_level(outer)
}

fn encode_one(level: &Level<'_>) -> Result<Encoded, Diagnostic> {
    let skeleton = encode(level)?;
    let segments = split(&skeleton, &level.units)
        .ok_or_else(|| too_large("a component of it is larger than 4 GiB"))?;
    Ok(Encoded { skeleton, segments })
}

fn too_large(why: &str) -> Diagnostic {
    let message = format!("the plan is too large to compose: {why}");
    let help = "compose a part of it first, and use the artifact as a component";
    Diagnostic::error(Code::EmitCompositionFailed, message, help)
}

/// What each instance adds to the index space of instances at the most:
/// itself, its imports, and the exports of it that others use.
fn costs(level: &Level<'_>) -> Vec<usize> {
    let mut used: Vec<BTreeSet<&str>> = vec![BTreeSet::new(); level.instances.len()];
    for placed in &level.instances {
        for supply in &placed.supplies {
            if let Supply::Instance(provider, export) = supply {
                used[*provider].insert(export);
            }
        }
    }
    for export in &level.exports {
        used[export.instance].insert(&export.export);
    }
    let imports = |placed: &Placed| placed.supplies.len();
    let placed = level.instances.iter().zip(&used);
    placed
        .map(|(placed, used)| 1 + imports(placed) + 2 * used.len())
        .collect()
}

/// Consecutive instances, as many to a group as it can hold.
fn chunks(level: &Level<'_>, costs: &[usize]) -> Result<Vec<Vec<usize>>, Diagnostic> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut room = 0;
    for (instance, cost) in costs.iter().enumerate() {
        if *cost > INSTANCES_PER_COMPONENT {
            let name = &level.instances[instance].name;
            return Err(too_large(&format!(
                "{name:?} alone takes {cost} of the {INSTANCES_PER_COMPONENT} instances that a component holds"
            )));
        }
        match groups.last_mut() {
            Some(group) if *cost <= room => group.push(instance),
            _ => {
                groups.push(vec![instance]);
                room = INSTANCES_PER_COMPONENT;
            }
        }
        room -= cost;
    }
    Ok(groups)
}

/// What passes between groups.
struct Crossing {
    /// The group of each instance.
    group_of: Vec<usize>,
    /// Exports that leave their group, with the label they leave under.
    labels: BTreeMap<(usize, String), String>,
}

fn crossing(level: &Level<'_>, groups: &[Vec<usize>]) -> Crossing {
    let mut group_of = vec![0; level.instances.len()];
    for (group, members) in groups.iter().enumerate() {
        for member in members {
            group_of[*member] = group;
        }
    }
    let mut leaving = BTreeSet::new();
    for (instance, placed) in level.instances.iter().enumerate() {
        for supply in &placed.supplies {
            if let Supply::Instance(provider, export) = supply
                && group_of[*provider] != group_of[instance]
            {
                leaving.insert((*provider, export.clone()));
            }
        }
    }
    for export in &level.exports {
        leaving.insert((export.instance, export.export.clone()));
    }
    let labels = leaving
        .into_iter()
        .enumerate()
        .map(|(index, key)| (key, format!("x{index}")))
        .collect();
    Crossing { group_of, labels }
}

/// A group as a level of its own: what comes from other groups is imported
/// under its label, what leaves is exported under its label.
fn group_level<'a>(
    level: &'a Level<'_>,
    members: &[usize],
    crossing: &Crossing,
    group: usize,
) -> Level<'a> {
    let position: HashMap<usize, usize> = members
        .iter()
        .enumerate()
        .map(|(i, member)| (*member, i))
        .collect();
    let mut units = Vec::new();
    let mut unit_of: BTreeMap<usize, usize> = BTreeMap::new();
    let mut instances = Vec::new();
    for member in members {
        let placed = &level.instances[*member];
        let unit = *unit_of.entry(placed.unit).or_insert_with(|| {
            let unit = &level.units[placed.unit];
            units.push(Unit {
                name: unit.name.clone(),
                skeleton: unit.skeleton,
                world: unit.world,
                payload: unit.payload.clone(),
            });
            units.len() - 1
        });
        let supplies = placed.supplies.iter().map(|supply| match supply {
            Supply::Instance(provider, export) if crossing.group_of[*provider] == group => {
                Supply::Instance(position[provider], export.clone())
            }
            Supply::Instance(provider, export) => {
                Supply::Open(crossing.labels[&(*provider, export.clone())].clone())
            }
            other => other.clone(),
        });
        instances.push(Placed {
            name: placed.name.clone(),
            unit,
            supplies: supplies.collect(),
        });
    }
    let leaving = crossing.labels.iter();
    let leaving = leaving.filter(|((instance, _), _)| crossing.group_of[*instance] == group);
    // In the order of the instance's own exports: types before what uses them.
    let mut exports: Vec<(usize, usize, Exported)> = leaving
        .map(|((instance, export), label)| {
            let own = &level.world(*instance).exports;
            let order = own.iter().position(|e| e.name == *export).unwrap_or(0);
            let exported = Exported {
                name: label.clone(),
                instance: position[instance],
                export: export.clone(),
            };
            (*instance, order, exported)
        })
        .collect();
    sort_by(&mut exports, |a, b| (a.0, a.1).cmp(&(b.0, b.1)));
    Level {
        units,
        instances,
        exports: exports.into_iter().map(|(.., exported)| exported).collect(),
    }
}

/// The level of groups.
fn outer_level<'a>(
    level: &Level<'_>,
    crossing: &Crossing,
    encoded: &'a [Encoded],
    worlds: &'a [World],
) -> Level<'a> {
    let source: HashMap<&str, usize> = crossing
        .labels
        .iter()
        .map(|((instance, _), label)| (label.as_str(), crossing.group_of[*instance]))
        .collect();
    let units = encoded.iter().zip(worlds).enumerate();
    let units = units.map(|(index, (group, world))| Unit {
        name: format!("group{index}"),
        skeleton: &group.skeleton,
        world,
        payload: Payload::Segments(group.segments.clone()),
    });
    let instances = worlds.iter().enumerate().map(|(index, world)| Placed {
        name: format!("group{index}"),
        unit: index,
        supplies: world
            .imports
            .iter()
            .map(|import| match source.get(import.name.as_str()) {
                Some(group) => Supply::Instance(*group, import.name.clone()),
                None => Supply::Open(import.name.clone()),
            })
            .collect(),
    });
    let exports = level.exports.iter().map(|export| Exported {
        name: export.name.clone(),
        instance: crossing.group_of[export.instance],
        export: crossing.labels[&(export.instance, export.export.clone())].clone(),
    });
    Level {
        units: units.collect(),
        instances: instances.collect(),
        exports: exports.collect(),
    }
}
