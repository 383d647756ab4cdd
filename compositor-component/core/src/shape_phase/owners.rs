//! Who owns the resources that a binding passes.
//!
//! A consumer that imports two interfaces, one of which uses a resource of
//! the other, means one resource; its providers must mean the same one.

use std::collections::HashMap;

use super::bound::Bound;
use super::same::same_resources;
use super::shaped::Link;
use super::shared::{ResourceImport, SharedResources};
use crate::resolve::ResolvedPlan;
use compositor_diagnostic::{Diagnostic, Findings, Rule};
use compositor_plan::Place;
use compositor_plan::names::matches;
use compositor_wasm::types::{AnyTypeId, EntityType, ResourceId};
use compositor_wasm::{Extern, Origin, TypeKey, World};

/// Where a resource comes from.
#[derive(Clone, Debug)]
pub enum Owner {
    /// A component of the plan makes it.
    Component(String, ResourceId),
    /// It comes through a component's import that stays open.
    Open(ResourceImport),
}

impl Owner {
    /// Whether two are one resource. Versions of one track are one import,
    /// when their types agree.
    pub fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Owner::Component(one, resource), Owner::Component(other, same)) => {
                one == other && resource == same
            }
            (Owner::Open(one), Owner::Open(other)) => {
                matches(&one.import, &other.import) && one.export == other.export
            }
            _ => false,
        }
    }

    /// The owner in words.
    pub fn describe(&self) -> String {
        match self {
            Owner::Component(id, _) => format!("that of {id:?}"),
            Owner::Open(ResourceImport { import, .. }) => {
                format!("that of the open import {import:?}")
            }
        }
    }
}

/// Who owns which resource, as far as it was asked.
pub struct Owners<'a> {
    world: &'a dyn Fn(&str) -> &'a World,
    bound: Bound<'a>,
    known: HashMap<ResourceImport, Owner>,
}

/// Checks every binding whose types are made of resources of other imports;
/// returns the resources of open imports that are one because of a binding.
pub fn check(resolved: &ResolvedPlan, links: &[Link], findings: &mut Findings) -> SharedResources {
    let mut shared = SharedResources::default();
    let world = |id: &str| resolved.world(id);
    let mut owners = Owners::of(&world, links);
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
                shared.join(one.clone(), other.clone());
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
                let error = Diagnostic::error(Rule::ResourceMismatch, message, help)
                    .at(place(link))
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

/// The other import that a resource of an import is used from.
fn used_from<'a>(world: &'a World, import: &Extern, ty: AnyTypeId) -> Option<&'a Origin> {
    let keys = world.keys(ty).into_iter();
    let mut origins = keys.filter_map(|key| world.origin(key));
    origins.next().filter(|origin| origin.import != import.name)
}

/// Where a binding is in the plan.
fn place(link: &Link) -> Place {
    link.binding.map_or(Place::Plan, Place::Binding)
}

/// The resources that an import or export names.
fn resources(world: &World, item: &Extern) -> Vec<(String, AnyTypeId)> {
    let named = |(name, ty): (&str, EntityType)| match ty {
        EntityType::Type(created @ AnyTypeId::Resource(_)) => Some((name.to_string(), created)),
        _ => None,
    };
    match item.ty {
        EntityType::Instance(id) => world.types.items(id).iter().filter_map(named).collect(),
        ty => named((&item.name, ty)).into_iter().collect(),
    }
}

impl<'a> Owners<'a> {
    /// Owners in a plan of these bindings, whose components have these worlds.
    pub fn of(world: &'a dyn Fn(&str) -> &'a World, links: &'a [Link]) -> Self {
        Self {
            world,
            bound: Bound::of(links),
            known: HashMap::new(),
        }
    }

    /// The owner of a resource as a component's import has it. Follows the
    /// bindings; a plan's bindings have no cycle.
    fn of_import(&mut self, id: &str, import: &str, export: Option<String>) -> Option<Owner> {
        let mut path: Vec<ResourceImport> = Vec::new();
        let mut at = ResourceImport {
            component: id.to_string(),
            import: import.to_string(),
            export,
        };
        let owner = loop {
            if let Some(owner) = self.known.get(&at) {
                break owner.clone();
            }
            path.push(at.clone());
            let Some(link) = self.bound.to(&at.component, &at.import) else {
                break Owner::Open(at);
            };
            let world = (self.world)(&link.provider);
            let given = world.export(&link.export)?;
            let wanted = at.export.as_ref().unwrap_or(&given.name);
            let (_, ty) = resources(world, given)
                .into_iter()
                .find(|(n, _)| n == wanted)?;
            match made_or_from(world, ty)? {
                Ok(resource) => break Owner::Component(link.provider.clone(), resource),
                Err((import, export)) => {
                    let component = link.provider.clone();
                    at = ResourceImport {
                        component,
                        import,
                        export,
                    };
                }
            }
        };
        for asked in path {
            self.known.insert(asked, owner.clone());
        }
        Some(owner)
    }

    /// The owner of a resource that an import of a component has from another.
    pub fn of_used(
        &mut self,
        id: &str,
        world: &World,
        import: &Extern,
        ty: AnyTypeId,
    ) -> Option<Owner> {
        let origin = used_from(world, import, ty)?;
        self.of_import(id, &origin.import, origin.export.clone())
    }

    /// The owner of a resource as a component's export has it.
    fn of_type(&mut self, id: &str, ty: AnyTypeId) -> Option<Owner> {
        match made_or_from((self.world)(id), ty)? {
            Ok(resource) => Some(Owner::Component(id.to_string(), resource)),
            Err((import, export)) => self.of_import(id, &import, export),
        }
    }
}

/// The resource itself when the component makes it, else the import and the
/// export of the import that it comes through.
fn made_or_from(
    world: &World,
    ty: AnyTypeId,
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
