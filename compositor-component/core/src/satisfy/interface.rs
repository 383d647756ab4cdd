//! One import, satisfied: a component whose exports are the import's own.
//!
//! An instance of it is what the import asks for. It needs the resources that
//! the import's types are made of and that it does not define itself, as
//! imports `t0`, `t1` and so on, and the functions of the deterministic source.

use std::collections::{HashMap, HashSet};

use wasm_encoder::{
    CanonicalFunctionSection, CanonicalOption, ComponentExportKind, ComponentTypeRef,
    ComponentValType as Encoded, ExportKind, PrimitiveValType, TypeBounds, ValType,
};
use wasmparser::component_types::{
    AliasableResourceId, ComponentAnyTypeId, ComponentDefinedType, ComponentDefinedTypeId,
    ComponentEntityType, ComponentFuncTypeId, ComponentValType, ResourceId,
};

use super::abi::{self, Signature};
use super::answer::{Answer, Deterministic, answer};
use super::code::{Body, Core, FuncType, IMPORTS};
use super::release::{Handle, Release, handles};
use super::{constant, deterministic};
use crate::emit::types::{Outer, Scope, Untypable};
use crate::policy::Decision;
use crate::wasm::{Extern, TypeKey, World, children};

/// Types have a name as they are imported and one as they are exported, which
/// what is exported is made of: two namespaces of [`Outer`].
pub(super) const IMPORTED: usize = 0;
pub(super) const EXPORTED: usize = 1;

/// A component that satisfies an import.
pub struct Interface {
    pub bytes: Vec<u8>,
    /// What it imports, in order.
    pub needs: Vec<Need>,
}

/// What an interface imports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// A type, as `t` and its position.
    Type(ComponentAnyTypeId),
    /// The resource of streams that are written, as `output-stream`.
    OutputStream,
    /// A function, under its own name.
    Function(&'static str),
    /// What makes handles of a resource, as `make` and its position.
    Make(ResourceId),
    /// The function of the import that is satisfied, by its position there, as
    /// `f` and that.
    Real(usize),
}

/// What is satisfied, and how.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    /// The component whose import it is.
    pub component: &'a str,
    pub world: &'a World,
    pub import: &'a Extern,
    pub decision: Decision,
    /// Whether a resource that the import brings, by its name there, is defined
    /// elsewhere.
    pub is_foreign: &'a dyn Fn(&str) -> bool,
    /// Whether another interface beside this one defines a resource.
    pub is_beside: &'a dyn Fn(ResourceId) -> bool,
    /// Resources that others beside this one make handles of.
    pub makes: &'a [ResourceId],
}

/// What makes handles of a resource of this name exports that as.
pub fn maker(name: &str) -> String {
    format!("policy-makes-{name}")
}

/// Writes the component.
pub fn interface(wanted: Wanted<'_>) -> Result<Interface, Untypable> {
    let mut writer = Writer {
        wanted,
        outer: Outer::default(),
        needs: Vec::new(),
        named: HashSet::new(),
        own: HashSet::new(),
        exported: HashMap::new(),
        resources: HashMap::new(),
        core: Core::default(),
        functions: Vec::new(),
        intrinsics: Vec::new(),
        stream: None,
    };
    writer.names();
    writer.import_types()?;
    match wanted.decision {
        Decision::Recorded => writer.record()?,
        _ => {
            writer.export_types()?;
            writer.functions()?;
        }
    }
    Ok(Interface {
        bytes: writer.outer.builder.finish(),
        needs: writer.needs,
    })
}

pub(super) struct Writer<'a> {
    pub(super) wanted: Wanted<'a>,
    pub(super) outer: Outer,
    pub(super) needs: Vec<Need>,
    /// Types that the import names.
    pub(super) named: HashSet<TypeKey>,
    /// Resources that are defined here.
    pub(super) own: HashSet<ResourceId>,
    /// Resources that have a name already.
    pub(super) exported: HashMap<ResourceId, u32>,
    /// Each resource as it was imported or defined, before it had a name.
    pub(super) resources: HashMap<ResourceId, u32>,
    pub(super) core: Core,
    pub(super) functions: Vec<Lifted<'a>>,
    /// Core functions of the component model that the core module imports.
    pub(super) intrinsics: Vec<(Intrinsic, u32)>,
    /// The resource of streams that are written.
    pub(super) stream: Option<u32>,
}

