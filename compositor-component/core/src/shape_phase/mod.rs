//! The shape phase: every binding's two sides exist and fit, every import has
//! a provider or leave to stay open. All mismatches are reported at once,
//! with the WIT of both sides where they differ.

mod owners;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use wasmparser::component_types::ComponentEntityType;

use crate::diagnostic::{Diagnostic, end_phase, has_errors};
use crate::error::Code;
use crate::graph::some_of;
use crate::limits;
use crate::order::{sort, sort_by};
use crate::plan::{is_host_import, semver_match};
use crate::resolve::ResolvedPlan;
use crate::suggest;
use crate::wasm::{Difference, Extern, World, lines_wit};

/// A resolved plan whose bindings fit.
pub struct ShapedPlan {
    /// The plan.
    pub resolved: ResolvedPlan,
    /// Bindings by the names that the components themselves use.
    pub links: Vec<Link>,
    /// Imports that stay open, by name.
    pub open: BTreeMap<String, Open>,
    /// Exports of the artifact: name, component, its export's name.
    pub exports: Vec<(String, String, String)>,
}

/// A binding whose two sides exist and fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The importing component.
    pub consumer: String,
    /// Its import, as it calls it.
    pub import: String,
    /// The exporting component.
    pub provider: String,
    /// Its export, as it calls it.
    pub export: String,
    /// The index of its binding in the plan.
    pub binding: usize,
}

/// An import that stays open in the artifact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Open {
    /// Who asks for it.
    pub consumers: Vec<String>,
    /// Who is to give it.
    pub left_to: LeftTo,
}

/// Who is to give an import that stays open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeftTo {
    /// Nobody needs to: it is types alone, which other imports or exports name.
    #[default]
    Nobody,
    /// The host, as its policy has it.
    Host,
    /// Whoever uses the artifact: the plan's `imports` lists it.
    Plan,
}

impl LeftTo {
    /// The word for people.
    pub fn as_str(self) -> &'static str {
        match self {
            LeftTo::Nobody => "nobody",
            LeftTo::Host => "host",
            LeftTo::Plan => "plan",
        }
    }
}

/// Checks every binding and every import.
pub fn check(resolved: ResolvedPlan) -> Result<(ShapedPlan, Vec<Diagnostic>), Vec<Diagnostic>> {
    let mut findings = Vec::new();
    let reached = reached(&resolved);
    let (links, bound) = links(&resolved, &mut findings);
    let exports = exports(&resolved, &mut findings);
    let open = open(&resolved, &reached, &bound, &exports, &mut findings);
    if !has_errors(&findings) {
        owners::check(&resolved, &links, &mut findings);
    }
    let errors = findings.len();
    findings.truncate(limits::FINDINGS);
    if errors > limits::FINDINGS {
        let message = format!("{} more findings are not shown", errors - limits::FINDINGS);
        findings.push(Diagnostic::note(
            Code::EmitLinkError,
            message,
            "mend these first",
        ));
    }
    let findings = end_phase(findings)?;
    let shaped = ShapedPlan {
        resolved,
        links,
        open,
        exports,
    };
    Ok((shaped, findings))
}

/// The components that are in the artifact: the root's and the exports' closure.
fn reached(resolved: &ResolvedPlan) -> BTreeSet<String> {
    let plan = resolved.valid.plan();
    let mut providers: HashMap<&str, Vec<&str>> = HashMap::new();
    for binding in &plan.bindings {
        let consumer = plan.consumer_of(binding);
        providers
            .entry(consumer)
            .or_default()
            .push(&binding.provider);
    }
    let exported = plan
        .explicit_exports
        .iter()
        .map(|e| e.source_instance.as_str());
    let mut next: Vec<&str> = exported.chain([plan.root.as_str()]).collect();
    let mut reached = BTreeSet::new();
    while let Some(id) = next.pop() {
        if reached.insert(id.to_string()) {
            next.extend(providers.get(id).into_iter().flatten());
        }
    }
    reached
}

/// Imports that a binding names, by component, whether or not it fits.
type Bound = HashSet<(String, String)>;

