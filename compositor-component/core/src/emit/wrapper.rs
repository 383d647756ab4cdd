//! A level encoded: imports, embedded skeletons, instances, exports.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use wasm_encoder::{ComponentExportKind, ComponentTypeRef, TypeBounds};

use crate::emit::exports::{Export, Names};
use crate::emit::level::{Argument, Level};
use crate::emit::reexported::reexported;
use crate::generated_ids::is_generated;
use compositor_diagnostic::index::{Idx, IndexVec};
use compositor_diagnostic::order::topological;
use compositor_diagnostic::{Diagnostic, Rule};
use compositor_wasm::Extern;
use compositor_wasm::types::EntityType;
use compositor_wasm::write::types::{InstanceIndex, Outer, Union, Untypable};
use compositor_wasm::write::{extern_name, kind, named};

/// An import of the encoded component: who asks for it, and what they call it.
type Askers<'a> = Vec<(InstanceIndex, &'a Extern)>;

/// Encodes a level, with skeletons in place of its units' payloads.
pub fn encode(level: &Level) -> Result<Vec<u8>, Diagnostic> {
    let mut wrapper = Wrapper {
        level,
        outer: Outer::default(),
        aliases: HashMap::new(),
        imported: HashMap::new(),
    };
    wrapper.outer.reexported = reexported(level);
    // No import is made of what is settled, and that may be made of imports.
    wrapper.imports()?;
    wrapper.settled_instances()?;
    let indices = wrapper.instances()?;
    wrapper.exports(&indices);
    Ok(wrapper.outer.builder.finish())
}

struct Wrapper<'a> {
    level: &'a Level,
    outer: Outer,
    /// Aliases of instance exports, by instance index and export.
    aliases: HashMap<(u32, String), u32>,
    /// What the encoded component imports, by name.
    imported: HashMap<String, u32>,
}

