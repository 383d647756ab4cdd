//! An export as a document of WIT, which a parser of WIT takes as it is.
//!
//! An interface is one of its package; everything else stands in a world. Types
//! that come from elsewhere are declared beside what is made of them. What WIT
//! cannot say is a comment.

use std::collections::HashSet;

use wasmparser::component_types::{
    ComponentAnyTypeId, ComponentDefinedType, ComponentEntityType, ComponentFuncTypeId,
    ComponentItem, ComponentValType,
};

use super::children::{children, is_nominal};
use super::wit::{CUT, Writer, id};
use super::world::{World, type_key};

/// An export of a world as a document of WIT.
pub fn document_wit(world: &World, name: &str, item: &ComponentItem) -> String {
    let mut document = Document {
        world,
        writer: Writer::new(&world.types),
        taken: HashSet::new(),
        text: String::new(),
    };
    match item.ty {
        ComponentEntityType::Instance(ty) => {
            let exports = world.types[ty].exports.iter();
            let items: Vec<Item<'_>> = exports
                .map(|(name, item)| (name.as_str(), item.ty))
                .collect();
            match package(name, item.version_suffix.as_deref()) {
                Some((package, interface)) => {
                    document.open(&format!("package {package};\n\ninterface {interface}"));
                    document.items(&items, "  ");
                }
                None => {
                    document.open(WORLD);
                    document
                        .text
                        .push_str(&format!("  export {}: interface {{\n", id(name)));
                    document.items(&items, "    ");
                    document.text.push_str("  }\n");
                }
            }
        }
        ty => {
            document.open(WORLD);
            document.world_item(name, ty);
        }
    }
    document.text.push('}');
    document.text
}

const WORLD: &str = "package root:component;\n\nworld root";

/// A name and what it has.
type Item<'a> = (&'a str, ComponentEntityType);

struct Document<'a> {
    world: &'a World,
    writer: Writer<'a>,
    /// Names that stand for something.
    taken: HashSet<String>,
    text: String,
}

impl<'a> Document<'a> {
    fn open(&mut self, head: &str) {
        self.text.push_str(head);
        self.text.push_str(" {\n");
    }

