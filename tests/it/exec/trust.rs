//! Nothing untrusted is compiled: not the root, not what it is bound to, not
//! what it resolves.

use compositor_tests::{Temp, root};
use serde_json::Value;

use super::fixture::{Folder, Runs as _, bytes, fails, linked, of_kind, says};

fn digest(name: &str) -> String {
    compositor_core::Digest::of(&bytes(name)).to_string()
}

/// Whether events tell of a component's compilation.
fn compiled(events: &[Value], id: &str) -> bool {
    of_kind(events, "component.compiled").any(|event| event["id"] == id)
}

#[test]
fn static_plans() {
    let plan = root().join("plans/hello/plan.json");
    let plan = plan.to_str().expect("a path in UTF-8");
    let parts = ["hello-root", "hello-greeter", "hello-phrases"];
    for missing in parts {
        let folder = Folder(Temp::new());
        for part in parts.iter().filter(|part| **part != missing) {
            folder.good(&["trust", "add", &digest(part)]);
        }
        let run = ["exec", "run", plan, "--events", "events"];
        let output = folder.composectl(&run);
        fails(&output, "Trust.UntrustedSource");
        let untrusted = digest(missing);
        assert!(output.stderr.contains(&untrusted), "{output:?}");
        let help = format!("trust add {untrusted}");
        assert!(output.stderr.contains(&help), "{output:?}");
        assert_eq!(output.stdout, "");
        let events = folder.events();
        assert_eq!(
            of_kind(&events, "component.compiled").count(),
            0,
            "{events:#?}"
        );
        assert_eq!(of_kind(&events, "exec.started").count(), 0, "{events:#?}");
        let refused: Vec<_> = of_kind(&events, "component.refused").collect();
        assert_eq!(refused.len(), 1, "{events:#?}");
        assert_eq!(refused[0]["digest"], untrusted.as_str());

        // What the message says is all that it takes.
        folder.good(&["trust", "add", &untrusted]);
        let output = folder.composectl(&run);
        assert!(output.success().starts_with("Hello, world!\n"));
    }
}

#[test]
fn what_is_resolved() {
    let folder = linked()
        .guest("counter", "dynlink-counter")
        .guest("answer", "dynlink-answer")
        .untrusted();
    folder.good(&[
        "trust",
        "add",
        &digest("dynlink-root"),
        &digest("dynlink-answer"),
    ]);
    let counter = digest("dynlink-counter");
    let by_digest = format!("digest d {}", counter.trim_start_matches("sha256:"));
    let script = [
        "resolve c counter",
        &by_digest,
        "resolve a answer",
        "invoke a answer",
    ];
    let options = ["--events", "events"];
    let lines = folder.script(&options, &script);
    let untrusted = "err trust-untrusted-source …";
    says(&lines, &[untrusted, untrusted, "ok", "ok 54"]);
    for line in &lines[..2] {
        let help = format!("trust add {counter}");
        assert!(line.contains("counter") && line.contains(&help), "{line}");
    }
    let events = folder.events();
    assert!(!compiled(&events, "counter"), "{events:#?}");
    assert!(compiled(&events, "answer"), "{events:#?}");
    let refused = of_kind(&events, "link.refused").chain(of_kind(&events, "component.refused"));
    let refused: Vec<_> = refused.filter(|event| event["id"] == "counter").collect();
    assert!(!refused.is_empty(), "{events:#?}");

    folder.good(&["trust", "add", &counter]);
    let lines = folder.script(&options, &script);
    says(&lines, &["ok", "ok", "ok", "ok 54"]);
    assert!(compiled(&folder.events(), "counter"));
}

#[test]
fn the_root_of_a_runtime_plan() {
    let folder = linked().guest("counter", "dynlink-counter").untrusted();
    folder.good(&["trust", "add", &digest("dynlink-counter")]);
    let output = folder.run(&["--events", "events"], &["resolve c counter"]);
    fails(&output, "Trust.UntrustedSource");
    let events = folder.events();
    assert_eq!(
        of_kind(&events, "component.compiled").count(),
        0,
        "{events:#?}"
    );
}

#[test]
fn what_a_resolved_component_is_bound_to() {
    const WORDS: &str = "dynlink:words/words@0.1.0";
    let folder = linked()
        .guest("typed", "dynlink-typed")
        .guest("words", "dynlink-words")
        .bind("typed", WORDS, "words")
        .untrusted();
    folder.good(&[
        "trust",
        "add",
        &digest("dynlink-root"),
        &digest("dynlink-typed"),
    ]);
    let script = ["resolve t typed", "invoke t next"];
    let lines = folder.script(&["--events", "events"], &script[..1]);
    says(&lines, &["err trust-untrusted-source …"]);
    assert!(lines[0].contains(&digest("dynlink-words")), "{lines:?}");
    let events = folder.events();
    assert!(of_kind(&events, "component.compiled").all(|event| event["id"] == "app"));
    folder.good(&["trust", "add", &digest("dynlink-words")]);
    says(&folder.script(&[], &script), &["ok", "ok word 1"]);
}

#[test]
fn trust_that_was_taken_back() {
    let folder = linked().guest("counter", "dynlink-counter").trusted();
    let script = ["resolve c counter", "invoke c answer"];
    says(&folder.script(&[], &script), &["ok", "ok 42"]);
    // What was compiled once is kept, and not used.
    folder.good(&["trust", "remove", &digest("dynlink-counter")]);
    let lines = folder.script(&[], &script[..1]);
    says(&lines, &["err trust-untrusted-source …"]);
    folder.good(&["trust", "remove", &digest("dynlink-root")]);
    fails(&folder.run(&[], &script), "Trust.UntrustedSource");
}

#[test]
fn a_blob_that_is_not_what_it_was() {
    for (name, source) in [
        ("dynlink-counter", "counter.wasm"),
        ("dynlink-root", "app.wasm"),
    ] {
        let folder = linked().guest("counter", "dynlink-counter").trusted();
        folder.good(&["plan", "lock", "plan.json", "-o", "plan.json"]);
        let script = ["resolve c counter", "invoke c answer"];
        says(&folder.script(&[], &script), &["ok", "ok 42"]);

        // Locking would put it right again from its source.
        std::fs::remove_file(folder.0.join(source)).expect("a file");
        let digest = digest(name);
        let hex = digest.trim_start_matches("sha256:");
        let blob = format!(".compose/blobs/sha256/{hex}");
        assert!(folder.0.join(&blob).exists());
        let mut damaged = bytes(name);
        *damaged.last_mut().expect("a byte") ^= 1;
        folder.0.write(&blob, damaged);
        // The artifact has the right bytes, wherever they came from.
        says(&folder.script(&[], &script), &["ok", "ok 42"]);
        std::fs::remove_dir_all(folder.0.join(".compose/cache")).expect("a folder");
        let output = folder.run(&["--events", "events"], &script[..1]);
        // All programs are composed before one of them runs.
        fails(&output, "Blob.DigestMismatch");
        let events = folder.events();
        assert_eq!(of_kind(&events, "component.compiled").count(), 0);
    }
}
