//! Types of imports, from the types of the components that ask for them.
//!
//! Several components may ask for parts of one interface: the import's type
//! is the union, and each component's own names of its types are mapped to
//! the one place where the type is. Each structure is written once and each
//! name looked up once, so the work is linear in the types' text.
//!
//! One file because all of it is one walk over types, in which each kind refers
//! to the others.

use std::collections::HashMap;

use wasm_encoder::{
    Alias, ComponentOuterAliasKind, ComponentTypeEncoder, ComponentTypeRef,
    ComponentValType as Encoded, InstanceType, TypeBounds,
};

use super::declare::Declare;
use crate::externs::resource_of;
use crate::types::{
    AliasableResourceId, AnyTypeId, EntityType, FuncTypeId, InstanceTypeId, ValueType,
};
use crate::write::builder::Builder;
use crate::{Origin, TypeKey, World, is_nominal};
use compositor_diagnostic::indices;

indices! {
    /// An instance in what is written, whose world has names of its own for types.
    pub struct InstanceIndex;
}

/// A type as one of the instances names it.
pub type Name = (InstanceIndex, TypeKey);

/// The outermost scope: the component being encoded, or the type of one.
#[derive(Default)]
pub struct Outer<D = Builder> {
    /// The component, or its type.
    pub builder: D,
    /// Types encoded here.
    types: HashMap<Name, u32>,
    /// Types that instances bring which a component type exports: the instance,
    /// and what it calls them.
    exported: HashMap<Name, (u32, String)>,
    /// What satisfies an import of an instance, as far as it is there.
    supplied: HashMap<(InstanceIndex, String), u32>,
    /// Resources that come through other instances: whose import they are of.
    pub reexported: HashMap<Name, (InstanceIndex, Origin)>,
    aliases: HashMap<(u32, String), u32>,
    /// While an export is written: the names that its types have.
    exporting: Option<HashMap<Name, NamedType>>,
    /// While a method is written: the resource, and the name that it is of.
    receiver: Option<(Name, u32)>,
}

/// Where a type has a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamedType {
    /// It is the type of that index.
    Index(u32),
    /// It is an export of the instance of that index.
    Export(u32, String),
}

/// The resource that a function is a constructor or method of, by its name, and
/// what the world of the function calls it.
pub fn receiver<'a>(world: &World, name: &'a str) -> Option<(&'a str, TypeKey)> {
    let resource = resource_of(name)?;
    let item = world.export(resource).or_else(|| world.import(resource))?;
    let EntityType::Type(created) = item.ty else {
        return None;
    };
    Some((resource, *world.keys(created).first()?))
}

/// The instance type of an import, in the making.
#[derive(Default)]
pub struct Union {
    encoded: InstanceType,
    /// Types that are there, and whether by a name of this instance's own.
    types: HashMap<Name, (u32, bool)>,
    /// Exports that are there: the type's index, or none for what is not a type.
    named: HashMap<String, Option<u32>>,
    /// The instance that is exported under this type; none of an import.
    of: Option<u32>,
}

impl Union {
    /// The type of an export, which is the instance of that index.
    pub fn of(instance: u32) -> Self {
        Self {
            of: Some(instance),
            ..Self::default()
        }
    }

    /// Names a type. The first name stays: constructors and methods belong to
    /// the resource of that name, which later ones are aliases of.
    fn name(&mut self, name: Name, index: u32) {
        let known = self.types.entry(name).or_insert((index, true));
        if !known.1 {
            *known = (index, true);
        }
    }
}

/// A type that cannot be written where it is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Untypable {
    /// It is made of a resource of another import, which is not open.
    Resource {
        /// The other import.
        import: String,
    },
    /// Imports of that kind cannot stay open.
    Kind(&'static str),
}

/// Where a type is written.
pub enum Scope<'a> {
    /// In the component itself.
    Outer,
    /// In the type of an import.
    Union(&'a mut Union),
}

impl<D: Declare> Outer<D> {
    /// Records that an instance's import is satisfied by the item of an index:
    /// an instance, or a type when the import is a type.
    pub fn supply(&mut self, instance: InstanceIndex, import: &str, index: u32) {
        self.supplied.insert((instance, import.to_string()), index);
    }

    /// The index of what satisfies an import, if it is there already.
    pub fn supplied(&self, instance: InstanceIndex, import: &str) -> Option<u32> {
        self.supplied.get(&(instance, import.to_string())).copied()
    }

