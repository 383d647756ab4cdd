//! An export as a document of WIT, which a parser of WIT takes as it is.
//!
//! An interface is one of its package; everything else stands in a world. Types
//! that come from elsewhere are declared beside what is made of them. What WIT
//! cannot say is a comment.

use std::collections::{HashMap, HashSet};

use super::children::is_nominal;
use super::externs::{Extern, resource_of};
use super::types::{AnyTypeId, DefinedType, EntityType, FuncTypeId, ValueType};
use super::wit::{CUT, Writer, id};
use super::world::{World, type_key};

/// An export of a world as a document of WIT.
pub fn document_wit(world: &World, export: &Extern) -> String {
    let name = export.name.as_str();
    let mut document = Document {
        world,
        writer: Writer::new(&world.types),
        taken: HashSet::new(),
        text: String::new(),
    };
    match export.ty {
        EntityType::Instance(ty) => {
            let items: Vec<Item<'_>> = world.types.items(ty).iter().collect();
            match package(name, export.item.version_suffix.as_deref()) {
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
type Item<'a> = (&'a str, EntityType);

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
            self.writer.learn(name, *ty);
            self.taken.insert((*name).to_string());
        }
        self.declare(items, indent);
        let members = members(items);
        let firsts = self.writer.resources.values().cloned();
        let firsts: HashSet<String> = firsts.collect();
        for (name, ty) in items {
            match (resource_of(name), ty) {
                (None, ty) => self.item(name, *ty, &members, indent),
                // It is written with its resource.
                (Some(resource), EntityType::Func(_)) if firsts.contains(resource) => {}
                (Some(_), _) => self.comment(name, indent),
            }
        }
    }

    /// An import or export of a world that is no interface: a resource has with it
    /// what belongs to it, and what belongs to a resource stands in that.
    fn world_item(&mut self, name: &'a str, ty: EntityType) {
        let world = self.world;
        let indent = "  ";
        let resource = match (ty, resource_of(name)) {
            (_, Some(resource)) => Some(resource),
            (EntityType::Type(AnyTypeId::Resource(_)), None) => Some(name),
            _ => None,
        };
        let own = resource.and_then(|name| world.export(name).or_else(|| world.import(name)));
        if let (Some(resource), Some(own)) = (resource, own) {
            let items: Vec<Item<'a>> = match resource == name {
                true => {
                    let all = world.imports.iter().chain(&world.exports);
                    let all = all.map(|item| (item.name.as_str(), item.ty));
                    all.filter(|(other, _)| resource_of(other) == Some(name))
                        .collect()
                }
                false => vec![(name, ty)],
            };
            self.writer.learn(resource, own.ty);
            self.taken.insert(resource.to_string());
            let mut all = items.clone();
            all.push((resource, own.ty));
            self.declare(&all, indent);
            self.item(resource, own.ty, &members(&items), indent);
            return;
        }
        self.taken.insert(name.to_string());
        self.writer.learn(name, ty);
        self.declare(&[(name, ty)], indent);
        match ty {
            EntityType::Func(_) if resource.is_none() => {
                let line = self.writer.line(name, ty);
                self.line(&format!("export {line}"), name, indent);
            }
            EntityType::Func(_) => self.comment(name, indent),
            ty => self.item(name, ty, &HashMap::new(), indent),
        }
    }

    /// One item; a resource with those that belong to it.
    fn item(
        &mut self,
        name: &str,
        ty: EntityType,
        members: &HashMap<&'a str, Vec<(&'a str, FuncTypeId)>>,
        indent: &str,
    ) {
        match ty {
            EntityType::Type(AnyTypeId::Resource(_)) => {
                let line = self.writer.line(name, ty);
                let own = members.get(name).filter(|_| !line.starts_with("type "));
                let Some(own) = own else {
                    return self.line(&line, name, indent);
                };
                self.line(&format!("resource {} {{", id(name)), name, indent);
                let inner = format!("{indent}  ");
                for (member, ty) in own {
                    let line = self.member(member, *ty);
                    self.line(&line, member, &inner);
                }
                self.text.push_str(&format!("{indent}}}\n"));
            }
            EntityType::Func(_) | EntityType::Type(AnyTypeId::Defined(_)) => {
                let line = self.writer.line(name, ty);
                self.line(&line, name, indent);
            }
            _ => self.comment(name, indent),
        }
    }

    /// A function of a resource.
    fn member(&self, name: &str, ty: FuncTypeId) -> String {
        let function = self.world.types.func(ty);
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
                if let Some(ValueType::Defined(result)) = function.result()
                    && let DefinedType::Result(..) = self.world.types.defined(result)
                {
                    line.push_str(" -> ");
                    self.writer.value(ValueType::Defined(result), &mut line);
                }
            }
            _ => return format!("// {name}"),
        }
        line.push(';');
        line
    }

    /// Declares the types that items are made of and that none of them is.
    fn declare(&mut self, items: &[Item<'a>], indent: &str) {
        let mut next = Vec::new();
        for (_, ty) in items {
            self.world.parts(*ty, &mut next);
        }
        let mut seen = HashSet::new();
        while let Some(ty) = next.pop() {
            if !seen.insert(ty) {
                continue;
            }
            match ty {
                AnyTypeId::Resource(resource) => {
                    if !self.writer.resources.contains_key(&resource.resource()) {
                        let name = self.name(ty);
                        self.line(&format!("resource {};", id(&name)), &name, indent);
                        self.writer.resources.insert(resource.resource(), name);
                    }
                }
                AnyTypeId::Defined(defined) => {
                    let world = self.world;
                    if is_nominal(world.types.defined(defined))
                        && self.writer.named(defined).is_none()
                    {
                        let name = self.name(ty);
                        self.writer.names.insert(defined, name);
                    }
                    next.extend(world.made_directly_of(ty));
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
        compositor_diagnostic::order::sort_by(&mut declared, |a, b| a.0.cmp(&b.0));
        for (name, ty) in declared {
            let mut line = String::new();
            self.writer.definition(&name, ty, &mut line);
            self.line(&line, &name, indent);
        }
    }

    /// A name for a type: the one that it has where it is from.
    fn name(&mut self, ty: AnyTypeId) -> String {
        let own = type_key(ty);
        let exports = self.world.exports.iter();
        let mut exported = exports.filter(|export| match export.ty {
            EntityType::Type(created) => type_key(created) == own,
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

/// The functions among items that belong to resources, by the resource.
fn members<'a>(items: &[Item<'a>]) -> HashMap<&'a str, Vec<(&'a str, FuncTypeId)>> {
    let mut members: HashMap<&str, Vec<_>> = HashMap::new();
    for (name, ty) in items {
        if let (Some(resource), EntityType::Func(ty)) = (resource_of(name), ty) {
            members.entry(resource).or_default().push((*name, *ty));
        }
    }
    members
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
