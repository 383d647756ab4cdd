//! An import or export: its name with what else the binary says of it, and its type.

use wasmparser::component_types::ComponentItem;

use crate::ShapeId;
use crate::types::EntityType;
use compositor_plan::names::{ImportName, full, rank};

/// An import or export.
#[derive(Clone, Debug)]
pub struct Extern {
    /// Its name.
    pub name: String,
    /// The interface that it is, or that it implements under its name, with its
    /// full version; the name of what is none.
    pub interface: String,
    /// What it is, in the world's types.
    pub ty: EntityType,
    pub(crate) item: ComponentItem,
    /// Its structure, comparable across worlds.
    pub shape: ShapeId,
}

impl Extern {
    /// An import or export of a name.
    pub(super) fn new(name: String, item: ComponentItem, shape: ShapeId) -> Self {
        let implemented = item.implements.as_deref().unwrap_or(&name);
        Self {
            interface: full(implemented, item.version_suffix.as_deref()),
            ty: EntityType::of(&item.ty),
            name,
            item,
            shape,
        }
    }

    /// Its name with its full version; a label has none.
    pub fn full_name(&self) -> &str {
        match self.item.implements {
            Some(_) => &self.name,
            None => &self.interface,
        }
    }

    /// The interface that it implements under its name, as it is written.
    pub fn implements(&self) -> Option<&str> {
        self.item.implements.as_deref()
    }

    /// What a host is to find it by.
    pub fn external_id(&self) -> Option<&str> {
        self.item.external_id.as_deref()
    }

    /// What rules know it by.
    pub fn asked(&self) -> ImportName<'_> {
        ImportName {
            name: &self.name,
            interface: &self.interface,
        }
    }

    /// What the binary says beside its name.
    pub fn options(&self) -> NameOptions {
        NameOptions {
            implements: self.item.implements.clone(),
            version_suffix: self.item.version_suffix.clone(),
            external_id: self.item.external_id.clone(),
        }
    }
}

/// What the binary says of an import or export beside its name and its type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameOptions {
    /// The interface that it implements under its name.
    pub implements: Option<String>,
    /// What the version lacks in the name, or in that of the interface that it
    /// implements.
    pub version_suffix: Option<String>,
    /// What a host is to find it by.
    pub external_id: Option<String>,
}

impl NameOptions {
    /// The interface that a name with these is or implements, with its full
    /// version.
    pub fn interface(&self, name: &str) -> String {
        let name = self.implements.as_deref().unwrap_or(name);
        full(name, self.version_suffix.as_deref())
    }

    /// Those of two, for one name, that have the higher version.
    pub fn higher(self, other: Self, name: &str) -> Self {
        match rank(&self.interface(name)) >= rank(&other.interface(name)) {
            true => self,
            false => other,
        }
    }
}

/// The name of the resource of `[constructor]a`, `[method]a.b` or `[static]a.b`.
pub(super) fn resource_of(name: &str) -> Option<&str> {
    let (_, name) = name.rsplit_once(']')?;
    name.split('.').next()
}
