//! What of a denied import stays the host's: the types that exports of the
//! artifact are made of, and a program's name and arguments.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::shape_phase::{Bound, ShapedPlan};
use compositor_adapter::is_arguments;
use compositor_plan::Decision;
use compositor_plan::carried::is_program;
use compositor_wasm::types::{AnyTypeId, EntityType};
use compositor_wasm::{Extern, World, is_nominal};

/// Components, their imports that nothing binds, and items of those.
pub struct Retained<'a> {
    /// Types that the artifact's exports are made of, by the name that the import
    /// has for them, which is its own when it is a type.
    types: HashMap<&'a str, HashMap<&'a str, BTreeSet<&'a str>>>,
    /// Whether a host calls the artifact as a program.
    is_program: bool,
}

impl<'a> Retained<'a> {
    /// Follows the types of the artifact's exports through bindings, to the
    /// imports that they come through in the end.
    pub fn of(shaped: &'a ShapedPlan) -> Self {
        let bound = Bound::of(&shaped.links);
        let mut next: Vec<(&str, AnyTypeId)> = Vec::new();
        for export in &shaped.exports {
            let world = shaped.resolved.world(&export.component);
            let mut parts = Vec::new();
            if let Some(export) = world.export(&export.name) {
                world.parts(export.ty, &mut parts);
            }
            next.extend(parts.into_iter().map(|ty| (export.component.as_str(), ty)));
        }
        let mut types: HashMap<&str, HashMap<&str, BTreeSet<&str>>> = HashMap::new();
        let mut seen = HashSet::new();
        while let Some((component, ty)) = next.pop() {
            if !seen.insert((component, ty)) {
                continue;
            }
            let world = shaped.resolved.world(component);
            let parts = world.made_directly_of(ty).into_iter();
            next.extend(parts.map(|part| (component, part)));
            if !must_be_named(world, ty) {
                continue;
            }
            let keys = world.keys(ty).into_iter();
            for origin in keys.filter_map(|key| world.origin(key)) {
                let import = origin.import.as_str();
                let name = origin.export.as_deref();
                let Some(link) = bound.to(component, import) else {
                    let items = types.entry(component).or_default();
                    let items = items.entry(import).or_default();
                    items.insert(name.unwrap_or(import));
                    continue;
                };
                let from = shaped.resolved.world(&link.provider);
                let given = from
                    .export(&link.export)
                    .and_then(|given| named(from, given, name));
                next.extend(given.map(|ty| (link.provider.as_str(), ty)));
            }
        }
        let mut exports = shaped.exports.iter();
        Self {
            types,
            is_program: exports.any(|export| is_program(&export.name)),
        }
    }

    /// The types of a component's import that exports of the artifact are made of.
    pub fn types(&self, component: &str, import: &str) -> Option<&BTreeSet<&'a str>> {
        self.types.get(component)?.get(import)
    }

    /// What a component's virtualizer imports as the component does: the items of
    /// what is denied that are the host's all the same, and the types of other
    /// imports that those are made of.
    pub fn items<'w>(
        &self,
        component: &str,
        world: &'w World,
        wanted: &[(&'w Extern, Decision)],
    ) -> HashMap<&'w str, BTreeSet<&'w str>>
    where
        'a: 'w,
    {
        let denied = wanted.iter().filter(|(_, decision)| !decision.is_given());
        let denied: HashSet<&str> = denied.map(|(import, _)| import.name.as_str()).collect();
        let mut items: HashMap<&str, BTreeSet<&str>> = HashMap::new();
        let mut next: Vec<AnyTypeId> = Vec::new();
        for (import, _) in wanted {
            if !denied.contains(import.name.as_str()) {
                continue;
            }
            let types = self.types(component, &import.name);
            let types = types.into_iter().flatten().copied();
            let names: BTreeSet<&str> = types.chain(self.arguments(world, import)).collect();
            if names.is_empty() {
                continue;
            }
            next.extend(
                names
                    .iter()
                    .filter_map(|name| named(world, import, Some(name))),
            );
            items.insert(&import.name, names);
        }
        let mut seen = HashSet::new();
        while let Some(ty) = next.pop() {
            if !seen.insert(ty) {
                continue;
            }
            next.extend(world.made_directly_of(ty));
            let keys = world.keys(ty).into_iter();
            for origin in keys.filter_map(|key| world.origin(key)) {
                if let Some(name) = &origin.export
                    && must_be_named(world, ty)
                    && !denied.contains(origin.import.as_str())
                {
                    items.entry(&origin.import).or_default().insert(name);
                }
            }
        }
        items
    }

    /// The function of an import that gives a program its name and arguments,
    /// where the artifact is one.
    pub fn arguments<'w>(&self, world: &'w World, import: &Extern) -> Option<&'w str> {
        let EntityType::Instance(id) = import.ty else {
            return None;
        };
        let mut items = world.types.items(id).iter();
        let found = items.find(|(name, ty)| match *ty {
            EntityType::Func(id) => is_arguments(&world.types, &import.interface, name, id),
            _ => false,
        });
        let (name, _) = found.filter(|_| self.is_program)?;
        Some(name)
    }
}

/// Whether what is exported can be made of a type only while that has a name:
/// it is a resource, or a type of values that is not mere structure.
fn must_be_named(world: &World, ty: AnyTypeId) -> bool {
    match ty {
        AnyTypeId::Resource(_) => true,
        AnyTypeId::Defined(id) => is_nominal(world.types.defined(id)),
        _ => false,
    }
}

/// The type that an export of a name is, or the one of that name in it.
fn named(world: &World, export: &Extern, name: Option<&str>) -> Option<AnyTypeId> {
    let ty = match (export.ty, name) {
        (EntityType::Instance(id), Some(name)) => world.types.items(id).get(name)?,
        (ty, _) => ty,
    };
    match ty {
        EntityType::Type(created) => Some(created),
        _ => None,
    }
}