    /// Adds what one instance asks of an import to the import's type.
    pub fn ask(
        &mut self,
        union: &mut Union,
        world: &World,
        instance: InstanceIndex,
        import: &str,
        id: InstanceTypeId,
    ) -> Result<(), Untypable> {
        self.ask_some(union, world, instance, import, id, &|_| true)
    }

    /// Adds those items of what one instance asks that are asked for by name.
    pub fn ask_some(
        &mut self,
        union: &mut Union,
        world: &World,
        instance: InstanceIndex,
        import: &str,
        id: InstanceTypeId,
        is_asked: &dyn Fn(&str) -> bool,
    ) -> Result<(), Untypable> {
        let items = world.types.items(id).iter();
        let asked: Vec<_> = items.filter(|(name, _)| is_asked(name)).collect();
        // A resource that is there by one of its names is that by the others, too.
        for (name, ty) in asked.iter().copied() {
            if let EntityType::Type(created) = ty
                && let Some(Some(index)) = union.named.get(name).copied()
                && let Some(key) = world.keys(created).first().copied()
            {
                union.name((instance, key), index);
            }
        }
        for (name, ty) in asked {
            match ty {
                EntityType::Type(created) => {
                    self.ask_type(union, world, instance, import, name, created)?;
                }
                EntityType::Func(func) => {
                    if union.named.contains_key(name) {
                        continue;
                    }
                    self.receiver = resource_of(name).and_then(|resource| {
                        let EntityType::Type(created) = world.types.items(id).get(resource)? else {
                            return None;
                        };
                        let key = *world.keys(created).first()?;
                        let index = union.named.get(resource).copied()??;
                        Some(((instance, key), index))
                    });
                    let scope = &mut Scope::Union(union);
                    let index = self.func(scope, world, instance, func);
                    self.receiver = None;
                    let index = index?;
                    union.encoded.export(name, ComponentTypeRef::Func(index));
                    union.named.insert(name.to_string(), None);
                }
                EntityType::Instance(_) => {
                    return Err(Untypable::Kind("an instance in an instance"));
                }
                EntityType::Component => return Err(Untypable::Kind("a component")),
                EntityType::Module => return Err(Untypable::Kind("a core module")),
                EntityType::Value(_) => return Err(Untypable::Kind("a value")),
            }
        }
        Ok(())
    }

    fn ask_type(
        &mut self,
        union: &mut Union,
        world: &World,
        instance: InstanceIndex,
        import: &str,
        name: &str,
        created: AnyTypeId,
    ) -> Result<(), Untypable> {
        let keys = world.keys(created);
        let Some(key) = keys.first().copied() else {
            return Err(Untypable::Kind("a function, instance or component type"));
        };
        if let Some(Some(index)) = union.named.get(name).copied() {
            union.name((instance, key), index);
            return Ok(());
        }
        let of = union.of;
        let scope = &mut Scope::Union(union);
        let bounds = match (self.lookup(scope, world, instance, created), created) {
            (Some(index), _) => TypeBounds::Eq(index),
            (None, AnyTypeId::Defined(id)) => {
                TypeBounds::Eq(self.structure(scope, world, instance, id)?)
            }
            (None, _) if let Some(of) = of => {
                let index = self.alias_type(of, name);
                TypeBounds::Eq(alias_outer(union, index))
            }
            (None, _) => {
                // A resource that this very import brings; one of another
                // import would have been found if that import were open.
                match world.origin(key) {
                    Some(origin) if origin.import != import => {
                        return Err(Untypable::Resource {
                            import: origin.import.clone(),
                        });
                    }
                    _ => TypeBounds::SubResource,
                }
            }
        };
        let index = union.encoded.type_count();
        union.encoded.export(name, ComponentTypeRef::Type(bounds));
        union.named.insert(name.to_string(), Some(index));
        union.name((instance, key), index);
        Ok(())
    }

    /// Writes the type of an import, and returns its index.
    pub fn union_type(&mut self, union: &Union) -> u32 {
        let (index, encoder) = self.builder.ty();
        encoder.instance(&union.encoded);
        index
    }

    /// Begins to write an export: its types are those that have names, and what
    /// has none and needs one cannot be written.
    pub fn begin_export(&mut self, names: HashMap<Name, NamedType>) {
        if self.exporting.replace(names).is_none() {
            self.types.clear();
        }
    }

