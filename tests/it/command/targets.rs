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

/// Exports `demo:app/app@1.2.0`, and imports `demo:app/host@1.2.0`.
const NAMED: &str = r#"(component
    (import "demo:app/host@1.2.0" (instance $n (export "seven" (func (result u32)))))
    (alias export $n "seven" (func $f))
    (instance $e (export "seven" (func $f)))
    (export "demo:app/app@1.2.0" (instance $e)))"#;

const WIT: &str = "package demo:app@1.0.0;
interface host { seven: func() -> u32; }
interface app { seven: func() -> u32; }
interface more { more: func(); }
world goal { import host; export app; }
world alone { export app; }
world larger { import host; export app; export more; }
";

#[test]
fn a_world_that_an_artifact_fits_or_not() {
    let folder = test_generate::plan::plan(NAMED)
        .open("demo:app/host@1.2.0")
        .written();
    folder.write("app.wit", WIT);
    let validate = |target: &str| {
        let args = ["plan", "validate", "plan.json", "--target", target];
        compositor_tests::composectl(folder.path(), args)
    };
    for target in [
        "app.wit#goal",
        "app.wit#demo:app/goal@1.0.0",
        "./app.wit#goal",
    ] {
        let said = validate(target);
        assert_eq!(said.status, 0, "{target}: {said:?}");
    }
    for (target, says) in [
        (
            "app.wit#alone",
            "imports \"demo:app/host@1.2.0\", which world \"demo:app/alone@1.0.0\" does not",
        ),
        ("app.wit#larger", "does not export \"demo:app/more@1.0.0\""),
    ] {
        let said = validate(target);
        assert_eq!(said.status, 1, "{target}: {said:?}");
        assert!(
            said.stderr
                .contains("error[Emit.LinkError/target-mismatch]"),
            "{said:?}"
        );
        assert!(said.stderr.contains(says), "{said:?}");
    }
    folder.write(
        "other.wit",
        WIT.replace("seven: func() -> u32", "seven: func() -> u64"),
    );
    let said = validate("other.wit#goal");
    assert!(
        said.stderr.contains("-> u32") && said.stderr.contains("-> u64"),
        "{said:?}"
    );
    // Before anything is written, and beside a host.
    let emit = ["emit", "build", "plan.json", "-o", "out.wasm", "--target"];
    bad(&folder, 1, &[&emit[..], &["app.wit#alone"]].concat());
    assert!(!folder.join("out.wasm").exists());
    good(
        &folder,
        &[&emit[..], &["app.wit#goal", "--target", "wasmtime@48"]].concat(),
    );
    let said = bad(
        &folder,
        1,
        &["plan.json", "-o", "app.wit", "--target", "app.wit#goal"],
    );
    assert!(said.contains("the target's WIT, which is read"), "{said}");
    // A folder with what it uses, and the only world of a package.
    folder.write(
        "wit/world.wit",
        "package demo:goal; world app { import demo:app/host@1.0.0; export demo:app/app@1.0.0; }",
    );
    folder.write("wit/deps/app.wit", WIT);
    for target in ["wit#app", "wit", "wit/#app"] {
        let said = validate(target);
        assert_eq!(said.status, 0, "{target}: {said:?}");
    }
    for (target, status, says) in [
        ("app.wit", 1, "which world is meant"),
        ("app.wit#ap", 1, "has no world `ap`"),
        ("app.wit#host", 1, "demo:app/larger@1.0.0"),
        ("none.wit#app", 1, "none.wit"),
        ("plan.json#app", 1, "invalid-wit"),
        ("app.wasm#app", 1, "no world"),
    ] {
        let said = validate(target);
        assert_eq!(said.status, status, "{target}: {said:?}");
        assert!(said.stderr.contains(says), "{target}: {said:?}");
    }
    let twice = [
        "plan",
        "validate",
        "plan.json",
        "--target",
        "any",
        "--target",
        "stock",
    ];
    assert!(bad(&folder, 2, &twice).contains("one host and one world"));
}
