//! Which imports the artifact has: each name once.
//!
//! Names on one semver track are one import under the highest version, as
//! component runtimes match them, when the types that several ask for agree;
//! a version that disagrees stays an import of its own.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::enforce::EnforcedPlan;
use crate::generated_ids::made_for;
use compositor_diagnostic::lists::{few_lines, some_of};
use compositor_diagnostic::order::{sort, sort_by};
use compositor_diagnostic::{Diagnostic, Rule, limits};
use compositor_plan::names::{Name, matches, rank, split};
use compositor_wasm::{Extern, NameOptions, ShapeId, lines_wit};

/// The artifact's import for each open import of a component, and what those
/// imports say of themselves beside their names.
pub fn settle(
    plan: &EnforcedPlan,
    findings: &mut Vec<Diagnostic>,
) -> (BTreeMap<String, String>, BTreeMap<String, NameOptions>) {
    let options: BTreeMap<&str, NameOptions> = plan
        .open()
        .keys()
        .map(|name| (name.as_str(), options(plan, name)))
        .collect();
    let full = |name: &str| match &options[name].implements {
        Some(_) => name.to_string(),
        None => options[name].interface(name),
    };
    let mut settled = by_shape(plan, &options);
    let parts: HashMap<&str, Parts<'_>> = plan
        .open()
        .keys()
        .map(|name| (name.as_str(), parts(plan, name)))
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
                .map(move |name| format!("{:?} is {:?}", full(name), full(import)))
        });
        let all: Vec<String> = all.collect();
        let message = format!(
            "{} taken from a higher version, which is compatible",
            match all.len() {
                1 => "an import is".to_string(),
                count => format!("{count} imports are"),
            },
        );
        let help =
            "nothing to do: a host that gives the higher version gives what the lower one asks for";
        let note = Diagnostic::note(Rule::JoinedVersions, message, help);
        findings.push(note.found(some_of(all.iter().map(String::as_str))));
    }
    let imports: BTreeSet<&String> = settled.values().collect();
    let options = imports
        .into_iter()
        .map(|name| (name.clone(), options[name.as_str()].clone()))
        .collect();
    (settled, options)
}

/// The import of a component that asks for an open import.
fn askers<'a>(
    plan: &'a EnforcedPlan,
    name: &'a str,
) -> impl Iterator<Item = (&'a String, &'a Extern)> {
    let consumers = plan.open()[name].consumers.iter();
    consumers.filter_map(move |id| Some((id, plan.world(id).import(name)?)))
}

/// What an open import says of itself beside its name: of those that ask for
/// it, what the one of the highest version says.
fn options(plan: &EnforcedPlan, name: &str) -> NameOptions {
    let asked = askers(plan, name).map(|(_, import)| import.options());
    asked
        .reduce(|one, other| one.higher(other, name))
        .unwrap_or_default()
}