/// A function, by what is exported and how it is called.
pub(super) struct Lifted<'a> {
    pub(super) name: &'a str,
    pub(super) ty: ComponentFuncTypeId,
    pub(super) signature: Signature,
    pub(super) answer: Answer,
}

/// A core function that the core module imports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intrinsic {
    /// Drops a handle to a resource.
    Drop(ResourceId),
    /// Makes a handle to a resource that is defined here.
    New(ResourceId),
    /// Gives up an end of a stream or a future.
    DropEnd(ComponentDefinedTypeId),
    /// A function that is imported.
    Call(&'static str),
}

impl<'a> Writer<'a> {
    /// The items of the import: those of an instance, or itself.
    pub(super) fn items(&self) -> Vec<(&'a str, &'a ComponentEntityType)> {
        let Wanted { world, import, .. } = self.wanted;
        match &import.item.ty {
            ComponentEntityType::Instance(id) => {
                let exports = world.types[*id].exports.iter();
                exports
                    .map(|(name, item)| (name.as_str(), &item.ty))
                    .collect()
            }
            ty => vec![(import.name.as_str(), ty)],
        }
    }

    /// Which types are named, and which resources defined.
    fn names(&mut self) {
        let Wanted {
            world,
            import,
            is_foreign,
            ..
        } = self.wanted;
        for (_, ty) in self.items() {
            let ComponentEntityType::Type { created, .. } = ty else {
                continue;
            };
            let keys = world.keys(*created);
            if let ComponentAnyTypeId::Resource(id) = created {
                let origin = keys.iter().find_map(|key| world.origin(*key));
                let is_own = origin.is_none_or(|origin| {
                    let name = origin.export.as_ref().unwrap_or(&origin.import);
                    origin.import == import.name && !is_foreign(name)
                });
                if is_own {
                    self.own.insert(id.resource());
                }
            }
            self.named.extend(keys);
        }
    }

    /// Imports what comes from elsewhere: of what is recorded, everything.
    fn import_types(&mut self) -> Result<(), Untypable> {
        let world = self.wanted.world;
        let all = self.wanted.decision == Decision::Recorded;
        for (_, ty) in self.items() {
            match ty {
                ComponentEntityType::Func(id) => {
                    let ty = &world.types[*id];
                    let values = ty.params.iter().map(|(_, ty)| *ty).chain(ty.result);
                    for ty in values.collect::<Vec<_>>() {
                        self.need(ty, all)?;
                    }
                }
                ComponentEntityType::Type { created, .. } => match *created {
                    ComponentAnyTypeId::Resource(id) => self.need_resource(id)?,
                    ComponentAnyTypeId::Defined(id) if all => {
                        self.need(ComponentValType::Type(id), true)?;
                    }
                    ComponentAnyTypeId::Defined(id) => {
                        for part in children(&world.types[id]) {
                            self.need(part, false)?;
                        }
                        if let ComponentDefinedType::Own(id) | ComponentDefinedType::Borrow(id) =
                            world.types[id]
                        {
                            self.need_resource(id)?;
                        }
                    }
                    _ => {
                        return Err(Untypable::Kind(
                            "a type that is neither a value's nor a resource",
                        ));
                    }
                },
                ComponentEntityType::Instance(_) => {
                    return Err(Untypable::Kind("an instance in an instance"));
                }
                ComponentEntityType::Component(_) => return Err(Untypable::Kind("a component")),
                ComponentEntityType::Module(_) => return Err(Untypable::Kind("a core module")),
                ComponentEntityType::Value(_) => return Err(Untypable::Kind("a value")),
            }
        }
        Ok(())
    }

    /// Defines and exports what is named.
    pub(super) fn export_types(&mut self) -> Result<(), Untypable> {
        for (name, ty) in self.items() {
            if let ComponentEntityType::Type { created, .. } = ty {
                self.export_type(name, *created)?;
            }
        }
        Ok(())
    }

    fn export_type(&mut self, name: &str, created: ComponentAnyTypeId) -> Result<(), Untypable> {
        let world = self.wanted.world;
        let known = self.outer.outer_type(world, EXPORTED, created)?;
        let index = match (known, created) {
            (Some(index), _) => index,
            (None, created) => {
                let (index, encoder) = self.outer.builder.ty();
                encoder.resource(ValType::I32, None);
                if let ComponentAnyTypeId::Resource(id) = created {
                    self.resources.insert(id.resource(), index);
                }
                index
            }
        };
        let name = name.into();
        let index = self
            .outer
            .builder
            .export(name, ComponentExportKind::Type, index);
        // Constructors and methods belong to a resource's first name.
        if let ComponentAnyTypeId::Resource(id) = created
            && *self.exported.entry(id.resource()).or_insert(index) != index
        {
            return Ok(());
        }
        if let Some(key) = world.keys(created).first() {
            self.outer
                .remember(&mut Scope::Outer, (EXPORTED, *key), index);
        }
        Ok(())
    }

