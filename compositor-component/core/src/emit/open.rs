//! Which imports the artifact has: each name once.
//!
//! Names on one semver track are one import under the highest version, as
//! component runtimes match them, when the types that several ask for agree;
//! a version that disagrees stays an import of its own.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::error::Code;
use crate::order::sort;
use crate::plan::alternate;
use crate::shape_phase::ShapedPlan;
use crate::wasm::ShapeId;

/// The artifact's import for each open import of a component.
pub fn settle(shaped: &ShapedPlan, findings: &mut Vec<Diagnostic>) -> BTreeMap<String, String> {
    let shapes = &shaped.resolved.shapes;
    let mut tracks: BTreeMap<&str, Vec<([u64; 3], &str)>> = BTreeMap::new();
    let mut settled = BTreeMap::new();
    for name in shaped.open.keys() {
        match alternate(name) {
            Some((track, version)) => tracks.entry(track).or_default().push((version, name)),
            None => {
                settled.insert(name.clone(), name.clone());
            }
        }
    }
    for versions in tracks.values_mut() {
        sort(versions);
        // The highest version first; each lower one joins the highest that it
        // agrees with.
        let mut imports: Vec<(&str, Vec<ShapeId>)> = Vec::new();
        for (_, name) in versions.iter().rev() {
            let asked = asked_shapes(shaped, name);
            let agrees = |of: &Vec<ShapeId>| {
                let pairs = of.iter().flat_map(|a| asked.iter().map(move |b| (*a, *b)));
                pairs.into_iter().all(|(a, b)| shapes.compatible(a, b))
            };
            match imports.iter_mut().find(|(_, of)| agrees(of)) {
                Some((import, of)) => {
                    let consumers = &shaped.open[*name].consumers;
                    let message = format!(
                        "import {name:?} of {} is taken from {import:?}, which is compatible",
                        crate::graph::some_of(consumers.iter().map(String::as_str))
                    );
                    let help = "nothing to do; hosts that have the version have the other";
                    findings.push(Diagnostic::note(Code::EmitLinkError, message, help));
                    settled.insert((*name).to_string(), (*import).to_string());
                    of.extend(asked);
                    sort(of);
                    of.dedup();
                }
                None => {
                    settled.insert((*name).to_string(), (*name).to_string());
                    imports.push((name, asked));
                }
            }
        }
    }
    settled
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
                let message =
                    format!("{other:?} and {id:?} ask for different things of import {name:?}");
                let help = "bind one of the two, or rebuild it against the same WIT";
                findings.push(Diagnostic::error(Code::EmitLinkError, message, help));
                break;
            }
            asked.push((id, shape));
        }
    }
    findings
}
