//! Which instances go into one component: as many as its index space of
//! instances holds, cut where little passes from one to the next.

use std::collections::{HashMap, HashSet};

use crate::emit::level::{Argument, Exported, Level, LevelInstance};
use compositor_diagnostic::index::{Idx, IndexVec};
use compositor_diagnostic::indices;
use compositor_diagnostic::limits::INSTANCES_PER_COMPONENT;
use compositor_diagnostic::order::sort_by;
use compositor_diagnostic::{Diagnostic, Rule};
use compositor_wasm::Extern;
use compositor_wasm::types::EntityType;
use compositor_wasm::write::types::InstanceIndex;

indices! {
    /// A group of a level's instances, which is an instance of the level around.
    pub struct GroupIndex;
}

/// The instances of each group, in order.
pub type Groups = IndexVec<GroupIndex, Vec<InstanceIndex>>;

/// Whether a level fits into one component.
pub fn fits(level: &Level) -> bool {
    let users = users(level);
    let mut tally = Tally::new(level, &users, InstanceIndex(0));
    for instance in level.instances.indices() {
        tally.add(instance);
    }
    tally.total() <= INSTANCES_PER_COMPONENT
}

/// The same level with each instance right behind those that it uses and
/// nobody used before, so that what belongs together is close together.
pub fn depth_first(level: Level) -> Level {
    let count = level.instances.len();
    let providers = providers(&level);
    let mut place: IndexVec<InstanceIndex, Option<InstanceIndex>> = vec![None; count].into();
    // What each was before, by what it is then.
    let mut order: IndexVec<InstanceIndex, InstanceIndex> = IndexVec::default();
    let exported = level.exports.iter().map(|export| export.instance);
    for start in exported.chain(level.instances.indices()) {
        // On the heap: a plan may be a chain of any length.
        let mut path = vec![(start, 0)];
        while let Some((instance, next)) = path.last_mut() {
            if place[*instance].is_some() {
                path.pop();
                continue;
            }
            match providers[*instance].get(*next) {
                Some(provider) => {
                    *next += 1;
                    path.push((*provider, 0));
                }
                None => {
                    place[*instance] = Some(order.push(*instance));
                    path.pop();
                }
            }
        }
    }
    let moved = |instance| place[instance].expect("each instance has got a place");
    let instances = order.iter().map(|instance| {
        let placed = level.instances[*instance].clone();
        let arguments = placed.arguments.into_iter().map(|supply| match supply {
            Argument::Instance(provider, export) => Argument::Instance(moved(provider), export),
            other => other,
        });
        LevelInstance {
            arguments: arguments.collect(),
            ..placed
        }
    });
    let exports = level.exports.iter().map(|export| Exported {
        instance: moved(export.instance),
        ..export.clone()
    });
    Level {
        instances: instances.collect(),
        exports: exports.collect(),
        ..level
    }
}

/// Whom each instance uses, those first that most is below: what comes before
/// a long chain would be far from who uses both.
fn providers(level: &Level) -> IndexVec<InstanceIndex, Vec<InstanceIndex>> {
    let mut height: IndexVec<InstanceIndex, usize> = vec![0; level.instances.len()].into();
    let mut all = IndexVec::default();
    // Providers come before consumers.
    for (instance, placed) in level.instances.enumerated() {
        let own = placed.arguments.iter().filter_map(provider);
        let mut own: Vec<InstanceIndex> = own.collect();
        height[instance] = own.iter().map(|it| height[*it] + 1).max().unwrap_or(0);
        sort_by(&mut own, |a, b| height[*b].cmp(&height[*a]));
        own.dedup();
        all.push(own);
    }
    all
}

fn provider(supply: &Argument) -> Option<InstanceIndex> {
    match supply {
        Argument::Instance(provider, _) => Some(*provider),
        Argument::Open(_) | Argument::Settled => None,
    }
}