    /// Imports what a type is made of and no name here stands for. What is made
    /// of imported types alone may be imported, so below one, all are.
    fn need(&mut self, ty: ComponentValType, all: bool) -> Result<(), Untypable> {
        let world = self.wanted.world;
        let ComponentValType::Type(id) = ty else {
            return Ok(());
        };
        let any = ComponentAnyTypeId::Defined(id);
        if self.needs.contains(&Need::Type(any)) {
            return Ok(());
        }
        let ty = &world.types[id];
        if let ComponentDefinedType::Own(id) | ComponentDefinedType::Borrow(id) = ty {
            return self.need_resource(*id);
        }
        let is_nominal = matches!(
            ty,
            ComponentDefinedType::Record(_)
                | ComponentDefinedType::Variant(_)
                | ComponentDefinedType::Flags(_)
                | ComponentDefinedType::Enum(_)
        );
        let is_named = world.keys(any).iter().any(|key| self.named.contains(key));
        let is_needed = is_nominal && (all || !is_named);
        if is_named && !all {
            return Ok(());
        }
        for part in children(ty) {
            self.need(part, all || is_needed)?;
        }
        if is_needed {
            let index = self.outer.outer_type(world, IMPORTED, any)?;
            // It is a defined type.
            self.import_type(any, TypeBounds::Eq(index.unwrap_or_default()));
        }
        Ok(())
    }

    fn need_resource(&mut self, id: AliasableResourceId) -> Result<(), Untypable> {
        let any = ComponentAnyTypeId::Resource(id);
        let known = self.outer.outer_type(self.wanted.world, IMPORTED, any)?;
        if known.is_none() && !self.own.contains(&id.resource()) {
            self.import_type(any, TypeBounds::SubResource);
        }
        Ok(())
    }

    fn import_type(&mut self, ty: ComponentAnyTypeId, bounds: TypeBounds) {
        let name = format!("t{}", self.needs.len());
        let ty_ref = ComponentTypeRef::Type(bounds);
        let index = self.outer.builder.import(name.as_str().into(), ty_ref);
        self.needs.push(Need::Type(ty));
        for key in self.wanted.world.keys(ty) {
            for side in [IMPORTED, EXPORTED] {
                self.outer.remember(&mut Scope::Outer, (side, key), index);
            }
        }
        if let ComponentAnyTypeId::Resource(id) = ty {
            self.resources.insert(id.resource(), index);
        }
    }

    /// The core module with a body for each function; then the functions.
    fn functions(&mut self) -> Result<(), Untypable> {
        let Wanted {
            world,
            import,
            decision,
            is_beside,
            ..
        } = self.wanted;
        for (name, ty) in self.items() {
            if let ComponentEntityType::Func(id) = ty {
                let answer = answer(&world.types, &import.name, name, *id, decision);
                let made = owned(world, world.types[*id].result);
                let is_made = made.is_some_and(|id| self.own.contains(&id) || is_beside(id));
                self.functions.push(Lifted {
                    name,
                    ty: *id,
                    signature: abi::signature(&world.types, *id),
                    answer: match answer {
                        Answer::Handle if !is_made => Answer::Trap,
                        answer => answer,
                    },
                });
            }
        }
        self.makers();
        if self.functions.is_empty() {
            return Ok(());
        }
        self.intrinsics()?;
        self.bodies();
        let core = std::mem::take(&mut self.core);
        let module = core.finish();
        let imported: Vec<u32> = self.intrinsics.iter().map(|(_, index)| *index).collect();
        let builder = &mut self.outer.builder;
        let module = builder.core_module(&module);
        let from = (!imported.is_empty()).then(|| (IMPORTS, builder.core_items(&imported, None)));
        let instance = builder.core_instantiate(module, from);
        let needs_memory = |lifted: &Lifted<'_>| lifted.in_memory(world);
        let memory = self.functions.iter().any(needs_memory);
        let memory = memory.then(|| builder.core_alias(instance, ExportKind::Memory, "memory"));
        for (index, lifted) in std::mem::take(&mut self.functions).into_iter().enumerate() {
            let builder = &mut self.outer.builder;
            let core = builder.core_alias(instance, ExportKind::Func, &index.to_string());
            let mut options = Vec::new();
            if let Some(memory) = memory.filter(|_| lifted.in_memory(world)) {
                options.extend([CanonicalOption::UTF8, CanonicalOption::Memory(memory)]);
            }
            if lifted.allocates(world) {
                let name = realloc_name(&lifted, index);
                let realloc = builder.core_alias(instance, ExportKind::Func, &name);
                options.push(CanonicalOption::Realloc(realloc));
            }
            let ty = self.outer.outer_func(world, EXPORTED, lifted.ty)?;
            let function = self.outer.builder.lift(core, ty, options);
            let name = lifted.name.into();
            self.outer
                .builder
                .export(name, ComponentExportKind::Func, function);
        }
        Ok(())
    }

