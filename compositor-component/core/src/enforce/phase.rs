//! Binds what components do not get from the host to components that refuse it, record
//! it, or answer the same each time.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::generated::Generated;
use super::owners::Owners;
use super::plan::EnforcedPlan;
use super::virtualized::Virtualized;
use crate::decide::Retained;
use crate::generated_ids::{RECORDER, SOURCE, virtualizer_id};
use crate::policy::LeftTo;
use crate::resolve::ResolvedPlan;
use crate::shape_phase::{Export, Link, Open, ShapedPlan, half_open};
use compositor_adapter::{self as adapter, Request, Source, Virtualizer, virtualizer};
use compositor_diagnostic::limits::{Limits, at_most};
use compositor_diagnostic::order::sort;
use compositor_diagnostic::{Diagnostic, Rule};
use compositor_plan::names::AUDIT;
use compositor_plan::{Decided, Decision, Place, plan_id};
use compositor_wasm::write::types::Untypable;
use compositor_wasm::{Extern, NameOptions, World};

/// Why a resource that is no item of an instance cannot be denied: each component's
/// virtualizer would define one of its own, and what is bound would not fit.
const SHARED_BARE_RESOURCE: &str =
    "a resource that is imported by itself, and that a binding makes one with another's";

/// Adds what virtualizes the imports that components do not get from the host.
pub fn enforce(
    shaped: ShapedPlan,
    decided: &[Decided],
    limits: &Limits,
) -> Result<EnforcedPlan, Vec<Diagnostic>> {
    let virtualized = Virtualized::among(decided);
    let made = match virtualized.is_empty() {
        true => Vec::new(),
        false => virtualizers(&shaped, &virtualized)?,
    };
    add(shaped, &virtualized, made, limits.work).map_err(|error| vec![error])
}

/// What virtualizes imports, by the component that it is for, in the order of the plan.
fn virtualizers(
    shaped: &ShapedPlan,
    virtualized: &Virtualized<'_>,
) -> Result<Vec<(String, Virtualizer)>, Vec<Diagnostic>> {
    let mut findings = Vec::new();
    let mut made: Vec<(String, Virtualizer)> = Vec::new();
    let retained = Retained::of(shaped);
    let owners = Owners::of(shaped, virtualized, &retained);
    let order = shaped.resolved.valid.order().iter();
    for id in order.filter(|id| virtualized.has(id)) {
        let world = shaped.resolved.world(id);
        let imports = world.imports.iter();
        let imports: Vec<(&Extern, Decision)> = imports
            .filter_map(|import| Some((import, virtualized.decision(id, &import.name)?)))
            .collect();
        let mut denied = imports.iter().filter(|(_, decision)| !decision.is_given());
        if let Some((import, _)) = denied.find(|(import, _)| owners.is_shared(id, &import.name)) {
            let why = Untypable::Kind(SHARED_BARE_RESOURCE);
            findings.push(not_virtualizable(shaped, id, &import.name, &why));
            continue;
        }
        let source = |import: &str, name: &str| owners.source(id, import, name);
        let options = |name: &str| options(shaped, virtualized, id, name);
        let request = Request {
            world,
            retained: retained.items(id, world, &imports),
            wanted: imports,
            source: &source,
            options: &options,
        };
        match virtualizer(&request) {
            Ok(virtualizer) => made.push((id.clone(), virtualizer)),
            Err((import, why)) => findings.push(not_virtualizable(shaped, id, &import, &why)),
        }
    }
    match findings.is_empty() {
        true => Ok(made),
        false => Err(findings),
    }
}

/// What the artifact's import of a name says of itself beside that: what the
/// component's own import says when it has that, else what another's does.
fn options(
    shaped: &ShapedPlan,
    virtualized: &Virtualized<'_>,
    component: &str,
    name: &str,
) -> NameOptions {
    let is_given = |id: &&str| virtualized.is_given(id, name);
    let open = shaped.open.get(name).into_iter();
    let consumers = open.flat_map(|open| open.consumers.iter().map(String::as_str));
    let mut ids = [component].into_iter().chain(consumers).filter(is_given);
    let import = ids.find_map(|id| shaped.resolved.world(id).import(name));
    import.map(Extern::options).unwrap_or_default()
}

