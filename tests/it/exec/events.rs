//! `--events`: what a run tells while it happens.

use serde_json::Value;

use super::fixture::{Folder, Runs as _, bytes, fails, linked, of_kind, plan, says};

const EVENTS: [&str; 2] = ["--events", "events"];

/// Checks what every list of events has, and that it has these kinds in this
/// order, with others between them.
#[track_caller]
fn tells(events: &[Value], kinds: &[&str]) {
    let mut last = 0;
    for event in events {
        let at = event["at_us"]
            .as_u64()
            .unwrap_or_else(|| panic!("no at_us in {event}"));
        assert!(at >= last, "{event} is before what was before it");
        last = at;
        assert!(event["kind"].is_string(), "{event}");
    }
    let mut left = events.iter().map(|event| &event["kind"]);
    for kind in kinds {
        assert!(
            left.any(|found| found == kind),
            "no {kind} in order in {events:#?}"
        );
    }
}

#[test]
fn of_a_program() {
    let folder = plan(bytes("program")).trusted();
    folder.run(&EVENTS, &["both"]).success();
    let events = folder.events();
    let kinds = [
        "plan.valid",
        "exec.started",
        "component.compiled",
        "instance.created",
        "exec.finished",
    ];
    tells(&events, &kinds);
    let only = |kind| {
        let found: Vec<&Value> = of_kind(&events, kind).collect();
        assert_eq!(found.len(), 1, "{kind} in {events:#?}");
        found[0]
    };
    let started = only("exec.started");
    for field in ["plan", "artifact", "exec_key"] {
        let digest = started[field].as_str().unwrap_or_default();
        assert_eq!(digest.len(), "sha256:".len() + 64, "{field} of {started}");
    }
    assert_eq!(only("component.compiled")["id"], "app");
    assert_eq!(only("component.compiled")["digest"], started["artifact"]);
    assert_eq!(only("instance.created")["id"], "app");
    let finished = only("exec.finished");
    assert_eq!(text(&finished["status"]), "0");
    assert!(
        text(&finished["duration_us"]).parse::<u64>().is_ok(),
        "{finished}"
    );
    assert_eq!(events.last(), Some(finished));
}

/// A number may be one of JSON, or its digits.
fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_string)
}

#[test]
fn of_links() {
    let folder = linked()
        .guest("counter", "dynlink-counter")
        .guest("words", "dynlink-words")
        .trusted();
    let script = [
        "resolve c counter",
        "invoke c add 1",
        "drop c",
        "resolve w words",
        "resolve x nowhere",
        "resolve d counter",
    ];
    folder.run(&EVENTS, &script).success();
    let events = folder.events();
    let kinds = [
        "exec.started",
        "instance.created",
        "link.resolved",
        "instance.dropped",
        "link.refused",
        "link.refused",
        "link.resolved",
        "exec.finished",
    ];
    tells(&events, &kinds);
    for resolved in of_kind(&events, "link.resolved") {
        assert_eq!(resolved["id"], "counter", "{resolved}");
        let mut compiled = of_kind(&events, "component.compiled");
        let compiled = compiled.find(|event| event["id"] == "counter");
        let compiled = compiled.expect("it was compiled");
        assert_eq!(resolved["digest"], compiled["digest"], "{resolved}");
    }
    let refused: Vec<&Value> = of_kind(&events, "link.refused").collect();
    assert_eq!(refused.len(), 2, "{events:#?}");
    assert_eq!(refused[0]["id"], "words");
    assert!(
        text(&refused[0]["code"]).contains("MissingExport"),
        "{refused:?}"
    );
    assert_eq!(refused[1]["id"], "nowhere");
    assert!(
        text(&refused[1]["code"]).contains("InvalidInput"),
        "{refused:?}"
    );
    let created = of_kind(&events, "instance.created").filter(|event| event["id"] == "counter");
    assert_eq!(created.count(), 2, "{events:#?}");
    // It is compiled once.
    let compiled = of_kind(&events, "component.compiled");
    assert_eq!(
        compiled.filter(|event| event["id"] == "counter").count(),
        1,
        "{events:#?}"
    );
}

#[test]
fn of_failures() {
    let folder = plan(bytes("limits")).trusted();
    fails(&folder.run(&EVENTS, &["trap"]), "Exec.Trap");
    let events = folder.events();
    tells(&events, &["exec.started", "exec.finished"]);
    let finished = of_kind(&events, "exec.finished").next().expect("an end");
    assert_eq!(finished["code"], "Exec.Trap", "{finished}");

    let program = plan(bytes("program")).trusted();
    assert_eq!(program.run(&EVENTS, &["fail"]).status, 1);
    let events = program.events();
    let finished = of_kind(&events, "exec.finished").next().expect("an end");
    assert_eq!(text(&finished["status"]), "1", "{finished}");
}

#[test]
fn on_stdout() {
    let folder = plan(bytes("program")).trusted();
    let printed = folder.run(&["--events", "-"], &["fail"]);
    assert_eq!(printed.status, 1, "{printed:?}");
    let events: Vec<Value> = printed
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}")))
        .collect();
    tells(&events, &["exec.started", "exec.finished"]);
}

#[test]
fn as_they_happen() {
    let folder: Folder = linked().guest("hostile", "dynlink-hostile").trusted();
    let mut running = folder.start(
        &["--events", "-"],
        &["resolve h hostile", "invoke h sleep 60000"],
    );
    running.until("link.resolved");
    running.signal("INT");
    assert_ne!(running.end().status, 0);
}

#[test]
fn the_same_run_has_the_same_key() {
    let folder = plan(bytes("program")).trusted();
    let key = |options: &[&str], args: &[&str]| {
        folder.run(&[&EVENTS[..], options].concat(), args).success();
        let events = folder.events();
        let started = of_kind(&events, "exec.started").next().expect("a start");
        started["exec_key"].clone()
    };
    let first = key(&[], &["told"]);
    assert_eq!(key(&[], &["told"]), first);
    assert_ne!(key(&[], &["told", "more"]), first);
    assert_ne!(key(&["--env", "A=1"], &["told"]), first);
    assert_ne!(key(&["--limit", "cpu-ms=99999"], &["told"]), first);
    std::fs::create_dir(folder.0.join("lent")).expect("a folder");
    assert_ne!(key(&["--dir", "lent"], &["told"]), first);
    assert_ne!(key(&["--allow", "wasi:sockets"], &["told"]), first);
}

#[test]
fn of_no_run() {
    let folder = linked().guest("counter", "dynlink-counter").trusted();
    folder.good(&[
        "emit",
        "build",
        "plan.json",
        "-o",
        "out.wasm",
        "--events",
        "events",
    ]);
    tells(&folder.events(), &["plan.valid", "emit.written"]);
    says(&folder.script(&EVENTS, &["resolve c counter"]), &["ok"]);
}
