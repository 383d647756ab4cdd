//! Who owns the resources that a binding passes.
//!
//! A consumer that imports two interfaces, one of which uses a resource of
//! the other, means one resource; its providers must mean the same one.

use std::collections::{BTreeMap, HashMap};

use wasmparser::component_types::{ComponentAnyTypeId, ComponentEntityType, ResourceId};

use super::{Link, ShapedPlan};
use crate::diagnostic::Diagnostic;
use crate::error::Code;
use crate::findings::Findings;
use crate::plan::names::{Name, matches, split};
use crate::resolve::ResolvedPlan;
use crate::shape_phase::same::{Same, items, same_resources};
use crate::wasm::{Extern, Origin, TypeKey, World};

/// Where a resource comes from.
#[derive(Clone, Debug)]
enum Owner {
    /// A component of the plan makes it.
    Component(String, ResourceId),
    /// It comes through a component's import that stays open.
    Open(Asked),
}

impl Owner {
    /// Whether two are one resource. Versions of one track are one import,
    /// when their types agree.
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Owner::Component(one, resource), Owner::Component(other, same)) => {
                one == other && resource == same
            }
            (Owner::Open((_, one, name)), Owner::Open((_, other, same))) => {
                matches(one, other) && name == same
            }
            _ => false,
        }
    }

    fn describe(&self) -> String {
        match self {
            Owner::Component(id, _) => format!("that of {id:?}"),
            Owner::Open((_, import, _)) => format!("that of the open import {import:?}"),
        }
    }
}

/// A component, an import of it and the export of that which is a resource.
pub type Asked = (String, String, Option<String>);

struct Owners<'a> {
    resolved: &'a ResolvedPlan,
    links: HashMap<(&'a str, &'a str), &'a Link>,
    known: HashMap<Asked, Owner>,
}

/// Checks every binding whose types are made of resources of other imports;
/// returns the resources of open imports that are one because of a binding.
pub fn check(
    resolved: &ResolvedPlan,
    links: &[Link],
    findings: &mut Findings,
) -> Vec<(Asked, Asked)> {
    let mut shared = Vec::new();
    let mut owners = Owners::of(resolved, links);
    for link in links {
        let (needs, gives) = (
            resolved.world(&link.consumer),
            resolved.world(&link.provider),
        );
        let (Some(import), Some(export)) = (needs.import(&link.import), gives.export(&link.export))
        else {
            continue;
        };
        for (meant, given) in same_resources((needs, import), (gives, export)) {
            let Some(origin) = used_from(needs, import, meant) else {
                continue;
            };
            let expected = owners.of_import(&link.consumer, &origin.import, origin.export.clone());
            let found = owners.of_type(&link.provider, given);
            let (Some(expected), Some(found)) = (expected, found) else {
                continue;
            };
            if let (Owner::Open(one), Owner::Open(other)) = (&expected, &found)
                && expected.is(&found)
                && one != other
            {
                shared.push((one.clone(), other.clone()));
            }
            if !expected.is(&found) {
                let name = origin.export.as_ref().unwrap_or(&origin.import);
                let message = format!(
                    "resource {name:?} of import {:?} of {:?} is not the one that it has from {:?}",
                    link.import, link.consumer, origin.import
                );
                let help = format!(
                    "bind {:?} of {:?} and of {:?} to one component",
                    origin.import, link.consumer, link.provider
                );
                let error = Diagnostic::error(Code::EmitLinkError, message, help)
                    .at(pointer(link))
                    .found(format!(
                        "{} (through {:?})",
                        found.describe(),
                        link.provider
                    ))
                    .expected(expected.describe());
                findings.push(error);
            }
        }
    }
    shared
}

/// An import, by its name without what may differ on a semver track, and the
/// item of it, when it is an instance.
type Item<'a> = (Name<'a>, Option<&'a str>);

/// Who asked for it first, the import that it is of, and its type.
type First<'a> = (&'a str, &'a Extern, ComponentEntityType);

