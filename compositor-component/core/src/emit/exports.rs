//! Exports of the encoded component, each with a type that has names there.
//!
//! What an instance exports may be exported again as it is when each type that
//! it is made of has its own name in the encoded component: as a type of an
//! import, or of an instance that was exported before. A type that is exported
//! by itself gets a name of its own, which is another than the instance's, and so
//! does a type of an instance that is exported under a type. What is made of such
//! types is exported under a type that is written from the names that there are
//! (an ascription), or from those that it brings.
//!
//! One file because what an export is made of is decided and written in one walk.

use std::collections::{HashMap, HashSet};

use wasm_encoder::ComponentTypeRef;

use crate::emit::level::{Argument, Level, UnitIndex};
use compositor_wasm::types::{AnyTypeId, DefinedType, EntityType, FuncTypeId, ValueType};
use compositor_wasm::write::types::{
    InstanceIndex, Name, NamedType, Outer, Union, Untypable, receiver,
};
use compositor_wasm::write::{kind, named};
use compositor_wasm::{Extern, NameOptions, TypeKey, World, children, is_nominal, type_key};

/// A type, by who defines it in the encoded component.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Identity<T> {
    /// A type of the component's own import: its name, and the export of it.
    Import(String, Option<String>),
    /// A type of an instance.
    Own(InstanceIndex, T),
}

/// The names that types have in the encoded component, for what is exported.
pub struct Names<'a> {
    level: &'a Level,
    /// The component's own imports, by name.
    imports: HashMap<String, u32>,
    /// Types by exactly this name, which have it.
    exact: HashSet<Identity<AnyTypeId>>,
    /// Types that have a name, and where.
    places: HashMap<Identity<TypeKey>, NamedType>,
    /// Resources that instances export by themselves: the index of each such name.
    resources: HashMap<(InstanceIndex, String), u32>,
    /// The import that each type of a unit is from, by exactly its name there.
    origins: HashMap<UnitIndex, HashMap<AnyTypeId, (usize, Option<String>)>>,
    /// Types of instances that are named all through.
    named: HashSet<(InstanceIndex, AnyTypeId)>,
}

/// An export to write.
pub struct Export<'b> {
    /// The instance that gives it.
    pub instance: InstanceIndex,
    /// What the instance calls it, and its type there.
    pub item: &'b Extern,
    /// Its name in the encoded component.
    pub name: &'b str,
    /// What else is said there of it.
    pub options: &'b NameOptions,
    /// Its index there.
    pub index: u32,
}

/// What an export brings, as far as it was read.
#[derive(Default)]
struct Brings {
    /// Its types, which have their names in it.
    types: HashSet<Identity<AnyTypeId>>,
    /// Types that are named all through, by those too.
    named: HashSet<AnyTypeId>,
}

impl<'a> Names<'a> {
    /// Those of the imports of a component.
    pub fn new(level: &'a Level, imports: HashMap<String, u32>) -> Self {
        Self {
            level,
            imports,
            exact: HashSet::new(),
            places: HashMap::new(),
            resources: HashMap::new(),
            origins: HashMap::new(),
            named: HashSet::new(),
        }
    }

    /// Writes an export. One of which a type has no name is written as it is, and
    /// the component is not valid.
    pub fn export(&mut self, outer: &mut Outer, export: &Export<'_>) {
        let Export { instance, item, .. } = *export;
        let ty = item.ty;
        let mut brings = Brings::default();
        let is_plain = self.is_named(instance, ty, &mut brings);
        let kind = kind(item.ty);
        let name = named(export.name, export.options);
        let written = match is_plain {
            true => Ok((export.index, None)),
            false => self.written(outer, export),
        };
        let (index, ascribed) = written.unwrap_or((export.index, None));
        let is_instance = matches!(ty, EntityType::Instance(_));
        if is_plain && is_instance {
            self.exact.extend(brings.types);
        }
        let index = outer.builder.export_as(name, kind, index, ascribed);
        self.remember(instance, ty, &item.name, index);
    }

    /// An export's index and type, written from the names that there are.
    fn written(
        &mut self,
        outer: &mut Outer,
        export: &Export<'_>,
    ) -> Result<(u32, Option<ComponentTypeRef>), Untypable> {
        let Export {
            instance,
            item,
            index,
            ..
        } = *export;
        let world = self.level.world(instance);
        let mut names = self.names_of(instance, world, item.ty);
        // A method is of the resource of that very name.
        if let Some((resource, key)) = receiver(world, &item.name)
            && let Some(index) = self.resources.get(&(instance, resource.to_string()))
        {
            names.insert((instance, key), NamedType::Index(*index));
        }
        outer.begin_export(names);
        match item.ty {
            EntityType::Func(id) => {
                let ty = outer.outer_func(world, instance, id)?;
                Ok((index, Some(ComponentTypeRef::Func(ty))))
            }
            EntityType::Instance(id) => {
                let mut union = Union::of(index);
                outer.ask(&mut union, world, instance, &item.name, id)?;
                let ty = outer.union_type(&union);
                Ok((index, Some(ComponentTypeRef::Instance(ty))))
            }
            EntityType::Type(created) => {
                let written = outer.outer_type(world, instance, created)?;
                Ok((written.unwrap_or(index), None))
            }
            _ => Err(Untypable::Kind("of a kind that cannot be written")),
        }
    }

