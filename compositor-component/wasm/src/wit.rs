//! Types as WIT, for people.
//!
//! One file because it is one printer, a function for each kind of type.

use std::collections::{HashMap, HashSet};

use wasmparser::component_types::{
    ComponentAnyTypeId, ComponentDefinedType, ComponentDefinedTypeId, ComponentEntityType,
    ComponentFuncType, ComponentFuncTypeId, ComponentItem, ComponentValType, ResourceId,
};
use wasmparser::types::Types;

use crate::{Extern, World, is_nominal};
use compositor_diagnostic::lists::some_of;

/// A type that takes longer than this to write is cut: it is for people.
const LONGEST: usize = 2000;

/// What stands where a type is cut.
pub(super) const CUT: char = '…';

/// The lines of an import or export; of an instance, those of the exports
/// that are asked for.
pub fn lines_wit(
    world: &World,
    name: &str,
    item: &ComponentItem,
    wanted: impl Fn(&str) -> bool,
) -> Vec<String> {
    let mut writer = Writer::new(&world.types);
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
        ty => {
            // A function's types are those that the world names.
            for other in world.imports.iter().chain(&world.exports) {
                match other.item.ty {
                    ComponentEntityType::Instance(id) => {
                        for (name, item) in &world.types[id].exports {
                            writer.learn(name, &item.ty);
                        }
                    }
                    ty => writer.learn(&other.name, &ty),
                }
            }
            vec![writer.line(name, &ty)]
        }
    }
}

/// What tells items apart whose lines are the same: the types that they are made
/// of and that are named elsewhere, as comments, with all names of each resource.
pub fn identities(world: &World, item: &Extern) -> Vec<String> {
    let mut names: HashMap<ResourceId, Vec<String>> = HashMap::new();
    let mut writer = Writer::new(&world.types);
    let all = world.imports.iter().chain(&world.exports);
    for other in all {
        let mut add = |place: String, name: &str, ty: &ComponentEntityType| {
            writer.learn(name, ty);
            if let ComponentEntityType::Type {
                created: ComponentAnyTypeId::Resource(id),
                ..
            } = ty
            {
                names.entry(id.resource()).or_default().push(place);
            }
        };
        match other.item.ty {
            ComponentEntityType::Instance(id) => {
                for (name, item) in &world.types[id].exports {
                    add(format!("{:?} of {:?}", name, other.name), name, &item.ty);
                }
            }
            ty => add(format!("{:?}", other.name), &other.name, &ty),
        }
    }
    let mut lines = Vec::new();
    let mut seen = HashSet::new();
    let mut next = Vec::new();
    world.parts(&item.item.ty, &mut next);
    next.reverse();
    while let Some(ty) = next.pop() {
        if !seen.insert(ty) {
            continue;
        }
        match ty {
            ComponentAnyTypeId::Resource(id) => {
                // Each once, by whatever name it is met.
                let Some(places) = names.remove(&id.resource()) else {
                    continue;
                };
                let places = some_of(places.iter().map(String::as_str));
                let name = writer.resource(id.resource());
                lines.push(format!("// resource {name}: {places}"));
            }
            ComponentAnyTypeId::Defined(id) => {
                if is_nominal(&world.types[id]) {
                    let mut line = String::from("// ");
                    writer.definition(writer.named(id).unwrap_or("_"), id, &mut line);
                    lines.push(line);
                }
                next.extend(world.made_directly_of(ty).into_iter().rev());
            }
            _ => {}
        }
    }
    lines
}

/// A name as WIT has it: one that is a word of the language is marked.
pub(super) fn id(name: &str) -> String {
    const WORDS: [&str; 43] = [
        "use",
        "type",
        "func",
        "u8",
        "u16",
        "u32",
        "u64",
        "s8",
        "s16",
        "s32",
        "s64",
        "f32",
        "f64",
        "char",
        "resource",
        "own",
        "borrow",
        "record",
        "flags",
        "variant",
        "enum",
        "bool",
        "string",
        "option",
        "result",
        "future",
        "stream",
        "error-context",
        "list",
        "map",
        "as",
        "from",
        "static",
        "interface",
        "tuple",
        "world",
        "import",
        "export",
        "package",
        "constructor",
        "include",
        "with",
        "async",
    ];
    match WORDS.contains(&name) {
        true => format!("%{name}"),
        false => name.to_string(),
    }
}

/// Writes types by their names.
pub(super) struct Writer<'a> {
    types: &'a Types,
    pub names: HashMap<ComponentDefinedTypeId, String>,
    pub resources: HashMap<ResourceId, String>,
}

impl<'a> Writer<'a> {
    pub fn new(types: &'a Types) -> Self {
        Self {
            types,
            names: HashMap::new(),
            resources: HashMap::new(),
        }
    }