impl<'a> Wrapper<'a> {
    /// Each import of each instance with who gives it.
    fn arguments(
        &self,
        instance: InstanceIndex,
    ) -> impl Iterator<Item = (&'a Extern, &'a Argument)> + use<'a> {
        let level = self.level;
        level
            .world(instance)
            .imports
            .iter()
            .zip(&level.instances[instance].arguments)
    }

    /// Interfaces of value types alone: the artifact gives them itself.
    fn settled_instances(&mut self) -> Result<(), Diagnostic> {
        let mut given = HashMap::new();
        for instance in self.level.instances.indices() {
            let world = self.level.world(instance);
            for (import, supply) in self.arguments(instance) {
                let (EntityType::Instance(id), Argument::Settled) = (import.ty, supply) else {
                    continue;
                };
                let unit = self.level.instances[instance].unit;
                let key = (unit, &import.name);
                let index = match given.get(&key) {
                    Some(index) => *index,
                    None => {
                        let mut exports = Vec::new();
                        for (name, ty) in world.types.items(id).iter() {
                            let EntityType::Type(created) = ty else {
                                continue;
                            };
                            let index = self
                                .outer
                                .outer_type(world, instance, created)
                                .map_err(|why| self.untypable(instance, import, &why))?;
                            exports.extend(index.map(|index| (name, index)));
                        }
                        let index = self.outer.builder.instance_of_types(&exports);
                        given.insert(key, index);
                        index
                    }
                };
                self.outer.supply(instance, &import.name, index);
            }
        }
        Ok(())
    }

    /// Imports, each name once, after the imports that its types come from.
    fn imports(&mut self) -> Result<(), Diagnostic> {
        let mut askers: BTreeMap<&str, Askers<'a>> = BTreeMap::new();
        let mut import_of: HashMap<(InstanceIndex, &str), &str> = HashMap::new();
        for instance in self.level.instances.indices() {
            for (import, supply) in self.arguments(instance) {
                if let Argument::Open(name) = supply {
                    askers.entry(name).or_default().push((instance, import));
                    import_of.insert((instance, &import.name), name);
                }
            }
        }
        // What is made of a bound import's resources needs the open import
        // that they come through it from.
        let mut opens: HashMap<(InstanceIndex, &str), BTreeSet<&str>> = HashMap::new();
        for ((instance, key), (importer, origin)) in &self.outer.reexported {
            let import = self.level.world(*instance).origin(*key);
            let open = import_of.get(&(*importer, origin.import.as_str()));
            if let (Some(import), Some(open)) = (import, open) {
                let key = (*instance, import.import.as_str());
                opens.entry(key).or_default().insert(open);
            }
        }
        let mut after: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (name, askers) in &askers {
            let before = after.entry(name).or_default();
            for (instance, import) in askers {
                let world = self.level.world(*instance);
                for other in world.made_of(import) {
                    let open = import_of.get(&(*instance, other));
                    let through = opens.get(&(*instance, other)).into_iter().flatten();
                    let others = through.chain(open).copied();
                    before.extend(others.filter(|other| other != name));
                }
            }
        }
        let order = topological(&after).map_err(|stuck| {
            let message = format!(
                "imports that stay open need types of each other: {}",
                compositor_diagnostic::lists::some_of(stuck.into_iter())
            );
            let help = "bind one of them, or rebuild a component that asks for it";
            Diagnostic::error(Rule::ImportCycle, message, help)
        })?;
        for name in order {
            let askers = &askers[name];
            self.import(name, askers)?;
        }
        Ok(())
    }

    fn import(&mut self, name: &str, askers: &Askers<'a>) -> Result<(), Diagnostic> {
        let Some((instance, import)) = askers.first().copied() else {
            return Ok(());
        };
        let world = self.level.world(instance);
        let ty = match import.ty {
            EntityType::Instance(_) => {
                let mut union = Union::default();
                for (instance, import) in askers {
                    let world = self.level.world(*instance);
                    let EntityType::Instance(id) = import.ty else {
                        return Err(self.untypable(
                            *instance,
                            import,
                            &Untypable::Kind("of two kinds"),
                        ));
                    };
                    self.outer
                        .ask(&mut union, world, *instance, &import.name, id)
                        .map_err(|why| self.untypable(*instance, import, &why))?;
                }
                ComponentTypeRef::Instance(self.outer.union_type(&union))
            }
            ty => {
                if matches!(ty, EntityType::Func(_)) {
                    self.name_types(instance, import)?;
                }
                let item = self.outer.item(world, instance, import);
                item.map_err(|why| self.untypable(instance, import, &why))?
            }
        };
        // A group's imports from others have labels of their own.
        let written = match self.level.options.get(name) {
            Some(options) => named(name, options),
            None => name.into(),
        };
        let index = self.outer.builder.import(written, ty);
        self.imported.insert(name.to_string(), index);
        for (instance, import) in askers {
            self.outer.supply(*instance, &import.name, index);
        }
        Ok(())
    }

    /// A function that is imported by itself may refer only to types that are
    /// imported by name, so those of them that its component imports are too.
    fn name_types(&mut self, instance: InstanceIndex, func: &Extern) -> Result<(), Diagnostic> {
        let world = self.level.world(instance);
        let made_of = world.made_of(func);
        for (import, supply) in self.arguments(instance) {
            let EntityType::Type(created) = import.ty else {
                continue;
            };
            let is_part = made_of.contains(import.name.as_str());
            if !is_part
                || *supply != Argument::Settled
                || self.outer.supplied(instance, &import.name).is_some()
            {
                continue;
            }
            let index = match self.imported.get(&import.name) {
                Some(index) => *index,
                None => {
                    let index = self
                        .outer
                        .outer_type(world, instance, created)
                        .map_err(|why| self.untypable(instance, import, &why))?;
                    let Some(index) = index else { continue };
                    let ty = ComponentTypeRef::Type(TypeBounds::Eq(index));
                    let name = extern_name(import);
                    let index = self.outer.builder.import(name, ty);
                    self.imported.insert(import.name.clone(), index);
                    index
                }
            };
            self.outer.supply(instance, &import.name, index);
        }
        Ok(())
    }

    /// Embeds the units and instantiates them; returns the instances' indices.
    fn instances(&mut self) -> Result<IndexVec<InstanceIndex, u32>, Diagnostic> {
        for (index, unit) in (0..).zip(&self.level.shared) {
            let builder = &mut self.outer.builder;
            match self.level.outermost {
                true => builder.component(&unit.name, &unit.skeleton),
                false => builder.outer_component(&unit.name, 1, index),
            };
        }
        for unit in &self.level.own {
            self.outer.builder.component(&unit.name, &unit.skeleton);
        }
        let mut indices = IndexVec::default();
        for (instance, placed) in self.level.instances.enumerated() {
            let mut arguments = Vec::new();
            for (import, supply) in self.arguments(instance) {
                let kind = kind(import.ty);
                let index = match supply {
                    Argument::Instance(provider, export) => {
                        let index = self.alias(indices[*provider], kind, export);
                        self.outer.supply(instance, &import.name, index);
                        index
                    }
                    Argument::Open(_) | Argument::Settled => self.settled(instance, import)?,
                };
                arguments.push((import.name.as_str(), kind, index));
            }
            // Units are the only components, in the order of their indices.
            let unit = placed.unit.index() as u32;
            let index = self
                .outer
                .builder
                .instantiate(&placed.name, unit, arguments);
            indices.push(index);
        }
        Ok(indices)
    }

    /// What satisfies an import that no instance gives.
    fn settled(&mut self, instance: InstanceIndex, import: &Extern) -> Result<u32, Diagnostic> {
        if let Some(index) = self.outer.supplied(instance, &import.name) {
            return Ok(index);
        }
        let world = self.level.world(instance);
        let ty = match import.ty {
            EntityType::Type(created) => created,
            _ => return Err(self.untypable(instance, import, &Untypable::Kind("not there"))),
        };
        let index = self
            .outer
            .outer_type(world, instance, ty)
            .map_err(|why| self.untypable(instance, import, &why))?;
        let index = index
            .ok_or_else(|| self.untypable(instance, import, &Untypable::Kind("a resource")))?;
        self.outer.supply(instance, &import.name, index);
        Ok(index)
    }

    fn exports(&mut self, indices: &IndexVec<InstanceIndex, u32>) {
        let mut names = Names::new(self.level, std::mem::take(&mut self.imported));
        for exported in &self.level.exports {
            let world = self.level.world(exported.instance);
            let Some(item) = world.export(&exported.export) else {
                continue;
            };
            let kind = kind(item.ty);
            let index = self.alias(indices[exported.instance], kind, &item.name);
            let export = Export {
                instance: exported.instance,
                item,
                name: &exported.name,
                options: &exported.options,
                index,
            };
            names.export(&mut self.outer, &export);
        }
    }

    /// An import that cannot be written.
    fn untypable(&self, instance: InstanceIndex, import: &Extern, why: &Untypable) -> Diagnostic {
        let placed = &self.level.instances[instance];
        let own = self.known_as(instance, &import.name);
        let (rule, message, help) = match why {
            Untypable::Resource { import: other } => {
                let other = self.known_as(instance, other);
                (
                    Rule::HalfOpenImport,
                    format!(
                        "import {own:?} cannot stay open: it is made of a resource of {other:?}, \
                         which is bound"
                    ),
                    "bind both to one component, or leave both open",
                )
            }
            Untypable::Kind(what) => (
                Rule::UnwritableImport,
                format!("import {own:?} cannot stay open: it is {what}"),
                "bind it to a component that exports it",
            ),
        };
        Diagnostic::error(rule, message, help).at(&placed.pointer)
    }

    /// An import as a reader of the plan knows it: what was made for the plan has
    /// names of its own for what it gets from others.
    fn known_as(&self, instance: InstanceIndex, import: &'a str) -> &'a str {
        let placed = &self.level.instances[instance];
        let world = self.level.world(instance);
        let supply = world
            .import_position(import)
            .map(|at| &placed.arguments[at]);
        match supply {
            Some(Argument::Instance(_, export)) if is_generated(&placed.name) => export,
            _ => import,
        }
    }

    fn alias(&mut self, instance: u32, kind: ComponentExportKind, export: &str) -> u32 {
        if kind == ComponentExportKind::Type {
            return self.outer.alias_type(instance, export);
        }
        let key = (instance, export.to_string());
        if let Some(index) = self.aliases.get(&key) {
            return *index;
        }
        let index = self.outer.builder.alias(instance, kind, export);
        self.aliases.insert(key, index);
        index
    }
}