    /// Exports what makes handles for others.
    fn makers(&mut self) {
        for (name, ty) in self.items() {
            let ComponentEntityType::Type {
                created: ComponentAnyTypeId::Resource(id),
                ..
            } = ty
            else {
                continue;
            };
            let id = id.resource();
            if !self.wanted.makes.contains(&id) || !self.own.contains(&id) {
                continue;
            }
            let (core, _) = self.new_handle(id);
            let named = self.exported.get(&id).copied().unwrap_or_default();
            let ty = self.maker_type(named);
            let function = self.outer.builder.lift(core, ty, Vec::new());
            let name = maker(name);
            let builder = &mut self.outer.builder;
            builder.export(name.as_str().into(), ComponentExportKind::Func, function);
        }
    }

    /// `func(of: u32) -> own<resource>`, which is what `resource.new` is.
    fn maker_type(&mut self, resource: u32) -> u32 {
        let own = self.own_of(resource);
        let (ty, encoder) = self.outer.builder.ty();
        let of = ("of", Encoded::Primitive(PrimitiveValType::U32));
        encoder.function().params([of]).result(Some(own));
        ty
    }

    fn new_handle(&mut self, id: ResourceId) -> (u32, FuncType) {
        let ty = self.resources.get(&id).copied().unwrap_or_default();
        let write = |section: &mut CanonicalFunctionSection| _ = section.resource_new(ty);
        let core = (vec![ValType::I32], Some(ValType::I32));
        (self.outer.builder.canonical(write), core)
    }

    /// Declares the core functions that bodies call.
    fn intrinsics(&mut self) -> Result<(), Untypable> {
        let world = self.wanted.world;
        let mut wanted: Vec<Intrinsic> = Vec::new();
        for lifted in &self.functions {
            let ty = &world.types[lifted.ty];
            match &lifted.answer {
                Answer::Trap => continue,
                Answer::Handle => wanted.extend(owned(world, ty.result).map(Intrinsic::New)),
                Answer::Deterministic(asked) => {
                    wanted.extend(
                        deterministic::calls(*asked)
                            .iter()
                            .map(|name| Intrinsic::Call(name)),
                    );
                }
                Answer::Nothing | Answer::Constant(_) => {}
            }
            let mut found = Vec::new();
            for (_, ty) in &ty.params {
                handles(&world.types, *ty, &mut found);
            }
            wanted.extend(
                found
                    .into_iter()
                    .filter_map(|handle| self.release_of(handle)),
            );
        }
        for intrinsic in wanted {
            if self.intrinsics.iter().any(|(other, _)| *other == intrinsic) {
                continue;
            }
            let (index, ty) = self.intrinsic(intrinsic)?;
            self.core.import(ty);
            self.intrinsics.push((intrinsic, index));
        }
        Ok(())
    }

    /// What releases a handle in this component's table. A resource that is
    /// defined here is lent as what it is, and not as a handle.
    pub(super) fn release_of(&self, handle: Handle) -> Option<Intrinsic> {
        match handle {
            Handle::Resource(id, owned) if owned || !self.own.contains(&id) => {
                Some(Intrinsic::Drop(id))
            }
            Handle::Resource(..) => None,
            Handle::End(ty) => Some(Intrinsic::DropEnd(ty)),
        }
    }

