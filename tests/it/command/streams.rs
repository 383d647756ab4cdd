//! What goes to which stream, and how much of it.

use std::fs;
use std::process::Command;

use compositor_tests::{Temp, composectl_in, dist, run, state_of};
use serde_json::{Value, json};

use super::fixture::good;

/// A plan whose bindings name compatible versions, which is worth a note each.
fn compatible(folder: &Temp) {
    let provider = r#"(component
        (core module (func (export "f")))
        (core instance (instantiate 0))
        (func (canon lift (core func 0 "f")))
        (instance (export "f" (func 0)))
        (export "a:b/c@1.0.1" (instance 0))
        (export "a:b/d@1.0.1" (instance 0)))"#;
    let app = r#"(component
        (import "a:b/c@1.0.0" (instance (export "f" (func))))
        (import "a:b/d@1.0.0" (instance (export "f" (func)))))"#;
    folder.write("p.wasm", wat::parse_str(provider).expect("a component"));
    folder.write("app.wasm", wat::parse_str(app).expect("a component"));
    let binding = |name: &str| {
        json!({
            "consumer_id": "app", "import_name": format!("a:b/{name}@1.0.0"),
            "provider_id": "p", "export_name": format!("a:b/{name}@1.0.0"),
        })
    };
    let plan = json!({
        "version": "1", "root": "app",
        "components": [
            { "id": "app", "source": "file:app.wasm" },
            { "id": "p", "source": "file:p.wasm" },
        ],
        "bindings": [binding("c"), binding("d")],
    });
    folder.write("plan.json", plan.to_string());
}

#[test]
fn notes_that_ask_for_nothing_are_one_line() {
    let folder = Temp::new();
    compatible(&folder);
    let said = |options: &[&str]| {
        let mut command = composectl_in(folder.path());
        command
            .args(["plan", "validate", "plan.json"])
            .args(options);
        let output = run(&mut command);
        assert_eq!(output.status, 0, "{output:?}");
        output.stderr
    };
    let normal = said(&[]);
    let notes: Vec<&str> = normal
        .lines()
        .filter(|line| line.contains("note"))
        .collect();
    let [note] = notes[..] else {
        panic!("{normal}");
    };
    assert!(note.starts_with("note: "), "{note}");
    assert!(
        note.ends_with("and 1 other note (`-v` says more)"),
        "{note}"
    );
    let verbose = said(&["-v"]);
    assert_eq!(
        verbose.matches("note[Emit.LinkError/").count(),
        2,
        "{verbose}"
    );
    assert!(verbose.contains("= help:"), "{verbose}");
    assert_eq!(said(&["--quiet"]), "");
    let output = good(
        &folder,
        &["plan", "validate", "plan.json", "--format", "json"],
    );
    let output: Value = serde_json::from_str(&output).expect("an object");
    assert_eq!(
        output["findings"].as_array().map(Vec::len),
        Some(2),
        "{output}"
    );
}

#[test]
fn events_are_appended() {
    let folder = Temp::new();
    folder.write("a", "hello");
    compatible(&folder);
    let count = || {
        let events = fs::read_to_string(folder.join("events")).expect("events");
        let event = |line| serde_json::from_str::<Value>(line).expect("an event");
        let events: Vec<Value> = events.lines().map(event).collect();
        assert!(
            events.iter().all(|event| event["unix_ms"].is_u64()),
            "{events:?}"
        );
        events.len()
    };
    let args = ["plan", "validate", "plan.json", "--events", "events"];
    good(&folder, &args);
    let once = count();
    good(&folder, &args);
    assert_eq!(count(), 2 * once);
}

/// On a terminal, which `script` makes one, unless nobody wants that.
#[test]
fn colours() {
    let folder = Temp::new();
    let said = |variables: &[(&str, &str)]| {
        let command = format!("{} plan", dist("composectl").display());
        let mut script = Command::new("script");
        script
            .args(["-q", "-e", "-c", &command, "/dev/null"])
            .current_dir(folder.path())
            .env("XDG_STATE_HOME", state_of(folder.path()))
            .env("TERM", "xterm")
            .env_remove("NO_COLOR")
            .envs(variables.iter().copied());
        run(&mut script).stdout
    };
    assert!(said(&[]).contains("\u{1b}[1;31merror[InvalidInput/usage]\u{1b}[0m: "));
    for variables in [[("NO_COLOR", "1")], [("TERM", "dumb")]] {
        let said = said(&variables);
        assert!(said.contains("error[InvalidInput/usage]: "), "{said:?}");
        assert!(!said.contains('\u{1b}'), "{said:?}");
    }
    let piped = run(composectl_in(folder.path()).arg("plan")).stderr;
    assert!(!piped.contains('\u{1b}'), "{piped:?}");
}