    /// Records the types that come with an export of an index, for later exports.
    pub(super) fn exported(
        &mut self,
        world: &World,
        instance: InstanceIndex,
        ty: EntityType,
        index: u32,
    ) {
        let key = |ty: EntityType| match ty {
            EntityType::Type(created) => world.keys(created).first().copied(),
            _ => None,
        };
        if let Some(key) = key(ty) {
            self.types.insert((instance, key), index);
        }
        let EntityType::Instance(id) = ty else {
            return;
        };
        for (name, ty) in world.types.items(id).iter() {
            if let Some(key) = key(ty) {
                let place = self.exported.entry((instance, key));
                place.or_insert_with(|| (index, name.to_string()));
            }
        }
    }

    /// The index of a function type in the outermost scope.
    pub fn outer_func(
        &mut self,
        world: &World,
        instance: InstanceIndex,
        id: FuncTypeId,
    ) -> Result<u32, Untypable> {
        self.func(&mut Scope::Outer, world, instance, id)
    }

    /// The index of the type of a function that is imported by itself. A method is
    /// of the resource of that very name.
    pub(super) fn imported_func(
        &mut self,
        world: &World,
        instance: InstanceIndex,
        name: &str,
        id: FuncTypeId,
    ) -> Result<u32, Untypable> {
        self.receiver = receiver(world, name).and_then(|(resource, key)| {
            let index = self.supplied(instance, resource)?;
            Some(((instance, key), index))
        });
        let index = self.outer_func(world, instance, id);
        self.receiver = None;
        index
    }

    /// The index of a named type in the outermost scope; none for a resource
    /// that is not there yet.
    pub fn outer_type(
        &mut self,
        world: &World,
        instance: InstanceIndex,
        ty: AnyTypeId,
    ) -> Result<Option<u32>, Untypable> {
        let scope = &mut Scope::Outer;
        match (self.lookup(scope, world, instance, ty), ty) {
            (Some(index), _) => Ok(Some(index)),
            (None, AnyTypeId::Defined(id)) => self.structure(scope, world, instance, id).map(Some),
            (None, AnyTypeId::Resource(_)) => Ok(None),
            (None, _) => Err(Untypable::Kind("a function, instance or component type")),
        }
    }

    /// The index of an export of an instance that is a type.
    pub fn alias_type(&mut self, instance: u32, export: &str) -> u32 {
        if let Some(index) = self.aliases.get(&(instance, export.to_string())) {
            return *index;
        }
        let index = self.builder.alias_type(instance, export);
        self.aliases.insert((instance, export.to_string()), index);
        index
    }

    /// The index of a type that is there, by any of its names.
    fn lookup(
        &mut self,
        scope: &mut Scope<'_>,
        world: &World,
        instance: InstanceIndex,
        ty: AnyTypeId,
    ) -> Option<u32> {
        let keys = world.keys(ty);
        if let Some(((receiver, key), index)) = self.receiver
            && receiver == instance
            && keys.contains(&key)
        {
            return Some(index);
        }
        if let Scope::Union(union) = scope {
            let there = keys
                .iter()
                .find_map(|key| union.types.get(&(instance, *key)));
            if let Some((index, _)) = there {
                return Some(*index);
            }
        }
        let outer = match self.exporting {
            Some(_) => self.exportable(instance, &keys),
            None => self.known(world, instance, &keys),
        }?;
        let Scope::Union(union) = scope else {
            return Some(outer);
        };
        let index = alias_outer(union, outer);
        union
            .types
            .insert((instance, *keys.first()?), (index, false));
        Some(index)
    }

    /// The index of a type that an export may be made of.
    fn exportable(&mut self, instance: InstanceIndex, keys: &[TypeKey]) -> Option<u32> {
        let names = self.exporting.as_ref()?;
        let place = keys.iter().find_map(|key| names.get(&(instance, *key)));
        match place.cloned() {
            Some(NamedType::Index(index)) => Some(index),
            Some(NamedType::Export(exporter, export)) => Some(self.alias_type(exporter, &export)),
            None => keys
                .iter()
                .find_map(|key| self.types.get(&(instance, *key)).copied()),
        }
    }