    /// Declares one; returns its index and type.
    pub(super) fn intrinsic(&mut self, intrinsic: Intrinsic) -> Result<(u32, FuncType), Untypable> {
        let world = self.wanted.world;
        let resource = |id: &ResourceId| self.resources.get(id).copied().unwrap_or_default();
        let (takes, gives) = (
            (vec![ValType::I32], None),
            (vec![ValType::I32], Some(ValType::I32)),
        );
        Ok(match intrinsic {
            Intrinsic::Drop(id) => {
                let ty = resource(&id);
                let write = |section: &mut CanonicalFunctionSection| _ = section.resource_drop(ty);
                (self.outer.builder.canonical(write), takes)
            }
            Intrinsic::New(id) if self.own.contains(&id) => self.new_handle(id),
            Intrinsic::New(id) => {
                let ty = self.maker_type(resource(&id));
                let name = format!("make{}", self.needs.len());
                self.needs.push(Need::Make(id));
                let ty = ComponentTypeRef::Func(ty);
                let function = self.outer.builder.import(name.as_str().into(), ty);
                let write =
                    |section: &mut CanonicalFunctionSection| _ = section.lower(function, []);
                (self.outer.builder.canonical(write), gives)
            }
            Intrinsic::DropEnd(id) => {
                let is_stream = matches!(world.types[id], ComponentDefinedType::Stream { .. });
                let any = ComponentAnyTypeId::Defined(id);
                let ty = self
                    .outer
                    .outer_type(world, EXPORTED, any)?
                    .unwrap_or_default();
                let write = |section: &mut CanonicalFunctionSection| match is_stream {
                    true => _ = section.stream_drop_readable(ty),
                    false => _ = section.future_drop_readable(ty),
                };
                (self.outer.builder.canonical(write), takes)
            }
            Intrinsic::Call(name) => self.call(name),
        })
    }

    /// Imports a function of the deterministic source, or of what gives a
    /// pollable that is ready.
    fn call(&mut self, name: &'static str) -> (u32, FuncType) {
        let u64 = Encoded::Primitive(PrimitiveValType::U64);
        let (ty, core): (_, FuncType) = match name {
            "advance" => {
                let (ty, encoder) = self.outer.builder.ty();
                encoder.function().params([("by", u64)]).result(None);
                (ty, (vec![ValType::I64], None))
            }
            "get-stderr" => {
                let stream = self.output_stream();
                let own = self.own_of(stream);
                let (ty, encoder) = self.outer.builder.ty();
                let none: [(&str, Encoded); 0] = [];
                encoder.function().params(none).result(Some(own));
                (ty, (vec![], Some(ValType::I32)))
            }
            "subscribe" => {
                let stream = self.output_stream();
                let (borrow, encoder) = self.outer.builder.ty();
                encoder.defined_type().borrow(stream);
                let pollable = self.pollable().unwrap_or_default();
                let own = self.own_of(pollable);
                let (ty, encoder) = self.outer.builder.ty();
                let params = [("self", Encoded::Type(borrow))];
                encoder.function().params(params).result(Some(own));
                (ty, (vec![ValType::I32], Some(ValType::I32)))
            }
            _ => {
                let (ty, encoder) = self.outer.builder.ty();
                let none: [(&str, Encoded); 0] = [];
                encoder.function().params(none).result(Some(u64));
                (ty, (vec![], Some(ValType::I64)))
            }
        };
        let function = self
            .outer
            .builder
            .import(name.into(), ComponentTypeRef::Func(ty));
        self.needs.push(Need::Function(name));
        let write = |section: &mut CanonicalFunctionSection| _ = section.lower(function, []);
        (self.outer.builder.canonical(write), core)
    }

    fn own_of(&mut self, resource: u32) -> Encoded {
        let (index, encoder) = self.outer.builder.ty();
        encoder.defined_type().own(resource);
        Encoded::Type(index)
    }

    fn output_stream(&mut self) -> u32 {
        if let Some(index) = self.stream {
            return index;
        }
        let ty = ComponentTypeRef::Type(TypeBounds::SubResource);
        let index = self.outer.builder.import("output-stream".into(), ty);
        self.needs.push(Need::OutputStream);
        self.stream = Some(index);
        index
    }

