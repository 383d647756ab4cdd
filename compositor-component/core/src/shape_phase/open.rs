//! Imports that no binding names: the host's, the plan's, and the errors.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::links::Named;
use super::shaped::{Export, Open};
use crate::host_policy::HostPolicy;
use crate::policy::{Grants, LeftTo};
use crate::resolve::ResolvedPlan;
use compositor_diagnostic::lists::some_of;
use compositor_diagnostic::order::sort;
use compositor_diagnostic::{Diagnostic, Findings, Rule};
use compositor_plan::names::{Name, split};
use compositor_plan::{NameIndex, Place, is_host_import};
use compositor_wasm::Extern;

/// Imports that nothing binds: the host's, the plan's, and the errors.
pub fn open(
    resolved: &ResolvedPlan,
    policy: &HostPolicy,
    bound: &Named,
    exports: &[Export],
    findings: &mut Findings,
) -> BTreeMap<String, Open> {
    let plan = resolved.valid.plan();
    let grants = Grants::new(plan, policy);
    let listed = NameIndex::new(
        plan.imports
            .iter()
            .map(|name| (name.as_str(), name.as_str())),
    );
    let mut used = vec![false; plan.imports.len()];
    // Those that are labels of what is the host's.
    let mut hosts = vec![false; plan.imports.len()];
    let mut exported: HashMap<&str, Vec<&str>> = HashMap::new();
    for export in exports {
        exported
            .entry(&export.component)
            .or_default()
            .push(&export.name);
    }
    let mut open: BTreeMap<String, Open> = BTreeMap::new();
    for (index, component) in plan.indexed_components() {
        if !resolved.valid.reaches(&component.id) {
            continue;
        }
        let world = resolved.world(&component.id);
        let unbound = |name: &str| !bound.contains(&(component.id.clone(), name.to_string()));
        // Types that stay nameable: exports and open imports are made of them.
        let mut named: BTreeSet<&str> = BTreeSet::new();
        let own = exported.get(component.id.as_str()).into_iter().flatten();
        for export in own.filter_map(|name| world.export(name)) {
            named.extend(world.made_of(export));
        }
        let mut add = |name: &str, left_to: LeftTo| {
            let entry: &mut Open = open.entry(name.to_string()).or_default();
            entry.consumers.push(component.id.clone());
            entry.left_to = entry.left_to.max(left_to);
        };
        let mut settled = Vec::new();
        for import in world.imports.iter().filter(|import| unbound(&import.name)) {
            let is_settled = world.is_settled(import);
            // The host's imports are the policy's business, whatever is listed.
            let is_hosts = !is_settled && is_host_import(&import.interface);
            let is_listed = listed.compatible(import.full_name());
            if let Some(index) = is_listed.filter(|_| is_hosts) {
                hosts[index] = true;
            }
            let is_listed = is_listed.filter(|_| !is_hosts);
            if let Some(index) = is_listed {
                used[index] = true;
            }
            // What is listed may stay open; types need not.
            let left_to = if is_settled {
                settled.push(import);
                continue;
            } else if is_listed.is_some() {
                LeftTo::Plan
            } else if is_hosts || grants.names(&component.id, import.asked()) {
                LeftTo::Host
            } else {
                findings.error(|| {
                    dangling(resolved, &component.id, import).at(Place::Component(index))
                });
                continue;
            };
            add(&import.name, left_to);
            named.extend(world.made_of(import));
        }
        for import in settled {
            if named.contains(import.name.as_str()) {
                add(&import.name, LeftTo::Nobody);
            }
        }
    }
    for (index, name) in plan.imports.iter().enumerate() {
        if !used[index] {
            let (message, help) = match hosts[index] || is_host_import(name) {
                true => (
                    format!("import {name:?} is a host's, which \"imports\" do not list"),
                    "remove it; grant it with a capability of the policy",
                ),
                false => (
                    format!("no component asks for import {name:?}, or it is bound"),
                    "remove it",
                ),
            };
            let warning = Diagnostic::warning(Rule::UnusedImport, message, help);
            findings.push(warning.at(Place::Import(index)));
        }
    }
    for open in open.values_mut() {
        sort(&mut open.consumers);
    }
    offered(resolved, &open, findings);
    open
}

/// Components that are asked whether they could give an import.
const ASKED: usize = 8;

/// Says of imports that stay open which components of the plan export what fits.
fn offered(resolved: &ResolvedPlan, open: &BTreeMap<String, Open>, findings: &mut Findings) {
    let components = &resolved.valid.plan().components;
    let mut exports: HashMap<Name<'_>, Vec<(&str, &Extern)>> = HashMap::new();
    let open = open
        .iter()
        .filter(|(_, open)| open.left_to != LeftTo::Nobody);
    let mut open = open.peekable();
    if open.peek().is_none() {
        return;
    }
    for component in components {
        for export in &resolved.world(&component.id).exports {
            let of_name = exports.entry(split(export.full_name())).or_default();
            of_name.push((&component.id, export));
        }
    }
    for (name, open) in open {
        let consumer = &open.consumers[0];
        let Some(import) = resolved.world(consumer).import(name) else {
            continue;
        };
        let named = exports
            .get(&split(import.full_name()))
            .into_iter()
            .flatten();
        let others = named.filter(|(id, _)| open.consumers.iter().all(|of| of != id));
        let fit = others.take(ASKED).filter(|(_, export)| {
            let difference = resolved.shapes.difference(export.shape, import.shape);
            difference.is_none()
        });
        let mut could: Vec<String> = fit.map(|(id, _)| format!("{id:?}")).collect();
        if could.is_empty() {
            continue;
        }
        sort(&mut could);
        let could = some_of(could.iter().map(String::as_str));
        let consumers = some_of(open.consumers.iter().map(String::as_str));
        let message =
            format!("import {name:?} of {consumers} stays open, and {could} exports what fits it");
        let help = format!("bind it to {could}, if that is meant");
        let note = Diagnostic::note(Rule::OfferedImport, message, help);
        let component = resolved.valid.plan().component(consumer);
        findings.push(note.at(component.map_or(Place::Plan, Place::Component)));
    }
}

fn dangling(resolved: &ResolvedPlan, consumer: &str, import: &Extern) -> Diagnostic {
    let mut could: Vec<String> = Vec::new();
    for component in &resolved.valid.plan().components {
        let world = resolved.world(&component.id);
        let export = world.compatible_export(import.full_name());
        let Some(export) = export.or_else(|| world.compatible_export(&import.interface)) else {
            continue;
        };
        let difference = resolved.shapes.difference(export.shape, import.shape);
        if component.id != consumer && difference.is_none() {
            could.push(format!("{:?}", component.id));
        }
    }
    sort(&mut could);
    let message = format!(
        "nothing is bound to import {:?} of {consumer:?}",
        import.name
    );
    let help = match could.is_empty() {
        true => "add a component that exports it and bind it, or list it in \"imports\" to leave it open".to_string(),
        false => format!(
            "bind it to {}, or list it in \"imports\" to leave it open",
            some_of(could.iter().map(String::as_str))
        ),
    };
    Diagnostic::error(Rule::UnboundImport, message, help)
        .found(format!("{:?}", import.name))
        .expected("a binding for it")
}
