//! What satisfies the imports of one component: an interface for each, in one
//! component that exports them all.

use std::collections::HashMap;

use wasm_encoder::{
    Alias, ComponentExportKind, ComponentOuterAliasKind, ComponentTypeRef,
    ComponentValType as Encoded, InstanceType, PrimitiveValType, TypeBounds,
};
use wasmparser::component_types::{ComponentAnyTypeId, ComponentEntityType, ResourceId};

use super::interface::{Interface, Need, Wanted, interface, maker};
use crate::emit::types::{Outer, Scope, Union, Untypable};
use crate::emit::{extern_name, kind};
use crate::policy::{AUDIT, Decision};
use crate::wasm::{Extern, TypeKey, World};

/// A component that satisfies imports of another.
pub struct Satisfier {
    pub bytes: Vec<u8>,
    /// Its imports, and what satisfies them. What it imports beside them are
    /// types alone.
    pub needs: Vec<(String, Source)>,
}

/// Where something comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// An import of the artifact.
    Open(String),
    /// A component's export.
    Export(String, String),
    /// A function of the deterministic source.
    Deterministic,
}

/// What is satisfied of a component.
pub struct Request<'a> {
    /// Whose imports they are.
    pub component: &'a str,
    pub world: &'a World,
    /// In the order of the world's imports.
    pub wanted: Vec<(&'a Extern, Decision)>,
    /// Where a resource comes from that the satisfier does not define, and its
    /// name there; by import and name in the world.
    pub source: &'a dyn Fn(&str, &str) -> Option<(Source, String)>,
}

/// Writes a satisfier.
pub fn satisfier(request: &Request<'_>) -> Result<Satisfier, (String, Untypable)> {
    let world = request.world;
    let mut interfaces = Vec::with_capacity(request.wanted.len());
    let mut makes: Vec<ResourceId> = Vec::new();
    let is_beside = |id: ResourceId| {
        let origin = world.origin(TypeKey::Resource(id));
        let origin = origin.and_then(|origin| Some((&origin.import, origin.export.as_ref()?)));
        let mut wanted = request.wanted.iter();
        origin.is_some_and(|(import, name)| {
            wanted.any(|(other, _)| other.name == *import)
                && (request.source)(import, name).is_none()
        })
    };
    // Those that are made of others before those others.
    for (import, decision) in request.wanted.iter().rev() {
        let is_foreign = |name: &str| (request.source)(&import.name, name).is_some();
        let wanted = Wanted {
            component: request.component,
            world,
            import,
            decision: *decision,
            is_foreign: &is_foreign,
            is_beside: &is_beside,
            makes: &makes,
        };
        let made = interface(wanted).map_err(|why| (import.name.clone(), why))?;
        makes.extend(made.needs.iter().filter_map(|need| match need {
            Need::Make(id) => Some(*id),
            _ => None,
        }));
        interfaces.push((*import, made));
    }
    interfaces.reverse();
    let mut writer = Writer {
        request,
        outer: Outer::default(),
        needs: Vec::new(),
        resources: HashMap::new(),
        functions: HashMap::new(),
        ready: None,
        recorded: HashMap::new(),
        audit: None,
        types: 0,
    };
    writer.imports(&interfaces)?;
    for (index, (import, made)) in interfaces.into_iter().enumerate() {
        let written = writer.interface(index as u32, import, made);
        written.map_err(|why| (import.name.clone(), why))?;
    }
    Ok(Satisfier {
        bytes: writer.outer.builder.finish(),
        needs: writer.needs,
    })
}

struct Writer<'a> {
    request: &'a Request<'a>,
    outer: Outer,
    needs: Vec<(String, Source)>,
    /// Resources that are imported, by where from and their name there.
    resources: HashMap<(Source, String), u32>,
    functions: HashMap<&'static str, u32>,
    /// The instances of `wasi:io/streams` and `wasi:cli/stderr`.
    ready: Option<(u32, u32)>,
    /// What is recorded, by the import's name.
    recorded: HashMap<String, u32>,
    audit: Option<u32>,
    types: u32,
}

