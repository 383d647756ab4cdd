//! `--target`: the host that artifacts are for, by name, and what is said of what
//! it lacks before anything is written.

use compositor_tests::{Temp, Written as _};

use super::fixture::{bad, good};

/// A plan of one component.
fn plan(text: &str) -> Temp {
    test_generate::plan::plan(text).written()
}

const WIDE: &str = r#"(component
    (core module $m (func (export "run") (result i64)
        i64.const 2 i64.const 0 i64.const 3 i64.const 0 i64.add128 drop))
    (core instance $m (instantiate $m))
    (func (export "run") (result u64) (canon lift (core func $m "run"))))"#;

const FIXED: &str = r#"(component
    (core module $m (memory (export "m") 1) (func (export "run") (result i32) i32.const 8))
    (core instance $m (instantiate $m))
    (func (export "run") (result (list u32 3))
        (canon lift (core func $m "run") (memory (core memory $m "m")))))"#;

#[test]
fn a_host_that_there_is_not() {
    let folder = plan(WIDE);
    for command in [
        &["plan", "validate"][..],
        &["plan", "info"],
        &["emit", "build"],
        &[],
    ] {
        let args = [command, &["plan.json", "--target", "wasmtme@50"]].concat();
        let said = bad(&folder, 2, &args);
        for word in [
            "wasmtime@48",
            "composectl",
            "did you mean `--target wasmtime@50`?",
        ] {
            assert!(said.contains(word), "no {word} in {said}");
        }
    }
    // What runs is this host.
    bad(
        &folder,
        2,
        &["exec", "run", "plan.json", "--target", "wasmtime"],
    );
}

#[test]
fn what_a_host_lacks_is_said_before_anything_is_written() {
    let folder = plan(WIDE);
    good(&folder, &["plan", "validate", "plan.json"]);
    let emit = ["emit", "build", "plan.json", "-o", "out.wasm"];
    let to = [&emit[..], &["--target", "wasmtime@48"]].concat();
    let refused = bad(&folder, 1, &to);
    for word in [
        "Emit.CompositionFailed",
        "\"app\" needs wide arithmetic",
        "wasmtime@48",
    ] {
        assert!(refused.contains(word), "no {word} in {refused}");
    }
    assert!(!folder.join("out.wasm").exists());
    good(&folder, &[&emit[..], &["--target", "wasmtime@49"]].concat());
}

#[test]
fn what_runs_has_what_it_needs_or_says_what_it_lacks() {
    let folder = plan(FIXED);
    good(&folder, &["plan", "lock", "plan.json"]);
    good(&folder, &["trust", "add", "--plan", "plan.json"]);
    let refused = bad(&folder, 125, &["exec", "invoke", "plan.json", "run()"]);
    for word in ["Emit.CompositionFailed", "fixed-length lists", "composectl"] {
        assert!(refused.contains(word), "no {word} in {refused}");
    }
    assert!(!refused.contains("cannot be compiled"), "{refused}");

    let folder = plan(WIDE);
    good(&folder, &["plan", "lock", "plan.json"]);
    good(&folder, &["trust", "add", "--plan", "plan.json"]);
    assert_eq!(
        good(&folder, &["exec", "invoke", "plan.json", "run()"]),
        "5\n"
    );
}
