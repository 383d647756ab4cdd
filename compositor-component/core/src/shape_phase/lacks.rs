//! What a component does not have.

use compositor_diagnostic::lists::some_of;
use compositor_diagnostic::{Diagnostic, Rule, suggest};
use compositor_wasm::Extern;

/// A component that has no import or export of a name.
pub fn lacks(rule: Rule, what: &str, name: &str, has: &[Extern]) -> Diagnostic {
    let names = || has.iter().map(|e| e.name.as_str());
    let help = match suggest::nearest(name, names()) {
        Some(near) => format!("did you mean {near:?}?"),
        None => "name one that it has".to_string(),
    };
    let has = match has.is_empty() {
        true => "it has none".to_string(),
        false => some_of(names()),
    };
    Diagnostic::error(rule, format!("{what} {name:?}"), help)
        .found(format!("{name:?}"))
        .expected(has)
}
