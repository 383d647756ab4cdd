//! Shapes: the structure of types, comparable across components.
//!
//! Each structure gets one number, so comparing is mostly comparing numbers and
//! a type bomb (`tuple<t, t>` of itself) costs what its text costs. A resource
//! is known by all names that a component's imports and exports have for it;
//! [`crate::fit`] compares structures up to those names. That both sides
//! mean the same resource is checked when the composed component is validated.

use std::collections::{HashMap, HashSet};

use wasmparser::component_types::{
    AliasableResourceId, ComponentAnyTypeId, ComponentDefinedType, ComponentDefinedTypeId,
    ComponentEntityType, ComponentFuncTypeId, ComponentInstanceTypeId, ComponentTypeId,
    ComponentValType, ResourceId,
};
use wasmparser::types::Types;

use compositor_diagnostic::limits::Limits;
use compositor_diagnostic::order::sort;

/// The number of a structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShapeId(u32);

/// All structures that were met.
#[derive(Debug)]
pub struct Shapes {
    /// What components may have at the most.
    pub limits: Limits,
    ids: HashMap<Shape, ShapeId>,
    shapes: Vec<Shape>,
    resource_ids: HashMap<Resource, ResourceShape>,
    resources: Vec<Resource>,
}

/// What components know of a resource: the names that imports and exports have
/// for it, sorted, and how many others of the component before it have the same.
type Resource = (Vec<String>, usize);

/// The number of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct ResourceShape(u32);

pub(super) type Named<T> = Vec<(String, T)>;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Shape {
    Primitive(String),
    Record(Named<ShapeId>),
    Variant(Named<Option<ShapeId>>),
    List(ShapeId),
    FixedLengthList(ShapeId, u32),
    Map(ShapeId, ShapeId),
    Tuple(Vec<ShapeId>),
    Flags(Vec<String>),
    Enum(Vec<String>),
    Option(ShapeId),
    Result(Option<ShapeId>, Option<ShapeId>),
    Own(ResourceShape),
    Borrow(ResourceShape),
    Future(Option<ShapeId>),
    Stream(Option<ShapeId>),
    Func(bool, Named<ShapeId>, Option<ShapeId>),
    Type(ShapeId),
    Resource(ResourceShape),
    Value(ShapeId),
    /// By name.
    Instance(Named<ShapeId>),
    Component(Named<ShapeId>, Named<ShapeId>),
    Module,
}

/// Why a type has no shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shapeless {
    /// It has a handle to a resource that nothing named before it.
    Unnamed,
    /// It is a name of a name of a name, and so on without end.
    Aliases,
}

impl Shapes {
    /// None yet, of components with such limits.
    pub fn new(limits: &Limits) -> Self {
        Self {
            limits: limits.clone(),
            ids: HashMap::new(),
            shapes: Vec::new(),
            resource_ids: HashMap::new(),
            resources: Vec::new(),
        }
    }

    /// None yet, of what is composed of the components of these.
    pub fn afresh(&self) -> Self {
        Self::new(&Limits {
            externs: usize::MAX,
            ..self.limits.clone()
        })
    }

    /// Reads the types of one component.
    pub(super) fn reader<'a>(&'a mut self, types: &'a Types) -> Reader<'a> {
        Reader {
            shapes: self,
            types,
            defined: HashMap::new(),
            resources: HashMap::new(),
            named: HashSet::new(),
        }
    }

    /// What an item is, with an article.
    pub fn kind(&self, id: ShapeId) -> &'static str {
        match self.get(id) {
            Shape::Func(..) => "a function",
            Shape::Instance(_) => "an interface",
            Shape::Component(..) => "a component",
            Shape::Module => "a core module",
            Shape::Value(_) => "a value",
            Shape::Resource(_) => "a resource",
            _ => "a type",
        }
    }

    /// The names that a component has for a resource, sorted.
    pub(super) fn names_of(&self, resource: ResourceShape) -> &[String] {
        &self.resources[resource.0 as usize].0
    }

    pub(super) fn get(&self, id: ShapeId) -> &Shape {
        &self.shapes[id.0 as usize]
    }

    fn intern(&mut self, shape: Shape) -> ShapeId {
        if let Some(id) = self.ids.get(&shape) {
            return *id;
        }
        let id = ShapeId(self.shapes.len() as u32);
        self.shapes.push(shape.clone());
        self.ids.insert(shape, id);
        id
    }

    fn intern_resource(&mut self, resource: Resource) -> ResourceShape {
        if let Some(id) = self.resource_ids.get(&resource) {
            return *id;
        }
        let id = ResourceShape(self.resources.len() as u32);
        self.resources.push(resource.clone());
        self.resource_ids.insert(resource, id);
        id
    }
}