    /// Learns a type's name; of several names of one, the first stays.
    pub fn learn(&mut self, name: &str, ty: &ComponentEntityType) {
        if let ComponentEntityType::Type { created, .. } = ty {
            match created {
                ComponentAnyTypeId::Defined(id) => {
                    self.names.entry(*id).or_insert_with(|| name.to_string());
                }
                ComponentAnyTypeId::Resource(id) => {
                    let known = self.resources.entry(id.resource());
                    known.or_insert_with(|| name.to_string());
                }
                _ => {}
            }
        }
    }

    /// The name that a type has, by it or by what it is a name of.
    pub fn named(&self, ty: ComponentDefinedTypeId) -> Option<&str> {
        let mut ty = Some(ty);
        while let Some(id) = ty {
            if let Some(name) = self.names.get(&id) {
                return Some(name);
            }
            ty = self.types.peel_alias(id);
        }
        None
    }

    /// An item in a line.
    pub fn line(&self, name: &str, ty: &ComponentEntityType) -> String {
        let mut out = String::new();
        match ty {
            ComponentEntityType::Func(ty) => {
                out = format!("{}: ", id(name));
                self.func(*ty, 0, &mut out);
                out.push(';');
            }
            ComponentEntityType::Type { created, .. } => match created {
                ComponentAnyTypeId::Resource(ty) => {
                    let first = self.resource(ty.resource());
                    out = match first == id(name) {
                        true => format!("resource {first};"),
                        false => format!("type {} = {first};", id(name)),
                    };
                }
                ComponentAnyTypeId::Defined(ty) => self.definition(name, *ty, &mut out),
                _ => out = format!("type {};", id(name)),
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

    /// A function's type, without the first so many parameters.
    pub fn func(&self, ty: ComponentFuncTypeId, without: usize, out: &mut String) {
        let ty = &self.types[ty];
        if ty.async_ {
            out.push_str("async ");
        }
        out.push_str("func");
        self.params(ty, without, out);
        if let Some(ty) = ty.result {
            out.push_str(" -> ");
            self.value(ty, out);
        }
    }

    /// A function's parameters, without the first so many.
    pub fn params(&self, ty: &ComponentFuncType, without: usize, out: &mut String) {
        out.push('(');
        for (index, (name, ty)) in ty.params.iter().skip(without).enumerate() {
            if index > 0 {
                out.push_str(", ");
            }
            out.push_str(&id(name.as_str()));
            out.push_str(": ");
            self.value(*ty, out);
        }
        out.push(')');
    }

    /// A type's definition.
    pub fn definition(&self, name: &str, ty: ComponentDefinedTypeId, out: &mut String) {
        let of = self.types.peel_alias(ty).and_then(|of| self.named(of));
        if let Some(of) = of.filter(|of| *of != name) {
            out.push_str(&format!("type {} = {};", id(name), id(of)));
            return;
        }
        match &self.types[ty] {
            ComponentDefinedType::Record(_)
            | ComponentDefinedType::Variant(_)
            | ComponentDefinedType::Flags(_)
            | ComponentDefinedType::Enum(_) => self.structure(Some(name), ty, out),
            _ => {
                out.push_str(&format!("type {} = ", id(name)));
                self.structure(None, ty, out);
                out.push(';');
            }
        }
    }

    pub fn value(&self, ty: ComponentValType, out: &mut String) {
        if out.len() > LONGEST {
            if !out.ends_with(CUT) {
                out.push(CUT);
            }
            return;
        }
        match ty {
            ComponentValType::Primitive(ty) => out.push_str(&ty.to_string()),
            ComponentValType::Type(ty) => match self.named(ty) {
                Some(name) => out.push_str(&id(name)),
                None => self.structure(None, ty, out),
            },
        }
    }

    fn structure(&self, name: Option<&str>, ty: ComponentDefinedTypeId, out: &mut String) {
        let head = |out: &mut String, kind: &str| {
            out.push_str(kind);
            out.push(' ');
            if let Some(name) = name {
                out.push_str(&id(name));
                out.push(' ');
            }
        };
        let names = |out: &mut String, names: Vec<String>| {
            out.push_str(&format!("{{ {} }}", names.join(", ")));
        };
        match &self.types[ty] {
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
                names(out, flags.iter().map(|name| id(name.as_str())).collect());
            }
            ComponentDefinedType::Enum(cases) => {
                head(out, "enum");
                names(out, cases.iter().map(|name| id(name.as_str())).collect());
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
            ComponentDefinedType::Own(ty) => out.push_str(&self.resource(ty.resource())),
            ComponentDefinedType::Borrow(ty) => {
                out.push_str(&format!("borrow<{}>", self.resource(ty.resource())));
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
            out.push_str(&id(name));
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

    pub fn resource(&self, resource: ResourceId) -> String {
        match self.resources.get(&resource) {
            Some(name) => id(name),
            None => "resource".to_string(),
        }
    }
}
