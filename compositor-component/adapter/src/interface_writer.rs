//! What writes an interface's component: its types, and what it imports for them.

use std::collections::{BTreeSet, HashMap, HashSet};

use wasm_encoder::{
    CanonicalFunctionSection, ComponentExportKind, ComponentTypeRef, ComponentValType as Encoded,
    PrimitiveValType, TypeBounds, ValType,
};

use super::code::{Core, FuncType};
use super::intrinsic::Intrinsic;
use super::lifted::Lifted;
use compositor_plan::Decision;
use compositor_wasm::types::{
    AliasableResourceId, AnyTypeId, DefinedType, EntityType, ResourceId, ValueType,
};
use compositor_wasm::write::types::{InstanceIndex, Outer, Scope, Untypable};
use compositor_wasm::{Extern, ExternName, TypeKey, World, children, is_nominal};

/// Types have a name as they are imported and one as they are exported, which
/// what is exported is made of: two namespaces of [`Outer`].
pub(super) const IMPORTED: InstanceIndex = InstanceIndex(0);
pub(super) const EXPORTED: InstanceIndex = InstanceIndex(1);

/// Why a function of a resource cannot be virtualized: the resource is no item of
/// an instance, and would have to be defined where the function is.
pub(super) const OF_A_BARE_RESOURCE: &str = "made of a resource that is imported by itself";

/// Why an import cannot be virtualized whose name says where it is: `url=<…>`,
/// `locked-dep=<…>`, `unlocked-dep=<…>` or `integrity=<…>`.
const FOUND_ELSEWHERE: &str = "named by where it is found, which no component exports";

/// What an interface imports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// A type, as `t` and its position.
    Type(AnyTypeId),
    /// The resource of streams that are written, as `output-stream`.
    OutputStream,
    /// A function, under its own name.
    Function(&'static str),
    /// What makes handles of a resource, as `make` and its position.
    Make(ResourceId),
    /// The function of the import that is virtualized, by its position there, as
    /// `f` and that: it is recorded, or passed on.
    Real(usize),
}

/// What is virtualized, and how.
#[derive(Clone, Copy)]
pub struct InterfaceRequest<'a> {
    pub world: &'a World,
    pub import: &'a Extern,
    pub decision: Decision,
    /// Items of the import that are the host's all the same.
    pub retained: &'a BTreeSet<&'a str>,
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

/// An interface's component in the making.
pub(super) struct InterfaceWriter<'a> {
    pub(super) wanted: InterfaceRequest<'a>,
    pub(super) outer: Outer,
    pub(super) needs: Vec<Need>,
    /// Types that the import names, so far.
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

impl<'a> InterfaceWriter<'a> {
    /// The items of the import: those of an instance, or itself.
    pub(super) fn items(&self) -> Vec<(&'a str, EntityType)> {
        let InterfaceRequest { world, import, .. } = self.wanted;
        match import.ty {
            EntityType::Instance(id) => world.types.items(id).iter().collect(),
            ty => vec![(import.name.as_str(), ty)],
        }
    }

    /// Which resources are defined.
    pub(super) fn names(&mut self) {
        let InterfaceRequest {
            world,
            import,
            is_foreign,
            ..
        } = self.wanted;
        for (_, ty) in self.items() {
            let EntityType::Type(created) = ty else {
                continue;
            };
            let keys = world.keys(created);
            if let AnyTypeId::Resource(id) = created {
                let origin = keys.iter().find_map(|key| world.origin(*key));
                let is_own = origin.is_none_or(|origin| {
                    let name = origin.export.as_ref().unwrap_or(&origin.import);
                    origin.import == import.name && !is_foreign(name)
                });
                if is_own {
                    self.own.insert(id.resource());
                }
            }
        }
    }

    /// Imports what comes from elsewhere: of what is recorded, everything, and of
    /// what is denied, the types that are the host's.
    pub(super) fn import_types(&mut self) -> Result<(), Untypable> {
        let InterfaceRequest {
            world,
            import,
            retained,
            ..
        } = self.wanted;
        // A name of a component that was validated is one.
        if !ExternName::new(&import.name).is_some_and(|name| name.is_of_exports()) {
            return Err(Untypable::Kind(FOUND_ELSEWHERE));
        }
        let all = self.wanted.decision == Decision::Recorded;
        for (name, ty) in self.items() {
            match ty {
                EntityType::Type(created) => {
                    self.need_type(created, all || retained.contains(name))?;
                    // What is named later is imported for what comes before it.
                    self.named.extend(world.keys(created));
                }
                // It belongs to a resource that another import is.
                EntityType::Func(_) if name.starts_with('[') && name == import.name => {
                    return Err(Untypable::Kind(OF_A_BARE_RESOURCE));
                }
                EntityType::Func(_) => {}
                EntityType::Instance(_) => {
                    return Err(Untypable::Kind("an instance in an instance"));
                }
                EntityType::Component => return Err(Untypable::Kind("a component")),
                EntityType::Module => return Err(Untypable::Kind("a core module")),
                EntityType::Value(_) => return Err(Untypable::Kind("a value")),
            }
        }
        for (_, ty) in self.items() {
            if let EntityType::Func(id) = ty {
                for ty in world.types.func(id).values() {
                    self.need(ty, all)?;
                }
            }
        }
        Ok(())
    }

