//! Types as WIT, for people.
//!
//! One file because it is one printer, a function for each kind of type.

use std::collections::{HashMap, HashSet};

use crate::types::{
    AnyTypeId, DefinedType, DefinedTypeId, EntityType, FuncType, FuncTypeId, Labels, ResourceId,
    Types, ValueType,
};
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
    ty: EntityType,
    wanted: impl Fn(&str) -> bool,
) -> Vec<String> {
    let mut writer = Writer::new(&world.types);
    match ty {
        EntityType::Instance(id) => {
            let items = world.types.items(id);
            for (name, ty) in items.iter() {
                writer.learn(name, ty);
            }
            let wanted = items.iter().filter(|(name, _)| wanted(name));
            wanted.map(|(name, ty)| writer.line(name, ty)).collect()
        }
        ty => {
            // A function's types are those that the world names.
            for other in world.imports.iter().chain(&world.exports) {
                match other.ty {
                    EntityType::Instance(id) => {
                        for (name, ty) in world.types.items(id).iter() {
                            writer.learn(name, ty);
                        }
                    }
                    ty => writer.learn(&other.name, ty),
                }
            }
            vec![writer.line(name, ty)]
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
        let mut add = |place: String, name: &str, ty: EntityType| {
            writer.learn(name, ty);
            if let EntityType::Type(AnyTypeId::Resource(id)) = ty {
                names.entry(id.resource()).or_default().push(place);
            }
        };
        match other.ty {
            EntityType::Instance(id) => {
                for (name, ty) in world.types.items(id).iter() {
                    add(format!("{:?} of {:?}", name, other.name), name, ty);
                }
            }
            ty => add(format!("{:?}", other.name), &other.name, ty),
        }
    }
    let mut lines = Vec::new();
    let mut seen = HashSet::new();
    let mut next = Vec::new();
    world.parts(item.ty, &mut next);
    next.reverse();
    while let Some(ty) = next.pop() {
        if !seen.insert(ty) {
            continue;
        }
        match ty {
            AnyTypeId::Resource(id) => {
                // Each once, by whatever name it is met.
                let Some(places) = names.remove(&id.resource()) else {
                    continue;
                };
                let places = some_of(places.iter().map(String::as_str));
                let name = writer.resource(id.resource());
                lines.push(format!("// resource {name}: {places}"));
            }
            AnyTypeId::Defined(id) => {
                if is_nominal(world.types.defined(id)) {
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
    pub names: HashMap<DefinedTypeId, String>,
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
    pub fn learn(&mut self, name: &str, ty: EntityType) {
        if let EntityType::Type(created) = ty {
            match created {
                AnyTypeId::Defined(id) => {
                    self.names.entry(id).or_insert_with(|| name.to_string());
                }
                AnyTypeId::Resource(id) => {
                    let known = self.resources.entry(id.resource());
                    known.or_insert_with(|| name.to_string());
                }
                _ => {}
            }
        }
    }

    /// The name that a type has, by it or by what it is a name of.
    pub fn named(&self, ty: DefinedTypeId) -> Option<&str> {
        let mut ty = Some(ty);
        while let Some(id) = ty {
            if let Some(name) = self.names.get(&id) {
                return Some(name);
            }
            ty = self.types.aliased_defined(id);
        }
        None
    }

    /// An item in a line.
    pub fn line(&self, name: &str, ty: EntityType) -> String {
        let mut out = String::new();
        match ty {
            EntityType::Func(ty) => {
                out = format!("{}: ", id(name));
                self.func(ty, 0, &mut out);
                out.push(';');
            }
            EntityType::Type(created) => match created {
                AnyTypeId::Resource(ty) => {
                    let first = self.resource(ty.resource());
                    out = match first == id(name) {
                        true => format!("resource {first};"),
                        false => format!("type {} = {first};", id(name)),
                    };
                }
                AnyTypeId::Defined(ty) => self.definition(name, ty, &mut out),
                _ => out = format!("type {};", id(name)),
            },
            EntityType::Instance(id) => {
                let items = self.types.items(id).iter();
                let names: Vec<&str> = items.map(|(name, _)| name).collect();
                out = format!("{name}: interface {{ {} }}", names.join(", "));
            }
            EntityType::Component => out = format!("{name}: component"),
            EntityType::Module => out = format!("{name}: core module"),
            EntityType::Value(ty) => {
                out = format!("{name}: value ");
                self.value(ty, &mut out);
            }
        }
        out
    }

    /// A function's type, without the first so many parameters.
    pub fn func(&self, ty: FuncTypeId, without: usize, out: &mut String) {
        let ty = self.types.func(ty);
        if ty.is_async() {
            out.push_str("async ");
        }
        out.push_str("func");
        self.params(ty, without, out);
        if let Some(ty) = ty.result() {
            out.push_str(" -> ");
            self.value(ty, out);
        }
    }

    /// A function's parameters, without the first so many.
    pub fn params(&self, ty: FuncType<'_>, without: usize, out: &mut String) {
        out.push('(');
        for (index, (name, ty)) in ty.params().skip(without).enumerate() {
            if index > 0 {
                out.push_str(", ");
            }
            out.push_str(&id(name));
            out.push_str(": ");
            self.value(ty, out);
        }
        out.push(')');
    }

    /// A type's definition.
    pub fn definition(&self, name: &str, ty: DefinedTypeId, out: &mut String) {
        let of = self.types.aliased_defined(ty).and_then(|of| self.named(of));
        if let Some(of) = of.filter(|of| *of != name) {
            out.push_str(&format!("type {} = {};", id(name), id(of)));
            return;
        }
        match self.types.defined(ty) {
            DefinedType::Record(_)
            | DefinedType::Variant(_)
            | DefinedType::Flags(_)
            | DefinedType::Enum(_) => self.structure(Some(name), ty, out),
            _ => {
                out.push_str(&format!("type {} = ", id(name)));
                self.structure(None, ty, out);
                out.push(';');
            }
        }
    }

    pub fn value(&self, ty: ValueType, out: &mut String) {
        if out.len() > LONGEST {
            if !out.ends_with(CUT) {
                out.push(CUT);
            }
            return;
        }
        match ty {
            ValueType::Primitive(ty) => out.push_str(ty.name()),
            ValueType::Defined(ty) => match self.named(ty) {
                Some(name) => out.push_str(&id(name)),
                None => self.structure(None, ty, out),
            },
        }
    }

    fn structure(&self, name: Option<&str>, ty: DefinedTypeId, out: &mut String) {
        let head = |out: &mut String, kind: &str| {
            out.push_str(kind);
            out.push(' ');
            if let Some(name) = name {
                out.push_str(&id(name));
                out.push(' ');
            }
        };
        let names = |out: &mut String, labels: Labels<'_>| {
            let names: Vec<String> = labels.names().map(id).collect();
            out.push_str(&format!("{{ {} }}", names.join(", ")));
        };
        match self.types.defined(ty) {
            DefinedType::Primitive(ty) => out.push_str(ty.name()),
            DefinedType::Record(record) => {
                head(out, "record");
                let fields = record.fields();
                self.members(fields.map(|(name, ty)| (name, Some(ty), ": ", "")), out);
            }
            DefinedType::Variant(variant) => {
                head(out, "variant");
                let cases = variant.cases();
                self.members(cases.map(|(name, ty)| (name, ty, "(", ")")), out);
            }
            DefinedType::Flags(flags) => {
                head(out, "flags");
                names(out, flags);
            }
            DefinedType::Enum(cases) => {
                head(out, "enum");
                names(out, cases);
            }
            DefinedType::List(element) => self.generic("list", &[Some(element)], out),
            DefinedType::FixedLengthList(element, length) => {
                out.push_str("list<");
                self.value(element, out);
                out.push_str(&format!(", {length}>"));
            }
            DefinedType::Map(key, value) => {
                self.generic("map", &[Some(key), Some(value)], out);
            }
            DefinedType::Tuple(tuple) => {
                let types: Vec<_> = tuple.types().map(Some).collect();
                self.generic("tuple", &types, out);
            }
            DefinedType::Option(ty) => self.generic("option", &[Some(ty)], out),
            DefinedType::Result(ok, err) => match (ok, err) {
                (None, None) => out.push_str("result"),
                (Some(_), None) => self.generic("result", &[ok], out),
                _ => self.generic("result", &[ok, err], out),
            },
            DefinedType::Own(ty) => out.push_str(&self.resource(ty.resource())),
            DefinedType::Borrow(ty) => {
                out.push_str(&format!("borrow<{}>", self.resource(ty.resource())));
            }
            DefinedType::Future(ty) => match ty {
                None => out.push_str("future"),
                some => self.generic("future", &[some], out),
            },
            DefinedType::Stream(ty) => match ty {
                None => out.push_str("stream"),
                some => self.generic("stream", &[some], out),
            },
        }
    }

    fn members<'b>(
        &self,
        members: impl Iterator<Item = (&'b str, Option<ValueType>, &'b str, &'b str)>,
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

    fn generic(&self, name: &str, types: &[Option<ValueType>], out: &mut String) {
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