    /// The names that an export's types have.
    fn names_of(
        &mut self,
        instance: InstanceIndex,
        world: &World,
        ty: EntityType,
    ) -> HashMap<Name, NamedType> {
        let mut names = HashMap::new();
        let mut seen = HashSet::new();
        let mut next = Vec::new();
        world.parts(ty, &mut next);
        while let Some(ty) = next.pop() {
            if !seen.insert(ty) {
                continue;
            }
            let mut has_name = false;
            for key in world.keys(ty) {
                if let Some(place) = self.place(instance, key) {
                    names.insert((instance, key), place);
                    has_name = true;
                }
            }
            // What has a name is written by it. What is exported is written by what
            // it is made of, if it has none.
            if !has_name {
                next.extend(world.made_directly_of(ty));
            }
        }
        names
    }

    /// Where a type has a name.
    fn place(&self, instance: InstanceIndex, key: TypeKey) -> Option<NamedType> {
        let identity = self.origin_of(instance, key);
        match &identity {
            Identity::Import(name, export) => {
                let index = *self.imports.get(name)?;
                Some(match export {
                    Some(export) => NamedType::Export(index, export.clone()),
                    None => NamedType::Index(index),
                })
            }
            Identity::Own(..) => self.places.get(&identity).cloned(),
        }
    }

    /// Records the names that an export brings.
    fn remember(&mut self, instance: InstanceIndex, ty: EntityType, name: &str, index: u32) {
        let world = self.level.world(instance);
        let add = |names: &mut Self, created, place: NamedType| {
            for (position, key) in world.keys(created).into_iter().enumerate() {
                let identity = names.origin_of(instance, key);
                // A name of its own is better than one of what is an alias of it.
                let is_own = position == 0 && !matches!(key, TypeKey::Resource(_));
                match is_own {
                    true => drop(names.places.insert(identity, place.clone())),
                    false => drop(names.places.entry(identity).or_insert(place.clone())),
                }
            }
        };
        match ty {
            EntityType::Type(created) => {
                add(self, created, NamedType::Index(index));
                if let AnyTypeId::Resource(_) = created {
                    self.resources.insert((instance, name.to_string()), index);
                }
            }
            EntityType::Instance(id) => {
                for (name, ty) in world.types.items(id).iter() {
                    if let EntityType::Type(created) = ty {
                        add(self, created, NamedType::Export(index, name.to_string()));
                    }
                }
            }
            _ => {}
        }
    }

    /// Whether all types that an item is made of have their own names; with those
    /// that the item itself brings.
    fn is_named(&mut self, instance: InstanceIndex, ty: EntityType, brings: &mut Brings) -> bool {
        let level = self.level;
        let world = level.world(instance);
        match ty {
            EntityType::Func(id) => self.is_func_named(instance, world, id, brings),
            EntityType::Value(ty) => self.is_value_named(instance, world, ty, brings),
            EntityType::Type(created) => {
                let is_named = match created {
                    AnyTypeId::Resource(_) | AnyTypeId::Component(_) => true,
                    AnyTypeId::Defined(id) => {
                        self.is_structure_named(instance, world, world.types.defined(id), brings)
                    }
                    AnyTypeId::Func(id) => self.is_func_named(instance, world, id, brings),
                    AnyTypeId::Instance(id) => {
                        let mut items = world.types.items(id).types();
                        items.all(|ty| self.is_named(instance, ty, brings))
                    }
                };
                brings.types.insert(self.identity(instance, created));
                is_named
            }
            EntityType::Instance(id) => {
                let mut items = world.types.items(id).types();
                items.all(|ty| self.is_named(instance, ty, brings))
            }
            // They stand alone.
            EntityType::Component | EntityType::Module => true,
        }
    }

    fn is_func_named(
        &mut self,
        instance: InstanceIndex,
        world: &World,
        id: FuncTypeId,
        brings: &mut Brings,
    ) -> bool {
        let mut values = world.types.func(id).values();
        values.all(|ty| self.is_value_named(instance, world, ty, brings))
    }

