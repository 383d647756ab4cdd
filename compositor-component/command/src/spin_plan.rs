//! The plan of a component of a Spin application: what is bound, and what its components
//! may do.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::{Value, json};

use crate::bindings::sys::compose::plan::{Candidate, DescribedName};
use crate::draft::{Draft, Known, Sides};
use crate::remarks::Remarks;
use crate::spin::Application;

/// The plan of an application whose components are known.
pub fn draft(
    application: &Application,
    candidates: &[Candidate],
    known: &Known,
    remarks: &mut Remarks,
) -> Option<Draft> {
    for (index, (digest, span)) in &application.digests {
        let found = crate::digest::show(&candidates[*index].digest);
        if *digest != found {
            let message = format!(
                "`{}` is not the component that the manifest means: it has another digest",
                application.parts[*index].0.path
            );
            let help = format!("found {found}, expected {digest}: get that one");
            remarks.changed(span.clone(), message, help);
        }
    }
    let sides = known.sides();
    let mut draft = Draft {
        description: Some(application.description.clone()),
        parts: (0..sides.len()).collect(),
        ..Draft::default()
    };
    for (index, dependency) in application.dependencies.iter().enumerate() {
        let provider = index + 1;
        let span = application.parts[provider].1.clone();
        let name = &dependency.name;
        let imports = sides[0].imports.list.iter();
        let matched: Vec<_> = imports
            .filter(|import| is_for(name, &import.name))
            .collect();
        if matched.is_empty() {
            let message = format!("no import is one of the dependency `{name}`");
            let help = format!("the component imports {}", sides[0].imports.shown());
            remarks.invalid(span.clone(), message, help);
        }
        for import in matched {
            let export = match &dependency.export {
                Some(export) => sides[provider].exports.exact(export),
                None => sides[provider].exports.compatible(import),
            };
            let Some(export) = export else {
                let wanted = dependency.export.as_ref().unwrap_or(&import.name);
                let message = format!("the dependency `{name}` does not export `{wanted}`");
                let help = format!("it exports {}", sides[provider].exports.shown());
                remarks.invalid(span.clone(), message, help);
                continue;
            };
            let key = (0, import.name.clone());
            let earlier = draft.bindings.insert(key, (provider, export.name.clone()));
            if earlier.is_some() {
                let message = format!("two dependencies are for the import `{}`", import.name);
                remarks.invalid(span.clone(), message, "remove one");
            }
        }
    }
    if remarks.has_errors() {
        return None;
    }
    let policy = policy(application, candidates, &sides, &mut draft);
    draft.policy = Some(policy);
    Some(draft)
}

/// Whether an import is one that a dependency's name is for: one of a package, of an
/// interface, or of one of them with a version.
fn is_for(dependency: &str, import: &str) -> bool {
    if !dependency.contains(':') {
        return dependency == import;
    }
    let parts = |name: &str| {
        let (path, version) = match name.split_once('@') {
            Some((path, version)) => (path, Some(version.to_string())),
            None => (name, None),
        };
        let (package, interface) = match path.split_once('/') {
            Some((package, interface)) => (package, Some(interface)),
            None => (path, None),
        };
        (package.to_string(), interface.map(str::to_string), version)
    };
    let (package, interface, version) = parts(dependency);
    let (own_package, own_interface, own_version) = parts(import);
    package == own_package
        && own_interface.is_some()
        && (interface.is_none() || interface == own_interface)
        && (version.is_none() || version == own_version)
}

/// What of its host Spin keeps from a dependency that inherits nothing.
const DENIED: [&str; 2] = ["fermyon:spin", "spin:"];

/// What the components may do: what Spin lets every component do, what the manifest
/// says, and nothing of a dependency that does not inherit it. Adds to the draft what
/// stays open and is no host's.
fn policy(
    application: &Application,
    candidates: &[Candidate],
    sides: &[Rc<Sides<'_>>],
    draft: &mut Draft,
) -> Value {
    let mut denials = Vec::new();
    let mut granted: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (index, side) in sides.iter().enumerate() {
        let inherits =
            index == 0 || application.inherits || application.dependencies[index - 1].inherits;
        let id = candidates[index].id.as_str();
        let bound = |name: &str| draft.bindings.contains_key(&(index, name.to_string()));
        let open = side
            .imports
            .list
            .iter()
            .filter(|import| !bound(&import.name));
        let open: Vec<&DescribedName> = open.collect();
        for import in &open {
            let is_denied = DENIED.iter().any(|name| import.name.starts_with(name));
            if import.is_listed && !inherits && is_denied {
                denials.push(json!({ "name": import.name, "components": [id] }));
            } else if import.is_listed {
                draft.imports.insert(import.name.clone());
            }
        }
        let names = ["wasi:cli", "wasi:clocks", "wasi:random"].into_iter();
        let names = names.chain(application.granted.iter().copied());
        for name in names.filter(|_| inherits) {
            let is_of = |import: &&&DescribedName| {
                let rest = import.name.strip_prefix(name);
                rest.is_some_and(|rest| rest.starts_with('/'))
            };
            if open.iter().any(|import| is_of(&import)) {
                granted.entry(name).or_default().push(id);
            }
        }
    }
    let capability = |(name, components): (&str, Vec<&str>)| json!({ "name": name, "level": "optional", "components": components });
    let capabilities: Vec<Value> = granted.into_iter().map(capability).collect();
    let mut policy = json!({ "determinism": "relaxed", "capabilities": capabilities });
    if !denials.is_empty() {
        policy["denials"] = denials.into();
    }
    policy
}
