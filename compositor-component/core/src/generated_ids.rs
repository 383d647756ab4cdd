//! The ids of components that are generated for a plan. No id of a plan has a `#`.

/// The id of the deterministic source.
pub const SOURCE: &str = "#deterministic";

/// The id of what knows the components whose calls are recorded.
pub const RECORDER: &str = "#recorder";

/// Whether an id is that of a generated component.
pub fn is_generated(id: &str) -> bool {
    id.contains('#')
}

/// The id of what virtualizes imports of a component.
pub fn virtualizer_id(component: &str) -> String {
    format!("{component}#policy")
}

/// The component of the plan that what has an id was generated for; the id itself
/// where it is of the plan, or was generated for several.
pub fn made_for(id: &str) -> &str {
    match id.split_once('#') {
        Some((component, _)) if !component.is_empty() => component,
        _ => id,
    }
}
