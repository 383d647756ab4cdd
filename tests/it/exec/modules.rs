//! Code is compiled once in its life: a core module that two plans have is compiled
//! for the first of them.

use std::collections::BTreeSet;
use std::fs;
use std::process::Stdio;

use compositor_tests::{composectl_in, start};
use serde_json::{Value, json};

use super::fixture::{Folder, Runs as _, bytes, linked, of_kind, plan, says, twin};

/// Digests of what a run compiled.
type Made = BTreeSet<String>;

/// A run of a user who has a cache of their own: what it prints, and compiles.
#[track_caller]
fn run(folder: &Folder, args: &[&str]) -> (String, Made) {
    let events = folder.0.join("events");
    let _ = fs::remove_file(&events);
    let mut command = composectl_in(folder.0.path());
    command
        .env("XDG_CACHE_HOME", folder.0.join("cache"))
        .args(["exec", "run", "plan.json", "--events", "events"])
        .args(args);
    let printed = start(command.stdin(Stdio::null())).end().success();
    let events = folder.events();
    let compiled = of_kind(&events, "module.compiled");
    let digests: Vec<String> = compiled.map(|event| text(&event["digest"])).collect();
    let made: Made = digests.iter().cloned().collect();
    assert_eq!(
        made.len(),
        digests.len(),
        "one is compiled twice: {digests:?}"
    );
    (printed, made)
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_string()
}

fn hello() -> Folder {
    let greet = "hello:greeter/greet@0.1.0";
    let phrases = "hello:phrases/phrases@0.1.0";
    plan(bytes("hello-root"))
        .guest("greeter", "hello-greeter")
        .guest("phrases", "hello-phrases")
        .bind("app", greet, "greeter")
        .bind("app", phrases, "phrases")
        .trusted()
}

/// Puts other bytes in the place of a component.
fn replace(folder: &Folder, id: &str, bytes: &[u8]) {
    folder.0.write(format!("{id}.wasm"), bytes);
    folder.good(&["trust", "add", "--plan", "plan.json"]);
}

/// A component that says other words, in code that was not there before.
fn changed(component: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let at = component
        .windows(from.len())
        .position(|window| window == from.as_bytes());
    let at = at.expect("it says that");
    let mut changed = component.to_vec();
    changed[at..at + to.len()].copy_from_slice(to.as_bytes());
    changed
}

#[test]
fn what_stays_of_a_plan_is_not_compiled_again() {
    let folder = hello();
    let (printed, first) = run(&folder, &[]);
    assert!(printed.contains("Bonjour, world!"), "{printed}");
    // The root's program, what adapts it to WASI, and the providers.
    assert!(first.len() >= 3, "{first:?}");
    assert_eq!(run(&folder, &[]), (printed.clone(), Made::new()));

    // One provider is another.
    let phrases = changed(&bytes("hello-phrases"), "Bonjour", "Salutas");
    replace(&folder, "phrases", &phrases);
    let (other, made) = run(&folder, &[]);
    assert!(other.contains("Salutas, world!"), "{other}");
    assert_eq!(made.len(), 1, "{made:?}");
    assert!(made.is_disjoint(&first), "{made:?}");

    // Another component with the same code, and the first one again.
    replace(&folder, "phrases", &twin(&bytes("hello-phrases"), "twin"));
    assert_eq!(run(&folder, &[]), (printed.clone(), Made::new()));
    replace(&folder, "phrases", &bytes("hello-phrases"));
    assert_eq!(run(&folder, &[]), (printed.clone(), Made::new()));

    // A policy adds components that refuse, and changes no other.
    let file = folder.0.join("plan.json");
    let plan = fs::read_to_string(&file).expect("a plan");
    let mut plan: Value = serde_json::from_str(&plan).expect("a plan");
    let mut policy = |names: &[&str]| {
        let optional = |name: &&str| json!({ "name": name, "level": "optional" });
        let capabilities: Vec<Value> = names.iter().map(optional).collect();
        plan["policy"] = json!({ "capabilities": capabilities });
        folder.0.write("plan.json", plan.to_string());
        let (same, made) = run(&folder, &[]);
        assert_eq!(same, printed);
        assert!(made.is_disjoint(&first), "{made:?}");
        made
    };
    // The root asks for its environment.
    assert!(!policy(&[]).is_empty());
    assert_eq!(policy(&["wasi:filesystem"]), Made::new());
    assert_eq!(policy(&["wasi:cli/environment"]), Made::new());
}

/// What is resolved at run time is compiled in the same way.
#[test]
fn a_provider_that_is_resolved() {
    let folder = linked().guest("counter", "dynlink-counter").trusted();
    let script = ["--", "resolve c counter", "invoke c add 1"];
    let (printed, first) = run(&folder, &script);
    let printed: Vec<String> = printed.lines().map(str::to_string).collect();
    says(&printed, &["ok", "…"]);
    let counter = twin(&bytes("dynlink-counter"), "twin");
    replace(&folder, "counter", &counter);
    assert!(first.len() > 1, "{first:?}");
    assert_eq!(run(&folder, &script).1, Made::new());
}