/// Consecutive instances to groups that each fit into a component. A group
/// ends where it is large for what leaves it.
pub fn chunks(level: &Level) -> Result<Groups, Diagnostic> {
    let users = users(level);
    let mut groups = Groups::default();
    let mut start = 0;
    while start < level.instances.len() {
        let mut tally = Tally::new(level, &users, InstanceIndex::new(start));
        // Where to end, and how much leaves there.
        let mut best: Option<(usize, usize)> = None;
        for instance in start..level.instances.len() {
            tally.add(InstanceIndex::new(instance));
            // What leaves may stay after all when who uses it comes in; the
            // rest only grows.
            if tally.stays > INSTANCES_PER_COMPONENT {
                break;
            }
            let (end, leaves) = (instance + 1, tally.leaving.len());
            let is_better = best.is_none_or(|(other, leaves_there)| {
                (end - start) * (1 + leaves_there) >= (other - start) * (1 + leaves)
            });
            if tally.total() <= INSTANCES_PER_COMPONENT && is_better {
                best = Some((end, leaves));
            }
        }
        let Some((end, _)) = best else {
            let name = &level.instances[InstanceIndex::new(start)].name;
            return Err(too_large(&format!(
                "{name:?} alone takes more than the {INSTANCES_PER_COMPONENT} instances that a component holds"
            )));
        };
        groups.push((start..end).map(InstanceIndex::new).collect());
        start = end;
    }
    Ok(groups)
}

/// The exports of each instance that are used, each with how often; a use is
/// an import of another instance, or an export of the level, which no group has.
type Users<'a> = IndexVec<InstanceIndex, HashMap<&'a str, usize>>;

fn users(level: &Level) -> Users<'_> {
    let mut users: Users<'_> = vec![HashMap::new(); level.instances.len()].into();
    for placed in &level.instances {
        for supply in &placed.arguments {
            if let Argument::Instance(provider, export) = supply {
                *users[*provider].entry(export).or_default() += 1;
            }
        }
    }
    for export in &level.exports {
        *users[export.instance].entry(&export.export).or_default() += 1;
    }
    users
}

/// What consecutive instances take of their component's index space of
/// instances.
struct Tally<'a> {
    level: &'a Level,
    users: &'a Users<'a>,
    start: InstanceIndex,
    /// Instances, what of them is used, aliased, and what comes from outside.
    stays: usize,
    open: HashSet<&'a str>,
    entering: HashSet<(InstanceIndex, &'a str)>,
    /// What is used outside, exported as well; with how many uses are there.
    leaving: HashMap<(InstanceIndex, &'a str), usize>,
}

impl<'a> Tally<'a> {
    fn new(level: &'a Level, users: &'a Users<'a>, start: InstanceIndex) -> Self {
        Self {
            level,
            users,
            start,
            stays: 0,
            open: HashSet::new(),
            entering: HashSet::new(),
            leaving: HashMap::new(),
        }
    }

    fn total(&self) -> usize {
        self.stays + self.leaving.len()
    }

    /// Adds the next instance.
    fn add(&mut self, instance: InstanceIndex) {
        let is_instance = |item: &Extern| matches!(item.ty, EntityType::Instance(_));
        let world = self.level.world(instance);
        self.stays += 1;
        let arguments = &self.level.instances[instance].arguments;
        let arguments = world.imports.iter().zip(arguments);
        for (_, supply) in arguments.filter(|(import, _)| is_instance(import)) {
            let is_new = match supply {
                Argument::Instance(provider, export) if *provider >= self.start => {
                    self.used(*provider, export);
                    false
                }
                Argument::Instance(provider, export) => self.entering.insert((*provider, export)),
                Argument::Open(name) => self.open.insert(name),
                Argument::Settled => true,
            };
            self.stays += usize::from(is_new);
        }
        for (export, uses) in &self.users[instance] {
            if world.export(export).is_some_and(is_instance) {
                self.stays += 1;
                self.leaving.insert((instance, export), *uses);
            }
        }
    }

    /// Counts a use that is not outside.
    fn used(&mut self, provider: InstanceIndex, export: &'a str) {
        if let Some(uses) = self.leaving.get_mut(&(provider, export)) {
            *uses -= 1;
            if *uses == 0 {
                self.leaving.remove(&(provider, export));
            }
        }
    }
}

/// The finding about a plan that no grouping makes fit.
pub fn too_large(why: &str) -> Diagnostic {
    let message = format!("the plan is too large to compose: {why}");
    let help = "compose a part of it first, and use the artifact as a component";
    Diagnostic::error(Rule::TooLargeToCompose, message, help)
}