/// Each name joins the highest version of its track that its types agree with.
fn by_shape(
    plan: &EnforcedPlan,
    options: &BTreeMap<&str, NameOptions>,
) -> BTreeMap<String, String> {
    let shapes = plan.shapes();
    // What hosts find by different ids are different imports.
    let mut tracks: BTreeMap<_, Vec<(String, &str)>> = BTreeMap::new();
    let mut settled = BTreeMap::new();
    for name in plan.open().keys() {
        settled.insert(name.clone(), name.clone());
        if let named @ (_, Some(_)) = split(name) {
            let options = &options[name.as_str()];
            let full = options.interface(name);
            let versions = tracks.entry((named, &options.external_id)).or_default();
            versions.push((full, name));
        }
    }
    for versions in tracks.values_mut() {
        sort_by(versions, |a, b| (rank(&a.0), a.1).cmp(&(rank(&b.0), b.1)));
        let mut imports: Vec<(&str, Vec<ShapeId>)> = Vec::new();
        for (_, name) in versions.iter().rev() {
            let asked = asked_shapes(plan, name);
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
type Parts<'a> = HashMap<Name<'a>, BTreeSet<&'a str>>;

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

fn parts<'a>(plan: &'a EnforcedPlan, name: &str) -> Parts<'a> {
    let mut parts = Parts::new();
    for (id, import) in askers(plan, name) {
        for other in plan.world(id).made_of(import) {
            if let Some((other, _)) = plan.open().get_key_value(other)
                && other != name
            {
                parts.entry(split(other)).or_default().insert(other);
            }
        }
    }
    parts
}

/// The different types that components ask of one name.
fn asked_shapes(plan: &EnforcedPlan, name: &str) -> Vec<ShapeId> {
    let mut asked: Vec<ShapeId> = askers(plan, name).map(|(_, import)| import.shape).collect();
    sort(&mut asked);
    asked.dedup();
    asked
}

/// Components that ask different things of one name: no host can give both.
pub fn conflicts(plan: &EnforcedPlan) -> Vec<Diagnostic> {
    let shapes = plan.shapes();
    let mut findings = Vec::new();
    for name in plan.open().keys() {
        if let Some(finding) = meanings(plan, name) {
            findings.push(finding);
            continue;
        }
        let mut asked: Vec<(&String, ShapeId)> = Vec::new();
        for (id, import) in askers(plan, name) {
            let shape = import.shape;
            if asked.iter().any(|(_, other)| *other == shape) {
                continue;
            }
            let other = asked
                .iter()
                .find(|(_, other)| !shapes.compatible(*other, shape));
            if let Some((other, _)) = other {
                findings.push(conflict(plan, name, other, id));
                break;
            }
            asked.push((id, shape));
        }
    }
    findings
}

/// Components that mean different things by one name: what it implements, or
/// what a host is to find it by.
fn meanings(plan: &EnforcedPlan, name: &str) -> Option<Diagnostic> {
    let mut askers = askers(plan, name);
    let (one, first) = askers.next()?;
    let is_other = |(_, import): &(&String, &Extern)| {
        let is_same = match (first.implements(), import.implements()) {
            (Some(a), Some(b)) => matches(a, b),
            (a, b) => a == b,
        };
        !is_same || first.external_id() != import.external_id()
    };
    let (other, second) = askers.find(is_other)?;
    let what = |import: &Extern| {
        let what = match import.implements() {
            Some(_) => format!("the interface {:?}", import.interface),
            None => "an interface of its own".to_string(),
        };
        match import.external_id() {
            Some(id) => format!("{what} with the external id {id:?}"),
            None => what,
        }
    };
    // What virtualizes imports of a component asks for what that one does.
    let [one, other] = [one, other].map(|id| made_for(id));
    let message = format!(
        "{one:?} and {other:?} mean different things by import {name:?}: {}, and {}",
        what(first),
        what(second)
    );
    let help = format!(
        "bind {name:?} of one of the two to a component that exports {:?}",
        second.interface
    );
    Some(
        Diagnostic::error(Rule::ConflictingImports, message, help)
            .at(plan.place(other))
            .found(what(second))
            .expected(what(first)),
    )
}

fn conflict(plan: &EnforcedPlan, name: &str, one: &str, other: &str) -> Diagnostic {
    let lines = |id: &str| -> BTreeSet<String> {
        let world = plan.world(id);
        let import = world.import(name);
        let lines = import.map(|import| lines_wit(world, name, import.ty, |_| true));
        lines.into_iter().flatten().collect()
    };
    let (first, second) = (lines(one), lines(other));
    let only =
        |a: &BTreeSet<String>, b: &BTreeSet<String>| few_lines(a.difference(b).map(String::as_str));
    let message = format!("{one:?} and {other:?} ask for different things of import {name:?}");
    let help = "bind one of the two, or rebuild it against the same WIT";
    Diagnostic::error(Rule::ConflictingImports, message, help)
        .at(plan.place(other))
        .found(only(&second, &first))
        .expected(only(&first, &second))
}