    /// What an interface has, each in lines of its own.
    fn items(&mut self, items: &[Item<'a>], indent: &str) {
        for (name, ty) in items {
            self.writer.learn(name, ty);
            self.taken.insert((*name).to_string());
        }
        self.declare(items, indent);
        for (name, ty) in items {
            match (resource_of(name), ty) {
                (None, ty) => self.item(name, ty, items, indent),
                // Where the resource is.
                (Some(resource), ComponentEntityType::Func(_)) if self.is_first(resource) => {}
                (Some(_), _) => self.comment(name, indent),
            }
        }
    }

    /// An export of a world that is no interface.
    fn world_item(&mut self, name: &'a str, ty: ComponentEntityType) {
        let exports = self.world.exports.iter();
        let exports: Vec<Item<'a>> = exports.map(|e| (e.name.as_str(), e.item.ty)).collect();
        self.taken.insert(name.to_string());
        let indent = "  ";
        let (ComponentEntityType::Func(_), None) = (ty, resource_of(name)) else {
            // A resource with all that belongs to it, or with one function.
            let (name, items) = match resource_of(name) {
                Some(resource) => (resource, vec![(name, ty)]),
                None => {
                    let of = |(other, _): &Item<'_>| resource_of(other) == Some(name);
                    (name, exports.iter().copied().filter(of).collect())
                }
            };
            let own = exports.iter().find(|(other, _)| *other == name);
            let own = own.map_or(ty, |(_, ty)| *ty);
            self.writer.learn(name, &own);
            self.taken.insert(name.to_string());
            let all: Vec<Item<'a>> = items.iter().copied().chain([(name, own)]).collect();
            self.declare(&all, indent);
            self.item(name, &own, &items, indent);
            return;
        };
        self.declare(&[(name, ty)], indent);
        let line = self.writer.line(name, &ty);
        self.line(&format!("export {line}"), name, indent);
    }

    /// One item; a resource with those of the items that belong to it.
    fn item(&mut self, name: &str, ty: &ComponentEntityType, items: &[Item<'a>], indent: &str) {
        match ty {
            ComponentEntityType::Type {
                created: ComponentAnyTypeId::Resource(_),
                ..
            } => {
                let line = self.writer.line(name, ty);
                let inner = format!("{indent}  ");
                let members = items
                    .iter()
                    .filter(|(item, _)| resource_of(item) == Some(name));
                let mut lines = Vec::new();
                for (member, ty) in members {
                    if let ComponentEntityType::Func(ty) = ty {
                        lines.push(self.member(member, *ty));
                    }
                }
                if lines.is_empty() || line.starts_with("type ") {
                    return self.line(&line, name, indent);
                }
                self.line(&format!("resource {} {{", id(name)), name, indent);
                for (member, line) in lines {
                    self.line(&line, &member, &inner);
                }
                self.text.push_str(&format!("{indent}}}\n"));
            }
            ComponentEntityType::Func(_)
            | ComponentEntityType::Type {
                created: ComponentAnyTypeId::Defined(_),
                ..
            } => {
                let line = self.writer.line(name, ty);
                self.line(&line, name, indent);
            }
            _ => self.comment(name, indent),
        }
    }

    /// A function of a resource: its name and its line.
    fn member(&self, name: &str, ty: ComponentFuncTypeId) -> (String, String) {
        let function = &self.world.types[ty];
        let mut line = String::new();
        let own = name.split_once('.').map(|(_, own)| id(own));
        match (name, own) {
            (name, Some(own)) if name.starts_with("[method]") && !name.contains("][") => {
                line = format!("{own}: ");
                self.writer.func(ty, 1, &mut line);
            }
            (name, Some(own)) if name.starts_with("[static]") && !name.contains("][") => {
                line = format!("{own}: static ");
                self.writer.func(ty, 0, &mut line);
            }
            (name, None) if name.starts_with("[constructor]") => {
                line.push_str("constructor");
                self.writer.params(function, 0, &mut line);
                if let Some(ComponentValType::Type(result)) = function.result
                    && let ComponentDefinedType::Result { .. } = &self.world.types[result]
                {
                    line.push_str(" -> ");
                    self.writer.value(ComponentValType::Type(result), &mut line);
                }
            }
            _ => return (name.to_string(), format!("// {name}")),
        }
        line.push(';');
        (name.to_string(), line)
    }

    /// Whether a resource is written with its functions under this name.
    fn is_first(&self, resource: &str) -> bool {
        self.writer.resources.values().any(|name| name == resource)
    }

    /// Declares the types that items are made of and that none of them is.
    fn declare(&mut self, items: &[Item<'a>], indent: &str) {
        let mut next = Vec::new();
        for (_, ty) in items {
            self.world.parts(ty, &mut next);
        }
        let mut seen = HashSet::new();
        while let Some(ty) = next.pop() {
            if !seen.insert(ty) {
                continue;
            }
            match ty {
                ComponentAnyTypeId::Resource(resource) => {
                    if !self.writer.resources.contains_key(&resource.resource()) {
                        let name = self.name(ty);
                        self.line(&format!("resource {};", id(&name)), &name, indent);
                        self.writer.resources.insert(resource.resource(), name);
                    }
                }
                ComponentAnyTypeId::Defined(defined) => {
                    let types = &self.world.types;
                    let of = &types[defined];
                    if is_nominal(of) && self.writer.named(defined).is_none() {
                        let name = self.name(ty);
                        self.writer.names.insert(defined, name);
                    }
                    match of {
                        ComponentDefinedType::Own(id) | ComponentDefinedType::Borrow(id) => {
                            next.push(ComponentAnyTypeId::Resource(*id));
                        }
                        of => next.extend(children(of).into_iter().filter_map(|part| match part {
                            ComponentValType::Type(id) => Some(ComponentAnyTypeId::Defined(id)),
                            ComponentValType::Primitive(_) => None,
                        })),
                    }
                }
                _ => {}
            }
        }
        let own: HashSet<&str> = items.iter().map(|(name, _)| *name).collect();
        let mut declared: Vec<_> = self.writer.names.iter().collect();
        declared.retain(|(_, name)| !own.contains(name.as_str()));
        let mut declared: Vec<_> = declared
            .into_iter()
            .map(|(ty, name)| (name.clone(), *ty))
            .collect();
        crate::order::sort_by(&mut declared, |a, b| a.0.cmp(&b.0));
        for (name, ty) in declared {
            let mut line = String::new();
            self.writer.definition(&name, ty, &mut line);
            self.line(&line, &name, indent);
        }
    }

    /// A name for a type: the one that it has where it is from.
    fn name(&mut self, ty: ComponentAnyTypeId) -> String {
        let own = type_key(ty);
        let exports = self.world.exports.iter();
        let mut exported = exports.filter(|export| match export.item.ty {
            ComponentEntityType::Type { created, .. } => type_key(created) == own,
            _ => false,
        });
        let keys = self.world.keys(ty).into_iter();
        let mut origins = keys.filter_map(|key| self.world.origin(key));
        let from = origins.next().map(|origin| match &origin.export {
            Some(export) => export.clone(),
            None => origin.import.clone(),
        });
        let name = exported.next().map(|export| export.name.clone()).or(from);
        let name = name.unwrap_or_else(|| "unnamed".to_string());
        let mut unique = name.clone();
        let mut count = 1;
        while !self.taken.insert(unique.clone()) {
            count += 1;
            unique = format!("{name}-{count}");
        }
        unique
    }

    fn line(&mut self, line: &str, name: &str, indent: &str) {
        match line.contains(CUT) {
            true => self.comment(name, indent),
            false => self.text.push_str(&format!("{indent}{line}\n")),
        }
    }

    /// What WIT cannot say, or not in a few words.
    fn comment(&mut self, name: &str, indent: &str) {
        self.text.push_str(&format!("{indent}// {name}\n"));
    }
}

/// The resource that a function belongs to.
fn resource_of(name: &str) -> Option<&str> {
    let (_, name) = name.rsplit_once(']')?;
    name.split('.').next()
}

/// A package and an interface of it, as WIT has them.
fn package(name: &str, suffix: Option<&str>) -> Option<(String, String)> {
    let (path, version) = match name.split_once('@') {
        Some((path, version)) => (path, format!("@{version}{}", suffix.unwrap_or_default())),
        None => (name, String::new()),
    };
    let (package, interface) = path.split_once('/')?;
    let (namespace, package) = package.split_once(':')?;
    let is_nested = package.contains(':') || interface.contains('/');
    let package = format!("{}:{}{version}", id(namespace), id(package));
    (!is_nested).then(|| (package, id(interface)))
}
