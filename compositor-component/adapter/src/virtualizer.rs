//! What virtualizes the imports of one component: an interface for each, in one
//! component that exports them all.

use std::collections::{BTreeSet, HashMap, HashSet};

use wasm_encoder::{
    ComponentExportKind, ComponentTypeRef, ComponentValType as Encoded, PrimitiveValType,
};

use super::interface::{Interface, interface};
use super::interface_writer::{InterfaceRequest, Need, maker};
use super::virtualizer_writer::{CONSUMER, Request, Source, VirtualizerWriter};
use compositor_diagnostic::limits::INSTANCES_PER_COMPONENT;
use compositor_plan::Decision;
use compositor_wasm::types::{AnyTypeId, DefinedTypeId, EntityType, ResourceId, ValueType};
use compositor_wasm::write::types::{Outer, Scope, Untypable};
use compositor_wasm::write::{extern_name, kind};
use compositor_wasm::{Extern, TypeKey, children, is_nominal};

/// What one import that is virtualized adds to the plan's work: a component is
/// made, with core modules in it, and validated with all that it becomes part of.
const INTERFACE: usize = 300;
/// And what that component is given: the types and functions that it is made of.
const NEED: usize = 10;

/// A component that virtualizes imports of another.
pub struct Virtualizer {
    /// Its binary.
    pub bytes: Vec<u8>,
    /// What it adds to the plan's work.
    pub work: usize,
    /// Its imports, and what virtualizes them.
    pub needs: Vec<(String, Source)>,
}

/// Writes a virtualizer.
pub fn virtualizer(request: &Request<'_>) -> Result<Virtualizer, (String, Untypable)> {
    let world = request.world;
    let mut interfaces = Vec::with_capacity(request.wanted.len());
    let mut makes: Vec<ResourceId> = Vec::new();
    let wanted: HashSet<&str> = request
        .wanted
        .iter()
        .map(|(i, _)| i.name.as_str())
        .collect();
    let is_beside = |id: ResourceId| {
        let origin = world.origin(TypeKey::Resource(id));
        let origin = origin.and_then(|origin| Some((&origin.import, origin.export.as_ref()?)));
        origin.is_some_and(|(import, name)| {
            wanted.contains(import.as_str()) && (request.source)(import, name).is_none()
        })
    };
    let none = BTreeSet::new();
    // Those that are made of others before those others.
    for (import, decision) in request.wanted.iter().rev() {
        let is_foreign = |name: &str| (request.source)(&import.name, name).is_some();
        let wanted = InterfaceRequest {
            world,
            import,
            decision: *decision,
            retained: request.retained.get(import.name.as_str()).unwrap_or(&none),
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
    let works = interfaces
        .iter()
        .map(|(_, made)| INTERFACE + NEED * made.needs.len());
    let work = works.sum();
    let mut writer = VirtualizerWriter {
        request,
        outer: Outer::default(),
        needs: Vec::new(),
        resources: HashMap::new(),
        functions: HashMap::new(),
        ready: None,
        whole: whole(request),
        opened: HashMap::new(),
        audit: None,
        named: HashSet::new(),
    };
    writer.imports(&interfaces)?;
    for (index, (import, made)) in interfaces.into_iter().enumerate() {
        let written = writer.interface(index as u32, import, made);
        written.map_err(|why| (import.name.clone(), why))?;
        if writer.outer.builder.instances() > INSTANCES_PER_COMPONENT {
            let why = "one too many: a component holds 1000 instances, of which each takes some";
            return Err((import.name.clone(), Untypable::Kind(why)));
        }
    }
    Ok(Virtualizer {
        bytes: writer.outer.builder.finish(),
        work,
        needs: writer.needs,
    })
}

/// The imports that a virtualizer has whole: what is recorded, and what the types of
/// that are made of and is not denied.
fn whole<'a>(request: &Request<'a>) -> HashSet<&'a str> {
    let wanted = request.wanted.iter();
    let decisions: HashMap<&str, Decision> = wanted
        .map(|(import, of)| (import.name.as_str(), *of))
        .collect();
    let decision = |import: &Extern| decisions.get(import.name.as_str()).copied();
    let is_instance = |import: &Extern| matches!(import.ty, EntityType::Instance(_));
    let imports = request.world.imports.iter();
    let recorded = imports.filter(|import| decision(import) == Some(Decision::Recorded));
    let mut next: Vec<&Extern> = recorded.collect();
    let mut whole = HashSet::new();
    // What is whole is made of others in turn.
    while let Some(import) = next.pop() {
        if !whole.insert(import.name.as_str()) {
            continue;
        }
        let others = request.world.made_of(import).into_iter();
        let others = others.filter_map(|other| request.world.import(other));
        next.extend(others.filter(|other| decision(other).is_none() && is_instance(other)));
    }
    whole
}