    /// The resource that functions which wait return.
    fn pollable(&self) -> Option<u32> {
        let world = self.wanted.world;
        let waits = |lifted: &&Lifted<'_>| {
            matches!(
                lifted.answer,
                Answer::Deterministic(Deterministic::Wait { pollable: true, .. })
            )
        };
        let lifted = self.functions.iter().find(waits)?;
        let id = owned(world, world.types[lifted.ty].result)?;
        self.resources.get(&id).copied()
    }

    /// Writes what each function does.
    fn bodies(&mut self) {
        let Wanted { world, import, .. } = self.wanted;
        let types = &world.types;
        let intrinsics: Vec<Intrinsic> = self.intrinsics.iter().map(|(i, _)| *i).collect();
        let position = |wanted: Intrinsic| {
            let position = intrinsics.iter().position(|other| *other == wanted);
            position.map(|position| position as u32)
        };
        for index in 0..self.functions.len() {
            let lifted = &self.functions[index];
            let refused = format!("policy denies {}#{}", import.name, lifted.name);
            let ty: FuncType = (lifted.signature.params.clone(), lifted.signature.result);
            let export = Some(index.to_string());
            let params = ty.0.len();
            if lifted.in_memory(world) {
                self.core.memory(0);
            }
            if lifted.answer == Answer::Trap {
                self.core.function(&refused, export, ty, Body::trap(params));
                if lifted.allocates(world) {
                    let ty = (vec![ValType::I32; 4], Some(ValType::I32));
                    let export = Some(realloc_name(lifted, index));
                    self.core.function(&refused, export, ty, Body::trap(4));
                }
                continue;
            }
            let mut body = Body::new(params);
            if let Answer::Deterministic(asked) = &lifted.answer {
                let call = |name| position(Intrinsic::Call(name)).unwrap_or_default();
                deterministic::write(*asked, &mut self.core, &call, &mut body);
                self.core.function(lifted.name, export, ty, body);
                continue;
            }
            let with = |handle: Handle| match handle {
                Handle::Resource(id, owned) if owned || !self.own.contains(&id) => {
                    position(Intrinsic::Drop(id))
                }
                Handle::Resource(..) => None,
                Handle::End(ty) => position(Intrinsic::DropEnd(ty)),
            };
            let mut release = Release {
                types,
                with: &with,
                body: &mut body,
            };
            let values = types[lifted.ty].params.iter().map(|(_, ty)| *ty);
            match lifted.signature.params_in_memory {
                true => release.record(values, 0),
                false => release.locals(values, &lifted.signature.params),
            }
            if lifted.allocates(world) {
                let bump = self.core.bump();
                body.reset(bump);
            }
            match (&lifted.answer, types[lifted.ty].result) {
                (Answer::Constant(constant), Some(result)) => {
                    let data = &mut self.core.data;
                    let at = constant::write(types, result, constant, &refused, Core::base(), data);
                    match lifted.signature.result_in_memory {
                        true => drop(body.code().i32_const(at as i32)),
                        false => {
                            let start = (at - Core::base()) as usize;
                            let size = abi::layout(types, result).size.min(8) as usize;
                            let mut bytes = [0; 8];
                            bytes[..size].copy_from_slice(&data[start..start + size]);
                            body.constant(lifted.signature.result, u64::from_le_bytes(bytes));
                        }
                    }
                }
                (Answer::Handle, result) => {
                    let new = owned(world, result).map(Intrinsic::New).and_then(position);
                    body.code().i32_const(0).call(new.unwrap_or_default());
                }
                _ => {}
            }
            self.core.function(&refused, export, ty, body);
        }
    }
}

impl<'a> Lifted<'a> {
    /// A function of which only how it is called matters.
    pub(super) fn of(world: &World, name: &'a str, ty: ComponentFuncTypeId) -> Self {
        let signature = abi::signature(&world.types, ty);
        Self {
            name,
            ty,
            signature,
            answer: Answer::Nothing,
        }
    }

    /// Whether values of it are passed in memory.
    pub(super) fn in_memory(&self, world: &World) -> bool {
        let result = world.types[self.ty].result;
        let texts = result.is_some_and(|ty| abi::has_pointer(&world.types, ty));
        self.signature.result_in_memory || texts || self.allocates(world)
    }

    /// Whether its parameters are in memory that is allocated for them.
    pub(super) fn allocates(&self, world: &World) -> bool {
        let mut params = world.types[self.ty].params.iter();
        self.signature.params_in_memory || params.any(|(_, ty)| abi::has_pointer(&world.types, *ty))
    }
}

/// What allocates for a function: where it traps, that traps already, so that
/// nothing is copied and the trap names it.
fn realloc_name(lifted: &Lifted<'_>, index: usize) -> String {
    match lifted.answer {
        Answer::Trap => format!("{index}-realloc"),
        _ => "realloc".to_string(),
    }
}

/// The resource that a function returns a handle of.
fn owned(world: &World, result: Option<ComponentValType>) -> Option<ResourceId> {
    let ComponentValType::Type(id) = result? else {
        return None;
    };
    match &world.types[id] {
        ComponentDefinedType::Own(id) => Some(id.resource()),
        _ => None,
    }
}
