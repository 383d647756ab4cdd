//! Small components in the text format.

use std::fmt::Write;

pub use compositor_tests::wat::{leaf, node};

/// A component that imports instances of some types, does nothing with them,
/// and exports one with `f: func() -> u32`.
pub fn asks(imports: &[(&str, &str)], export: &str) -> String {
    let mut text = leaf(export, 0);
    let mut asked = String::new();
    for (name, items) in imports {
        let _ = writeln!(asked, r#"(import "{name}" (instance {items}))"#);
    }
    text.insert_str("(component\n".len(), &asked);
    text
}

/// A component that exports an instance with functions that trap: a name, the
/// type, and what core WebAssembly makes of the type.
pub fn gives(export: &str, functions: &[(&str, &str, &str)]) -> String {
    let (mut bodies, mut lifts, mut exports) = (String::new(), String::new(), String::new());
    for (name, ty, core) in functions {
        let _ = writeln!(bodies, r#"(func (export "{name}") {core} unreachable)"#);
        let _ = writeln!(
            lifts,
            r#"(func ${name} {ty} (canon lift (core func $m "{name}") (memory $memory)))"#
        );
        let _ = write!(exports, r#"(export "{name}" (func ${name}))"#);
    }
    format!(
        r#"(component
             (core module $m (memory (export "memory") 1) {bodies})
             (core instance $m (instantiate $m))
             (alias core export $m "memory" (core memory $memory))
             {lifts}
             (instance $e {exports})
             (export "{export}" (instance $e)))"#
    )
}
