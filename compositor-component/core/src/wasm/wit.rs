//! Imports and exports as WIT, for people.

use std::collections::HashMap;

use wasmparser::component_types::{
    ComponentAnyTypeId, ComponentDefinedType, ComponentDefinedTypeId, ComponentEntityType,
    ComponentFuncTypeId, ComponentItem, ComponentValType, ResourceId,
};
use wasmparser::types::Types;

use crate::wasm::World;

/// A type that takes longer than this to write is cut: it is for people.
const LONGEST: usize = 2000;

/// An import or export as WIT, one line an item.
pub fn item_wit(world: &World, name: &str, item: &ComponentItem) -> String {
    lines_wit(world, name, item, |_| true).join("\n")
}

/// The lines of an import or export; of an instance, those of the exports
/// that are asked for.
pub fn lines_wit(
    world: &World,
    name: &str,
    item: &ComponentItem,
    wanted: impl Fn(&str) -> bool,
) -> Vec<String> {
    let mut writer = Writer {
        types: &world.types,
        names: HashMap::new(),
        resources: HashMap::new(),
    };
    match item.ty {
        ComponentEntityType::Instance(id) => {
            let exports = &world.types[id].exports;
            for (name, item) in exports {
                writer.learn(name, &item.ty);
            }
            exports
                .iter()
                .filter(|(name, _)| wanted(name))
                .map(|(name, item)| writer.line(name, &item.ty))
                .collect()
        }
        ty => vec![writer.line(name, &ty)],
    }
}

struct Writer<'a> {
    types: &'a Types,
    names: HashMap<ComponentDefinedTypeId, String>,
    resources: HashMap<ResourceId, String>,
}

