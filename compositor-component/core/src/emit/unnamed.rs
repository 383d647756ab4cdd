//! Why a composed component does not validate although every binding fits: an
//! import or export is made of types that have no name in the artifact.

use std::collections::HashSet;

use crate::compose::Graph;
use crate::diagnostic::Diagnostic;
use crate::error::Code;
use crate::shape_phase::{Export, ShapedPlan};
use crate::wasm::{Extern, World};
use wasmparser::component_types::ComponentEntityType;

/// The first such import or export.
pub fn finding(graph: &Graph) -> Option<Diagnostic> {
    foreign(graph)
        .or_else(|| beside(graph))
        .or_else(|| open(graph))
}

fn is_exported(shaped: &ShapedPlan, id: &str, name: &str) -> bool {
    let mut exports = shaped.exports.iter();
    exports.any(|export| export.component == id && export.name == name)
}

/// What to do about an export of a provider that `id` is made of and the
/// artifact does not have.
fn export_too(shaped: &ShapedPlan, id: &str, what: &str, provider: &str, export: &str) -> String {
    match shaped.exports.iter().find(|other| other.name == export) {
        Some(other) => format!(
            "rebuild {id:?}, or {:?}, whose export {export:?} stands where those types would be",
            other.component
        ),
        None => format!(
            "export {what} too: {{ \"source_instance\": {provider:?}, \"interface_name\": {export:?} }} \
             in \"explicit_exports\""
        ),
    }
}

/// Exports made of types that come from another component, which the artifact
/// does not export.
fn foreign(graph: &Graph) -> Option<Diagnostic> {
    let shaped = &graph.shaped;
    for Export {
        component: id,
        name,
    } in &shaped.exports
    {
        let world = shaped.resolved.world(id);
        for import in world.made_of(world.export(name)?) {
            let mut links = shaped.links.iter();
            let link = links.find(|link| link.consumer == *id && link.import == import);
            let Some(link) = link.filter(|link| !is_exported(shaped, &link.provider, &link.export))
            else {
                continue;
            };
            let message = format!(
                "export {name:?} of {id:?} is made of types of its import {import:?}, \
                 which the artifact does not export"
            );
            let help = match link.binding {
                Some(_) => export_too(shaped, id, "them", &link.provider, &link.export),
                // No component of the plan gives it: the policy does.
                None => "grant it, or bind it to a component and export that too".to_string(),
            };
            let error = Diagnostic::error(Code::EmitLinkError, message, help);
            return Some(error.at("/explicit_exports"));
        }
    }
    None
}

/// Exports made of types of another export of the same component, which the
/// artifact does not have.
fn beside(graph: &Graph) -> Option<Diagnostic> {
    let shaped = &graph.shaped;
    for Export {
        component: id,
        name,
    } in &shaped.exports
    {
        let world = shaped.resolved.world(id);
        let made_of = types(world, world.export(name)?);
        let mut others = world.exports.iter();
        let hidden = others.find(|other| {
            !is_exported(shaped, id, &other.name) && !types(world, other).is_disjoint(&made_of)
        });
        let Some(hidden) = hidden else { continue };
        let message = format!(
            "export {name:?} of {id:?} is made of types of its export {:?}, \
             which the artifact does not have",
            hidden.name
        );
        let help = export_too(shaped, id, "that", id, &hidden.name);
        let error = Diagnostic::error(Code::EmitLinkError, message, help);
        return Some(error.at("/explicit_exports"));
    }
    None
}

/// The names of an export's types. A type's identity does not tell: types of
/// values are written anew for each instance.
fn types<'a>(world: &'a World, export: &Extern) -> HashSet<&'a str> {
    let ComponentEntityType::Instance(id) = export.item.ty else {
        return HashSet::new();
    };
    let items = world.types[id].exports.iter();
    let types = items.filter(|(_, item)| matches!(item.ty, ComponentEntityType::Type { .. }));
    types.map(|(name, _)| name.as_str()).collect()
}

/// Open imports made of types, which are themselves made of others, of an import
/// that is not open.
fn open(graph: &Graph) -> Option<Diagnostic> {
    let shaped = &graph.shaped;
    let asked = shaped.open.iter().flat_map(|(name, open)| {
        let consumers = open.consumers.iter();
        consumers.map(move |id| (name, id))
    });
    for (name, id) in asked {
        let world = shaped.resolved.world(id);
        for import in world.made_of(world.import(name)?) {
            let mut links = shaped.links.iter();
            let link = links.find(|link| link.consumer == *id && link.import == import);
            let Some(link) = link else { continue };
            let (what, help) = match link.binding {
                Some(_) => ("bound", "leave both open, or bind both"),
                None => ("denied", "grant both, or deny both"),
            };
            let message = format!(
                "import {name:?} of {id:?} cannot stay open: it is made of types of {import:?}, \
                 which is {what}"
            );
            return Some(Diagnostic::error(Code::EmitLinkError, message, help));
        }
    }
    None
}
