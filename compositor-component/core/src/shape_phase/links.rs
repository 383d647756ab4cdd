//! Bindings to links: both sides exist, and what is given fits what is needed.

use std::collections::{HashMap, HashSet};

use super::lacks::lacks;
use super::shaped::Link;
use crate::resolve::ResolvedPlan;
use compositor_diagnostic::lists::{few_lines, some_of};
use compositor_diagnostic::order::sort_by;
use compositor_diagnostic::{Diagnostic, Findings, Rule};
use compositor_plan::{BindingIndex, Place};
use compositor_wasm::{Difference, Extern, Shapes, World, identities, lines_wit};

/// Imports that a binding names, by component, whether or not it fits.
pub type Named = HashSet<(String, String)>;

/// Bindings whose two sides exist.
pub fn links(resolved: &ResolvedPlan, findings: &mut Findings) -> (Vec<Link>, Named) {
    let plan = resolved.valid.plan();
    let mut links: Vec<Link> = Vec::new();
    let mut bound: HashMap<(String, String), BindingIndex> = HashMap::new();
    for (index, binding) in plan.indexed_bindings() {
        let consumer = plan.consumer_of(binding);
        let (needs, gives) = (resolved.world(consumer), resolved.world(&binding.provider));
        let import = needs.compatible_import(&binding.import_name);
        let export = gives.compatible_export(&binding.export_name);
        if import.is_none() {
            findings.error(|| {
                let what = format!("component {consumer:?} has no import");
                lacks(
                    Rule::NoSuchImport,
                    &what,
                    &binding.import_name,
                    &needs.imports,
                )
                .at(Place::BindingField(index, "import_name"))
            });
        }
        if export.is_none() {
            findings.error(|| {
                let what = format!("component {:?} has no export", binding.provider);
                lacks(
                    Rule::NoSuchExport,
                    &what,
                    &binding.export_name,
                    &gives.exports,
                )
                .at(Place::BindingField(index, "export_name"))
            });
        }
        let Some(import) = import else { continue };
        if let Some(first) = bound.insert((consumer.to_string(), import.name.clone()), index) {
            let message = format!("import {:?} of {consumer:?} is bound twice", import.name);
            let help = format!("remove one; the other is {}", Place::Binding(first));
            let error = Diagnostic::error(Rule::DuplicateBinding, message, help);
            findings.push(error.at(Place::Binding(index)));
        }
        let Some(export) = export else { continue };
        for (named, found, place) in [
            (
                &binding.import_name,
                import,
                Place::BindingField(index, "import_name"),
            ),
            (
                &binding.export_name,
                export,
                Place::BindingField(index, "export_name"),
            ),
        ] {
            let full = found.full_name();
            if *named != found.name && named != full {
                let found = full;
                let message = format!("{named:?} is matched with {found:?}, which is compatible");
                let help = "name it exactly to make this explicit";
                let note = Diagnostic::note(Rule::CompatibleVersion, message, help);
                findings.push(note.at(place).found(found).expected(named));
            }
        }
        if let Some(difference) = resolved.shapes.difference(export.shape, import.shape) {
            findings.error(|| {
                let given = Side {
                    component: &binding.provider,
                    world: gives,
                    item: export,
                };
                let needed = Side {
                    component: consumer,
                    world: needs,
                    item: import,
                };
                mismatch(&resolved.shapes, &given, &needed, &difference)
                    .at(Place::BindingField(index, "export_name"))
            });
        }
        links.push(Link {
            consumer: consumer.to_string(),
            import: import.name.clone(),
            provider: binding.provider.clone(),
            export: export.name.clone(),
            binding: Some(index),
        });
    }
    sort_by(&mut links, |a, b| {
        (&a.consumer, &a.import).cmp(&(&b.consumer, &b.import))
    });
    (links, bound.into_keys().collect())
}

/// A side of a binding: an export or import, of whom, and in whose types.
pub struct Side<'a> {
    /// The id of the component.
    pub component: &'a str,
    /// Its world.
    pub world: &'a World,
    /// The import or export.
    pub item: &'a Extern,
}

/// What is said of a binding whose sides differ.
pub fn mismatch(
    shapes: &Shapes,
    given: &Side<'_>,
    needed: &Side<'_>,
    difference: &Difference,
) -> Diagnostic {
    let (gives, export) = (given.world, given.item);
    let (needs, import) = (needed.world, needed.item);
    let message = |why: &str| {
        format!(
            "export {:?} of {:?} does not fit import {:?} of {:?}{why}",
            export.name, given.component, import.name, needed.component,
        )
    };
    let (given, needed) = (shapes.kind(export.shape), shapes.kind(import.shape));
    if given != needed {
        let message = message(&format!(": it is {given}, and {needed} is asked for"));
        let help = match needed {
            "an interface" => "bind it to an export that is an interface with that in it",
            _ => "bind it to an export of the same kind",
        };
        let wit = |kind: &str, world: &World, item: &Extern| {
            let lines = lines_wit(world, &item.name, item.ty, |_| true);
            let lines = few_lines(lines.iter().map(String::as_str));
            match kind {
                "an interface" => format!("an interface with\n{lines}"),
                _ => format!("{kind}\n{lines}"),
            }
        };
        return Diagnostic::error(Rule::TypeMismatch, message, help)
            .found(wit(given, gives, export))
            .expected(wit(needed, needs, import));
    }
    let wanted = |name: &str| match difference {
        Difference::Item => true,
        Difference::Exports { missing, different } => {
            missing.iter().chain(different).any(|other| other == name)
        }
    };
    let mut found = lines_wit(gives, &export.name, export.ty, wanted);
    let mut expected = lines_wit(needs, &import.name, import.ty, wanted);
    if found == expected {
        // The types of the same names differ, or the resources.
        found.extend(identities(gives, export));
        expected.extend(identities(needs, import));
    }
    let lacks = match difference {
        Difference::Exports { missing, .. } if !missing.is_empty() => {
            format!(
                " (it lacks {})",
                some_of(missing.iter().map(String::as_str))
            )
        }
        _ => String::new(),
    };
    let found = match found.is_empty() {
        true => "nothing of that name".to_string(),
        false => few_lines(found.iter().map(String::as_str)),
    };
    let help = "bind it to a component with the same types, or rebuild one side";
    Diagnostic::error(Rule::TypeMismatch, message(&lacks), help)
        .found(found)
        .expected(few_lines(expected.iter().map(String::as_str)))
}