fn links(resolved: &ResolvedPlan, findings: &mut Vec<Diagnostic>) -> (Vec<Link>, Bound) {
    let plan = resolved.valid.plan();
    let mut links: Vec<Link> = Vec::new();
    let mut bound: HashMap<(String, String), usize> = HashMap::new();
    for (index, binding) in plan.bindings.iter().enumerate() {
        let consumer = plan.consumer_of(binding);
        let at = |field: &str| format!("/bindings/{index}/{field}");
        let (needs, gives) = (resolved.world(consumer), resolved.world(&binding.provider));
        let import = find(&needs.imports, &binding.import_name);
        let export = find(&gives.exports, &binding.export_name);
        if import.is_none() {
            let what = format!("component {consumer:?} has no import");
            let error = lacks(&what, &binding.import_name, &needs.imports);
            findings.push(error.at(at("import_name")));
        }
        if export.is_none() {
            let what = format!("component {:?} has no export", binding.provider);
            let error = lacks(&what, &binding.export_name, &gives.exports);
            findings.push(error.at(at("export_name")));
        }
        let Some(import) = import else { continue };
        if let Some(first) = bound.insert((consumer.to_string(), import.name.clone()), index) {
            let message = format!("import {:?} of {consumer:?} is bound twice", import.name);
            let help = format!("remove one; the other is /bindings/{first}");
            let error = Diagnostic::error(Code::PlanInvalidGraph, message, help);
            findings.push(error.at(format!("/bindings/{index}")));
        }
        let Some(export) = export else { continue };
        for (named, found, field) in [
            (&binding.import_name, &import.name, "import_name"),
            (&binding.export_name, &export.name, "export_name"),
        ] {
            if named != found {
                let message = format!("{named:?} is matched with {found:?}, which is compatible");
                let help = "name it exactly to make this explicit";
                let note = Diagnostic::note(Code::EmitLinkError, message, help);
                findings.push(note.at(at(field)).found(found).expected(named));
            }
        }
        if let Some(difference) = resolved.shapes.difference(export.shape, import.shape) {
            findings.push(
                mismatch(binding, consumer, needs, import, gives, export, &difference)
                    .at(at("export_name")),
            );
        }
        links.push(Link {
            consumer: consumer.to_string(),
            import: import.name.clone(),
            provider: binding.provider.clone(),
            export: export.name.clone(),
            binding: index,
        });
    }
    sort_by(&mut links, |a, b| {
        (&a.consumer, &a.import).cmp(&(&b.consumer, &b.import))
    });
    (links, bound.into_keys().collect())
}

/// The exact name, else the semver-compatible one, as component runtimes do.
fn find<'a>(externs: &'a [Extern], name: &str) -> Option<&'a Extern> {
    let names = externs.iter().map(|e| e.name.as_str());
    let found = semver_match(name, names)?;
    externs.iter().find(|e| e.name == found)
}

fn lacks(what: &str, name: &str, has: &[Extern]) -> Diagnostic {
    let names = || has.iter().map(|e| e.name.as_str());
    let help = match suggest::nearest(name, names()) {
        Some(near) => format!("did you mean {near:?}?"),
        None => "name one that it has".to_string(),
    };
    let has = match has.is_empty() {
        true => "it has none".to_string(),
        false => some_of(names()),
    };
    Diagnostic::error(Code::EmitLinkError, format!("{what} {name:?}"), help)
        .found(format!("{name:?}"))
        .expected(has)
}

fn mismatch(
    binding: &crate::plan::Binding,
    consumer: &str,
    needs: &World,
    import: &Extern,
    gives: &World,
    export: &Extern,
    difference: &Difference,
) -> Diagnostic {
    let wanted = |name: &str| match difference {
        Difference::Item => true,
        Difference::Exports { missing, different } => {
            missing.iter().chain(different).any(|other| other == name)
        }
    };
    let found = lines_wit(gives, &export.name, &export.item, wanted);
    let expected = lines_wit(needs, &import.name, &import.item, wanted);
    let lacks = match difference {
        Difference::Exports { missing, .. } if !missing.is_empty() => {
            format!(
                " (it lacks {})",
                some_of(missing.iter().map(String::as_str))
            )
        }
        _ => String::new(),
    };
    let message = format!(
        "export {:?} of {:?} does not fit import {:?} of {consumer:?}{lacks}",
        export.name, binding.provider, import.name,
    );
    let found = match found.is_empty() {
        true => "nothing of that name".to_string(),
        false => found.join("\n"),
    };
    let help = "bind it to a component with the same types, or rebuild one side";
    Diagnostic::error(Code::EmitLinkError, message, help)
        .found(found)
        .expected(expected.join("\n"))
}