/// Turns the types of one component to shapes, in the order of its imports
/// and exports: a handle's resource must have been named before it, or no
/// WIT, and no composition graph, can say what it is a handle to.
pub(super) struct Reader<'a> {
    shapes: &'a mut Shapes,
    types: &'a Types,
    defined: HashMap<ComponentDefinedTypeId, ShapeId>,
    resources: HashMap<ResourceId, ResourceShape>,
    named: HashSet<AliasableResourceId>,
}

impl Reader<'_> {
    /// Learns the names that a component's imports and exports have for its
    /// resources, before the first of them is read.
    pub fn learn<'b>(&mut self, items: impl Iterator<Item = (&'b str, &'b ComponentEntityType)>) {
        let mut names = Names::default();
        for (name, ty) in items {
            names.learn(self.types, name, ty);
        }
        let mut before: HashMap<Vec<String>, usize> = HashMap::new();
        for (id, mut names) in names.order.into_iter().zip(names.of) {
            sort(&mut names);
            names.dedup();
            let count = before.entry(names.clone()).or_default();
            let resource = (names, *count);
            *count += 1;
            let shape = self.shapes.intern_resource(resource);
            self.resources.insert(id, shape);
        }
    }

    /// The shape of an import or export, whose names were learned.
    pub fn item(&mut self, ty: &ComponentEntityType) -> Result<ShapeId, Shapeless> {
        let shape = match *ty {
            ComponentEntityType::Func(id) => return self.func(id),
            ComponentEntityType::Instance(id) => return self.instance(id),
            ComponentEntityType::Component(id) => return self.component(id),
            ComponentEntityType::Value(ty) => Shape::Value(self.value(ty)?),
            // Core types have no structure here: what is bound is compared whole.
            ComponentEntityType::Module(_) => Shape::Module,
            ComponentEntityType::Type { created, .. } if self.is_alias_chain(created) => {
                return Err(Shapeless::Aliases);
            }
            ComponentEntityType::Type { created, .. } => match created {
                ComponentAnyTypeId::Resource(id) => {
                    self.named.insert(id);
                    let shape = self.resources.get(&id.resource());
                    Shape::Resource(*shape.ok_or(Shapeless::Unnamed)?)
                }
                ComponentAnyTypeId::Defined(id) => Shape::Type(self.defined(id)?),
                ComponentAnyTypeId::Func(id) => Shape::Type(self.func(id)?),
                ComponentAnyTypeId::Instance(id) => Shape::Type(self.instance(id)?),
                ComponentAnyTypeId::Component(id) => Shape::Type(self.component(id)?),
            },
        };
        Ok(self.shapes.intern(shape))
    }

    /// Whether a type has more names, one after the other, than are followed.
    fn is_alias_chain(&self, ty: ComponentAnyTypeId) -> bool {
        let next = |ty: &ComponentAnyTypeId| self.types.peel_alias(*ty);
        std::iter::successors(Some(ty), next)
            .nth(self.shapes.limits.aliases)
            .is_some()
    }

    fn func(&mut self, id: ComponentFuncTypeId) -> Result<ShapeId, Shapeless> {
        let types = self.types;
        let ty = &types[id];
        let mut params = Vec::with_capacity(ty.params.len());
        for (name, ty) in &ty.params {
            params.push((name.to_string(), self.value(*ty)?));
        }
        let result = self.optional(ty.result)?;
        Ok(self.shapes.intern(Shape::Func(ty.async_, params, result)))
    }

    fn instance(&mut self, id: ComponentInstanceTypeId) -> Result<ShapeId, Shapeless> {
        let types = self.types;
        let exports = self.items(types[id].exports.iter().map(|(n, item)| (n, item.ty)))?;
        Ok(self.shapes.intern(Shape::Instance(exports)))
    }

    fn component(&mut self, id: ComponentTypeId) -> Result<ShapeId, Shapeless> {
        let types = self.types;
        let ty = &types[id];
        let imports = self.items(ty.imports.iter().map(|(n, item)| (n, item.ty)))?;
        let exports = self.items(ty.exports.iter().map(|(n, item)| (n, item.ty)))?;
        Ok(self.shapes.intern(Shape::Component(imports, exports)))
    }

    /// By name, because the order of an instance's exports has no meaning.
    fn items<'b>(
        &mut self,
        items: impl Iterator<Item = (&'b String, ComponentEntityType)>,
    ) -> Result<Named<ShapeId>, Shapeless> {
        let mut shapes = Vec::new();
        for (name, ty) in items {
            shapes.push((name.clone(), self.item(&ty)?));
        }
        sort(&mut shapes);
        Ok(shapes)
    }

    fn value(&mut self, ty: ComponentValType) -> Result<ShapeId, Shapeless> {
        match ty {
            ComponentValType::Primitive(ty) => {
                Ok(self.shapes.intern(Shape::Primitive(ty.to_string())))
            }
            ComponentValType::Type(id) => self.defined(id),
        }
    }

    fn optional(&mut self, ty: Option<ComponentValType>) -> Result<Option<ShapeId>, Shapeless> {
        ty.map(|ty| self.value(ty)).transpose()
    }

    fn handle(&self, id: AliasableResourceId) -> Result<ResourceShape, Shapeless> {
        match self.resources.get(&id.resource()) {
            Some(shape) if self.named.contains(&id) => Ok(*shape),
            _ => Err(Shapeless::Unnamed),
        }
    }

    fn defined(&mut self, id: ComponentDefinedTypeId) -> Result<ShapeId, Shapeless> {
        if let Some(shape) = self.defined.get(&id) {
            return Ok(*shape);
        }
        let types = self.types;
        let shape = match &types[id] {
            ComponentDefinedType::Primitive(ty) => Shape::Primitive(ty.to_string()),
            ComponentDefinedType::Record(record) => {
                let mut fields = Vec::with_capacity(record.fields.len());
                for (name, ty) in &record.fields {
                    fields.push((name.to_string(), self.value(*ty)?));
                }
                Shape::Record(fields)
            }
            ComponentDefinedType::Variant(variant) => {
                let mut cases = Vec::with_capacity(variant.cases.len());
                for (name, case) in &variant.cases {
                    cases.push((name.to_string(), self.optional(case.ty)?));
                }
                Shape::Variant(cases)
            }
            ComponentDefinedType::List { element, .. } => Shape::List(self.value(*element)?),
            ComponentDefinedType::FixedLengthList {
                element, length, ..
            } => Shape::FixedLengthList(self.value(*element)?, *length),
            ComponentDefinedType::Map { key, value, .. } => {
                Shape::Map(self.value(*key)?, self.value(*value)?)
            }
            ComponentDefinedType::Tuple(tuple) => {
                let types = tuple.types.iter().map(|ty| self.value(*ty));
                Shape::Tuple(types.collect::<Result<_, _>>()?)
            }
            ComponentDefinedType::Flags(names) => {
                Shape::Flags(names.iter().map(ToString::to_string).collect())
            }
            ComponentDefinedType::Enum(names) => {
                Shape::Enum(names.iter().map(ToString::to_string).collect())
            }
            ComponentDefinedType::Option { ty, .. } => Shape::Option(self.value(*ty)?),
            ComponentDefinedType::Result { ok, err, .. } => {
                Shape::Result(self.optional(*ok)?, self.optional(*err)?)
            }
            ComponentDefinedType::Own(id) => Shape::Own(self.handle(*id)?),
            ComponentDefinedType::Borrow(id) => Shape::Borrow(self.handle(*id)?),
            ComponentDefinedType::Future { ty, .. } => Shape::Future(self.optional(*ty)?),
            ComponentDefinedType::Stream { ty, .. } => Shape::Stream(self.optional(*ty)?),
        };
        let shape = self.shapes.intern(shape);
        self.defined.insert(id, shape);
        Ok(shape)
    }
}

