//! What a component does not have.

use crate::diagnostic::Diagnostic;
use crate::error::Code;
use crate::lists::some_of;
use crate::suggest;
use crate::wasm::Extern;

/// A component that has no import or export of a name.
pub fn lacks(what: &str, name: &str, has: &[Extern]) -> Diagnostic {
    let names = || has.iter().map(|e| e.name.as_str());
    let help = match suggest::nearest(name, names()) {
        Some(near) => format!("did you mean {near:?}?"),
        None => "name one that it has".to_string(),
    };
    let has = match has.is_empty() {
        true => "it has none".to_string(),
        false => some_of(names()),
    };
    Diagnostic::error(Code::EmitLinkError, format!("{what} {name:?}"), help)
        .found(format!("{name:?}"))
        .expected(has)
}