impl VirtualizerWriter<'_> {
    fn interface(&mut self, unit: u32, import: &Extern, made: Interface) -> Result<(), Untypable> {
        let mut arguments: Vec<(String, ComponentExportKind, u32)> = Vec::new();
        for (position, need) in made.needs.iter().enumerate() {
            arguments.push(match need {
                Need::Type(ty) => {
                    let index = self.type_index(*ty)?;
                    (format!("t{position}"), ComponentExportKind::Type, index)
                }
                Need::OutputStream => {
                    let (streams, _) = self.ready();
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
        let (kind, index) = match import.ty {
            EntityType::Instance(_) => {
                self.outer.supply(CONSUMER, &import.name, instance);
                (ComponentExportKind::Instance, instance)
            }
            _ => {
                let kind = kind(import.ty);
                (kind, self.outer.builder.alias(instance, kind, &import.name))
            }
        };
        let name = extern_name(import);
        self.outer.builder.export(name, kind, index);
        Ok(())
    }

    /// A type that an interface is made of and does not define.
    fn type_index(&mut self, ty: AnyTypeId) -> Result<u32, Untypable> {
        let world = self.request.world;
        let keys = world.keys(ty);
        let origin = keys.iter().find_map(|key| world.origin(*key));
        let given =
            origin.is_some_and(|origin| self.outer.supplied(CONSUMER, &origin.import).is_some());
        if let AnyTypeId::Defined(id) = ty
            && !given
            && self.named.insert(ty)
        {
            self.name(id)?;
        }
        let index = self.outer.outer_type(world, CONSUMER, ty)?;
        index.ok_or(Untypable::Kind("made of a resource that is not there"))
    }

    /// Gives a type a name, and before that those that it is made of: what is
    /// exported must be made of what has one.
    fn name(&mut self, id: DefinedTypeId) -> Result<(), Untypable> {
        let world = self.request.world;
        let ty = AnyTypeId::Defined(id);
        for part in children(world.types.defined(id)) {
            self.name_part(part)?;
        }
        let index = self.outer.outer_type(world, CONSUMER, ty)?;
        let index = index.expect("a type of values is written if it is not there");
        let name = format!("type{}", self.named.len());
        let kind = ComponentExportKind::Type;
        let name = name.as_str().into();
        let index = self.outer.builder.export(name, kind, index);
        for key in world.keys(ty) {
            self.outer
                .remember(&mut Scope::Outer, (CONSUMER, key), index);
        }
        Ok(())
    }

    fn name_part(&mut self, part: ValueType) -> Result<(), Untypable> {
        let ValueType::Defined(id) = part else {
            return Ok(());
        };
        let ty = self.request.world.types.defined(id);
        match is_nominal(ty) {
            true => self.type_index(AnyTypeId::Defined(id)).map(drop),
            false => children(ty)
                .into_iter()
                .try_for_each(|part| self.name_part(part)),
        }
    }

    /// What makes handles of a resource that an interface here defines.
    fn maker(&mut self, id: ResourceId) -> Result<u32, Untypable> {
        let origin = self.request.world.origin(TypeKey::Resource(id));
        let place = origin.and_then(|origin| {
            let instance = self.outer.supplied(CONSUMER, &origin.import)?;
            Some((instance, origin.export.as_deref()?))
        });
        let (instance, name) =
            place.ok_or(Untypable::Kind("made of a resource that is not there"))?;
        let kind = ComponentExportKind::Func;
        Ok(self.outer.builder.alias(instance, kind, &maker(name)))
    }

    /// The instances that have a pollable which is ready.
    fn ready(&self) -> (u32, u32) {
        self.ready
            .expect("streams and stderr are imported for who needs them")
    }

    /// A function of the deterministic source, or of what gives a pollable
    /// that is ready.
    fn function(&mut self, name: &'static str) -> Result<u32, Untypable> {
        if let Some(index) = self.functions.get(name) {
            return Ok(*index);
        }
        let index = match name {
            "get-stderr" | "subscribe" => {
                let (streams, stderr) = self.ready();
                let (instance, export) = match name {
                    "get-stderr" => (stderr, name),
                    _ => (streams, "[method]output-stream.subscribe"),
                };
                self.outer
                    .builder
                    .alias(instance, ComponentExportKind::Func, export)
            }
            "called" => {
                let audit = self.audit();
                self.outer
                    .builder
                    .alias(audit, ComponentExportKind::Func, name)
            }
            "declare" => {
                let text = Encoded::Primitive(PrimitiveValType::String);
                let number = Encoded::Primitive(PrimitiveValType::U32);
                let (ty, encoder) = self.outer.builder.ty();
                let params = [("interface", text), ("function", text)];
                encoder.function().params(params).result(Some(number));
                self.needs.push((name.to_string(), Source::Recorder));
                self.outer
                    .builder
                    .import(name.into(), ComponentTypeRef::Func(ty))
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