/// The names of resources, as they are met.
#[derive(Default)]
struct Names {
    index: HashMap<ResourceId, usize>,
    order: Vec<ResourceId>,
    of: Vec<Vec<String>>,
    /// What was looked through: a type may be in another many times.
    seen: HashSet<ComponentAnyTypeId>,
}

impl Names {
    fn learn(&mut self, types: &Types, name: &str, ty: &ComponentEntityType) {
        let ty = match *ty {
            ComponentEntityType::Type { created, .. } => created,
            ComponentEntityType::Instance(id) => ComponentAnyTypeId::Instance(id),
            ComponentEntityType::Component(id) => ComponentAnyTypeId::Component(id),
            _ => return,
        };
        match ty {
            ComponentAnyTypeId::Resource(id) => {
                let index = *self.index.entry(id.resource()).or_insert_with(|| {
                    self.order.push(id.resource());
                    self.of.push(Vec::new());
                    self.of.len() - 1
                });
                self.of[index].push(name.to_string());
            }
            ComponentAnyTypeId::Instance(id) if self.seen.insert(ty) => {
                for (name, item) in &types[id].exports {
                    self.learn(types, name, &item.ty);
                }
            }
            ComponentAnyTypeId::Component(id) if self.seen.insert(ty) => {
                for (name, item) in types[id].imports.iter().chain(&types[id].exports) {
                    self.learn(types, name, &item.ty);
                }
            }
            _ => {}
        }
    }
}
