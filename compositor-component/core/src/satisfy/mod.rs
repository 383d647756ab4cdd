//! Policy by composition: an import that a component does not get from the
//! artifact's host is satisfied inside the artifact by a component that is
//! made here, from the import's own type. So the artifact does not have the
//! import, and no host can give it back.
//!
//! The components are made for one component of the plan each, and become
//! part of the graph as if the plan had them. Each imports what its types are
//! made of and it does not refuse itself, such as the streams of `wasi:io`.

mod abi;
mod answer;
mod code;
mod constant;
mod decide;
mod deterministic;
mod functions;
mod handed;
mod interface;
mod intrinsics;
mod owners;
mod record;
mod recorder;
mod release;
mod retained;
mod satisfier;
mod sources;

pub use decide::{decide, together};

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use crate::diagnostic::Diagnostic;
use crate::digest::Digest;
use crate::emit::half_open;
use crate::emit::types::Untypable;
use crate::error::Code;
use crate::limits::{Limits, at_most};
use crate::order::sort;
use crate::plan::{Decided, Decision, plan_id};
use crate::policy::AUDIT;
use crate::resolve::Part;
use crate::shape_phase::{LeftTo, Link, ShapedPlan};
use crate::wasm::{Extern, NameOptions, World};
use owners::Owners;
use retained::Retained;
use satisfier::{Request, Satisfier, Source, satisfier};

/// The id of the deterministic source. No id of a plan has a `#`.
const SOURCE: &str = "#deterministic";

/// The id of what knows the components whose calls are recorded.
const RECORDER: &str = "#recorder";

/// Why a resource that is no item of an instance cannot be denied: each component's
/// satisfier would define one of its own, and what is bound would not fit.
const SHARED_BARE_RESOURCE: &str =
    "a resource that is imported by itself, and that a binding makes one with another's";

/// The id of what satisfies imports of a component.
fn satisfier_id(component: &str) -> String {
    format!("{component}#policy")
}

/// The component of the plan that what has an id was made for; the id itself where
/// it is of the plan, or was made for several.
pub fn made_for(id: &str) -> &str {
    match id.split_once('#') {
        Some((component, _)) if !component.is_empty() => component,
        _ => id,
    }
}

/// Adds what satisfies the imports that components do not get from the host.
pub fn satisfy(
    mut shaped: ShapedPlan,
    decided: &[Decided],
    limits: &Limits,
) -> Result<ShapedPlan, Vec<Diagnostic>> {
    let mut wanted: BTreeMap<String, HashMap<&str, Decision>> = BTreeMap::new();
    for decided in decided
        .iter()
        .filter(|decided| !decided.decision.is_plain())
    {
        for consumer in &decided.consumers {
            let imports = wanted.entry(consumer.clone()).or_default();
            imports.insert(&decided.import, decided.decision);
        }
    }
    if wanted.is_empty() {
        return Ok(shaped);
    }
    let mut findings = Vec::new();
    let mut made: Vec<(String, Satisfier)> = Vec::new();
    let retained = Retained::of(&shaped);
    let owners = Owners::of(&shaped, &wanted, &retained);
    let order = shaped.resolved.valid.order().iter();
    for id in order.filter(|id| wanted.contains_key(*id)) {
        let world = shaped.resolved.world(id);
        let imports = world.imports.iter();
        let imports: Vec<(&Extern, Decision)> = imports
            .filter_map(|import| Some((import, *wanted[id].get(import.name.as_str())?)))
            .collect();
        let mut denied = imports.iter().filter(|(_, decision)| !decision.is_given());
        if let Some((import, _)) = denied.find(|(import, _)| owners.is_shared(id, &import.name)) {
            let why = Untypable::Kind(SHARED_BARE_RESOURCE);
            findings.push(unsatisfiable(&shaped, id, &import.name, &why));
            continue;
        }
        let source = |import: &str, name: &str| owners.source(id, import, name);
        let options = |name: &str| options(&shaped, &wanted, id, name);
        let request = Request {
            world,
            retained: retained.items(id, world, &imports),
            wanted: imports,
            source: &source,
            options: &options,
        };
        match satisfier(&request) {
            Ok(satisfier) => made.push((id.clone(), satisfier)),
            Err((import, why)) => findings.push(unsatisfiable(&shaped, id, &import, &why)),
        }
    }
    if !findings.is_empty() {
        return Err(findings);
    }
    drop(owners);
    drop(retained);
    add(&mut shaped, &wanted, made, limits.work).map_err(|error| vec![error])?;
    Ok(shaped)
}

