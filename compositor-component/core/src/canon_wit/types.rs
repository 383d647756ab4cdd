//! Types, as documents have them: those with names by their names, others by
//! their structure.

use std::collections::{BTreeSet, HashMap};

use ciborium::Value;
use wasmparser::component_types::{
    ComponentAnyTypeId, ComponentDefinedType, ComponentDefinedTypeId, ComponentEntityType,
    ComponentItem, ComponentValType,
};
use wasmparser::types::Types;

use super::WitError;
use super::document::Externs;
use crate::cbor;
use crate::limits;

/// Where a name means something: in an import or export, by its position
/// among both, or in the world itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope(pub usize);

impl Scope {
    /// The names of the world itself.
    pub const WORLD: Scope = Scope(usize::MAX);
}

/// Writes types, and remembers which of other scopes were named.
pub struct Writer<'a> {
    of: &'a Externs<'a>,
    /// Each type that an import or export names.
    named: HashMap<(Scope, ComponentAnyTypeId), &'a str>,
    /// The first scope that names a type.
    first: HashMap<ComponentAnyTypeId, Scope>,
    used: BTreeSet<(Scope, &'a str)>,
    taken: BTreeSet<(Scope, &'a str)>,
    values: usize,
}

impl<'a> Writer<'a> {
    pub fn new(of: &'a Externs<'a>) -> Self {
        let mut writer = Self {
            of,
            named: HashMap::new(),
            first: HashMap::new(),
            used: BTreeSet::new(),
            taken: BTreeSet::new(),
            values: 0,
        };
        for (index, (name, item)) in of.imports.iter().chain(&of.exports).enumerate() {
            match item.ty {
                ComponentEntityType::Instance(id) => {
                    for (name, item) in &of.types[id].exports {
                        writer.learn(Scope(index), name, item);
                    }
                }
                _ => writer.learn(Scope::WORLD, name, item),
            }
        }
        writer
    }

    fn learn(&mut self, scope: Scope, name: &'a str, item: &ComponentItem) {
        if let ComponentEntityType::Type { created, .. } = item.ty {
            self.named.entry((scope, created)).or_insert(name);
            self.first.entry(created).or_insert(scope);
        }
    }

    pub fn types(&self) -> &'a Types {
        self.of.types
    }

    /// A type of another scope than this one that was named and not yet asked
    /// for, with what it is.
    pub fn next_used(&mut self, own: Scope) -> Option<(Scope, String, ComponentAnyTypeId)> {
        let (scope, name) = loop {
            let used = self.used.pop_first()?;
            if used.0 != own && self.taken.insert(used) {
                break used;
            }
        };
        let (_, item) = self.of.imports.get(scope.0)?;
        let ComponentEntityType::Instance(id) = item.ty else {
            return None;
        };
        match self.of.types[id].exports.get(name)?.ty {
            ComponentEntityType::Type { created, .. } => Some((scope, name.to_string(), created)),
            _ => None,
        }
    }

    /// What a name stands for: another name, or a structure.
    pub fn definition(
        &mut self,
        name: &str,
        ty: ComponentAnyTypeId,
        scope: Scope,
    ) -> Result<Value, WitError> {
        let aliased = self.of.types.peel_alias(ty);
        if let Some(reference) = aliased.and_then(|ty| self.reference(ty, scope)) {
            return Ok(reference);
        }
        match ty {
            ComponentAnyTypeId::Resource(_) => Ok(tagged("resource", [])),
            ComponentAnyTypeId::Defined(id) => self.structure(name, id, scope),
            _ => Err(inexpressible(name, "is a type of functions or instances")),
        }
    }

    /// `["type", name]` in the same scope, `["use", interface, name]` in
    /// another; the nearest name counts.
    fn reference(&mut self, ty: ComponentAnyTypeId, scope: Scope) -> Option<Value> {
        let types = self.of.types;
        let names = std::iter::successors(Some(ty), |ty| types.peel_alias(*ty));
        for ty in names.take(limits::ALIASES) {
            let found = match self.named.get(&(scope, ty)) {
                Some(name) => Some((scope, *name)),
                None => self
                    .first
                    .get(&ty)
                    .map(|from| (*from, self.named[&(*from, ty)])),
            };
            if let Some((from, name)) = found {
                self.used.insert((from, name));
                return Some(match self.scope_name(from) {
                    _ if from == scope => tagged("type", [text(name)]),
                    interface => tagged("use", [interface, text(name)]),
                });
            }
        }
        None
    }

    fn scope_name(&self, scope: Scope) -> Value {
        let mut externs = self.of.imports.iter().chain(&self.of.exports);
        match externs.nth(scope.0) {
            Some((name, _)) if scope != Scope::WORLD => text(name),
            _ => Value::Null,
        }
    }

    pub fn value(
        &mut self,
        name: &str,
        ty: ComponentValType,
        scope: Scope,
    ) -> Result<Value, WitError> {
        self.values += 1;
        if self.values > limits::WIT_VALUES {
            return Err(WitError::TooLarge);
        }
        match ty {
            ComponentValType::Primitive(ty) => Ok(text(&ty.to_string())),
            ComponentValType::Type(id) => {
                match self.reference(ComponentAnyTypeId::Defined(id), scope) {
                    Some(reference) => Ok(reference),
                    None => self.structure(name, id, scope),
                }
            }
        }
    }

    pub fn optional(
        &mut self,
        name: &str,
        ty: Option<ComponentValType>,
        scope: Scope,
    ) -> Result<Value, WitError> {
        ty.map_or(Ok(Value::Null), |ty| self.value(name, ty, scope))
    }

    fn structure(
        &mut self,
        name: &str,
        id: ComponentDefinedTypeId,
        scope: Scope,
    ) -> Result<Value, WitError> {
        let types = self.of.types;
        let names = |names: Vec<Value>| Value::Array(names);
        Ok(match &types[id] {
            ComponentDefinedType::Primitive(ty) => text(&ty.to_string()),
            ComponentDefinedType::Record(record) => {
                let mut fields = Vec::with_capacity(record.fields.len());
                for (field, ty) in &record.fields {
                    let ty = self.value(name, *ty, scope)?;
                    fields.push(Value::Array(vec![text(field), ty]));
                }
                tagged("record", [Value::Array(fields)])
            }
            ComponentDefinedType::Variant(variant) => {
                let mut cases = Vec::with_capacity(variant.cases.len());
                for (case, ty) in &variant.cases {
                    let ty = self.optional(name, ty.ty, scope)?;
                    cases.push(Value::Array(vec![text(case), ty]));
                }
                tagged("variant", [Value::Array(cases)])
            }
            ComponentDefinedType::Flags(flags) => tagged(
                "flags",
                [names(flags.iter().map(|name| text(name)).collect())],
            ),
            ComponentDefinedType::Enum(cases) => tagged(
                "enum",
                [names(cases.iter().map(|name| text(name)).collect())],
            ),
            ComponentDefinedType::List { element, .. } => {
                tagged("list", [self.value(name, *element, scope)?])
            }
            ComponentDefinedType::FixedLengthList {
                element, length, ..
            } => {
                let element = self.value(name, *element, scope)?;
                tagged("list", [element, (*length).into()])
            }
            ComponentDefinedType::Map { key, value, .. } => {
                let key = self.value(name, *key, scope)?;
                tagged("map", [key, self.value(name, *value, scope)?])
            }
            ComponentDefinedType::Tuple(tuple) => {
                let types = tuple.types.iter().map(|ty| self.value(name, *ty, scope));
                let types = types.collect::<Result<Vec<_>, _>>()?;
                tagged("tuple", [Value::Array(types)])
            }
            ComponentDefinedType::Option { ty, .. } => {
                tagged("option", [self.value(name, *ty, scope)?])
            }
            ComponentDefinedType::Result { ok, err, .. } => {
                let ok = self.optional(name, *ok, scope)?;
                tagged("result", [ok, self.optional(name, *err, scope)?])
            }
            ComponentDefinedType::Own(id) => tagged(
                "own",
                [self.resource(name, ComponentAnyTypeId::Resource(*id), scope)?],
            ),
            ComponentDefinedType::Borrow(id) => tagged(
                "borrow",
                [self.resource(name, ComponentAnyTypeId::Resource(*id), scope)?],
            ),
            ComponentDefinedType::Future { ty, .. } => {
                tagged("future", [self.optional(name, *ty, scope)?])
            }
            ComponentDefinedType::Stream { ty, .. } => {
                tagged("stream", [self.optional(name, *ty, scope)?])
            }
        })
    }

    fn resource(
        &mut self,
        name: &str,
        ty: ComponentAnyTypeId,
        scope: Scope,
    ) -> Result<Value, WitError> {
        let reference = self.reference(ty, scope);
        reference.ok_or_else(|| inexpressible(name, "has a handle to a resource without a name"))
    }
}

pub fn inexpressible(name: &str, what: &'static str) -> WitError {
    let name = name.to_string();
    WitError::Inexpressible { name, what }
}

pub fn text(text: &str) -> Value {
    Value::Text(text.to_string())
}

fn tagged<const N: usize>(tag: &str, parts: [Value; N]) -> Value {
    Value::Array(std::iter::once(text(tag)).chain(parts).collect())
}

/// A map in canonical order.
pub fn map(mut entries: Vec<(Value, Value)>) -> Value {
    cbor::sort_map(&mut entries);
    Value::Map(entries)
}
