//! A component's world: its imports and exports with their types.
//!
//! One file because a world is read in one pass, whose parts share its state.

use std::collections::{BTreeSet, HashMap, HashSet};

use compositor_validator::{FEATURES, needed};
use wasmparser::WasmFeatures;
use wasmparser::component_types::ComponentItem;

use crate::children::children;
use crate::externs::resource_of;
use crate::read::{Unread, read};
use crate::types::{
    AnyTypeId, DefinedType, DefinedTypeId, EntityType, ResourceId, Types, ValueType,
};
use crate::{Extern, Shapeless, Shapes};
use compositor_plan::NameIndex;

/// Imports and exports, in the component's order.
pub struct World {
    /// Where the types live.
    pub types: Types,
    /// What it needs.
    pub imports: Vec<Extern>,
    /// What it gives.
    pub exports: Vec<Extern>,
    /// How many imports and exports there are, and items of those that are
    /// instances: what each phase goes through.
    pub work: usize,
    /// The proposals that it needs beyond what every runtime has, but for those
    /// that its code needs.
    pub features: WasmFeatures,
    /// Modules and components through all nesting, with this one. Like the
    /// proposals not counted of one that others are around.
    pub modules_and_components: usize,
    /// Instances and core instances of that component in it that has most.
    pub instances: usize,
    /// Where each type that comes through an import comes from.
    origins: HashMap<TypeKey, Origin>,
    import_index: NameIndex,
    export_index: NameIndex,
}

/// The import, and the export of the import's instance, that a type comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The import's name.
    pub import: String,
    /// The export of the import's instance; none when the import is the type.
    pub export: Option<String>,
}

/// What makes a type the same type: resources are, whatever they are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TypeKey {
    /// A resource.
    Resource(ResourceId),
    /// A value type, by this name of it.
    Defined(DefinedTypeId),
}

/// Why a component has no world that can be composed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WorldError {
    /// It breaks a rule of WebAssembly.
    #[error("{0}")]
    Invalid(String),
    /// It has too many imports or exports.
    #[error("{found} imports and exports, at most {most} are allowed (limit `externs`)")]
    TooMany {
        /// How many it has.
        found: usize,
        /// How many are allowed.
        most: usize,
    },
    /// An import or export of a type that cannot be composed.
    #[error("{name:?} {}", match why {
        Shapeless::Unnamed => "has a handle to a resource that no import or export names before it",
        Shapeless::Aliases => "has a type with more names one after the other than the limit `aliases`",
    })]
    Shapeless {
        /// The import or export.
        name: String,
        /// What is wrong with its type.
        why: Shapeless,
    },
}

impl From<Unread> for WorldError {
    fn from(error: Unread) -> Self {
        Self::Invalid(error.message)
    }
}

impl World {
    /// Reads the world of a skeleton.
    pub fn of(skeleton: &[u8], shapes: &mut Shapes) -> Result<Self, WorldError> {
        let ((types, names), needed) = needed(
            |features| read(skeleton, 0, features),
            |error| error.missing,
        )?;
        let features = needed | names.memory_features;
        let (imports, exports) = (names.imports.iter(), names.exports.iter());
        let view = types.as_ref();
        let imports: Option<Vec<_>> = imports
            .map(|name| Some((name.clone(), view.component_item_for_import(name)?.clone())))
            .collect();
        let exports: Option<Vec<_>> = exports
            .map(|name| Some((name.clone(), view.component_item_for_export(name)?.clone())))
            .collect();
        match (imports, exports) {
            (Some(imports), Some(exports)) => {
                let world = Self::with(types, imports, exports, shapes)?;
                Ok(Self {
                    features,
                    modules_and_components: names.modules_and_components,
                    instances: names.instances,
                    ..world
                })
            }
            _ => Err(WorldError::Invalid("a name has no type".into())),
        }
    }

    /// Reads the world of a component that is the last in others around it.
    pub fn of_enclosed(
        skeleton: &[u8],
        depth: usize,
        shapes: &mut Shapes,
    ) -> Result<Self, WorldError> {
        let (types, _) = read(skeleton, depth - 1, FEATURES)?;
        let view = types.as_ref();
        let last = view.component_count().checked_sub(1);
        let last = last.ok_or_else(|| WorldError::Invalid("it embeds none".into()))?;
        let ty = &types[view.component_at(last)];
        let owned = |(name, item): (&String, &ComponentItem)| (name.clone(), item.clone());
        let imports = ty.imports.iter().map(owned).collect();
        let exports = ty.exports.iter().map(owned).collect();
        Self::with(types, imports, exports, shapes)
    }