impl Writer<'_> {
    fn learn(&mut self, name: &str, ty: &ComponentEntityType) {
        if let ComponentEntityType::Type { created, .. } = ty {
            match created {
                ComponentAnyTypeId::Defined(id) => {
                    self.names.insert(*id, name.to_string());
                }
                ComponentAnyTypeId::Resource(id) => {
                    self.resources.insert(id.resource(), name.to_string());
                }
                _ => {}
            }
        }
    }

    fn line(&self, name: &str, ty: &ComponentEntityType) -> String {
        let mut out = String::new();
        match ty {
            ComponentEntityType::Func(id) => {
                out = format!("{name}: ");
                self.func(*id, &mut out);
                out.push(';');
            }
            ComponentEntityType::Type { created, .. } => match created {
                ComponentAnyTypeId::Resource(_) => out = format!("resource {name};"),
                ComponentAnyTypeId::Defined(id) => self.definition(name, *id, &mut out),
                _ => out = format!("type {name};"),
            },
            ComponentEntityType::Instance(id) => {
                let names: Vec<&str> = self.types[*id].exports.keys().map(String::as_str).collect();
                out = format!("{name}: interface {{ {} }}", names.join(", "));
            }
            ComponentEntityType::Component(_) => out = format!("{name}: component"),
            ComponentEntityType::Module(_) => out = format!("{name}: core module"),
            ComponentEntityType::Value(ty) => {
                out = format!("{name}: value ");
                self.value(*ty, &mut out);
            }
        }
        out
    }

    fn func(&self, id: ComponentFuncTypeId, out: &mut String) {
        let ty = &self.types[id];
        if ty.async_ {
            out.push_str("async ");
        }
        out.push_str("func(");
        for (index, (name, ty)) in ty.params.iter().enumerate() {
            if index > 0 {
                out.push_str(", ");
            }
            out.push_str(name.as_str());
            out.push_str(": ");
            self.value(*ty, out);
        }
        out.push(')');
        if let Some(ty) = ty.result {
            out.push_str(" -> ");
            self.value(ty, out);
        }
    }

    fn definition(&self, name: &str, id: ComponentDefinedTypeId, out: &mut String) {
        match &self.types[id] {
            ComponentDefinedType::Record(_)
            | ComponentDefinedType::Variant(_)
            | ComponentDefinedType::Flags(_)
            | ComponentDefinedType::Enum(_) => self.structure(Some(name), id, out),
            _ => {
                out.push_str(&format!("type {name} = "));
                self.structure(None, id, out);
                out.push(';');
            }
        }
    }

    fn value(&self, ty: ComponentValType, out: &mut String) {
        if out.len() > LONGEST {
            if !out.ends_with('…') {
                out.push('…');
            }
            return;
        }
        match ty {
            ComponentValType::Primitive(ty) => out.push_str(&ty.to_string()),
            ComponentValType::Type(id) => {
                let mut name = Some(id);
                while let Some(id) = name {
                    if let Some(name) = self.names.get(&id) {
                        out.push_str(name);
                        return;
                    }
                    name = self.types.peel_alias(id);
                }
                self.structure(None, id, out);
            }
        }
    }

    fn structure(&self, name: Option<&str>, id: ComponentDefinedTypeId, out: &mut String) {
        let head = |out: &mut String, kind: &str| {
            out.push_str(kind);
            out.push(' ');
            if let Some(name) = name {
                out.push_str(name);
                out.push(' ');
            }
        };
        let names = |out: &mut String, names: Vec<&str>| {
            out.push_str(&format!("{{ {} }}", names.join(", ")));
        };
        match &self.types[id] {
            ComponentDefinedType::Primitive(ty) => out.push_str(&ty.to_string()),
            ComponentDefinedType::Record(record) => {
                head(out, "record");
                self.members(
                    record
                        .fields
                        .iter()
                        .map(|(n, ty)| (n.as_str(), Some(*ty), ": ", "")),
                    out,
                );
            }
            ComponentDefinedType::Variant(variant) => {
                head(out, "variant");
                self.members(
                    variant
                        .cases
                        .iter()
                        .map(|(n, c)| (n.as_str(), c.ty, "(", ")")),
                    out,
                );
            }
            ComponentDefinedType::Flags(flags) => {
                head(out, "flags");
                names(out, flags.iter().map(|name| name.as_str()).collect());
            }
            ComponentDefinedType::Enum(cases) => {
                head(out, "enum");
                names(out, cases.iter().map(|name| name.as_str()).collect());
            }
            ComponentDefinedType::List { element, .. } => {
                self.generic("list", &[Some(*element)], out);
            }
            ComponentDefinedType::FixedLengthList {
                element, length, ..
            } => {
                out.push_str("list<");
                self.value(*element, out);
                out.push_str(&format!(", {length}>"));
            }
            ComponentDefinedType::Map { key, value, .. } => {
                self.generic("map", &[Some(*key), Some(*value)], out);
            }
            ComponentDefinedType::Tuple(tuple) => {
                let types: Vec<_> = tuple.types.iter().copied().map(Some).collect();
                self.generic("tuple", &types, out);
            }
            ComponentDefinedType::Option { ty, .. } => self.generic("option", &[Some(*ty)], out),
            ComponentDefinedType::Result { ok, err, .. } => match (ok, err) {
                (None, None) => out.push_str("result"),
                (Some(_), None) => self.generic("result", &[*ok], out),
                _ => self.generic("result", &[*ok, *err], out),
            },
            ComponentDefinedType::Own(id) => out.push_str(&self.resource(id.resource())),
            ComponentDefinedType::Borrow(id) => {
                out.push_str(&format!("borrow<{}>", self.resource(id.resource())));
            }
            ComponentDefinedType::Future { ty, .. } => match ty {
                None => out.push_str("future"),
                some => self.generic("future", &[*some], out),
            },
            ComponentDefinedType::Stream { ty, .. } => match ty {
                None => out.push_str("stream"),
                some => self.generic("stream", &[*some], out),
            },
        }
    }

    fn members<'b>(
        &self,
        members: impl Iterator<Item = (&'b str, Option<ComponentValType>, &'b str, &'b str)>,
        out: &mut String,
    ) {
        out.push_str("{ ");
        for (index, (name, ty, open, close)) in members.enumerate() {
            if index > 0 {
                out.push_str(", ");
            }
            out.push_str(name);
            if let Some(ty) = ty {
                out.push_str(open);
                self.value(ty, out);
                out.push_str(close);
            }
        }
        out.push_str(" }");
    }

    fn generic(&self, name: &str, types: &[Option<ComponentValType>], out: &mut String) {
        out.push_str(name);
        out.push('<');
        for (index, ty) in types.iter().enumerate() {
            if index > 0 {
                out.push_str(", ");
            }
            match ty {
                Some(ty) => self.value(*ty, out),
                None => out.push('_'),
            }
        }
        out.push('>');
    }

    fn resource(&self, id: ResourceId) -> String {
        self.resources
            .get(&id)
            .cloned()
            .unwrap_or_else(|| "resource".to_string())
    }
}
