//! Indices of what a plan lists.

use compositor_diagnostic::indices;

indices! {
    /// A component of a plan.
    pub struct ComponentIndex;
    /// A binding of a plan.
    pub struct BindingIndex;
}
