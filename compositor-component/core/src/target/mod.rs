//! Hosts that artifacts are for: what each takes and gives.
//!
//! The bytes of an artifact do not depend on it: what a host lacks is an error
//! or a warning.

mod check;
mod table;

pub use check::{check, too_many, unchecked};

use wasmparser::WasmFeatures;

/// A host that artifacts are for.
#[derive(Debug, PartialEq, Eq)]
pub struct Target {
    /// How people call it, with the major version where there are several.
    pub name: &'static str,
    /// The proposals beyond what every runtime has that are on by default.
    features: WasmFeatures,
    /// The proposals beyond those whose lack is a warning alone.
    warned: WasmFeatures,
    /// Modules and components that an artifact has at the most, through all
    /// nesting and with itself.
    modules_and_components: usize,
    /// Core instances and instances that a component has at the most, with those
    /// that it imports, aliases and exports.
    instances: usize,
    /// The interfaces that it gives; none when it is not known.
    gives: Option<&'static [&'static str]>,
    /// Whether relaxed SIMD gives the same on every processor.
    is_simd_deterministic: bool,
}

/// A name that there is no target of.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no target {name:?}; there are {}", table::names().join(", "))]
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
