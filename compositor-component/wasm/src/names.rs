//! Names of imports and exports, as validators read and compare them.

use compositor_validator::FEATURES;
use wasmparser::names::{ComponentName, ComponentNameKind};

/// A name of an import or export. Two are equal when no component can have both:
/// they differ in hyphens and letters' case alone, or in what a function is to a
/// resource (`[method]a.b` and `[static]a.b`).
#[derive(PartialEq, Eq, Hash)]
pub struct ExternName(ComponentName);

impl ExternName {
    /// The name that a text is; none when it is not a name of the component model.
    pub fn new(name: &str) -> Option<Self> {
        let name = ComponentName::new_with_features(name, 0, FEATURES);
        name.ok().map(Self)
    }

    /// Whether a component can export what has this name: it is a plain name or an
    /// interface, and does not say where something is found.
    pub fn is_of_exports(&self) -> bool {
        matches!(
            self.0.kind(),
            ComponentNameKind::Plain(_) | ComponentNameKind::Interface(_)
        )
    }
}
