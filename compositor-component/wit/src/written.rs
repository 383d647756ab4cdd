//! How much becomes of a package: in binary, an interface or a world has with it
//! whatever it uses, and a world that includes another has all of its items. It
//! is counted before, as a small text may become too much.

use std::collections::{HashMap, HashSet};

use wit_parser::{
    Function, InterfaceId, PackageId, Resolve, Type, TypeDefKind, TypeId, UnresolvedPackage,
    WorldId, WorldItem,
};

/// The items that worlds are filled up with, at the most: each include may give
/// every item, each new name is looked for among all, and each world may have
/// every interface.
pub fn filled<'a>(packages: impl Iterator<Item = &'a UnresolvedPackage>) -> usize {
    let (mut interfaces, mut worlds, mut includes, mut items) = (0, 0, 0, 0);
    for package in packages {
        interfaces += package.interfaces.len();
        worlds += package.worlds.len();
        for (_, world) in package.worlds.iter() {
            let names = world.includes.iter().map(|include| include.names.len());
            let names = names.sum::<usize>();
            includes += world.includes.len() + names;
            items += world.imports.len() + world.exports.len() + names;
        }
    }
    includes * items + worlds * interfaces
}

/// The items that are written for a package, counted no further than is enough.
pub fn written(resolve: &Resolve, package: PackageId, enough: usize) -> usize {
    let mut sizes = Sizes {
        resolve,
        known: HashMap::new(),
    };
    let package = &resolve.packages[package];
    let mut size = 0;
    for id in package.interfaces.values() {
        size += sizes.of_used(*id);
        if size > enough {
            return size;
        }
    }
    for id in package.worlds.values() {
        size += sizes.of_world(*id);
        if size > enough {
            return size;
        }
    }
    size
}

struct Sizes<'a> {
    resolve: &'a Resolve,
    known: HashMap<InterfaceId, usize>,
}

impl Sizes<'_> {
    /// An interface and those that it uses, directly or not.
    fn of_used(&mut self, id: InterfaceId) -> usize {
        let (mut seen, mut next) = (HashSet::from([id]), vec![id]);
        let mut size = 0;
        while let Some(id) = next.pop() {
            size += self.of_interface(id);
            let used = self.resolve.interface_direct_deps(id);
            next.extend(used.filter(|id| seen.insert(*id)));
        }
        size
    }

    /// A world's imports have what they use among them.
    fn of_world(&mut self, id: WorldId) -> usize {
        let world = &self.resolve.worlds[id];
        let items = world.imports.values().chain(world.exports.values());
        items.map(|item| self.of_item(item)).sum()
    }

    fn of_item(&mut self, item: &WorldItem) -> usize {
        match item {
            WorldItem::Interface { id, .. } => self.of_interface(*id),
            WorldItem::Function(func) => self.of_function(func),
            WorldItem::Type { id, .. } => self.of_type(*id),
        }
    }

    fn of_interface(&mut self, id: InterfaceId) -> usize {
        if let Some(size) = self.known.get(&id) {
            return *size;
        }
        let interface = &self.resolve.interfaces[id];
        let types = interface.types.values().map(|id| self.of_type(*id));
        let functions = interface.functions.values().map(|f| self.of_function(f));
        let size = 1 + types.sum::<usize>() + functions.sum::<usize>();
        self.known.insert(id, size);
        size
    }

    fn of_function(&self, func: &Function) -> usize {
        let types = func.params.iter().map(|param| &param.ty);
        1 + self.of_types(types.chain(&func.result))
    }

    fn of_types<'t>(&self, types: impl IntoIterator<Item = &'t Type>) -> usize {
        types.into_iter().map(|ty| self.of_use(ty)).sum()
    }

    /// A type where it is used: by its name, or as it is when it has none. The
    /// parser limits how deep those are.
    fn of_use(&self, ty: &Type) -> usize {
        match ty {
            Type::Id(id) if self.resolve.types[*id].name.is_none() => self.of_type(*id),
            _ => 1,
        }
    }

    fn of_type(&self, id: TypeId) -> usize {
        let parts = match &self.resolve.types[id].kind {
            TypeDefKind::Record(record) => self.of_types(record.fields.iter().map(|f| &f.ty)),
            TypeDefKind::Tuple(tuple) => self.of_types(&tuple.types),
            TypeDefKind::Variant(variant) => {
                variant.cases.len()
                    + self.of_types(variant.cases.iter().filter_map(|case| case.ty.as_ref()))
            }
            TypeDefKind::Enum(of) => of.cases.len(),
            TypeDefKind::Flags(flags) => flags.flags.len(),
            TypeDefKind::Result(result) => self.of_types(result.ok.iter().chain(&result.err)),
            TypeDefKind::Option(ty)
            | TypeDefKind::List(ty)
            | TypeDefKind::FixedLengthList(ty, _)
            | TypeDefKind::Type(ty) => self.of_use(ty),
            TypeDefKind::Map(key, value) => self.of_use(key) + self.of_use(value),
            TypeDefKind::Future(ty) | TypeDefKind::Stream(ty) => self.of_types(ty),
            TypeDefKind::Handle(_) | TypeDefKind::Resource | TypeDefKind::Unknown => 0,
        };
        1 + parts
    }
}
