//! What the artifact exports.

use std::collections::HashMap;

use super::lacks::lacks;
use super::shaped::Export;
use crate::resolve::ResolvedPlan;
use compositor_diagnostic::order::sort_by;
use compositor_diagnostic::{Diagnostic, Findings, Rule};
use compositor_plan::Place;

/// The root's exports and the explicit ones: those of providers before those
/// of their consumers, whose types may be made of them; those of one
/// component in its own order.
pub fn exports(resolved: &ResolvedPlan, findings: &mut Findings) -> Vec<Export> {
    let plan = resolved.valid.plan();
    let export = |component: &str, name: &str| Export {
        component: component.to_string(),
        name: name.to_string(),
    };
    let root = resolved.world(&plan.root).exports.iter();
    let mut exports: Vec<Export> = root.map(|own| export(&plan.root, &own.name)).collect();
    let mut taken: HashMap<String, String> = exports
        .iter()
        .map(|export| (export.name.clone(), export.component.clone()))
        .collect();
    for (index, explicit) in plan.explicit_exports.iter().enumerate() {
        let place = Place::ExplicitExportField(index, "interface_name");
        let (id, name) = (&explicit.source_instance, &explicit.interface_name);
        let world = resolved.world(id);
        let Some(found) = world.compatible_export(name) else {
            findings.error(|| {
                let what = format!("component {id:?} has no export");
                lacks(Rule::NoSuchExport, &what, name, &world.exports).at(place)
            });
            continue;
        };
        match taken.insert(found.name.clone(), id.clone()) {
            None => exports.push(export(id, &found.name)),
            Some(other) if other == *id => {}
            Some(other) => findings.error(|| {
                let message = format!("the artifact already exports {:?} of {other:?}", found.name);
                let help = "export one of them; bind the other where it is needed";
                Diagnostic::error(Rule::DuplicateExport, message, help).at(place)
            }),
        }
    }
    let order = resolved.valid.order().iter().enumerate();
    let rank: HashMap<&str, usize> = order.map(|(rank, id)| (id.as_str(), rank)).collect();
    let place = |export: &Export| {
        let own = resolved
            .world(&export.component)
            .export_position(&export.name);
        (rank[export.component.as_str()], own)
    };
    sort_by(&mut exports, |a, b| place(a).cmp(&place(b)));
    exports
}