/// Checks what stays open: an import is one for all who ask for it, so what is
/// made of a resource of another import must be made of one.
pub fn check_open(shaped: &ShapedPlan) -> Vec<Diagnostic> {
    let resolved = &shaped.resolved;
    let mut owners = Owners::of(resolved, &shaped.links);
    let mut findings = Findings::default();
    let mut first: HashMap<Item<'_>, First<'_>> = HashMap::new();
    for (name, open) in &shaped.open {
        let track = split(name);
        for id in &open.consumers {
            let world = resolved.world(id);
            let Some(import) = world.import(name) else {
                continue;
            };
            // With each of those who asked for an item first.
            let mut same: BTreeMap<&str, (&Extern, Same<'_>)> = BTreeMap::new();
            for (item, ty) in items(world, import) {
                match first.get(&(track, item)) {
                    None => drop(first.insert((track, item), (id, import, ty))),
                    Some((other_id, other, other_ty)) => {
                        let same = same
                            .entry(other_id)
                            .or_insert_with(|| (other, Same::of(resolved.world(other_id), world)));
                        same.1.entities(*other_ty, ty);
                    }
                }
            }
            for (other_id, (other_import, same)) in same {
                let other_world = resolved.world(other_id);
                for (one, another) in same.resources {
                    let owner = owners.of_used(id, world, import, another);
                    let other = owners.of_used(other_id, other_world, other_import, one);
                    let (Some(owner), Some(other)) = (owner, other) else {
                        continue;
                    };
                    if owner.is(&other) {
                        continue;
                    }
                    let what = resource_name(world, another);
                    findings.error(|| {
                        let message = format!(
                            "import {name:?} cannot stay open: {other_id:?} and {id:?} mean \
                             different resources by its {what:?}"
                        );
                        let help = "bind it for one of the two, or bind what the resource \
                                    comes from for both to one component";
                        let mut components = resolved.valid.plan().components.iter();
                        let index = components.position(|component| component.id == *id);
                        let pointer = index.map(|index| format!("/components/{index}"));
                        Diagnostic::error(Code::EmitLinkError, message, help)
                            .at(pointer.unwrap_or_default())
                            .found(owner.describe())
                            .expected(other.describe())
                    });
                }
            }
        }
    }
    findings.end().err().unwrap_or_default()
}

/// The name that a component has for a resource of an import.
fn resource_name(world: &World, ty: ComponentAnyTypeId) -> String {
    let mut keys = world.keys(ty).into_iter();
    let origin = keys.find_map(|key| world.origin(key));
    let name = origin.map(|origin| origin.export.as_ref().unwrap_or(&origin.import));
    name.cloned().unwrap_or_default()
}

/// The other import that a resource of an import is used from.
fn used_from<'a>(world: &'a World, import: &Extern, ty: ComponentAnyTypeId) -> Option<&'a Origin> {
    let keys = world.keys(ty).into_iter();
    let mut origins = keys.filter_map(|key| world.origin(key));
    origins.next().filter(|origin| origin.import != import.name)
}

/// Where a binding is in the plan.
fn pointer(link: &Link) -> String {
    link.binding
        .map_or(String::new(), |index| format!("/bindings/{index}"))
}

/// The resources that an import or export names.
fn resources(world: &World, item: &Extern) -> Vec<(String, ComponentAnyTypeId)> {
    let named = |name: &String, ty: &ComponentEntityType| match ty {
        ComponentEntityType::Type { created, .. } => match created {
            ComponentAnyTypeId::Resource(_) => Some((name.clone(), *created)),
            _ => None,
        },
        _ => None,
    };
    match item.item.ty {
        ComponentEntityType::Instance(id) => {
            let exports = world.types[id].exports.iter();
            exports
                .filter_map(|(name, item)| named(name, &item.ty))
                .collect()
        }
        ty => named(&item.name, &ty).into_iter().collect(),
    }
}

impl<'a> Owners<'a> {
    fn of(resolved: &'a ResolvedPlan, links: &'a [Link]) -> Self {
        let by_import = links
            .iter()
            .map(|link| ((link.consumer.as_str(), link.import.as_str()), link));
        Self {
            resolved,
            links: by_import.collect(),
            known: HashMap::new(),
        }
    }

    /// The owner of a resource as a component's import has it. Follows the
    /// bindings; a plan's bindings have no cycle.
    fn of_import(&mut self, id: &str, import: &str, export: Option<String>) -> Option<Owner> {
        let mut path: Vec<Asked> = Vec::new();
        let mut at: Asked = (id.to_string(), import.to_string(), export);
        let owner = loop {
            if let Some(owner) = self.known.get(&at) {
                break owner.clone();
            }
            path.push(at.clone());
            let (id, import, export) = &at;
            let Some(link) = self.links.get(&(id.as_str(), import.as_str())) else {
                break Owner::Open((id.clone(), import.clone(), export.clone()));
            };
            let world = self.resolved.world(&link.provider);
            let given = world.export(&link.export)?;
            let wanted = export.as_ref().unwrap_or(&given.name);
            let (_, ty) = resources(world, given)
                .into_iter()
                .find(|(n, _)| n == wanted)?;
            match made_or_from(world, ty)? {
                Ok(resource) => break Owner::Component(link.provider.clone(), resource),
                Err((import, export)) => at = (link.provider.clone(), import, export),
            }
        };
        for asked in path {
            self.known.insert(asked, owner.clone());
        }
        Some(owner)
    }

    /// The owner of a resource that an import of a component has from another.
    fn of_used(
        &mut self,
        id: &str,
        world: &World,
        import: &Extern,
        ty: ComponentAnyTypeId,
    ) -> Option<Owner> {
        let origin = used_from(world, import, ty)?;
        self.of_import(id, &origin.import, origin.export.clone())
    }

    /// The owner of a resource as a component's export has it.
    fn of_type(&mut self, id: &str, ty: ComponentAnyTypeId) -> Option<Owner> {
        match made_or_from(self.resolved.world(id), ty)? {
            Ok(resource) => Some(Owner::Component(id.to_string(), resource)),
            Err((import, export)) => self.of_import(id, &import, export),
        }
    }
}

/// The resource itself when the component makes it, else the import and the
/// export of the import that it comes through.
fn made_or_from(
    world: &World,
    ty: ComponentAnyTypeId,
) -> Option<Result<ResourceId, (String, Option<String>)>> {
    let keys = world.keys(ty);
    if let Some(origin) = keys.iter().find_map(|key| world.origin(*key)) {
        return Some(Err((origin.import.clone(), origin.export.clone())));
    }
    keys.into_iter().find_map(|key| match key {
        TypeKey::Resource(id) => Some(Ok(id)),
        TypeKey::Defined(_) => None,
    })
}