    pub(super) fn with(
        types: wasmparser::types::Types,
        imports: Vec<(String, ComponentItem)>,
        exports: Vec<(String, ComponentItem)>,
        shapes: &mut Shapes,
    ) -> Result<Self, WorldError> {
        let found = imports.len() + exports.len();
        let most = shapes.limits.externs;
        if found > most {
            return Err(WorldError::TooMany { found, most });
        }
        let mut reader = shapes.reader(&types);
        let all = imports.iter().chain(&exports);
        reader.learn(all.map(|(name, item)| (name.as_str(), &item.ty)));
        let mut read = |(name, item): (String, ComponentItem)| match reader.item(&item.ty) {
            Ok(shape) => Ok(Extern::new(name, item, shape)),
            Err(why) => Err(WorldError::Shapeless { name, why }),
        };
        let imports: Vec<Extern> = imports
            .into_iter()
            .map(&mut read)
            .collect::<Result<_, _>>()?;
        let exports: Vec<Extern> = exports
            .into_iter()
            .map(&mut read)
            .collect::<Result<_, _>>()?;
        let types = Types(types);
        let items = |item: &Extern| match item.ty {
            EntityType::Instance(id) => types.items(id).iter().len(),
            _ => 0,
        };
        let all = imports.iter().chain(&exports);
        let work = all.map(|item| 1 + items(item)).sum();
        let index = |externs: &[Extern]| {
            NameIndex::new(externs.iter().map(|e| (e.name.as_str(), e.full_name())))
        };
        Ok(Self {
            origins: origins(&types, &imports),
            import_index: index(&imports),
            export_index: index(&exports),
            types,
            imports,
            exports,
            work,
            features: WasmFeatures::empty(),
            modules_and_components: 0,
            instances: 0,
        })
    }

    /// Whether it is a WIT package in binary form: types of components alone.
    pub fn is_wit_package(&self) -> bool {
        let is_encoded =
            |export: &Extern| matches!(export.ty, EntityType::Type(AnyTypeId::Component(_)));
        !self.exports.is_empty() && self.imports.is_empty() && self.exports.iter().all(is_encoded)
    }

    /// The import of that name.
    pub fn import(&self, name: &str) -> Option<&Extern> {
        Some(&self.imports[self.import_index.exact(name)?])
    }

    /// The import of that name, else the semver-compatible one, as component
    /// runtimes match them.
    pub fn compatible_import(&self, name: &str) -> Option<&Extern> {
        Some(&self.imports[self.import_index.compatible(name)?])
    }

    /// The export of that name.
    pub fn export(&self, name: &str) -> Option<&Extern> {
        Some(&self.exports[self.export_index.exact(name)?])
    }

    /// The export of that name, else the semver-compatible one.
    pub fn compatible_export(&self, name: &str) -> Option<&Extern> {
        Some(&self.exports[self.export_index.compatible(name)?])
    }

    /// The position of an import among the component's own.
    pub fn import_position(&self, name: &str) -> Option<usize> {
        self.import_index.exact(name)
    }

    /// The position of an export among the component's own.
    pub fn export_position(&self, name: &str) -> Option<usize> {
        self.export_index.exact(name)
    }

    /// The names of a type, the nearest first: an alias, what it aliases, and so on.
    pub fn keys(&self, ty: AnyTypeId) -> Vec<TypeKey> {
        let mut keys = Vec::new();
        let mut name = Some(ty);
        while let Some(ty) = name {
            keys.extend(type_key(ty).filter(|key| keys.last() != Some(key)));
            name = self.types.aliased(ty);
        }
        keys
    }

    /// Where a type of that name comes from, when an import gives it.
    pub fn origin(&self, key: TypeKey) -> Option<&Origin> {
        self.origins.get(&key)
    }

    /// The imports whose types an import or export is made of; an import
    /// itself is among its own.
    pub fn made_of(&self, item: &Extern) -> BTreeSet<&str> {
        self.origins_of(item, false)
    }

    /// The imports whose resources an import or export is made of: what is
    /// made of values alone can be given by anyone.
    pub fn resources_of(&self, item: &Extern) -> BTreeSet<&str> {
        self.origins_of(item, true)
    }

    fn origins_of(&self, item: &Extern, resources: bool) -> BTreeSet<&str> {
        let mut dependencies = BTreeSet::new();
        // `[method]thing.act` is of the resource that `thing` is.
        let resource = resource_of(&item.name).and_then(|name| self.import(name));
        dependencies.extend(resource.map(|import| import.name.as_str()));
        let mut seen = HashSet::new();
        let mut next = Vec::new();
        self.parts(item.ty, &mut next);
        while let Some(ty) = next.pop() {
            if !seen.insert(ty) {
                continue;
            }
            if !resources || matches!(ty, AnyTypeId::Resource(_)) {
                let origins = self.keys(ty).into_iter().filter_map(|key| self.origin(key));
                dependencies.extend(origins.map(|origin| origin.import.as_str()));
            }
            next.extend(self.made_directly_of(ty));
        }
        dependencies
    }