/// What the artifact's import of a name says of itself beside that: what the
/// component's own import says when it has that, else what another's does.
fn options(
    shaped: &ShapedPlan,
    wanted: &BTreeMap<String, HashMap<&str, Decision>>,
    component: &str,
    name: &str,
) -> NameOptions {
    let is_given = |id: &&str| {
        let decision = wanted.get(*id).and_then(|imports| imports.get(name));
        decision.is_none_or(|decision| decision.is_given())
    };
    let open = shaped.open.get(name).into_iter();
    let consumers = open.flat_map(|open| open.consumers.iter().map(String::as_str));
    let mut ids = [component].into_iter().chain(consumers).filter(is_given);
    let import = ids.find_map(|id| shaped.resolved.world(id).import(name));
    import.map(Extern::options).unwrap_or_default()
}

/// Makes the satisfiers part of the graph.
fn add(
    shaped: &mut ShapedPlan,
    wanted: &BTreeMap<String, HashMap<&str, Decision>>,
    made: Vec<(String, Satisfier)>,
    most: usize,
) -> Result<(), Diagnostic> {
    let planned = shaped.resolved.work();
    let mut before: HashMap<String, Vec<String>> = HashMap::new();
    let mut has_source = false;
    let mut recorded: Vec<String> = Vec::new();
    for (component, satisfier) in made {
        let id = satisfier_id(&component);
        let added = before.entry(component.clone()).or_default();
        for (import, source) in &satisfier.needs {
            let (provider, export) = match source {
                Source::Open(name) => {
                    let open = shaped.open.entry(name.clone()).or_default();
                    open.left_to = open.left_to.max(LeftTo::Host);
                    open.consumers.push(id.clone());
                    continue;
                }
                Source::Export(provider, export) => (provider.clone(), export.clone()),
                Source::Deterministic => {
                    if !has_source {
                        has_source = true;
                        added.push(SOURCE.to_string());
                    }
                    (SOURCE.to_string(), import.clone())
                }
                Source::Recorder => {
                    if recorded.is_empty() {
                        added.push(RECORDER.to_string());
                    }
                    let export = recorder::declare(recorded.len());
                    recorded.push(component.clone());
                    (RECORDER.to_string(), export)
                }
            };
            shaped.links.push(Link {
                consumer: id.clone(),
                import: import.clone(),
                provider,
                export,
                binding: None,
            });
        }
        for import in wanted[&component].keys() {
            shaped.links.push(Link {
                consumer: component.clone(),
                import: (*import).to_string(),
                provider: id.clone(),
                export: (*import).to_string(),
                binding: None,
            });
        }
        added.push(id.clone());
        let done = add_part(shaped, id, satisfier.bytes, satisfier.work);
        done.map_err(|error| half_recorded(shaped, &component, wanted).unwrap_or(error))?;
        affordable(planned.saturating_add(shaped.resolved.made()), most)?;
    }
    if has_source {
        let plan = plan_id(shaped.resolved.valid.plan());
        add_part(shaped, SOURCE.to_string(), deterministic::source(&plan), 0)?;
    }
    if !recorded.is_empty() {
        let bytes = recorder::recorder(&recorded);
        add_part(shaped, RECORDER.to_string(), bytes, 0)?;
        let audit = shaped.open.entry(AUDIT.to_string()).or_default();
        audit.left_to = audit.left_to.max(LeftTo::Host);
        audit.consumers.push(RECORDER.to_string());
    }
    shaped.resolved.valid.add(&before);
    for (name, open) in &mut shaped.open {
        let is_satisfied = |id: &String| {
            wanted
                .get(id)
                .is_some_and(|of| of.contains_key(name.as_str()))
        };
        open.consumers.retain(|id| !is_satisfied(id));
    }
    settle_types(shaped, wanted);
    shaped.open.retain(|_, open| !open.consumers.is_empty());
    for open in shaped.open.values_mut() {
        sort(&mut open.consumers);
    }
    Ok(())
}

