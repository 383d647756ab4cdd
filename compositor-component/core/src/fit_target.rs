//! What a composed plan needs, held to what a target has.

use std::collections::BTreeMap;

use compositor_validator::names;
use compositor_wasm::WasmFeatures;

use crate::compose::Graph;
use crate::emit::{Sealed, Unsealed};
use crate::resolve::Part;
use crate::targets::{BY_NAME, Target};
use compositor_diagnostic::index::Idx as _;
use compositor_diagnostic::limits::MODULES_AND_COMPONENTS;
use compositor_diagnostic::{Diagnostic, Findings, Remedy, Rule, Severity};
use compositor_plan::{ComponentIndex, Linkage, NameIndex, Place, Plan};

/// Components that a message names; more are counted.
const NAMED: usize = 5;

/// Everything that the target lacks of what a sealed graph needs.
///
/// # Errors
/// Limits and features, at the components that need them.
///
/// Imports that it does not give are a warning: whoever runs the artifact may
/// give them.
pub fn check(
    target: &Target,
    graph: &Graph,
    sealed: &Sealed,
) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
    let mut findings = Findings::default();
    let plan = graph.plan.plan();
    let is_strict = plan.is_strict();
    for (index, component) in plan.indexed_components() {
        let part = graph.plan.part(graph.plan.part_index(&component.id));
        let about = [
            lacks_features(target, &component.id, part),
            lacks_instances(target, &component.id, part),
            differs(target, &component.id, part).filter(|_| is_strict),
        ];
        for finding in about.into_iter().flatten() {
            findings.push(finding.at(Place::Component(index)));
        }
    }
    if let Some(error) = too_many(target, graph, sealed) {
        // What is linked at run time is many programs, each of which is checked.
        let severity = match plan.linkage {
            Linkage::Static => Severity::Error,
            Linkage::Runtime => Severity::Warning,
        };
        findings.push(Diagnostic { severity, ..error });
    }
    if let Some(warning) = not_given(target, sealed) {
        findings.push(warning);
    }
    findings.end()
}

fn lacks_features(target: &Target, id: &str, part: &Part) -> Option<Diagnostic> {
    let lacking = part.features.difference(target.features);
    if lacking.is_empty() {
        return None;
    }
    let listed = listed(names(lacking));
    let others = others(target, |other| other.features.contains(part.features));
    let message = format!(
        "component {id:?} needs {listed}, which {} does not have",
        target.name
    );
    // Where no other has it, a host of one's own may.
    let (help, other) = match others.first() {
        None => (
            "build the component without it, or, for a host of your own that has it, compose for \
             \"any\""
                .to_string(),
            Target::ANY.name,
        ),
        Some(first) => (
            format!(
                "build the component without it, or compose for {}",
                others.join(" or ")
            ),
            *first,
        ),
    };
    let expected = match names(target.features).collect::<Vec<_>>() {
        has if has.is_empty() => "nothing beyond WebAssembly 2.0".to_string(),
        has => format!("nothing beyond WebAssembly 2.0 but {}", has.join(", ")),
    };
    let severity = match target.warned.contains(lacking) {
        true => Severity::Warning,
        false => Severity::Error,
    };
    let lack = Diagnostic::error(Rule::UnsupportedFeature, message, help);
    let lack = Diagnostic { severity, ..lack };
    let lack = lack.remedies([Remedy::Target(other.to_string())]);
    Some(lack.found(listed).expected(expected))
}

fn lacks_instances(target: &Target, id: &str, part: &Part) -> Option<Diagnostic> {
    let found = part.world.instances;
    if found <= target.instances {
        return None;
    }
    let message = format!(
        "component {id:?} has {found} instances in one component, more than {} takes",
        target.name
    );
    let others = others(target, |other| found <= other.instances);
    let help = match others.is_empty() {
        true => "build the component from fewer instances".to_string(),
        false => format!(
            "build the component from fewer instances, or compose for {}",
            others.join(" or ")
        ),
    };
    let error = Diagnostic::error(Rule::TooManyInstances, message, help).remedies(first(&others));
    let most = target.instances;
    Some(
        error
            .found(format!("{found} instances"))
            .expected(format!("at most {most}")),
    )
}

/// Relaxed SIMD under `strict`, where processors differ in it.
fn differs(target: &Target, id: &str, part: &Part) -> Option<Diagnostic> {
    let is_relaxed = part.features.contains(WasmFeatures::RELAXED_SIMD);
    if target.is_simd_deterministic || !is_relaxed {
        return None;
    }
    let message = format!(
        "component {id:?} uses relaxed SIMD, whose results differ between processors, and the \
         plan's determinism is \"strict\""
    );
    let help = "build the component without it, or compose for composectl, which has it the same \
                on all";
    let error = Diagnostic::error(Rule::RelaxedSimd, message, help)
        .remedies([Remedy::Target(Target::COMPOSECTL.name.to_string())]);
    Some(
        error
            .found("relaxed SIMD")
            .expected("SIMD that is the same on every processor"),
    )
}

