//! What is known of a host.

use compositor_wasm::WasmFeatures;

/// A host that artifacts are for.
#[derive(Debug, PartialEq, Eq)]
pub struct Target {
    /// How people call it, with the major version where there are several.
    pub name: &'static str,
    /// The proposals beyond what every runtime has that are on by default.
    pub features: WasmFeatures,
    /// The proposals beyond those whose lack is a warning alone.
    pub warned: WasmFeatures,
    /// Modules and components that an artifact has at the most, through all
    /// nesting and with itself.
    pub modules_and_components: usize,
    /// Core instances and instances that a component has at the most, with those
    /// that it imports, aliases and exports.
    pub instances: usize,
    /// The interfaces that it gives; none when it is not known.
    pub gives: Option<&'static [&'static str]>,
    /// Whether relaxed SIMD gives the same on every processor.
    pub is_simd_deterministic: bool,
}
