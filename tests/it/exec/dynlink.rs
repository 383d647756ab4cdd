//! `compose:dynlink`: resolving, calling, and what an instance keeps.

use super::fixture::{Runs as _, bytes, fails_with, linked, of_kind, plan, says};
use super::wat::CODES;

/// `sha256:<hex>` without its name.
fn hex(component: &[u8]) -> String {
    let digest = compositor_core::Digest::of(component);
    digest.to_string().trim_start_matches("sha256:").to_string()
}

#[test]
fn by_id_and_by_digest() {
    let counter = bytes("dynlink-counter");
    let folder = linked()
        .component("counter", &counter)
        .guest("answer", "dynlink-answer")
        .trusted();
    let digest = format!("digest d {}", hex(&counter));
    let script = [
        "resolve c counter",
        &digest,
        "resolve a answer",
        "invoke c answer",
        "invoke d answer",
        "invoke a answer",
    ];
    let lines = folder.script(&[], &script);
    says(&lines, &["ok", "ok", "ok", "ok 42", "ok 42", "ok 54"]);
}

#[test]
fn every_instance_has_a_state_of_its_own() {
    let folder = linked().guest("counter", "dynlink-counter").trusted();
    let script = [
        "resolve a counter",
        "resolve b counter",
        "invoke a add 5",
        "invoke b add 2",
        "invoke a add 5",
        "invoke b total",
        "drop a",
        "resolve a counter",
        "invoke a total",
        "invoke b total",
    ];
    let lines = folder.script(&[], &script);
    let expected = [
        "ok", "ok", "ok 5", "ok 2", "ok 10", "ok 2", "ok", "ok", "ok 0", "ok 2",
    ];
    says(&lines, &expected);
}

#[test]
fn two_ids_of_one_component() {
    let folder = linked()
        .guest("visits", "dynlink-counter")
        .guest("sales", "dynlink-counter")
        .trusted();
    let script = [
        "resolve v visits",
        "resolve s sales",
        "invoke v add 1",
        "invoke s add 10",
        "invoke v add 1",
        "invoke s total",
    ];
    let lines = folder.script(&[], &script);
    says(&lines, &["ok", "ok", "ok 1", "ok 10", "ok 2", "ok 10"]);
}

#[test]
fn ten_thousand_calls() {
    let folder = linked().guest("counter", "dynlink-counter").trusted();
    let script = ["resolve c counter", "times c 10000 add 3", "invoke c total"];
    says(
        &folder.script(&[], &script),
        &["ok", "ok 30000", "ok 30000"],
    );
}

#[test]
fn payloads() {
    let folder = linked().guest("counter", "dynlink-counter").trusted();
    let script = [
        "resolve c counter",
        "invoke c echo",
        "invoke c echo ü and more",
        "size c echo 1",
        "size c echo 10000000",
        "invoke c nothing",
        "invoke c add x",
    ];
    let expected = [
        "ok",
        "ok",
        "ok ü and more",
        "ok 1",
        "ok 10000000",
        "err invalid-input no method \"nothing\" …",
        "err invalid-input \"x\": …",
    ];
    says(&folder.script(&[], &script), &expected);
}

#[test]
fn every_error_of_a_provider_comes_through() {
    let folder = linked().guest("counter", "dynlink-counter").trusted();
    let script = CODES.map(|code| format!("invoke c fail {code}"));
    let mut script: Vec<&str> = script.iter().map(String::as_str).collect();
    script.insert(0, "resolve c counter");
    // And it lives.
    script.push("invoke c add 1");
    let expected = CODES.map(|code| format!("err {code} as asked [{code}]"));
    let mut expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    expected.insert(0, "ok");
    expected.push("ok 1");
    says(&folder.script(&[], &script), &expected);
}

#[test]
fn providers_of_providers() {
    let folder = linked()
        .guest("first", "dynlink-relay")
        .guest("second", "dynlink-answer")
        .guest("counter", "dynlink-counter")
        .trusted();
    let script = [
        "resolve r first",
        "invoke r call second answer",
        "invoke r call counter add 5",
        // What it resolved is gone with the handle.
        "invoke r call counter add 5",
        "invoke r call counter fail secret-not-found",
        "invoke r call nowhere answer",
        "invoke r keep counter",
        "invoke r pass counter",
    ];
    let expected = [
        "ok",
        "ok 54",
        "ok 5",
        "ok 5",
        "err secret-not-found as asked [secret-not-found]",
        "err invalid-input …",
        "ok counter",
        "ok counter",
    ];
    says(&folder.script(&[], &script), &expected);
}