/// Types that only what is satisfied was made of need no name any more.
fn settle_types(shaped: &mut ShapedPlan, wanted: &BTreeMap<String, HashMap<&str, Decision>>) {
    let mut named: HashSet<(&str, String)> = HashSet::new();
    let mut name = |component: &String, item: Option<&Extern>| {
        if let (Some((component, _)), Some(item)) = (wanted.get_key_value(component), item) {
            let made_of = shaped.resolved.world(component).made_of(item).into_iter();
            named.extend(made_of.map(|import| (component.as_str(), import.to_string())));
        }
    };
    for (import, open) in &shaped.open {
        if open.left_to != LeftTo::Nobody {
            for id in &open.consumers {
                name(id, shaped.resolved.world(id).import(import));
            }
        }
    }
    for export in &shaped.exports {
        let world = shaped.resolved.world(&export.component);
        name(&export.component, world.export(&export.name));
    }
    for (name, open) in &mut shaped.open {
        if open.left_to == LeftTo::Nobody {
            let is_named = |id: &str| named.contains(&(id, name.clone()));
            open.consumers
                .retain(|id| !wanted.contains_key(id) || is_named(id));
        }
    }
}

/// Makes a component part of the plan, and adds to the plan's work.
fn add_part(
    shaped: &mut ShapedPlan,
    id: String,
    bytes: Vec<u8>,
    work: usize,
) -> Result<(), Diagnostic> {
    let digest = Digest::of(&bytes);
    if shaped.resolved.share(&id, &digest) {
        return Ok(());
    }
    let world = World::of(&bytes, &mut shaped.resolved.shapes).map_err(|error| {
        // Types may be small enough once, and too large twice.
        let message = format!("what satisfies imports, {id:?}, is invalid: {error}");
        let help = "grant the imports; if it is not a size or a number that is too large, report \
                    this with the plan and its components";
        Diagnostic::error(Code::EmitCompositionFailed, message, help).at("/policy")
    })?;
    let made = Part {
        features: world.features,
        digest,
        size: bytes.len() as u64,
        skeleton: bytes.into(),
        world: Rc::new(world),
        is_made: true,
    };
    shaped.resolved.add(id, made, work);
    Ok(())
}

/// Why imports of a component cannot be satisfied although each can: one that is
/// recorded is made of types, which are themselves made of others, of one that
/// is denied.
fn half_recorded(
    shaped: &ShapedPlan,
    component: &str,
    wanted: &BTreeMap<String, HashMap<&str, Decision>>,
) -> Option<Diagnostic> {
    let decisions = wanted.get(component)?;
    let world = shaped.resolved.world(component);
    let is_recorded = |name: &str| decisions.get(name).map(|of| *of == Decision::Recorded);
    let mut imports = world.imports.iter();
    imports.find_map(|import| {
        is_recorded(&import.name).filter(|is| *is)?;
        let made_of = all_made_of(world, import);
        let denied = made_of
            .into_iter()
            .find(|other| is_recorded(other) == Some(false))?;
        let help = "grant both, or deny both";
        Some(half_open(component, &import.name, denied, "denied", help))
    })
}

/// The imports whose types an import is made of, and those that they are made of in
/// turn; the import itself is among them.
fn all_made_of<'a>(world: &'a World, import: &'a Extern) -> BTreeSet<&'a str> {
    let mut all = BTreeSet::new();
    let mut next = vec![import];
    while let Some(import) = next.pop() {
        let others = world.made_of(import).into_iter();
        let new = others.filter(|other| all.insert(*other));
        next.extend(new.filter_map(|other| world.import(other)));
    }
    all
}

/// Refuses a plan for which too much was made.
fn affordable(total: usize, most: usize) -> Result<(), Diagnostic> {
    if total <= most {
        return Ok(());
    }
    let message = "composing the plan is too much work: too many imports are denied or recorded, \
                   each of which an interface of its own satisfies";
    let help = "grant some of them, or compose a part of the plan first";
    let error = Diagnostic::error(Code::EmitCompositionFailed, message, help).at("/policy");
    let unit = "imports, exports and their items, each that is denied or recorded as 300 or more";
    Err(error
        .found(format!("{total} up to here"))
        .expected(at_most(most, unit, "work")))
}

fn unsatisfiable(shaped: &ShapedPlan, id: &str, import: &str, why: &Untypable) -> Diagnostic {
    let why = match why {
        Untypable::Kind(what) => (*what).to_string(),
        Untypable::Resource { import } => format!("made of a resource of {import:?}"),
    };
    let mut components = shaped.resolved.valid.plan().components.iter();
    let index = components.position(|component| component.id == id);
    let message = format!("import {import:?} of {id:?} cannot be denied or recorded: it is {why}");
    let help = "bind it to a component, or grant it";
    Diagnostic::error(Code::EmitCompositionFailed, message, help)
        .at(format!("/components/{}", index.unwrap_or_default()))
}
