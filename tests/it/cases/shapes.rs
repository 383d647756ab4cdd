//! What can be bound beside interfaces with functions: functions and types of
//! the world, interfaces of types alone.

use compositor_core::Code;
use compositor_tests::Artifact;
use test_generate::plan::Plan;

use super::case::{BothWays as _, says};
use super::wat::{leaf, node};
use super::wiring::wiring;

const POINT: &str = r#"(record (field "x" u32) (field "y" u32))"#;
const OTHER_POINT: &str = r#"(record (field "x" u32) (field "z" u32))"#;

#[test]
fn functions_of_the_world() {
    let double = r#"(component
        (core module $m (func (export "f") (param i32) (result i32)
            (i32.mul (local.get 0) (i32.const 2))))
        (core instance $m (instantiate $m))
        (func (export "double") (param "n" u32) (result u32) (canon lift (core func $m "f"))))"#;
    let app = r#"(component
        (import "twice" (func $twice (param "n" u32) (result u32)))
        (core func $twice (canon lower (func $twice)))
        (core module $m
            (import "" "twice" (func $twice (param i32) (result i32)))
            (func (export "run") (param i32) (result i32)
                (call $twice (call $twice (local.get 0)))))
        (core instance $m (instantiate $m
            (with "" (instance (export "twice" (func $twice))))))
        (func (export "run") (param "n" u32) (result u32) (canon lift (core func $m "run"))))"#;
    let emitted = Plan::new("app", app)
        .component("alpha", double)
        .bind_as("app", "twice", "alpha", "double")
        .emitted();
    let mut artifact = Artifact::new(&emitted.bytes).unwrap();
    assert_eq!(artifact.wave("run", &["5"]).unwrap(), "20");

    let error = Plan::new("app", app)
        .component(
            "alpha",
            double.replace(r#"(param "n" u32)"#, r#"(param "m" u32)"#),
        )
        .bind_as("app", "twice", "alpha", "double")
        .refusal();
    says(
        &error,
        Code::EmitLinkError,
        &error.pointer,
        &["n: u32", "m: u32"],
    );
}

/// Exports `ops`, whose types are those of `types`: exported too, or imported.
fn ops(exported: bool, point: &str) -> String {
    let types = if exported {
        format!(
            r#"(type $p {point})
               (instance $bundle (export "point" (type $p)))
               (export $types "t:n/types@0.1.0" (instance $bundle))"#
        )
    } else {
        import_types(point)
    };
    format!(
        r#"(component
            {types}
            (alias export $types "point" (type $point))
            (core module $m (func (export "f") (param i32 i32) (result i32)
                (i32.add (local.get 0) (local.get 1))))
            (core instance $m (instantiate $m))
            (func $norm (param "p" $point) (result u32) (canon lift (core func $m "f")))
            (instance $ops (export "point" (type $point)) (export "norm" (func $norm)))
            (export "t:n/ops@0.1.0" (instance $ops)))"#
    )
}

fn import_types(point: &str) -> String {
    format!(
        r#"(import "t:n/types@0.1.0" (instance $types
            (type $p {point}) (export "point" (type (eq $p)))))"#
    )
}

/// Imports `types` and `ops`.
fn consumer(point: &str) -> String {
    let types = import_types(point);
    format!(
        r#"(component
            {types}
            (alias export $types "point" (type $point))
            (import "t:n/ops@0.1.0" (instance $ops
                (alias outer 1 $point (type $p))
                (export "point" (type $q (eq $p)))
                (export "norm" (func (param "p" $q) (result u32)))))
            (core func $norm (canon lower (func $ops "norm")))
            (core module $m
                (import "" "norm" (func $norm (param i32 i32) (result i32)))
                (func (export "run") (param i32) (result i32)
                    (call $norm (local.get 0) (i32.const 1))))
            (core instance $m (instantiate $m
                (with "" (instance (export "norm" (func $norm))))))
            (func (export "run") (param "n" u32) (result u32) (canon lift (core func $m "run"))))"#
    )
}

#[test]
fn an_interface_of_types_needs_no_provider() {
    for exported in [false, true] {
        let emitted = Plan::new("app", consumer(POINT))
            .component("ops", ops(exported, POINT))
            .bind("app", "t:n/ops@0.1.0", "ops")
            .emitted();
        assert_eq!(wiring(&emitted.bytes).imports, [] as [&str; 0]);
        let mut artifact = Artifact::new(&emitted.bytes).unwrap();
        assert_eq!(artifact.wave("run", &["5"]).unwrap(), "6");
    }
}

#[test]
fn an_interface_of_types_may_have_a_provider() {
    let emitted = Plan::new("app", consumer(POINT))
        .component("ops", ops(true, POINT))
        .bind("app", "t:n/ops@0.1.0", "ops")
        .bind("app", "t:n/types@0.1.0", "ops")
        .emitted();
    let mut artifact = Artifact::new(&emitted.bytes).unwrap();
    assert_eq!(artifact.wave("run", &["5"]).unwrap(), "6");
}

#[test]
fn types_that_differ() {
    for exported in [false, true] {
        let errors = Plan::new("app", consumer(POINT))
            .component("ops", ops(exported, OTHER_POINT))
            .bind("app", "t:n/ops@0.1.0", "ops")
            .refused();
        let error = errors.iter().find(|e| e.pointer.starts_with("/bindings/0"));
        let error = error.unwrap_or_else(|| panic!("{errors:#?}"));
        says(
            error,
            Code::EmitLinkError,
            &error.pointer,
            &["t:n/ops@0.1.0", "y: u32", "z: u32"],
        );
    }
}

