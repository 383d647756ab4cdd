//! Components of a plan that is large for what is between them.
//!
//! They are in the text format.

use std::fmt::Write;

/// A component that imports instances with `f: func() -> u32`, and exports one:
/// its `f` gives the sum of theirs and a number of its own.
pub fn node(imports: &[&str], export: &str, own: u32) -> String {
    let mut text = String::from("(component\n");
    let (mut wants, mut calls, mut gives) = (String::new(), String::new(), String::new());
    for (index, name) in imports.iter().enumerate() {
        let _ = writeln!(
            text,
            r#"(import "{name}" (instance $i{index} (export "f" (func (result u32)))))
               (core func $l{index} (canon lower (func $i{index} "f")))"#
        );
        let _ = write!(
            wants,
            r#"(import "i" "{index}" (func $f{index} (result i32)))"#
        );
        let _ = write!(calls, "(i32.add (call $f{index}))");
        let _ = write!(gives, r#"(export "{index}" (func $l{index}))"#);
    }
    let _ = write!(
        text,
        r#"(core module $m {wants}
             (func (export "f") (result i32) (i32.const {own}) {calls}))
           (core instance $gives {gives})
           (core instance $m (instantiate $m (with "i" (instance $gives))))
           (func $f (result u32) (canon lift (core func $m "f")))
           (instance $e (export "f" (func $f)))
           (export "{export}" (instance $e)))"#
    );
    text
}

/// A component that exports an instance with `f: func() -> u32`.
pub fn leaf(export: &str, own: u32) -> String {
    node(&[], export, own)
}