/// More modules and components than the target takes, when all of a plan is one
/// artifact: at the component that brings most.
pub fn too_many(target: &Target, graph: &Graph, sealed: &Sealed) -> Option<Diagnostic> {
    let (found, most) = (sealed.modules_and_components, target.modules_and_components);
    if found <= most {
        return None;
    }
    let others = others(target, |other| found <= other.modules_and_components);
    Some(excess(graph, found, most, target.name, &others))
}

/// Why a graph could not be sealed: what has more modules and components than can be
/// validated here is so for whatever host.
pub fn unsealed(graph: &Graph, why: Unsealed) -> Vec<Diagnostic> {
    match why {
        Unsealed::Found(findings) => findings,
        Unsealed::TooMany(least) => {
            let who = "the validator of this compositor, which is that of wasmtime@50,";
            vec![excess(graph, least, MODULES_AND_COMPONENTS, who, &[])]
        }
    }
}

fn excess(
    graph: &Graph,
    found: usize,
    most: usize,
    target: &str,
    others: &[&'static str],
) -> Diagnostic {
    let plan = graph.plan.plan();
    let mut brought = brought(plan, |id| graph.plan.part(graph.plan.part_index(id)));
    brought.sort_by(|a, b| (b.0, a.1).cmp(&(a.0, b.1)));
    let ours: usize = brought.iter().map(|(count, _)| count).sum();
    let components = brought.iter().take(NAMED);
    let mut who: Vec<String> = components
        .map(|(count, index)| format!("{:?} brings {count}", plan.components[index.index()].id))
        .collect();
    if let Some(more) = brought.len().checked_sub(NAMED).filter(|more| *more > 0) {
        let count: usize = brought.iter().skip(NAMED).map(|(count, _)| count).sum();
        who.push(format!("{more} other components bring {count}"));
    }
    let made = found.saturating_sub(ours);
    who.push(format!("{made} are made to compose them"));
    let message = format!(
        "the artifact would have {found} modules and components, counted through all nesting, \
         more than {target} takes"
    );
    let mut help = "bind fewer distinct components (equal ones count once), or merge some of them \
                    before they are made components; "
        .to_string();
    if plan.policy.is_some() {
        help += "grant what is denied or recorded, which takes modules too; ";
    }
    help +=
        "link them at run time (\"linkage\": \"runtime\"), where each program is counted by itself";
    if !others.is_empty() {
        help += &format!("; or compose for {}", others.join(" or "));
    }
    let error = Diagnostic::error(Rule::TooManyModules, message, help).remedies(first(others));
    let first = brought.first().map(|(_, index)| *index);
    let place = first.map_or(Place::Plan, Place::Component);
    error
        .at(place)
        .found(format!("{found}: {}", who.join(", ")))
        .expected(format!("at most {most}"))
}

/// Modules and components of each distinct component, with the place of the
/// first id that has it.
fn brought<'a>(plan: &Plan, part: impl Fn(&str) -> &'a Part) -> Vec<(usize, ComponentIndex)> {
    let mut first = BTreeMap::new();
    for (index, component) in plan.indexed_components() {
        let part = part(&component.id);
        let count = part.world.modules_and_components;
        first.entry(part.digest).or_insert((count, index));
    }
    first.into_values().collect()
}

/// One warning for all imports that the target does not give.
fn not_given(target: &Target, sealed: &Sealed) -> Option<Diagnostic> {
    let given = index(target.gives?);
    let imports = sealed.imports.iter();
    let lacking: Vec<&str> = imports
        .map(|import| import.name.as_str())
        .filter(|name| given.compatible(name).is_none())
        .collect();
    if lacking.is_empty() {
        return None;
    }
    let gives = |other: &Target| {
        let Some(gives) = other.gives else {
            return false;
        };
        let given = index(gives);
        lacking.iter().all(|name| given.compatible(name).is_some())
    };
    let others = others(target, gives);
    let help = match others.is_empty() {
        true => "run it in a host that gives them, bind them, or deny them".to_string(),
        false => format!(
            "compose for {}, bind them, or deny them",
            others.join(" or ")
        ),
    };
    let message = format!(
        "the artifact imports what {} does not give by itself: {}",
        target.name,
        compositor_diagnostic::lists::some_of(lacking.iter().copied()),
    );
    let warning =
        Diagnostic::warning(Rule::UnsupportedImport, message, help).remedies(first(&others));
    Some(warning.found(format!("{} of its imports", lacking.len())))
}

fn index(names: &[&str]) -> NameIndex {
    NameIndex::new(names.iter().map(|name| (*name, *name)))
}

/// The names of other hosts that would do.
fn others(target: &Target, does: impl Fn(&Target) -> bool) -> Vec<&'static str> {
    let mut names: Vec<&str> = Vec::new();
    for (_, other) in BY_NAME {
        let is_other = other.name != target.name && other.name != Target::ANY.name;
        if is_other && does(other) && !names.contains(&other.name) {
            names.push(other.name);
        }
    }
    names
}

/// Composing for the first of other hosts, if there is one.
fn first(others: &[&str]) -> Option<Remedy> {
    let first = others.first();
    first.map(|name| Remedy::Target((*name).to_string()))
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}
