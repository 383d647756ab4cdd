//! Traps that libraries for composing are known to fall into.

use std::fmt::Write;
use std::time::{Duration, Instant};

use compositor_tests::Artifact;
use compositor_tests::Written as _;
use test_generate::plan::Plan;

use super::case::{BothWays as _, emit, native};
use super::wat::{leaf, node};
use super::wiring::{Source, wiring};

const A: &str = "t:n/a@0.1.0";
const B: &str = "t:n/b@0.1.0";
const APP: &str = "t:n/app@0.1.0";

/// A plan of a few KB may never cost more.
const BOUND: Duration = Duration::from_secs(1);

/// Composes, natively in bounded time.
fn bounded(case: &Plan) -> Vec<u8> {
    let temp = case.written();
    let start = Instant::now();
    let (composed, _) = native(&temp.join("plan.json"));
    let time = start.elapsed();
    if let Err(errors) = composed {
        panic!("{errors:#?}");
    }
    assert!(time < BOUND, "it took {time:?}");
    emit(&temp.join("plan.json")).bytes
}

/// Imports of interfaces each of which uses two types of the one before.
fn chained(length: usize) -> String {
    let mut text = String::new();
    for index in 0..length {
        let _ = writeln!(text, r#"(import "{}" (instance $c{index}"#, link(index));
        if let Some(before) = index.checked_sub(1) {
            for ty in ["a", "b"] {
                let _ = writeln!(
                    text,
                    r#"(alias outer 1 ${ty}{before} (type ${ty}o))
                       (export "{ty}{before}" (type (eq ${ty}o)))"#
                );
            }
        }
        for ty in ["a", "b"] {
            let _ = writeln!(
                text,
                r#"(type ${ty} (record (field "x" u32))) (export "{ty}{index}" (type ${ty}e (eq ${ty})))"#
            );
        }
        let _ = writeln!(
            text,
            r#"(export "f" (func (param "a" $ae) (param "b" $be) (result u32)))))
               (alias export $c{index} "a{index}" (type $a{index}))
               (alias export $c{index} "b{index}" (type $b{index}))"#
        );
    }
    text
}

fn link(index: usize) -> String {
    format!("t:c/i{index}@0.1.0")
}

fn with(component: String, imports: &str) -> String {
    component.replacen("(component", &format!("(component\n{imports}"), 1)
}

#[test]
fn chained_uses_take_linear_time() {
    const LENGTH: usize = 25;
    let imports = chained(LENGTH);
    let mut case = Plan::new("app", with(node(&[A], APP, 1), &imports))
        .component("alpha", with(leaf(A, 2), &imports))
        .bind("app", A, "alpha");
    for index in 0..LENGTH {
        case = case.open(&link(index));
    }
    let artifact = bounded(&case);
    let mut expected: Vec<String> = (0..LENGTH).map(link).collect();
    let mut imports = wiring(&artifact).imports;
    expected.sort();
    imports.sort();
    assert_eq!(imports, expected);
}

#[test]
fn chained_uses_across_bindings_take_linear_time() {
    // The same chain between a consumer and a provider, and of the host.
    const LENGTH: usize = 25;
    let imports = chained(LENGTH).replace("t:c/", "wasi:c/");
    let case = Plan::new("app", with(node(&[A, B], APP, 1), &imports))
        .component("alpha", with(leaf(A, 2), &imports))
        .component("beta", with(leaf(B, 4), &imports))
        .bind("app", A, "alpha")
        .bind("app", B, "beta");
    assert_eq!(wiring(&bounded(&case)).imports.len(), LENGTH);
}

#[test]
fn many_versioned_imports() {
    const COUNT: usize = 400;
    let imports = |patch: usize| {
        let mut text = String::new();
        for index in 0..COUNT {
            let _ = writeln!(
                text,
                r#"(import "wasi:v/i{index}@0.2.{patch}" (instance (export "f" (func))))"#
            );
        }
        text
    };
    let case = Plan::new("app", with(node(&[A], APP, 1), &imports(0)))
        .component("alpha", with(leaf(A, 2), &imports(6)))
        .bind("app", A, "alpha");
    let imports = wiring(&bounded(&case)).imports;
    assert_eq!(imports.len(), COUNT);
    assert!(imports.iter().all(|name| name.ends_with("@0.2.6")));
}

#[test]
fn a_type_bomb() {
    // Each type is a pair of the one before.
    let mut text = String::from(r#"(import "wasi:b/bomb@0.1.0" (instance"#);
    let mut before = "u8".to_string();
    for index in 0..15 {
        let _ = write!(
            text,
            r#"(type $t{index} (tuple {before} {before})) (export "t{index}" (type $e{index} (eq $t{index})))"#
        );
        before = format!("$e{index}");
    }
    let _ = write!(text, r#"(export "f" (func (param "x" {before})))))"#);
    let case = Plan::new("app", with(node(&[A], APP, 1), &text))
        .component("alpha", with(leaf(A, 2), &text))
        .bind("app", A, "alpha");
    assert_eq!(wiring(&bounded(&case)).imports, ["wasi:b/bomb@0.1.0"]);
}

#[test]
fn a_type_bomb_that_does_not_fit() {
    // Written out, the type of the parameter has half a million words.
    let bomb = |unit: &str| {
        let mut text = String::new();
        let mut before = unit.to_string();
        for index in 0..18 {
            let _ = writeln!(text, "(type $t{index} (tuple {before} {before}))");
            before = format!("$t{index}");
        }
        format!(r#"(instance $i {text} (export "f" (func (param "x" {before}))))"#)
    };
    let given = format!(
        r#"(component (import "wasi:b/bomb@0.1.0" {}) (export "{A}" (instance $i)))"#,
        bomb("u16")
    );
    let case = Plan::new(
        "app",
        with(leaf(APP, 1), &format!(r#"(import "{A}" {})"#, bomb("u8"))),
    )
    .component("alpha", given)
    .bind("app", A, "alpha");
    let temp = case.written();
    let start = Instant::now();
    let (composed, _) = native(&temp.join("plan.json"));
    let time = start.elapsed();
    assert!(time < BOUND, "it took {time:?}");
    let errors = composed.expect_err("the types differ");
    assert_eq!(errors.len(), 1);
    let texts = [&errors[0].found, &errors[0].expected];
    let length: usize = texts.into_iter().flatten().map(String::len).sum();
    assert!(length < 64 << 10, "an error of {length} bytes");
}

#[test]
fn only_what_the_plan_binds_is_bound() {
    // Beta exports the name that alpha leaves open, but the plan binds it to
    // the root alone.
    let emitted = Plan::new("app", node(&[A, B], APP, 1))
        .component("alpha", node(&[B], A, 2))
        .component("beta", leaf(B, 4))
        .bind("app", A, "alpha")
        .bind("app", B, "beta")
        .open(B)
        .emitted();
    let wiring = wiring(&emitted.bytes);
    let digest = |id: &str| {
        *emitted
            .blobs
            .iter()
            .find(|(_, name)| *name == id)
            .unwrap()
            .0
    };
    assert_eq!(wiring.imports, [B]);
    let import = Source::Import(B.to_string());
    assert_eq!(wiring.arguments(digest("alpha")), [(B.to_string(), import)]);
    let instance = |id: &str| wiring.instances_of(digest(id)).next().unwrap();
    let mut arguments = wiring.arguments(digest("app")).to_vec();
    arguments.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(
        arguments,
        [
            (
                A.to_string(),
                Source::Export(instance("alpha"), A.to_string())
            ),
            (
                B.to_string(),
                Source::Export(instance("beta"), B.to_string())
            ),
        ]
    );
}

#[test]
fn a_provider_of_two_is_one_instance() {
    let emitted = Plan::new("app", node(&[A, B], APP, 1))
        .component("alpha", node(&["t:n/c@0.1.0"], A, 2))
        .component("beta", node(&["t:n/c@0.1.0"], B, 4))
        .component("gamma", leaf("t:n/c@0.1.0", 8))
        .bind("app", A, "alpha")
        .bind("app", B, "beta")
        .bind("alpha", "t:n/c@0.1.0", "gamma")
        .bind("beta", "t:n/c@0.1.0", "gamma")
        .emitted();
    assert_eq!(wiring(&emitted.bytes).instances.len(), 4);
    let mut artifact = Artifact::new(&emitted.bytes).unwrap();
    assert_eq!(artifact.wave(&format!("{APP}#f"), &[]).unwrap(), "23");
}
