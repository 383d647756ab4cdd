//! What a satisfier imports: the resources that its interfaces are made of, from
//! wherever they come, and the imports that are recorded.

use std::collections::{HashMap, HashSet};

use wasm_encoder::{
    Alias, ComponentExportKind, ComponentOuterAliasKind, ComponentTypeRef,
    ComponentValType as Encoded, InstanceType, TypeBounds,
};
use wasmparser::component_types::{ComponentAnyTypeId, ComponentEntityType};

use super::interface::{Interface, Need};
use super::satisfier::{Source, Writer};
use crate::emit::types::{Scope, Union, Untypable};
use crate::emit::{extern_name, named};
use crate::plan::names::covers;
use crate::policy::Decision;
use crate::wasm::{Extern, NameOptions};

impl Writer<'_> {
    /// Imports the resources that come from elsewhere, an instance for each
    /// place that they come from.
    pub(super) fn imports(
        &mut self,
        interfaces: &[(&Extern, Interface)],
    ) -> Result<(), (String, Untypable)> {
        let mut places: Vec<(Source, Vec<String>)> = Vec::new();
        let mut add = |source: Source, name: String| {
            let known = places.iter_mut().find(|(other, _)| *other == source);
            match known {
                Some((_, names)) if names.contains(&name) => {}
                Some((_, names)) => names.push(name),
                None => places.push((source, vec![name])),
            }
        };
        let mut found = Vec::new();
        let mut ready = None;
        for (import, made) in interfaces {
            let failed = |why| (import.name.clone(), why);
            for need in &made.needs {
                match need {
                    Need::Type(ty @ ComponentAnyTypeId::Resource(_)) => {
                        let place = self.elsewhere(*ty).map_err(failed)?;
                        if let Some((source, name)) = place
                            && !self.is_recorded(&source)
                        {
                            add(source.clone(), name.clone());
                            found.push((*ty, (source, name)));
                        }
                    }
                    Need::OutputStream => {
                        let (poll, version) = self.pollables().map_err(failed)?;
                        add(poll.clone(), "pollable".to_string());
                        let streams = Source::Open(format!("wasi:io/streams{version}"));
                        add(streams.clone(), "output-stream".to_string());
                        ready = Some((poll, version, streams));
                    }
                    Need::Type(_) | Need::Function(_) | Need::Make(_) | Need::Real(_) => {}
                }
            }
        }
        // Streams have functions that are made of pollables.
        let is_last = |source: &Source| ready.as_ref().is_some_and(|(.., last)| last == source);
        let (last, first): (Vec<_>, Vec<_>) =
            places.into_iter().partition(|(source, _)| is_last(source));
        for (source, names) in first {
            let mut ty = InstanceType::new();
            for name in &names {
                ty.export(name, ComponentTypeRef::Type(TypeBounds::SubResource));
            }
            self.place(source, &names, &ty);
        }
        if let (Some((poll, version, _)), Some((source, names))) = (ready, last.into_iter().next())
        {
            self.streams(poll, &version, source, &names);
        }
        for (ty, place) in found {
            let index = self.resources[&place];
            for key in self.request.world.keys(ty) {
                self.outer.remember(&mut Scope::Outer, (0, key), index);
            }
        }
        self.imports_recorded()
    }

    /// Imports what is recorded, as the component would, with the types that it
    /// is made of.
    fn imports_recorded(&mut self) -> Result<(), (String, Untypable)> {
        let request = self.request;
        let wanted = request.wanted.iter();
        let decisions: HashMap<&str, Decision> = wanted
            .map(|(import, of)| (import.name.as_str(), *of))
            .collect();
        let is_recorded =
            |import: &&Extern| decisions.get(import.name.as_str()) == Some(&Decision::Recorded);
        let imports = &request.world.imports;
        let recorded = imports.iter().filter(is_recorded);
        let made_of: HashSet<&str> = recorded
            .flat_map(|import| request.world.made_of(import))
            .collect();
        for import in imports {
            let is_recorded = is_recorded(&import);
            let is_instance = matches!(import.item.ty, ComponentEntityType::Instance(_));
            let is_part = is_instance
                && made_of.contains(import.name.as_str())
                && !decisions.contains_key(import.name.as_str())
                && !self.needs.iter().any(|(name, _)| *name == import.name);
            if !is_recorded && !is_part {
                continue;
            }
            let index = self.import_whole(import)?;
            if is_recorded {
                self.recorded.insert(import.name.clone(), index);
            }
            if is_instance {
                self.outer.supply(0, &import.name, index);
            }
        }
        Ok(())
    }

    /// Imports what the component imports, from where it would come to it.
    fn import_whole(&mut self, import: &Extern) -> Result<u32, (String, Untypable)> {
        let world = self.request.world;
        let failed = |why| (import.name.clone(), why);
        let ty = match import.item.ty {
            ComponentEntityType::Instance(id) => {
                let mut union = Union::default();
                let outer = &mut self.outer;
                outer
                    .ask(&mut union, world, 0, &import.name, id)
                    .map_err(failed)?;
                ComponentTypeRef::Instance(self.outer.union_type(&union))
            }
            ComponentEntityType::Func(id) => {
                ComponentTypeRef::Func(self.outer.outer_func(world, 0, id).map_err(failed)?)
            }
            _ => {
                return Err(failed(Untypable::Kind(
                    "neither an instance nor a function",
                )));
            }
        };
        let name = extern_name(&import.name, &import.item);
        let index = self.outer.builder.import(name, ty);
        let source = (self.request.source)(&import.name, "");
        let source = source.map_or_else(|| Source::Open(import.name.clone()), |(source, _)| source);
        self.needs.push((import.name.clone(), source));
        Ok(index)
    }

    /// A function that is recorded, by its position among an import's items.
    pub(super) fn real(&mut self, import: &Extern, item: usize) -> u32 {
        let recorded = self.recorded[&import.name];
        let ComponentEntityType::Instance(id) = import.item.ty else {
            return recorded;
        };
        let exports = &self.request.world.types[id].exports;
        let name = exports
            .get_index(item)
            .map_or("", |(name, _)| name.as_str());
        let kind = ComponentExportKind::Func;
        self.outer.builder.alias(recorded, kind, name)
    }

    /// Imports an instance that has these resources.
    fn place(&mut self, source: Source, names: &[String], ty: &InstanceType) -> u32 {
        let instance = self.import(source.clone(), ty);
        for name in names {
            let index = self.outer.alias_type(instance, name);
            self.resources.insert((source.clone(), name.clone()), index);
        }
        instance
    }

    /// Where a resource comes from that is not defined here.
    pub(super) fn elsewhere(
        &self,
        ty: ComponentAnyTypeId,
    ) -> Result<Option<(Source, String)>, Untypable> {
        let world = self.request.world;
        let mut keys = world.keys(ty).into_iter();
        let Some(origin) = keys.find_map(|key| world.origin(key)) else {
            return Err(Untypable::Kind("made of a resource without a name"));
        };
        let Some(export) = &origin.export else {
            return Err(Untypable::Kind(
                "made of a resource that is imported by itself",
            ));
        };
        Ok((self.request.source)(&origin.import, export))
    }

    /// Whether a source is an import that is recorded: it is imported whole.
    fn is_recorded(&self, source: &Source) -> bool {
        let mut wanted = self.request.wanted.iter();
        let Source::Open(name) = source else {
            return false;
        };
        wanted.any(|(import, decision)| import.name == *name && *decision == Decision::Recorded)
    }

    /// The host's pollables that the component has, and their version.
    fn pollables(&self) -> Result<(Source, String), Untypable> {
        let poll = self.request.world.imports.iter().find_map(|import| {
            let is_poll = covers("wasi:io/poll", &import.interface);
            let source = is_poll.then(|| (self.request.source)(&import.name, "pollable"));
            source.flatten()
        });
        match poll {
            Some((Source::Open(poll), _)) => {
                let interface = (self.request.options)(&poll).interface(&poll);
                let version = interface.split_once('@');
                let version = version.map_or(String::new(), |(_, version)| format!("@{version}"));
                Ok((Source::Open(poll), version))
            }
            _ => Err(Untypable::Kind("made of pollables that are not the host's")),
        }
    }

    /// Imports streams and stderr, which have a pollable that is ready.
    fn streams(&mut self, poll: Source, version: &str, source: Source, names: &[String]) {
        let pollable = self.resources[&(poll, "pollable".to_string())];
        let outer = |ty: &mut InstanceType, index: u32| {
            let kind = ComponentOuterAliasKind::Type;
            ty.alias(Alias::Outer {
                kind,
                count: 1,
                index,
            });
        };
        let equal = |index: u32| ComponentTypeRef::Type(TypeBounds::Eq(index));
        let mut ty = InstanceType::new();
        let mut stream = 0;
        for name in names {
            if name == "output-stream" {
                stream = ty.type_count();
            }
            ty.export(name, ComponentTypeRef::Type(TypeBounds::SubResource));
        }
        outer(&mut ty, pollable);
        ty.export("pollable", equal(ty.type_count() - 1));
        let pollable = ty.type_count() - 1;
        ty.ty().defined_type().borrow(stream);
        ty.ty().defined_type().own(pollable);
        let params = [("self", Encoded::Type(pollable + 1))];
        ty.ty()
            .function()
            .params(params)
            .result(Some(Encoded::Type(pollable + 2)));
        ty.export(
            "[method]output-stream.subscribe",
            ComponentTypeRef::Func(pollable + 3),
        );
        let streams = self.place(source, names, &ty);
        let stream = self.outer.alias_type(streams, "output-stream");
        let mut ty = InstanceType::new();
        outer(&mut ty, stream);
        ty.export("output-stream", equal(0));
        ty.ty().defined_type().own(1);
        let none: [(&str, Encoded); 0] = [];
        ty.ty()
            .function()
            .params(none)
            .result(Some(Encoded::Type(2)));
        ty.export("get-stderr", ComponentTypeRef::Func(3));
        let stderr = self.import(Source::Open(format!("wasi:cli/stderr{version}")), &ty);
        self.ready = Some((streams, stderr));
    }

    pub(super) fn import(&mut self, source: Source, ty: &InstanceType) -> u32 {
        let (name, options) = match &source {
            Source::Open(name) => (name.clone(), (self.request.options)(name)),
            _ => (format!("need{}", self.needs.len()), NameOptions::default()),
        };
        let ty = self.outer.builder.type_instance(ty);
        let ty = ComponentTypeRef::Instance(ty);
        let index = self.outer.builder.import(named(&name, &options), ty);
        self.needs.push((name, source));
        index
    }
}
