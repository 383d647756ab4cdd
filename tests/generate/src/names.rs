//! The names of what a component imports and exports.

use wasmparser::{ComponentExternName, Parser, Payload};

/// The names of a component's imports and exports.
///
/// # Panics
///
/// When it is not a component.
pub fn names(component: &[u8]) -> (Vec<String>, Vec<String>) {
    let (mut imports, mut exports) = (Vec::new(), Vec::new());
    own(component, |payload| match payload {
        Payload::ComponentImportSection(section) => {
            let names = section.into_iter().flatten();
            imports.extend(names.map(|import| import.name.name.to_string()));
        }
        Payload::ComponentExportSection(section) => {
            let names = section.into_iter().flatten();
            exports.extend(names.map(|export| export.name.name.to_string()));
        }
        _ => {}
    });
    (imports, exports)
}

/// What a caller makes of the name of each import of a component, in their order.
///
/// # Panics
///
/// When it is not a component.
pub fn imports<T>(component: &[u8], of: impl Fn(ComponentExternName<'_>) -> T) -> Vec<T> {
    let mut imports = Vec::new();
    own(component, |payload| {
        if let Payload::ComponentImportSection(section) = payload {
            for import in section {
                imports.push(of(import.expect("an import").name));
            }
        }
    });
    imports
}

/// Hands out a component's own sections, without those of what is in it.
fn own(component: &[u8], mut seen: impl FnMut(Payload<'_>)) {
    let mut depth = 0;
    for payload in Parser::new(0).parse_all(component) {
        match payload.expect("a component") {
            Payload::Version { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            payload if depth == 1 => seen(payload),
            _ => {}
        }
    }
}