    /// The index of a type that an import may be made of.
    fn known(&mut self, world: &World, instance: InstanceIndex, keys: &[TypeKey]) -> Option<u32> {
        // What an import gives is named; what was written here may not be.
        let given = keys.iter().find_map(|key| {
            self.given(instance, world.origin(*key)?).or_else(|| {
                let (importer, origin) = self.reexported.get(&(instance, *key))?.clone();
                self.given(importer, &origin)
            })
        });
        let given = given.or_else(|| {
            let exported = |key: &TypeKey| self.exported.get(&(instance, *key));
            let (exporter, export) = keys.iter().find_map(exported)?.clone();
            Some(self.alias_type(exporter, &export))
        });
        let written = || {
            keys.iter()
                .find_map(|key| self.types.get(&(instance, *key)).copied())
        };
        given.or_else(written)
    }

    /// The index of a type of an import, if the import is there.
    fn given(&mut self, instance: InstanceIndex, origin: &Origin) -> Option<u32> {
        let supplied = self.supplied(instance, &origin.import)?;
        match &origin.export {
            Some(export) => Some(self.alias_type(supplied, export)),
            None => Some(supplied),
        }
    }

    fn func(
        &mut self,
        scope: &mut Scope<'_>,
        world: &World,
        instance: InstanceIndex,
        id: FuncTypeId,
    ) -> Result<u32, Untypable> {
        let ty = world.types.func(id);
        let mut params = Vec::with_capacity(ty.params().len());
        for (name, ty) in ty.params() {
            params.push((name, self.value(scope, world, instance, ty)?));
        }
        let result = self.optional(scope, world, instance, ty.result())?;
        let (index, encoder) = self.encoder(scope);
        encoder
            .function()
            .async_(ty.is_async())
            .params(params)
            .result(result);
        Ok(index)
    }

    /// The type of a value, as a scope has it; written there if it is not there yet.
    pub fn value(
        &mut self,
        scope: &mut Scope<'_>,
        world: &World,
        instance: InstanceIndex,
        ty: ValueType,
    ) -> Result<Encoded, Untypable> {
        let id = match ty {
            ValueType::Primitive(ty) => return Ok(Encoded::Primitive(ty.encoded())),
            ValueType::Defined(id) => id,
        };
        let any = AnyTypeId::Defined(id);
        match self.lookup(scope, world, instance, any) {
            Some(index) => Ok(Encoded::Type(index)),
            None if self.exporting.is_some() && is_nominal(world.types.defined(id)) => {
                Err(Untypable::Kind("made of a type without a name"))
            }
            None => self
                .structure(scope, world, instance, id)
                .map(Encoded::Type),
        }
    }

    fn optional(
        &mut self,
        scope: &mut Scope<'_>,
        world: &World,
        instance: InstanceIndex,
        ty: Option<ValueType>,
    ) -> Result<Option<Encoded>, Untypable> {
        ty.map(|ty| self.value(scope, world, instance, ty))
            .transpose()
    }

    pub(super) fn handle(
        &mut self,
        scope: &mut Scope<'_>,
        world: &World,
        instance: InstanceIndex,
        id: AliasableResourceId,
    ) -> Result<u32, Untypable> {
        let any = AnyTypeId::Resource(id);
        self.lookup(scope, world, instance, any).ok_or_else(|| {
            let origin = world
                .keys(any)
                .into_iter()
                .find_map(|key| world.origin(key));
            match origin {
                Some(origin) => Untypable::Resource {
                    import: origin.import.clone(),
                },
                None => Untypable::Kind("a handle to a resource without a name"),
            }
        })
    }

    /// Remembers where a type was written.
    pub fn remember(&mut self, scope: &mut Scope<'_>, name: Name, index: u32) {
        match scope {
            Scope::Outer => drop(self.types.insert(name, index)),
            Scope::Union(union) => drop(union.types.insert(name, (index, false))),
        }
    }

    /// The next type index of a scope and what encodes it.
    pub(super) fn encoder<'b>(
        &'b mut self,
        scope: &'b mut Scope<'_>,
    ) -> (u32, ComponentTypeEncoder<'b>) {
        match scope {
            Scope::Outer => self.builder.ty(),
            Scope::Union(union) => (union.encoded.type_count(), union.encoded.ty()),
        }
    }
}

/// A type of the component around an instance type.
fn alias_outer(union: &mut Union, index: u32) -> u32 {
    let local = union.encoded.type_count();
    union.encoded.alias(Alias::Outer {
        kind: ComponentOuterAliasKind::Type,
        count: 1,
        index,
    });
    local
}
