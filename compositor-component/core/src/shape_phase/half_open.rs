//! An import that cannot stay open, because of another.

use compositor_diagnostic::{Diagnostic, Rule};

/// The finding about an import that stays open, and is made of types of one
/// that does not.
pub fn half_open(id: &str, name: &str, import: &str, what: &str, help: &str) -> Diagnostic {
    let message = format!(
        "import {name:?} of {id:?} cannot stay open: it is made of types of {import:?}, \
         which is {what}"
    );
    Diagnostic::error(Rule::HalfOpenImport, message, help)
}
