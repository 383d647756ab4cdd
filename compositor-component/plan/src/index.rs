//! Indices of what a plan lists, and where that is in the plan.

use compositor_diagnostic::index::Idx;
use compositor_diagnostic::indices;

indices! {
    /// A component of a plan.
    pub struct ComponentIndex;
    /// A binding of a plan.
    pub struct BindingIndex;
}

impl ComponentIndex {
    /// Where it is, as a JSON pointer.
    pub fn pointer(self) -> String {
        format!("/components/{}", self.index())
    }
}

impl BindingIndex {
    /// Where it is, as a JSON pointer.
    pub fn pointer(self) -> String {
        format!("/bindings/{}", self.index())
    }
}