impl Writer<'_> {
    /// Imports the resources that come from elsewhere, an instance for each
    /// place that they come from.
    fn imports(&mut self, interfaces: &[(&Extern, Interface)]) -> Result<(), (String, Untypable)> {
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
                        let version = self.pollables().map_err(failed)?;
                        add(
                            Source::Open(format!("wasi:io/poll{version}")),
                            "pollable".to_string(),
                        );
                        let streams = Source::Open(format!("wasi:io/streams{version}"));
                        add(streams.clone(), "output-stream".to_string());
                        ready = Some((version, streams));
                    }
                    Need::Type(_) | Need::Function(_) | Need::Make(_) | Need::Real(_) => {}
                }
            }
        }
        // Streams have functions that are made of pollables.
        let is_last = |source: &Source| ready.as_ref().is_some_and(|(_, last)| last == source);
        let (last, first): (Vec<_>, Vec<_>) =
            places.into_iter().partition(|(source, _)| is_last(source));
        for (source, names) in first {
            let mut ty = InstanceType::new();
            for name in &names {
                ty.export(name, ComponentTypeRef::Type(TypeBounds::SubResource));
            }
            self.place(source, &names, &ty);
        }
        if let (Some((version, _)), Some((source, names))) = (ready, last.into_iter().next()) {
            self.streams(&version, source, &names);
        }
        for (ty, place) in found {
            let index = self.resources[&place];
            for key in self.request.world.keys(ty) {
                self.outer.remember(&mut Scope::Outer, (0, key), index);
            }
        }
        self.imports_recorded()
    }

    /// Imports what is recorded, as the component would.
    fn imports_recorded(&mut self) -> Result<(), (String, Untypable)> {
        let world = self.request.world;
        for (import, _) in self
            .request
            .wanted
            .iter()
            .filter(|(_, d)| *d == Decision::Recorded)
        {
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
            self.needs
                .push((import.name.clone(), Source::Open(import.name.clone())));
            self.recorded.insert(import.name.clone(), index);
            if matches!(import.item.ty, ComponentEntityType::Instance(_)) {
                self.outer.supply(0, &import.name, index);
            }
        }
        Ok(())
    }

    /// A function that is recorded, by its position among an import's items.
    fn real(&mut self, import: &Extern, item: usize) -> u32 {
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
    fn elsewhere(&self, ty: ComponentAnyTypeId) -> Result<Option<(Source, String)>, Untypable> {
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

    /// The version of the host's pollables that the component has.
    fn pollables(&self) -> Result<String, Untypable> {
        let poll = self.request.world.imports.iter().find_map(|import| {
            let is_poll = import.name.split('@').next() == Some("wasi:io/poll");
            let source = is_poll.then(|| (self.request.source)(&import.name, "pollable"));
            source.flatten()
        });
        match poll {
            Some((Source::Open(poll), _)) => Ok(poll
                .split_once('@')
                .map_or(String::new(), |(_, version)| format!("@{version}"))),
            _ => Err(Untypable::Kind("made of pollables that are not the host's")),
        }
    }

    /// Imports streams and stderr, which have a pollable that is ready.
    fn streams(&mut self, version: &str, source: Source, names: &[String]) {
        let key = (
            Source::Open(format!("wasi:io/poll{version}")),
            "pollable".to_string(),
        );
        let pollable = self.resources[&key];
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

    fn import(&mut self, source: Source, ty: &InstanceType) -> u32 {
        let name = match &source {
            Source::Open(name) => name.clone(),
            _ => format!("need{}", self.needs.len()),
        };
        let ty = self.outer.builder.type_instance(ty);
        let ty = ComponentTypeRef::Instance(ty);
        let index = self.outer.builder.import(name.as_str().into(), ty);
        self.needs.push((name, source));
        index
    }

    fn interface(&mut self, unit: u32, import: &Extern, made: Interface) -> Result<(), Untypable> {
        let mut arguments: Vec<(String, ComponentExportKind, u32)> = Vec::new();
        for (position, need) in made.needs.iter().enumerate() {
            arguments.push(match need {
                Need::Type(ty) => {
                    let index = self.type_index(*ty)?;
                    (format!("t{position}"), ComponentExportKind::Type, index)
                }
                Need::OutputStream => {
                    let (streams, _) = self.ready.unwrap_or_default();
                    let index = self.outer.alias_type(streams, "output-stream");
                    (
                        "output-stream".to_string(),
                        ComponentExportKind::Type,
                        index,
                    )
                }
                Need::Real(item) => {
                    let index = self.real(import, *item);
                    (format!("f{item}"), ComponentExportKind::Func, index)
                }
                Need::Make(id) => {
                    let index = self.maker(*id)?;
                    (format!("make{position}"), ComponentExportKind::Func, index)
                }
                Need::Function(name) => {
                    let index = self.function(name)?;
                    ((*name).to_string(), ComponentExportKind::Func, index)
                }
            });
        }
        let builder = &mut self.outer.builder;
        let component = builder.component(&import.name, &made.bytes);
        debug_assert_eq!(component, unit);
        let arguments = arguments
            .iter()
            .map(|(name, kind, index)| (name.as_str(), *kind, *index));
        let instance = builder.instantiate(&import.name, component, arguments.collect());
        let (kind, index) = match import.item.ty {
            ComponentEntityType::Instance(_) => {
                self.outer.supply(0, &import.name, instance);
                (ComponentExportKind::Instance, instance)
            }
            _ => {
                let kind = kind(&import.item);
                (kind, self.outer.builder.alias(instance, kind, &import.name))
            }
        };
        let name = extern_name(&import.name, &import.item);
        self.outer.builder.export(name, kind, index);
        Ok(())
    }

    /// A type that an interface is made of and does not define.
    fn type_index(&mut self, ty: ComponentAnyTypeId) -> Result<u32, Untypable> {
        let world = self.request.world;
        let keys = world.keys(ty);
        let origin = keys.iter().find_map(|key| world.origin(*key));
        let given = origin.is_some_and(|origin| self.outer.supplied(0, &origin.import).is_some());
        let index = match ty {
            ComponentAnyTypeId::Resource(_) => {
                let index = self.outer.outer_type(world, 0, ty)?;
                return index.ok_or(Untypable::Kind("made of a resource that is not there"));
            }
            _ if given => return Ok(self.outer.outer_type(world, 0, ty)?.unwrap_or_default()),
            _ => {
                let index = self.outer.outer_type(world, 0, ty)?.unwrap_or_default();
                self.types += 1;
                let name = format!("type{}", self.types);
                let ty = ComponentTypeRef::Type(TypeBounds::Eq(index));
                self.outer.builder.import(name.as_str().into(), ty)
            }
        };
        for key in keys {
            self.outer.remember(&mut Scope::Outer, (0, key), index);
        }
        Ok(index)
    }

    /// The instance that calls are said to.
    fn audit(&mut self) -> u32 {
        if let Some(audit) = self.audit {
            return audit;
        }
        let text = Encoded::Primitive(PrimitiveValType::String);
        let number = Encoded::Primitive(PrimitiveValType::U32);
        let mut ty = InstanceType::new();
        let names = [("component", text), ("interface", text), ("function", text)];
        ty.ty().function().params(names).result(Some(number));
        ty.export("declare", ComponentTypeRef::Func(0));
        ty.ty()
            .function()
            .params([("function", number)])
            .result(None);
        ty.export("called", ComponentTypeRef::Func(1));
        let audit = self.import(Source::Open(AUDIT.to_string()), &ty);
        self.audit = Some(audit);
        audit
    }

    /// What makes handles of a resource that an interface here defines.
    fn maker(&mut self, id: ResourceId) -> Result<u32, Untypable> {
        let origin = self.request.world.origin(TypeKey::Resource(id));
        let place = origin.and_then(|origin| {
            let instance = self.outer.supplied(0, &origin.import)?;
            Some((instance, origin.export.as_deref()?))
        });
        let (instance, name) =
            place.ok_or(Untypable::Kind("made of a resource that is not there"))?;
        let kind = ComponentExportKind::Func;
        Ok(self.outer.builder.alias(instance, kind, &maker(name)))
    }

    /// A function of the deterministic source, or of what gives a pollable
    /// that is ready.
    fn function(&mut self, name: &'static str) -> Result<u32, Untypable> {
        if let Some(index) = self.functions.get(name) {
            return Ok(*index);
        }
        let index = match name {
            "get-stderr" | "subscribe" => {
                let (streams, stderr) = self.ready.unwrap_or_default();
                let (instance, export) = match name {
                    "get-stderr" => (stderr, name),
                    _ => (streams, "[method]output-stream.subscribe"),
                };
                self.outer
                    .builder
                    .alias(instance, ComponentExportKind::Func, export)
            }
            "declare" | "called" => {
                let audit = self.audit();
                self.outer
                    .builder
                    .alias(audit, ComponentExportKind::Func, name)
            }
            _ => {
                let u64 = Encoded::Primitive(PrimitiveValType::U64);
                let (ty, encoder) = self.outer.builder.ty();
                let (param, result) = match name {
                    "advance" => (Some(("by", u64)), None),
                    _ => (None, Some(u64)),
                };
                let params = param.into_iter().collect::<Vec<_>>();
                encoder.function().params(params).result(result);
                self.needs.push((name.to_string(), Source::Deterministic));
                self.outer
                    .builder
                    .import(name.into(), ComponentTypeRef::Func(ty))
            }
        };
        self.functions.insert(name, index);
        Ok(index)
    }
}