#[test]
fn types_of_the_world() {
    // What `use types.{point}` in a world becomes.
    let app = consumer(POINT).replacen(
        "(core func $norm",
        r#"(import "point" (type (eq $point)))
           (core func $norm"#,
        1,
    );
    let emitted = Plan::new("app", app)
        .component("ops", ops(false, POINT))
        .bind("app", "t:n/ops@0.1.0", "ops")
        .emitted();
    assert_eq!(wiring(&emitted.bytes).imports, [] as [&str; 0]);
    let mut artifact = Artifact::new(&emitted.bytes).unwrap();
    assert_eq!(artifact.wave("run", &["5"]).unwrap(), "6");
}

#[test]
fn exports_keep_the_names_of_their_types() {
    // Only `shape` is used by what the root exports, but `shape` is made of
    // points: the artifact has to name them too, or it does not validate.
    let types = r#"(import "t:n/types@0.1.0" (instance $types
            (type $p (record (field "x" u32))) (export "point" (type $point (eq $p)))
            (type $s (record (field "at" $point))) (export "shape" (type (eq $s)))))
        (alias export $types "shape" (type $shape))
        (core module $m (func (export "f") (param i32) (result i32) (local.get 0)))
        (core instance $m (instantiate $m))
        (func $x (param "s" $shape) (result u32) (canon lift (core func $m "f")))"#;
    let interface = format!(
        r#"(component {types}
            (instance $api (export "shape" (type $shape)) (export "x" (func $x)))
            (export "t:n/api@0.1.0" (instance $api)))"#
    );
    let emitted = Plan::new("app", interface).emitted();
    let mut artifact = Artifact::new(&emitted.bytes).unwrap();
    let x = artifact.wave("t:n/api@0.1.0#x", &["{at: {x: 5}}"]);
    assert_eq!(x.unwrap(), "5");

    let function = format!(
        r#"(component {types}
            (import "shape" (type (eq $shape)))
            (export "x" (func $x)))"#
    );
    let emitted = Plan::new("app", function).emitted();
    let mut artifact = Artifact::new(&emitted.bytes).unwrap();
    assert_eq!(artifact.wave("x", &["{at: {x: 5}}"]).unwrap(), "5");
}

#[test]
fn open_functions_of_the_world() {
    // Two components ask for one function, with a type that each has from its
    // own import; the artifact asks for it once.
    let types = import_types(POINT);
    let log = format!(
        r#"(component {types}
            (alias export $types "point" (type $t))
            (import "point" (type $point (eq $t)))
            (import "log" (func (param "p" $point)))"#
    );
    let (a, app) = ("t:n/a@0.1.0", "t:n/app@0.1.0");
    let with = |component: String| component.replacen("(component", &log, 1);
    let emitted = Plan::new("app", with(node(&[a], app, 1)))
        .component("alpha", with(leaf(a, 2)))
        .bind("app", a, "alpha")
        .open("log")
        .emitted();
    let imports = wiring(&emitted.bytes).imports;
    assert_eq!(imports.iter().filter(|name| *name == "log").count(), 1);
}

#[test]
fn interfaces_with_plain_names() {
    let app = node(&["numbers"], "t:n/app@0.1.0", 1);
    let emitted = Plan::new("app", app)
        .component("alpha", leaf("results", 2))
        .bind_as("app", "numbers", "alpha", "results")
        .emitted();
    let mut artifact = Artifact::new(&emitted.bytes).unwrap();
    assert_eq!(artifact.wave("t:n/app@0.1.0#f", &[]).unwrap(), "3");
}

#[test]
fn one_export_for_two_imports() {
    let (a, b, c) = ("t:n/a@0.1.0", "t:n/b@0.1.0", "t:n/c@0.1.0");
    let emitted = Plan::new("app", node(&[a, b], "t:n/app@0.1.0", 1))
        .component("alpha", leaf(c, 2))
        .bind_as("app", a, "alpha", c)
        .bind_as("app", b, "alpha", c)
        .emitted();
    assert_eq!(wiring(&emitted.bytes).instances.len(), 2);
    let mut artifact = Artifact::new(&emitted.bytes).unwrap();
    assert_eq!(artifact.wave("t:n/app@0.1.0#f", &[]).unwrap(), "5");
}

#[test]
fn an_export_that_is_an_import() {
    let pass = r#"(component
        (import "t:n/a@0.1.0" (instance $a (export "f" (func (result u32)))))
        (export "t:n/b@0.1.0" (instance $a)))"#;
    let emitted = Plan::new("app", pass)
        .component("alpha", leaf("t:n/a@0.1.0", 2))
        .bind("app", "t:n/a@0.1.0", "alpha")
        .emitted();
    let mut artifact = Artifact::new(&emitted.bytes).unwrap();
    assert_eq!(artifact.wave("t:n/b@0.1.0#f", &[]).unwrap(), "2");
}

#[test]
fn imports_of_the_host_can_be_bound() {
    let now = "wasi:clocks/monotonic-clock@0.2.0";
    let emitted = Plan::new("app", node(&[now], "t:n/app@0.1.0", 1))
        .component("alpha", leaf("wasi:clocks/monotonic-clock@0.2.6", 2))
        .bind("app", now, "alpha")
        .emitted();
    assert_eq!(wiring(&emitted.bytes).imports, [] as [&str; 0]);
    let mut artifact = Artifact::new(&emitted.bytes).unwrap();
    assert_eq!(artifact.wave("t:n/app@0.1.0#f", &[]).unwrap(), "3");
}
