//! `--reuse`: a recorded result of the same exec key.

use super::fixture::{Folder, Runs as _, bytes, fails, of_kind, plan};

const REUSE: [&str; 3] = ["--reuse", "--events", "events"];

fn strict() -> Folder {
    plan(bytes("program")).determinism("strict").trusted()
}

/// What became of the result of the run that wrote the events.
fn became(folder: &Folder) -> Vec<String> {
    let events = folder.events();
    let kinds = ["result.recorded", "result.reused", "instance.created"];
    let kinds = kinds
        .into_iter()
        .filter(|kind| of_kind(&events, kind).next().is_some());
    kinds.map(str::to_string).collect()
}

#[test]
fn a_result_is_recorded_once_and_then_reused() {
    let folder = strict();
    let first = folder.run(&REUSE, &["both"]);
    assert_eq!(became(&folder), ["result.recorded", "instance.created"]);
    let again = folder.run(&REUSE, &["both"]);
    assert_eq!(became(&folder), ["result.reused"]);
    for output in [&first, &again] {
        assert_eq!(output.status, 0, "{output:?}");
        assert_eq!(output.stdout, "to stdout\n", "{output:?}");
        assert!(output.stderr.contains("to stderr\n"), "{output:?}");
    }

    // Another argument is another key, and so is a limit.
    folder.run(&REUSE, &["told"]).success();
    assert_eq!(became(&folder), ["result.recorded", "instance.created"]);
    let limited = [&REUSE[..], &["--limit", "io-ops=100000"]].concat();
    folder.run(&limited, &["both"]).success();
    assert_eq!(became(&folder), ["result.recorded", "instance.created"]);
    // And without the option nothing is looked up.
    folder.run(&["--events", "events"], &["both"]).success();
    assert_eq!(became(&folder), ["instance.created"]);
}

#[test]
fn a_status_is_a_result_and_an_error_is_none() {
    let folder = strict();
    for became_of_it in ["result.recorded", "result.reused"] {
        assert_eq!(folder.run(&REUSE, &["fail"]).status, 1);
        assert_eq!(became(&folder)[0], became_of_it);
    }
    for _ in 0..2 {
        let output = folder.run(&REUSE, &["panic"]);
        fails(&output, "Exec.Trap");
        assert_eq!(became(&folder), ["instance.created"]);
    }
}

#[test]
fn a_call_is_reused_too() {
    let root = r#"(component
      (core module $m (func (export "f") (param i32) (result i32)
        (i32.mul (local.get 0) (i32.const 3))))
      (core instance $m (instantiate $m))
      (func (export "thrice") (param "n" u32) (result u32) (canon lift (core func $m "f"))))"#;
    let folder = plan(wat::parse_str(root).expect("a component"))
        .determinism("strict")
        .trusted();
    for became_of_it in ["result.recorded", "result.reused"] {
        assert_eq!(
            folder.invoke(&REUSE, &["thrice", "14"]).success().trim(),
            "42"
        );
        assert_eq!(became(&folder)[0], became_of_it);
    }
    assert_eq!(
        folder.invoke(&REUSE, &["thrice", "2"]).success().trim(),
        "6"
    );
}

#[test]
fn what_is_not_trusted_any_more_is_not_reused() {
    let folder = strict();
    folder.run(&REUSE, &["both"]).success();
    let digest = compositor_core::Digest::of(&bytes("program")).to_string();
    folder.good(&["trust", "remove", &digest]);
    fails(&folder.run(&REUSE, &["both"]), "Trust.UntrustedSource");
}

#[test]
fn what_depends_on_more_than_its_key_is_refused() {
    let relaxed = plan(bytes("program")).trusted();
    fails(&relaxed.run(&REUSE, &["both"]), "InvalidInput");
    let folder = strict();
    let output = folder.run(&["--reuse", "--dir", "."], &["list", "."]);
    fails(&output, "InvalidInput");
    assert!(output.stderr.contains("it is given folders"), "{output:?}");
    let output = folder.run(&["--reuse", "--allow", "wasi:filesystem"], &["both"]);
    fails(&output, "InvalidInput");
    assert!(output.stderr.contains("wasi:filesystem"), "{output:?}");
}
