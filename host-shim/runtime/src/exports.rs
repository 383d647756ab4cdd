//! What a component exports.

use wasmtime::component::Component;

/// Names of a component's exports.
pub fn exports(component: &Component) -> Vec<String> {
    let ty = component.component_type();
    let exports = ty.exports(component.engine());
    exports.map(|(name, _)| name.to_string()).collect()
}