#[test]
fn typed_bindings_beside_it() {
    const WORDS: &str = "dynlink:words/words@0.1.0";
    let folder = plan(bytes("dynlink-both"))
        .runtime()
        .capabilities(&super::fixture::DYNLINK)
        .guest("words", "dynlink-words")
        .guest("typed", "dynlink-typed")
        .bind("app", WORDS, "words")
        .bind("typed", WORDS, "words")
        .trusted();
    let run = |id: &str| {
        let call = format!("dynlink:app/app@0.1.0#run({id:?})");
        folder.invoke(&[], &[&call])
    };
    // The provider's words are of an instance of its own.
    let expected = "ok([\"word 1\", \"word 1\", \"word 2\"])\n";
    assert_eq!(run("typed").success(), expected);
    let refused = run("absent").success();
    assert!(
        refused.starts_with("err({code: invalid-input, "),
        "{refused}"
    );
}

#[test]
fn a_binding_that_a_provider_lacks() {
    // Who runs a plan without a policy waits for no more than it resolves; who
    // validates it hears of everything.
    let unstated = plan(bytes("dynlink-root"))
        .runtime()
        .guest("typed", "dynlink-typed")
        .trusted();
    let allow = ["--allow", "dynlink:resolve", "--allow", "dynlink:invoke"];
    let lines = unstated.script(&allow, &["resolve t typed", "resolve a app"]);
    let refused = lines.first().expect("a line");
    assert!(refused.starts_with("err emit-link-error "), "{refused}");
    assert!(refused.contains("dynlink:words/words"), "{refused}");

    // What a policy has a say in is composed before anything runs.
    let stated = linked().guest("typed", "dynlink-typed").trusted();
    let run = stated.run(&[], &["resolve a app"]);
    for (output, status) in [
        (unstated.composectl(&["plan", "validate", "plan.json"]), 1),
        (stated.composectl(&["plan", "validate", "plan.json"]), 1),
        (run, 125),
    ] {
        fails_with(&output, status, "Emit.LinkError");
        assert!(output.stderr.contains("dynlink:words/words"), "{output:?}");
    }
}

#[test]
fn another_digest_is_another_provider() {
    let folder = linked().guest("oracle", "dynlink-counter").untrusted();
    folder.good(&["plan", "lock", "plan.json", "-o", "plan.json"]);
    let answer = bytes("dynlink-answer");
    folder.0.write("answer.wasm", &answer);
    folder.good(&["blob", "put", "answer.wasm"]);
    folder.good(&["trust", "add", "--plan", "plan.json"]);
    folder.good(&["trust", "add", &hex(&answer)]);

    let root = |folder: &super::fixture::Folder| {
        let events = folder.events();
        let started = of_kind(&events, "exec.started").next().expect("it ran");
        (started["artifact"].clone(), started["plan"].clone())
    };
    let script = ["resolve o oracle", "invoke o answer"];
    let events = ["--events", "events"];
    says(&folder.script(&events, &script), &["ok", "ok 42"]);
    let before = root(&folder);

    let text = String::from_utf8(compositor_tests::read(folder.0.join("plan.json")));
    let text = text.expect("a text");
    let swapped = text.replace(&hex(&bytes("dynlink-counter")), &hex(&answer));
    assert_ne!(swapped, text);
    folder.0.write("plan.json", swapped);
    says(&folder.script(&events, &script), &["ok", "ok 54"]);
    let after = root(&folder);
    assert_eq!(before.0, after.0, "the root is the same");
    assert_ne!(before.1, after.1, "the plan is another");
}

/// What the bench measures: one component, bound and resolved.
#[test]
fn bound_and_resolved_alike() {
    const ENDPOINT: &str = "compose:dynlink/endpoint@0.1.0";
    let folder = plan(bytes("dynlink-calls"))
        .runtime()
        .capabilities(&super::fixture::DYNLINK)
        .guest("provider", "dynlink-counter")
        .bind("app", ENDPOINT, "provider")
        .trusted();
    let printed = folder.run(&[], &["10", "2"]).success();
    let first = |line: &str| line.split(' ').next().map(str::to_string);
    let sizes: Vec<_> = printed.lines().filter_map(first).collect();
    assert_eq!(sizes, ["64", "1048576"]);
}

/// The same component under two ids is one program as long as both are bound
/// alike; then a digest says which.
#[test]
fn a_digest_that_is_bound_in_several_ways() {
    const WORDS: &str = "dynlink:words/words@0.1.0";
    let two = |other: &str| {
        linked()
            .guest("words", "dynlink-words")
            .component("other", {
                let mut bytes = bytes("dynlink-words");
                // A section that nobody reads makes it another component.
                bytes.extend([0, 2, 1, b'x']);
                bytes
            })
            .guest("first", "dynlink-typed")
            .guest("second", "dynlink-typed")
            .bind("first", WORDS, "words")
            .bind("second", WORDS, other)
            .trusted()
    };
    let script = format!("digest t {}", hex(&bytes("dynlink-typed")));
    let lines = two("other").script(&[], &[&script, "resolve t second"]);
    says(&lines, &["err invalid-input …", "ok"]);
    // Bound alike, they are two instances of what is composed for each.
    let lines = two("words").script(&[], &["resolve t first", "resolve t second"]);
    says(&lines, &["ok", "ok"]);
}
