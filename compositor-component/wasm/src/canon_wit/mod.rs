//! canon:wit: ids of interfaces, worlds, packages and of a component's own
//! world, which follow from structure alone. The form is specified in
//! `docs/canon-wit.md`.

mod document;
mod error;
mod externs;
mod types;

pub use error::WitError;

use ciborium::Value;
use compositor_validator::FEATURES;
use wasmparser::component_types::{ComponentAnyTypeId, ComponentEntityType, ComponentTypeId};
use wasmparser::types::Types;

use crate::read::read;
use crate::scan::start_of_component;
use crate::{Shapes, World, WorldError};
use compositor_diagnostic::Digest;
use compositor_diagnostic::limits::Limits;
use compositor_plan::cbor;
use document::{interface, world};
use externs::{Externs, externs};
use types::{map, text};

/// What an id is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A package.
    Package,
    /// An interface.
    Interface,
    /// A world.
    World,
    /// A component's own world.
    Component,
}

/// Something that has an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identified {
    /// What it is.
    pub kind: Kind,
    /// Its name with its package's name and version.
    pub name: String,
    /// `sha256("witcanon:1" || canonical CBOR)`.
    pub id: Digest,
}

/// The name that tools give to a component's own world.
const COMPONENT: &str = "root:component/root";

/// The ids of a WIT package in its binary form, or of a component's world. Of
/// a package: its own, and those of its interfaces and worlds, by name.
pub fn ids(wasm: &[u8], limits: &Limits) -> Result<Vec<Identified>, WitError> {
    start_of_component(wasm).map_err(|what| WitError::NotAComponent { what })?;
    let (types, names) = read(wasm, 0, FEATURES).map_err(WorldError::from)?;
    let view = types.as_ref();
    let encoded = |name: &String| match view.component_item_for_export(name)?.ty {
        ComponentEntityType::Type {
            referenced: ComponentAnyTypeId::Component(id),
            ..
        } => Some((name.clone(), id)),
        _ => None,
    };
    let items: Option<Vec<_>> = names.exports.iter().map(encoded).collect();
    match items {
        Some(items) if !items.is_empty() && names.imports.is_empty() => {
            package(&types, &items, limits)
        }
        _ => {
            let world = World::of(wasm, &mut Shapes::new(limits))?;
            Ok(vec![Identified {
                kind: Kind::Component,
                name: COMPONENT.to_string(),
                id: world_id(&world, limits)?,
            }])
        }
    }
}

/// The id of a component's own world.
pub fn world_id(of: &World, limits: &Limits) -> Result<Digest, WitError> {
    let externs = Externs {
        limits,
        types: &of.types.0,
        imports: of
            .imports
            .iter()
            .map(|e| (e.name.as_str(), &e.item))
            .collect(),
        exports: of
            .exports
            .iter()
            .map(|e| (e.name.as_str(), &e.item))
            .collect(),
    };
    Ok(id(&world(COMPONENT, &externs)?))
}

fn id(document: &Value) -> Digest {
    Digest::of_domain("witcanon:1", &cbor::encode(document))
}

fn package(
    types: &Types,
    items: &[(String, ComponentTypeId)],
    limits: &Limits,
) -> Result<Vec<Identified>, WitError> {
    let mut found = Vec::with_capacity(items.len());
    let mut package = None;
    for (short, ty) in items {
        let malformed = || WitError::Package {
            name: short.clone(),
        };
        let ty = &types[*ty];
        let mut exports = ty.exports.iter();
        let (Some((name, item)), None) = (exports.next(), exports.next()) else {
            return Err(malformed());
        };
        let of = package_of(name, short).ok_or_else(malformed)?;
        if package.get_or_insert_with(|| of.clone()) != &of {
            return Err(malformed());
        }
        let (kind, document) = match item.ty {
            ComponentEntityType::Instance(_) => (
                Kind::Interface,
                interface(name, &externs(types, ty, limits))?,
            ),
            ComponentEntityType::Component(id) => (
                Kind::World,
                world(name, &externs(types, &types[id], limits))?,
            ),
            _ => return Err(malformed()),
        };
        found.push((
            short,
            Identified {
                kind,
                name: name.clone(),
                id: id(&document),
            },
        ));
    }
    let name = package.unwrap_or_default();
    let of_kind = |kind| {
        let items = found.iter().filter(|(_, item)| item.kind == kind);
        let bytes = |id: &Digest| Value::Bytes(id.as_bytes().to_vec());
        map(items
            .map(|(short, item)| (text(short), bytes(&item.id)))
            .collect())
    };
    let document = Value::Array(vec![
        text("package"),
        text(&name),
        of_kind(Kind::Interface),
        of_kind(Kind::World),
    ]);
    let package = Identified {
        kind: Kind::Package,
        name,
        id: id(&document),
    };
    compositor_diagnostic::order::sort_by(&mut found, |a, b| (a.1.kind, a.0).cmp(&(b.1.kind, b.0)));
    let items = found.into_iter().map(|(_, item)| item);
    Ok(std::iter::once(package).chain(items).collect())
}

/// `ns:name@1.0.0` of `ns:name/short@1.0.0`.
fn package_of(name: &str, short: &str) -> Option<String> {
    let (package, item) = name.split_once('/')?;
    match item.strip_prefix(short)? {
        "" => Some(package.to_string()),
        version if version.starts_with('@') => Some(format!("{package}{version}")),
        _ => None,
    }
}
