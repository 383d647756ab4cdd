//! Worlds that artifacts have to fit.

/// A world of a WIT package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetWorld {
    /// The package in its binary form.
    pub package: Vec<u8>,
    /// The world's name in it, with or without the package's name and version.
    pub name: String,
}