    /// The types that a type is made of directly: the parts of a value's type,
    /// and the resource that a handle is to.
    pub fn made_directly_of(&self, ty: AnyTypeId) -> Vec<AnyTypeId> {
        let AnyTypeId::Defined(id) = ty else {
            return Vec::new();
        };
        match self.types.defined(id) {
            DefinedType::Own(id) | DefinedType::Borrow(id) => vec![AnyTypeId::Resource(id)],
            ty => children(ty).into_iter().filter_map(any).collect(),
        }
    }

    /// The types that an import or export names.
    pub fn parts(&self, ty: EntityType, parts: &mut Vec<AnyTypeId>) {
        match ty {
            EntityType::Func(id) => parts.extend(self.types.func(id).values().filter_map(any)),
            EntityType::Instance(id) => {
                for ty in self.types.items(id).types() {
                    self.parts(ty, parts);
                }
            }
            EntityType::Type(created) => parts.push(created),
            EntityType::Value(ty) => parts.extend(any(ty)),
            EntityType::Component | EntityType::Module => {}
        }
    }

    /// Whether an import needs nobody to provide it: an instance of value types
    /// alone, or a type that says itself what it is, which only a resource that
    /// no other import brings does not.
    pub fn is_settled(&self, import: &Extern) -> bool {
        match import.ty {
            EntityType::Instance(id) => {
                let mut items = self.types.items(id).types();
                items.all(|ty| self.is_value_type(ty))
            }
            EntityType::Type(AnyTypeId::Defined(_)) => true,
            EntityType::Type(created) => {
                let own = Origin {
                    import: import.name.clone(),
                    export: None,
                };
                let mut origins = self.keys(created).into_iter();
                origins.any(|key| self.origin(key).is_some_and(|origin| *origin != own))
            }
            _ => false,
        }
    }

    /// Whether async functions come through an import.
    pub fn has_async(&self, import: &Extern) -> bool {
        let is_async = |ty: EntityType| match ty {
            EntityType::Func(id) => self.types.func(id).is_async(),
            _ => false,
        };
        match import.ty {
            EntityType::Instance(id) => self.types.items(id).types().any(is_async),
            ty => is_async(ty),
        }
    }

    /// The names of what comes through an import and is not a type: functions,
    /// above all. One that is imported by itself is of the import's name. What is
    /// no type is taken for a function: a host has to hear of it.
    pub fn functions<'a>(&'a self, import: &'a Extern) -> Vec<&'a str> {
        let is_type = |ty: EntityType| matches!(ty, EntityType::Type(_));
        match import.ty {
            EntityType::Instance(id) => {
                let items = self.types.items(id).iter();
                let functions = items.filter(|(_, ty)| !is_type(*ty));
                functions.map(|(name, _)| name).collect()
            }
            ty if is_type(ty) => Vec::new(),
            _ => vec![&import.name],
        }
    }

    fn is_value_type(&self, ty: EntityType) -> bool {
        let EntityType::Type(AnyTypeId::Defined(id)) = ty else {
            return false;
        };
        !self.has_handle(ValueType::Defined(id))
    }

    /// Whether handles are in a type: then it is somebody's, not mere structure.
    fn has_handle(&self, ty: ValueType) -> bool {
        let mut next = vec![ty];
        let mut seen = HashSet::new();
        while let Some(ty) = next.pop() {
            let ValueType::Defined(id) = ty else {
                continue;
            };
            if !seen.insert(id) {
                continue;
            }
            match self.types.defined(id) {
                DefinedType::Own(_) | DefinedType::Borrow(_) => return true,
                ty => next.extend(children(ty)),
            }
        }
        false
    }
}

fn any(ty: ValueType) -> Option<AnyTypeId> {
    match ty {
        ValueType::Primitive(_) => None,
        ValueType::Defined(id) => Some(AnyTypeId::Defined(id)),
    }
}

/// The key of a type that has one.
pub fn type_key(ty: AnyTypeId) -> Option<TypeKey> {
    match ty {
        AnyTypeId::Resource(id) => Some(TypeKey::Resource(id.resource())),
        AnyTypeId::Defined(id) => Some(TypeKey::Defined(id)),
        _ => None,
    }
}

fn origins(types: &Types, imports: &[Extern]) -> HashMap<TypeKey, Origin> {
    let mut origins = HashMap::new();
    let mut add = |ty: EntityType, origin: Origin| {
        if let EntityType::Type(created) = ty
            && let Some(key) = type_key(created)
        {
            // The first import that has a resource owns it.
            origins.entry(key).or_insert(origin);
        }
    };
    for import in imports {
        let origin = |export: Option<&str>| Origin {
            import: import.name.clone(),
            export: export.map(str::to_string),
        };
        match import.ty {
            EntityType::Instance(id) => {
                for (name, ty) in types.items(id).iter() {
                    add(ty, origin(Some(name)));
                }
            }
            ty => add(ty, origin(None)),
        }
    }
    origins
}