    fn is_value_named(
        &mut self,
        instance: InstanceIndex,
        world: &World,
        ty: ValueType,
        brings: &mut Brings,
    ) -> bool {
        let ValueType::Defined(id) = ty else {
            return true;
        };
        let any = AnyTypeId::Defined(id);
        if self.named.contains(&(instance, any)) || brings.named.contains(&any) {
            return true;
        }
        let ty = world.types.defined(id);
        let is_named = match is_nominal(ty) {
            true => self.has_name(instance, any, brings),
            false => self.is_structure_named(instance, world, ty, brings),
        };
        // What an item brings does not stay when it is exported under a type.
        match (is_named, brings.types.is_empty()) {
            (true, true) => drop(self.named.insert((instance, any))),
            (true, false) => drop(brings.named.insert(any)),
            (false, _) => {}
        }
        is_named
    }

    fn is_structure_named(
        &mut self,
        instance: InstanceIndex,
        world: &World,
        ty: DefinedType<'_>,
        brings: &mut Brings,
    ) -> bool {
        match ty {
            DefinedType::Own(id) | DefinedType::Borrow(id) => {
                self.has_name(instance, AnyTypeId::Resource(id), brings)
            }
            ty => {
                let mut parts = children(ty).into_iter();
                parts.all(|ty| self.is_value_named(instance, world, ty, brings))
            }
        }
    }

    fn has_name(&mut self, instance: InstanceIndex, ty: AnyTypeId, brings: &mut Brings) -> bool {
        let identity = self.identity(instance, ty);
        matches!(identity, Identity::Import(..))
            || self.exact.contains(&identity)
            || brings.types.contains(&identity)
    }

    /// Who a type is from, by exactly this name of it.
    fn identity(&mut self, instance: InstanceIndex, ty: AnyTypeId) -> Identity<AnyTypeId> {
        let level = self.level;
        let (mut instance, mut ty) = (instance, ty);
        loop {
            let unit = level.instances[instance].unit;
            let origins = self
                .origins
                .entry(unit)
                .or_insert_with(|| origins(&level.unit(unit).world));
            let Some((import, export)) = origins.get(&ty).cloned() else {
                return Identity::Own(instance, ty);
            };
            let name = &level.world(instance).imports[import].name;
            match self.supply(instance, import, name, export.as_deref()) {
                Supplied::Import(name) => return Identity::Import(name, export),
                Supplied::Type(provider, given) => (instance, ty) = (provider, given),
                Supplied::Nobody => return Identity::Own(instance, ty),
            }
        }
    }

    /// Who a type is from, by any of its names.
    fn origin_of(&self, instance: InstanceIndex, key: TypeKey) -> Identity<TypeKey> {
        let (mut instance, mut key) = (instance, key);
        loop {
            let world = self.level.world(instance);
            let origin = world.origin(key);
            let position = origin.and_then(|origin| world.import_position(&origin.import));
            let (Some(origin), Some(import)) = (origin, position) else {
                return Identity::Own(instance, key);
            };
            match self.supply(instance, import, &origin.import, origin.export.as_deref()) {
                Supplied::Import(name) => return Identity::Import(name, origin.export.clone()),
                Supplied::Type(provider, given) => match type_key(given) {
                    Some(given) => (instance, key) = (provider, given),
                    None => return Identity::Own(instance, key),
                },
                Supplied::Nobody => return Identity::Own(instance, key),
            }
        }
    }

    /// What gives a type of an import.
    fn supply(
        &self,
        instance: InstanceIndex,
        import: usize,
        name: &str,
        export: Option<&str>,
    ) -> Supplied {
        let level = self.level;
        match &level.instances[instance].arguments[import] {
            Argument::Open(name) => Supplied::Import(name.clone()),
            Argument::Instance(provider, given) => {
                let world = level.world(*provider);
                let ty = world.export(given).map(|given| given.ty);
                let ty = match (ty, export) {
                    (Some(EntityType::Instance(id)), Some(export)) => {
                        world.types.items(id).get(export)
                    }
                    (ty, _) => ty,
                };
                match ty {
                    Some(EntityType::Type(created)) => Supplied::Type(*provider, created),
                    _ => Supplied::Nobody,
                }
            }
            // A type that an open function is made of is imported by its name.
            Argument::Settled if export.is_none() && self.imports.contains_key(name) => {
                Supplied::Import(name.to_string())
            }
            Argument::Settled => Supplied::Nobody,
        }
    }
}

/// What gives a type of an import.
enum Supplied {
    /// The encoded component's import of that name.
    Import(String),
    /// A type of another instance.
    Type(InstanceIndex, AnyTypeId),
    /// It is written where it is needed.
    Nobody,
}

/// The import and the export of it that each type is from.
fn origins(world: &World) -> HashMap<AnyTypeId, (usize, Option<String>)> {
    let mut origins = HashMap::new();
    for (position, import) in world.imports.iter().enumerate() {
        match import.ty {
            EntityType::Type(created) => {
                origins.insert(created, (position, None));
            }
            EntityType::Instance(id) => {
                for (name, ty) in world.types.items(id).iter() {
                    if let EntityType::Type(created) = ty {
                        origins.insert(created, (position, Some(name.to_string())));
                    }
                }
            }
            _ => {}
        }
    }
    origins
}