/// The plan with its virtualizers, each bound to what it was made for.
fn add(
    shaped: ShapedPlan,
    virtualized: &Virtualized<'_>,
    made: Vec<(String, Virtualizer)>,
    most: usize,
) -> Result<EnforcedPlan, Diagnostic> {
    let ShapedPlan {
        mut resolved,
        mut links,
        mut open,
        exports,
        ..
    } = shaped;
    let planned = resolved.work();
    let mut generated = Generated::default();
    let mut before: HashMap<String, Vec<String>> = HashMap::new();
    let mut has_source = false;
    let mut recorded: Vec<String> = Vec::new();
    for (component, virtualizer) in made {
        let id = virtualizer_id(&component);
        let added = before.entry(component.clone()).or_default();
        for (import, source) in &virtualizer.needs {
            let (provider, export) = match source {
                Source::Open(name) => {
                    leave_open(&mut open, name, &id);
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
                    let export = adapter::declare(recorded.len());
                    recorded.push(component.clone());
                    (RECORDER.to_string(), export)
                }
            };
            links.push(link(&id, import, provider, export));
        }
        let decisions = virtualized.of(&component);
        let decisions = decisions.expect("a virtualizer is made of decisions");
        for import in decisions.keys() {
            links.push(link(&component, import, id.clone(), (*import).to_string()));
        }
        added.push(id.clone());
        let done = generated.add(&mut resolved, id, virtualizer.bytes, virtualizer.work);
        done.map_err(|error| {
            let half = half_recorded(resolved.world(&component), &component, decisions);
            half.unwrap_or(error)
        })?;
        affordable(planned.saturating_add(generated.work), most)?;
    }
    if has_source {
        let bytes = adapter::source(&plan_id(resolved.valid.plan()));
        generated.add(&mut resolved, SOURCE.to_string(), bytes, 0)?;
    }
    if !recorded.is_empty() {
        let bytes = adapter::recorder(&recorded);
        generated.add(&mut resolved, RECORDER.to_string(), bytes, 0)?;
        leave_open(&mut open, AUDIT, RECORDER);
    }
    for (name, open) in &mut open {
        let is_virtualized = |id: &String| virtualized.decision(id, name).is_some();
        open.consumers.retain(|id| !is_virtualized(id));
    }
    settle_types(&mut open, &resolved, &exports, virtualized);
    open.retain(|_, open| !open.consumers.is_empty());
    for open in open.values_mut() {
        sort(&mut open.consumers);
    }
    let enforced = EnforcedPlan::new(resolved, generated, &before, links, open, exports);
    Ok(enforced)
}

/// Leaves an import of a generated component to the host.
fn leave_open(open: &mut BTreeMap<String, Open>, import: &str, id: &str) {
    let open = open.entry(import.to_string()).or_default();
    open.left_to = open.left_to.max(LeftTo::Host);
    open.consumers.push(id.to_string());
}

/// A binding that the policy makes.
fn link(consumer: &str, import: &str, provider: String, export: String) -> Link {
    Link {
        consumer: consumer.to_string(),
        import: import.to_string(),
        provider,
        export,
        binding: None,
    }
}

/// Types that only what is virtualized was made of need no name any more.
fn settle_types(
    open: &mut BTreeMap<String, Open>,
    resolved: &ResolvedPlan,
    exports: &[Export],
    virtualized: &Virtualized<'_>,
) {
    // What components have whose imports are virtualized, among others, and what of that
    // is still made of imports.
    let asked = open
        .iter()
        .filter(|(_, open)| open.left_to != LeftTo::Nobody);
    let asked = asked.flat_map(|(import, open)| {
        let consumers = open.consumers.iter();
        let consumers = consumers.filter(|id| virtualized.has(id));
        consumers.filter_map(move |id| {
            let world = resolved.world(id);
            Some((id, world, world.import(import)?))
        })
    });
    let exports = exports.iter();
    let exports = exports.filter(|export| virtualized.has(&export.component));
    let exported = exports.filter_map(|export| {
        let world = resolved.world(&export.component);
        Some((&export.component, world, world.export(&export.name)?))
    });
    let mut named: HashSet<(String, String)> = HashSet::new();
    for (id, world, item) in asked.chain(exported) {
        let made_of = world.made_of(item).into_iter();
        named.extend(made_of.map(|import| (id.clone(), import.to_string())));
    }
    for (name, open) in open {
        if open.left_to == LeftTo::Nobody {
            let is_named = |id: &String| named.contains(&(id.clone(), name.clone()));
            open.consumers
                .retain(|id| !virtualized.has(id) || is_named(id));
        }
    }
}

/// Why imports of a component cannot be virtualized although each can: one that is
/// recorded is made of types, which are themselves made of others, of one that
/// is denied.
fn half_recorded(
    world: &World,
    component: &str,
    decisions: &HashMap<&str, Decision>,
) -> Option<Diagnostic> {
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
                   each of which takes a generated interface";
    let help = "grant some of them, or compose a part of the plan first";
    let error = Diagnostic::error(Rule::TooMuchWork, message, help).at(Place::Policy);
    let unit = "imports, exports and their items, each that is denied or recorded as 300 or more";
    Err(error
        .found(format!("{total} up to here"))
        .expected(at_most(most, unit, "work")))
}

fn not_virtualizable(shaped: &ShapedPlan, id: &str, import: &str, why: &Untypable) -> Diagnostic {
    let why = match why {
        Untypable::Kind(what) => (*what).to_string(),
        Untypable::Resource { import } => format!("made of a resource of {import:?}"),
    };
    let component = shaped.resolved.valid.plan().component(id);
    let component = component.expect("what is virtualized is for a component of the plan");
    let message = format!("import {import:?} of {id:?} cannot be denied or recorded: it is {why}");
    let help = "bind it to a component, or grant it";
    Diagnostic::error(Rule::NotVirtualizable, message, help).at(Place::Component(component))
}
