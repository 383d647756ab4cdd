//! What a virtualizer imports: the resources that its interfaces are made of, from
//! wherever they come, and the imports that are recorded or stay the host's in part.

use std::collections::{HashMap, HashSet};

use wasm_encoder::{
    Alias, ComponentExportKind, ComponentOuterAliasKind, ComponentTypeRef,
    ComponentValType as Encoded, InstanceType, TypeBounds,
};

use super::interface::Interface;
use super::interface_writer::Need;
use super::virtualizer_writer::{CONSUMER, Source, VirtualizerWriter};
use compositor_plan::names::covers;
use compositor_wasm::Extern;
use compositor_wasm::types::{AnyTypeId, EntityType};
use compositor_wasm::write::extern_name;
use compositor_wasm::write::types::{Scope, Union, Untypable};

impl<'a> VirtualizerWriter<'a> {
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
        // Resources of imports that are imported for more than those.
        let mut beside: HashMap<&str, Vec<(AnyTypeId, String)>> = HashMap::new();
        for (import, made) in interfaces {
            let failed = |why| (import.name.clone(), why);
            for need in &made.needs {
                match need {
                    Need::Type(ty @ AnyTypeId::Resource(_)) => {
                        let place = self.elsewhere(*ty).map_err(failed)?;
                        let Some((source, name)) = place else {
                            continue;
                        };
                        match self.opens(&source) {
                            Some(import) => beside.entry(import).or_default().push((*ty, name)),
                            None => {
                                add(source.clone(), name.clone());
                                found.push((*ty, (source, name)));
                            }
                        }
                    }
                    Need::OutputStream => {
                        let (poll, version) = self.pollables().map_err(failed)?;
                        let streams = Source::Open(format!("wasi:io/streams{version}"));
                        add(poll.clone(), "pollable".to_string());
                        add(streams.clone(), "output-stream".to_string());
                        if [&poll, &streams]
                            .into_iter()
                            .any(|of| self.opens(of).is_some())
                        {
                            let why = "made of a pollable that an export is made of as well";
                            return Err(failed(Untypable::Kind(why)));
                        }
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
            self.is_at(ty, self.resources[&place]);
        }
        self.open_imports(&beside)
    }

    /// Remembers where a resource is.
    fn is_at(&mut self, ty: AnyTypeId, index: u32) {
        for key in self.request.world.keys(ty) {
            self.outer
                .remember(&mut Scope::Outer, (CONSUMER, key), index);
        }
    }

    /// Imports what is recorded, as the component would, with the types that it
    /// is made of, and the items that stay the host's.
    fn open_imports(
        &mut self,
        beside: &HashMap<&str, Vec<(AnyTypeId, String)>>,
    ) -> Result<(), (String, Untypable)> {
        for import in &self.request.world.imports {
            let name = import.name.as_str();
            let resources = beside.get(name).into_iter().flatten();
            let asked = match self.request.retained.get(name) {
                _ if self.whole.contains(name) => None,
                Some(items) => {
                    let others = resources.clone().map(|(_, item)| item.as_str());
                    Some(items.iter().copied().chain(others).collect())
                }
                None => continue,
            };
            let index = self.open_import(import, asked.as_ref())?;
            if let Some(asked) = asked {
                self.opened_in_part(import, index, &asked);
            }
            for (ty, item) in resources {
                let resource = self.outer.alias_type(index, item);
                self.is_at(*ty, resource);
            }
        }
        Ok(())
    }

    /// Remembers the types that an instance has of an import, of which it has some
    /// items: the others come from elsewhere.
    fn opened_in_part(&mut self, import: &Extern, index: u32, asked: &HashSet<&str>) {
        let EntityType::Instance(id) = import.ty else {
            return;
        };
        for (name, ty) in self.request.world.types.items(id).iter() {
            if let EntityType::Type(created) = ty
                && asked.contains(name)
            {
                let ty = self.outer.alias_type(index, name);
                self.is_at(created, ty);
                self.named.insert(created);
            }
        }
    }

    /// Imports what the component imports, from where it would come to it: all
    /// of its items, or some.
    fn open_import(
        &mut self,
        import: &Extern,
        asked: Option<&HashSet<&str>>,
    ) -> Result<u32, (String, Untypable)> {
        let world = self.request.world;
        let failed = |why| (import.name.clone(), why);
        let ty = match import.ty {
            EntityType::Instance(id) => {
                let mut union = Union::default();
                let outer = &mut self.outer;
                let is_asked = |item: &str| asked.is_none_or(|asked| asked.contains(item));
                outer
                    .ask_some(&mut union, world, CONSUMER, &import.name, id, &is_asked)
                    .map_err(failed)?;
                ComponentTypeRef::Instance(self.outer.union_type(&union))
            }
            EntityType::Func(id) => {
                ComponentTypeRef::Func(self.outer.outer_func(world, CONSUMER, id).map_err(failed)?)
            }
            _ => {
                return Err(failed(Untypable::Kind(
                    "neither an instance nor a function",
                )));
            }
        };
        let name = extern_name(import);
        let index = self.outer.builder.import(name, ty);
        let source = (self.request.source)(&import.name, "");
        let source = source.map_or_else(|| Source::Open(import.name.clone()), |(source, _)| source);
        self.needs.push((import.name.clone(), source));
        self.opened.insert(import.name.clone(), index);
        if let (EntityType::Instance(_), None) = (import.ty, asked) {
            self.outer.supply(CONSUMER, &import.name, index);
        }
        Ok(index)
    }

    /// A function that is recorded or passed on, by its position among an import's
    /// items.
    pub(super) fn real(&mut self, import: &Extern, item: usize) -> u32 {
        let opened = self.opened[&import.name];
        let EntityType::Instance(id) = import.ty else {
            return opened;
        };
        let items = self.request.world.types.items(id);
        let name = items.name(item).expect("its position was taken from there");
        let kind = ComponentExportKind::Func;
        self.outer.builder.alias(opened, kind, name)
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
    pub(super) fn elsewhere(&self, ty: AnyTypeId) -> Result<Option<(Source, String)>, Untypable> {
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

    /// The import that a source is, when it is imported for more than resources.
    fn opens(&self, source: &Source) -> Option<&'a str> {
        let Source::Open(name) = source else {
            return None;
        };
        let import = self.request.world.import(name)?.name.as_str();
        let is_opened = self.whole.contains(import) || self.request.retained.contains_key(import);
        is_opened.then_some(import)
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
}
