//! Targets by name.

use super::description::Target;
use super::table;
use compositor_plan::names::matches;

/// A name that there is no target of.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no target {name:?}; the targets are {}", table::names().join(", "))]
pub struct UnknownTarget {
    /// The name.
    pub name: String,
}

impl Target {
    /// What `exec` runs on: this compositor's own host.
    pub const COMPOSECTL: &Self = &table::COMPOSECTL;

    /// What artifacts are written for when nothing is said: the newest stock
    /// wasmtime, where proposals of names alone are a warning.
    pub const STOCK: &Self = &table::STOCK;

    /// No host in particular, for embedders that know theirs: nothing is checked
    /// but what holds for all.
    pub const ANY: &Self = &table::ANY;

    /// The target of a name, such as `wasmtime@48`; without a version, the
    /// newest.
    ///
    /// # Errors
    /// When there is none.
    pub fn named(name: &str) -> Result<&'static Self, UnknownTarget> {
        let found = table::BY_NAME.iter().find(|(other, _)| *other == name);
        let unknown = || UnknownTarget { name: name.into() };
        found.map(|(_, target)| *target).ok_or_else(unknown)
    }

    /// Whether it gives an interface, in a version of the same track.
    pub fn gives_interface(&self, interface: &str) -> bool {
        let is_it = |given: &&str| matches(given, interface);
        self.gives.is_none_or(|given| given.iter().any(is_it))
    }

    /// The names that there are.
    pub fn names() -> Vec<&'static str> {
        table::names()
    }
}

impl Default for &Target {
    fn default() -> Self {
        Target::ANY
    }
}