    /// Imports what a named type is made of; of what is recorded, the type.
    fn need_type(&mut self, ty: AnyTypeId, all: bool) -> Result<(), Untypable> {
        let world = self.wanted.world;
        match ty {
            AnyTypeId::Resource(id) => self.need_resource(id),
            AnyTypeId::Defined(id) if all => self.need(ValueType::Defined(id), true),
            AnyTypeId::Defined(id) => {
                let ty = world.types.defined(id);
                for part in children(ty) {
                    self.need(part, false)?;
                }
                match ty {
                    DefinedType::Own(id) | DefinedType::Borrow(id) => self.need_resource(id),
                    _ => Ok(()),
                }
            }
            _ => Err(Untypable::Kind(
                "a type that is neither a value's nor a resource",
            )),
        }
    }

    /// Defines and exports what is named.
    pub(super) fn export_types(&mut self) -> Result<(), Untypable> {
        for (name, ty) in self.items() {
            if let EntityType::Type(created) = ty {
                self.export_type(name, created)?;
            }
        }
        Ok(())
    }

    fn export_type(&mut self, name: &str, created: AnyTypeId) -> Result<(), Untypable> {
        let world = self.wanted.world;
        let known = self.outer.outer_type(world, EXPORTED, created)?;
        let index = match (known, created) {
            (Some(index), _) => index,
            (None, created) => {
                let (index, encoder) = self.outer.builder.ty();
                encoder.resource(ValType::I32, None);
                if let AnyTypeId::Resource(id) = created {
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
        if let AnyTypeId::Resource(id) = created
            && *self.exported.entry(id.resource()).or_insert(index) != index
        {
            return Ok(());
        }
        // Others may be made of it by the name that it has where it is from.
        for key in world.keys(created) {
            self.outer
                .remember(&mut Scope::Outer, (EXPORTED, key), index);
        }
        Ok(())
    }

    /// Imports what a type is made of and no name here stands for. What is made
    /// of imported types alone may be imported, so below one, all are.
    fn need(&mut self, ty: ValueType, all: bool) -> Result<(), Untypable> {
        let world = self.wanted.world;
        let ValueType::Defined(id) = ty else {
            return Ok(());
        };
        let any = AnyTypeId::Defined(id);
        if self.needs.contains(&Need::Type(any)) {
            return Ok(());
        }
        let ty = world.types.defined(id);
        if let DefinedType::Own(id) | DefinedType::Borrow(id) = ty {
            return self.need_resource(id);
        }
        let is_named = world.keys(any).iter().any(|key| self.named.contains(key));
        let is_needed = is_nominal(ty) && (all || !is_named);
        if is_named && !all {
            return Ok(());
        }
        for part in children(ty) {
            self.need(part, all || is_needed)?;
        }
        if is_needed {
            let index = self.outer.outer_type(world, IMPORTED, any)?;
            let index = index.expect("a type of values is written if it is not there");
            self.import_type(any, TypeBounds::Eq(index));
        }
        Ok(())
    }

    fn need_resource(&mut self, id: AliasableResourceId) -> Result<(), Untypable> {
        let any = AnyTypeId::Resource(id);
        let known = self.outer.outer_type(self.wanted.world, IMPORTED, any)?;
        if known.is_none() && !self.own.contains(&id.resource()) {
            self.import_type(any, TypeBounds::SubResource);
        }
        Ok(())
    }

    fn import_type(&mut self, ty: AnyTypeId, bounds: TypeBounds) {
        let name = format!("t{}", self.needs.len());
        let ty_ref = ComponentTypeRef::Type(bounds);
        let index = self.outer.builder.import(name.as_str().into(), ty_ref);
        self.needs.push(Need::Type(ty));
        for key in self.wanted.world.keys(ty) {
            for side in [IMPORTED, EXPORTED] {
                self.outer.remember(&mut Scope::Outer, (side, key), index);
            }
        }
        if let AnyTypeId::Resource(id) = ty {
            self.resources.insert(id.resource(), index);
        }
    }

    /// `func(of: u32) -> own<resource>`, which is what `resource.new` is.
    pub(super) fn maker_type(&mut self, resource: u32) -> u32 {
        let own = self.own_of(resource);
        let (ty, encoder) = self.outer.builder.ty();
        let of = ("of", Encoded::Primitive(PrimitiveValType::U32));
        encoder.function().params([of]).result(Some(own));
        ty
    }

    /// Declares what makes a handle of a resource that is defined here.
    pub(super) fn new_handle(&mut self, id: ResourceId) -> (u32, FuncType) {
        let ty = self.resources.get(&id).copied();
        let ty = ty.expect("a resource that is defined here was exported");
        let write = |section: &mut CanonicalFunctionSection| _ = section.resource_new(ty);
        let core = (vec![ValType::I32], Some(ValType::I32));
        (self.outer.builder.canonical(write), core)
    }

    /// The type of a handle that is owned, to a resource of an index.
    pub(super) fn own_of(&mut self, resource: u32) -> Encoded {
        let (index, encoder) = self.outer.builder.ty();
        encoder.defined_type().own(resource);
        Encoded::Type(index)
    }
}
