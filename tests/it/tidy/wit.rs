//! The WIT: one copy, and every item documented.

use compositor_tests::root;
use wit_parser::{Docs, Resolve, TypeDefKind};

use super::files::ending;

#[test]
fn wit_is_the_only_copy() {
    // The vectors are for people who have nothing else of the repository.
    let places = ["wit/", "tests/vectors/"];
    for file in ending(".wit") {
        assert!(
            places.iter().any(|place| file.path.starts_with(place)),
            "{} is not in wit/",
            file.path
        );
    }
}

#[test]
fn every_item_is_documented() {
    let mut resolve = Resolve::default();
    // A package comes after those that it uses.
    for package in ["canon-cbor", "canon-wit", "sys-compose", "compose-dynlink"] {
        let folder = root().join("wit").join(package);
        let pushed = resolve.push_dir(&folder);
        pushed.unwrap_or_else(|error| panic!("{}: {error:#}", folder.display()));
    }
    let mut silent = Vec::new();
    for item in items(&resolve) {
        if item.1.contents.is_none() {
            silent.push(item.0);
        }
    }
    assert!(silent.is_empty(), "no `///` line: {silent:#?}");
}

/// Every item's path and documentation.
fn items(resolve: &Resolve) -> Vec<(String, &Docs)> {
    let mut items = Vec::new();
    for (_, world) in &resolve.worlds {
        items.push((format!("world {}", world.name), &world.docs));
    }
    for (id, interface) in &resolve.interfaces {
        let path = resolve.id_of(id).unwrap_or_default();
        for function in interface.functions.values() {
            items.push((format!("{path} {}", function.name), &function.docs));
        }
        for (name, id) in &interface.types {
            let path = format!("{path} {name}");
            let ty = &resolve.types[*id];
            // What `use` brings is documented where it comes from.
            if let TypeDefKind::Type(wit_parser::Type::Id(_)) = ty.kind {
                continue;
            }
            items.push((path.clone(), &ty.docs));
            let part = |(name, docs)| (format!("{path}.{name}"), docs);
            items.extend(parts(&ty.kind).into_iter().map(part));
        }
        items.push((path, &interface.docs));
    }
    items
}

fn parts(kind: &TypeDefKind) -> Vec<(&str, &Docs)> {
    match kind {
        TypeDefKind::Record(ty) => ty.fields.iter().map(|f| (&*f.name, &f.docs)).collect(),
        TypeDefKind::Variant(ty) => ty.cases.iter().map(|c| (&*c.name, &c.docs)).collect(),
        TypeDefKind::Enum(ty) => ty.cases.iter().map(|c| (&*c.name, &c.docs)).collect(),
        TypeDefKind::Flags(ty) => ty.flags.iter().map(|f| (&*f.name, &f.docs)).collect(),
        _ => Vec::new(),
    }
}