/// Imports that nothing binds: the host's, the plan's, and the errors.
fn open(
    resolved: &ResolvedPlan,
    reached: &BTreeSet<String>,
    bound: &Bound,
    exports: &[(String, String, String)],
    findings: &mut Vec<Diagnostic>,
) -> BTreeMap<String, Open> {
    let plan = resolved.valid.plan();
    let mut listed: BTreeMap<&str, bool> = plan
        .imports
        .iter()
        .map(|name| (name.as_str(), false))
        .collect();
    let mut open: BTreeMap<String, Open> = BTreeMap::new();
    for (index, component) in plan.components.iter().enumerate() {
        if !reached.contains(&component.id) {
            continue;
        }
        let world = resolved.world(&component.id);
        let unbound = |name: &str| !bound.contains(&(component.id.clone(), name.to_string()));
        // Types that stay nameable: exports and open imports are made of them.
        let mut named: BTreeSet<&str> = BTreeSet::new();
        for (_, id, export) in exports {
            if let Some(export) = world.export(export).filter(|_| *id == component.id) {
                named.extend(world.made_of(export));
            }
        }
        let mut add = |name: &str, left_to: LeftTo| {
            let entry: &mut Open = open.entry(name.to_string()).or_default();
            entry.consumers.push(component.id.clone());
            entry.left_to = entry.left_to.max(left_to);
        };
        let mut settled = Vec::new();
        for import in world.imports.iter().filter(|import| unbound(&import.name)) {
            let leave = semver_match(&import.name, listed.keys().copied()).map(str::to_string);
            let left_to = if let Some(used) = leave.as_deref().and_then(|n| listed.get_mut(n)) {
                *used = true;
                LeftTo::Plan
            } else if world.is_settled(import) {
                settled.push(import);
                continue;
            } else if is_host_import(&import.name) {
                LeftTo::Host
            } else {
                let error = dangling(resolved, &component.id, import);
                findings.push(error.at(format!("/components/{index}")));
                continue;
            };
            add(&import.name, left_to);
            named.extend(world.made_of(import));
        }
        for import in settled {
            let is_instance = matches!(import.item.ty, ComponentEntityType::Instance(_));
            if is_instance && named.contains(import.name.as_str()) {
                add(&import.name, LeftTo::Nobody);
            }
        }
    }
    for (index, name) in plan.imports.iter().enumerate() {
        if listed.get(name.as_str()) == Some(&false) {
            let message = format!("no component asks for import {name:?}, or it is bound");
            let warning = Diagnostic::warning(Code::EmitLinkError, message, "remove it");
            findings.push(warning.at(format!("/imports/{index}")));
        }
    }
    for open in open.values_mut() {
        sort(&mut open.consumers);
    }
    open
}

fn dangling(resolved: &ResolvedPlan, consumer: &str, import: &Extern) -> Diagnostic {
    let mut could: Vec<String> = Vec::new();
    for component in &resolved.valid.plan().components {
        let world = resolved.world(&component.id);
        for export in &world.exports {
            let fits = resolved
                .shapes
                .difference(export.shape, import.shape)
                .is_none();
            let names = [export.name.as_str()];
            if component.id != consumer
                && fits
                && semver_match(&import.name, names.into_iter()).is_some()
            {
                could.push(format!("{:?}", component.id));
            }
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
    Diagnostic::error(Code::EmitLinkError, message, help)
        .found(format!("{:?}", import.name))
        .expected("a binding for it")
}

/// The root's exports and the explicit ones: those of providers before those
/// of their consumers, whose types may be made of them; those of one
/// component in its own order.
fn exports(
    resolved: &ResolvedPlan,
    findings: &mut Vec<Diagnostic>,
) -> Vec<(String, String, String)> {
    let plan = resolved.valid.plan();
    let mut exports: Vec<(String, String, String)> = resolved
        .world(&plan.root)
        .exports
        .iter()
        .map(|export| (export.name.clone(), plan.root.clone(), export.name.clone()))
        .collect();
    for (index, explicit) in plan.explicit_exports.iter().enumerate() {
        let at = |field: &str| format!("/explicit_exports/{index}/{field}");
        let world = resolved.world(&explicit.source_instance);
        let Some(export) = find(&world.exports, &explicit.interface_name) else {
            let what = format!("component {:?} has no export", explicit.source_instance);
            let error = lacks(&what, &explicit.interface_name, &world.exports);
            findings.push(error.at(at("interface_name")));
            continue;
        };
        let taken = exports.iter().find(|(name, ..)| *name == export.name);
        match taken {
            Some((_, id, _)) if *id == explicit.source_instance => {}
            Some((_, id, _)) => {
                let message = format!("the artifact already exports {:?} of {id:?}", export.name);
                let help = "export one of them; bind the other where it is needed";
                let error = Diagnostic::error(Code::PlanInvalidGraph, message, help);
                findings.push(error.at(at("interface_name")));
            }
            None => exports.push((
                export.name.clone(),
                explicit.source_instance.clone(),
                export.name.clone(),
            )),
        }
    }
    let order = resolved.valid.order();
    let rank: HashMap<&str, usize> = order
        .iter()
        .enumerate()
        .map(|(i, id)| (id.as_str(), i))
        .collect();
    let place = |(_, id, export): &(String, String, String)| {
        let own = resolved
            .world(id)
            .exports
            .iter()
            .position(|e| e.name == *export);
        (rank[id.as_str()], own)
    };
    sort_by(&mut exports, |a, b| place(a).cmp(&place(b)));
    exports
}
