//! Which imports the artifact has: each name once.
//!
//! Names on one semver track are one import under the highest version, as
//! component runtimes match them, when the types that several ask for agree;
//! a version that disagrees stays an import of its own.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::diagnostic::Diagnostic;
use crate::error::Code;
use crate::graph::{few_lines, some_of};
use crate::limits;
use crate::order::sort;
use crate::plan::alternate;
use crate::shape_phase::ShapedPlan;
use crate::wasm::{ShapeId, lines_wit};

/// The artifact's import for each open import of a component.
pub fn settle(shaped: &ShapedPlan, findings: &mut Vec<Diagnostic>) -> BTreeMap<String, String> {
    let mut settled = by_shape(shaped);
    let parts: HashMap<&str, Parts<'_>> = shaped
        .open
        .keys()
        .map(|name| (name.as_str(), parts(shaped, name)))
        .collect();
    loop {
        let apart = apart(&parts, &settled);
        if apart.is_empty() {
            break;
        }
        for name in apart {
            settled.insert(name.clone(), name);
        }
    }
    let mut joined: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, import) in settled.iter().filter(|(name, import)| name != import) {
        joined.entry(import).or_default().push(name);
    }
    if !joined.is_empty() {
        let all = joined.iter().flat_map(|(import, names)| {
            names
                .iter()
                .map(move |name| format!("{name:?} is {import:?}"))
        });
        let all: Vec<String> = all.collect();
        let message = format!(
            "{} taken from a higher version, which is compatible",
            match all.len() {
                1 => "an import is".to_string(),
                count => format!("{count} imports are"),
            },
        );
        let help = "nothing to do; hosts that have the version have the other";
        let note = Diagnostic::note(Code::EmitLinkError, message, help);
        findings.push(note.found(some_of(all.iter().map(String::as_str))));
    }
    settled
}

/// Each name joins the highest version of its track that its types agree with.
fn by_shape(shaped: &ShapedPlan) -> BTreeMap<String, String> {
    let shapes = &shaped.resolved.shapes;
    let mut tracks: BTreeMap<&str, Vec<([u64; 3], &str)>> = BTreeMap::new();
    let mut settled = BTreeMap::new();
    for name in shaped.open.keys() {
        settled.insert(name.clone(), name.clone());
        if let Some((track, version)) = alternate(name) {
            tracks.entry(track).or_default().push((version, name));
        }
    }
    for versions in tracks.values_mut() {
        sort(versions);
        let mut imports: Vec<(&str, Vec<ShapeId>)> = Vec::new();
        for (_, name) in versions.iter().rev() {
            let asked = asked_shapes(shaped, name);
            let agrees = |of: &Vec<ShapeId>| {
                let mut pairs = of.iter().flat_map(|a| asked.iter().map(move |b| (*a, *b)));
                pairs.all(|(a, b)| shapes.compatible(a, b))
            };
            let mut tried = imports.iter_mut().take(limits::APART);
            match tried.find(|(_, of)| agrees(of)) {
                Some((import, of)) => {
                    settled.insert((*name).to_string(), (*import).to_string());
                    of.extend(asked);
                    sort(of);
                    of.dedup();
                }
                None => imports.push((name, asked)),
            }
        }
    }
    settled
}

/// The open imports that an import's types are made of, by track.
type Parts<'a> = HashMap<&'a str, BTreeSet<&'a str>>;

/// Names that were joined to an import made of other types than their own: of
/// an interface that both use, the versions were not joined.
fn apart(parts: &HashMap<&str, Parts<'_>>, settled: &BTreeMap<String, String>) -> Vec<String> {
    let joined = settled.iter().filter(|(name, import)| name != import);
    let is_apart = |name: &str, import: &str| {
        parts[name].iter().any(|(track, own)| {
            let others = parts[import].get(track).into_iter().flatten();
            let mut all = own.iter().chain(others).map(|name| &settled[*name]);
            let first = all.next();
            all.any(|other| Some(other) != first)
        })
    };
    joined
        .filter(|(name, import)| is_apart(name, import))
        .map(|(name, _)| name.clone())
        .collect()
}

fn parts<'a>(shaped: &'a ShapedPlan, name: &str) -> Parts<'a> {
    let mut parts = Parts::new();
    for id in &shaped.open[name].consumers {
        let world = shaped.resolved.world(id);
        let Some(import) = world.import(name) else {
            continue;
        };
        for other in world.made_of(import) {
            if let Some((other, _)) = shaped.open.get_key_value(other)
                && other != name
            {
                let track = alternate(other).map_or(other.as_str(), |(track, _)| track);
                parts.entry(track).or_default().insert(other);
            }
        }
    }
    parts
}

/// The different types that components ask of one name.
fn asked_shapes(shaped: &ShapedPlan, name: &str) -> Vec<ShapeId> {
    let consumers = shaped.open[name].consumers.iter();
    let mut asked: Vec<ShapeId> = consumers
        .filter_map(|id| Some(shaped.resolved.world(id).import(name)?.shape))
        .collect();
    sort(&mut asked);
    asked.dedup();
    asked
}

/// Components that ask different things of one name: no host can give both.
pub fn conflicts(shaped: &ShapedPlan) -> Vec<Diagnostic> {
    let shapes = &shaped.resolved.shapes;
    let mut findings = Vec::new();
    for (name, open) in &shaped.open {
        let asks = |id: &String| Some(shaped.resolved.world(id).import(name)?.shape);
        let mut asked: Vec<(&String, ShapeId)> = Vec::new();
        for id in &open.consumers {
            let Some(shape) = asks(id) else { continue };
            if asked.iter().any(|(_, other)| *other == shape) {
                continue;
            }
            let other = asked
                .iter()
                .find(|(_, other)| !shapes.compatible(*other, shape));
            if let Some((other, _)) = other {
                findings.push(conflict(shaped, name, other, id));
                break;
            }
            asked.push((id, shape));
        }
    }
    findings
}

fn conflict(shaped: &ShapedPlan, name: &str, one: &str, other: &str) -> Diagnostic {
    let lines = |id: &str| -> BTreeSet<String> {
        let world = shaped.resolved.world(id);
        let import = world.import(name);
        let lines = import.map(|import| lines_wit(world, name, &import.item, |_| true));
        lines.into_iter().flatten().collect()
    };
    let (first, second) = (lines(one), lines(other));
    let only =
        |a: &BTreeSet<String>, b: &BTreeSet<String>| few_lines(a.difference(b).map(String::as_str));
    let plan = shaped.resolved.valid.plan();
    let mut components = plan.components.iter();
    let index = components.position(|component| component.id == other);
    let message = format!("{one:?} and {other:?} ask for different things of import {name:?}");
    let help = "bind one of the two, or rebuild it against the same WIT";
    Diagnostic::error(Code::EmitLinkError, message, help)
        .at(format!("/components/{}", index.unwrap_or_default()))
        .found(only(&second, &first))
        .expected(only(&first, &second))
}
