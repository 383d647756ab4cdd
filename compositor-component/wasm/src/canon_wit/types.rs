//! Types, as documents have them: those with names by their names, others by
//! their structure.

use std::collections::HashMap;

use ciborium::Value;
use wasmparser::component_types::{
    ComponentAnyTypeId, ComponentDefinedType, ComponentDefinedTypeId, ComponentEntityType,
    ComponentItem, ComponentValType,
};
use wasmparser::types::Types;

use super::error::WitError;
use super::externs::Externs;
use compositor_plan::cbor;

/// Where a name means something: in an import or export, by its position
/// among both, or in the world itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope(pub usize);

impl Scope {
    /// The names of the world itself.
    pub const WORLD: Scope = Scope(usize::MAX);
    /// Any of them.
    const ANY: Scope = Scope(usize::MAX - 1);
}

/// A name of a type.
struct Named<'a> {
    scope: Scope,
    name: &'a str,
    used: bool,
}

/// Writes types, and remembers which of other scopes were named.
pub struct Writer<'a> {
    of: &'a Externs<'a>,
    /// Each type that an import or export names, under its scope, and that
    /// which names it first under [`Scope::ANY`].
    named: HashMap<(Scope, ComponentAnyTypeId), Named<'a>>,
    /// What was named and not asked for yet.
    used: Vec<(Scope, &'a str)>,
    values: usize,
}

impl<'a> Writer<'a> {
    pub fn new(of: &'a Externs<'a>) -> Self {
        let mut writer = Self {
            of,
            named: HashMap::new(),
            used: Vec::new(),
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
            for key in [scope, Scope::ANY] {
                self.named.entry((key, created)).or_insert(Named {
                    scope,
                    name,
                    used: false,
                });
            }
        }
    }

    pub fn types(&self) -> &'a Types {
        self.of.types
    }

    /// A type of another scope than this one that was named and not yet asked
    /// for: its scope, its name, and what that was given to.
    pub fn next_used(&mut self, own: Scope) -> Option<(Scope, &'a str, ComponentAnyTypeId)> {
        loop {
            let (scope, name) = self.used.pop()?;
            if scope != own
                && let Some((_, item)) = self.of.imports.get(scope.0)
                && let ComponentEntityType::Instance(id) = item.ty
                && let Some(item) = self.of.types[id].exports.get(name)
                && let ComponentEntityType::Type { referenced, .. } = item.ty
            {
                return Some((scope, name, referenced));
            }
        }
    }

    /// What a name stands for, by the type that it was given to: another name,
    /// or a structure.
    pub fn definition(
        &mut self,
        name: &str,
        referenced: ComponentAnyTypeId,
        scope: Scope,
    ) -> Result<Value, WitError> {
        if let Some(reference) = self.reference(referenced, scope, Some(name)) {
            return Ok(reference);
        }
        match referenced {
            ComponentAnyTypeId::Resource(_) => Ok(tagged("resource", [])),
            ComponentAnyTypeId::Defined(id) => self.structure(name, id, scope),
            _ => Err(inexpressible(name, "is a type of functions or instances")),
        }
    }

    /// `["type", name]` in the same scope, `["use", interface, name]` in
    /// an import, and `["export", interface, name]` in an export; the nearest name counts, other than the own one of what is
    /// being defined.
    fn reference(
        &mut self,
        ty: ComponentAnyTypeId,
        scope: Scope,
        own: Option<&str>,
    ) -> Option<Value> {
        let types = self.of.types;
        let names = std::iter::successors(Some(ty), |ty| types.peel_alias(*ty));
        for ty in names.take(self.of.limits.aliases) {
            let keys = [(scope, ty), (Scope::ANY, ty)];
            let found = keys.iter().find_map(|key| self.named.get(key));
            let Some(from) = found.map(|found| found.scope) else {
                continue;
            };
            let named = self.named.get_mut(&(from, ty))?;
            let name = named.name;
            // A resource is what its own name was given to.
            if from == scope && own == Some(name) {
                continue;
            }
            if !std::mem::replace(&mut named.used, true) {
                self.used.push((from, name));
            }
            let interface = self.scope_name(from);
            let is_import = from == Scope::WORLD || from.0 < self.of.imports.len();
            return Some(match from == scope {
                true => tagged("type", [text(name)]),
                false if is_import => tagged("use", [interface, text(name)]),
                false => tagged("export", [interface, text(name)]),
            });
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
        let most = self.of.limits.wit_values;
        if self.values > most {
            return Err(WitError::TooLarge { most });
        }
        match ty {
            ComponentValType::Primitive(ty) => Ok(text(&ty.to_string())),
            ComponentValType::Type(id) => {
                match self.reference(ComponentAnyTypeId::Defined(id), scope, None) {
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
        let reference = self.reference(ty, scope, None);
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
