//! What `compose:dynlink` refuses, and with which error; the guest goes on.

use compositor_core::Digest;

use super::fixture::{DYNLINK, Folder, Runs as _, bytes, linked, plan, says, twin};

fn with_counter() -> Folder {
    linked().guest("counter", "dynlink-counter").trusted()
}

#[test]
fn what_is_not_in_the_plan() {
    let folder = with_counter();
    let answer = bytes("dynlink-answer");
    folder.0.write("answer.wasm", &answer);
    folder.good(&["blob", "put", "answer.wasm"]);
    let digest = Digest::of(&answer).to_string();
    folder.good(&["trust", "add", &digest]);
    let digest = format!("digest a {}", digest.trim_start_matches("sha256:"));
    let script = [
        "resolve a nowhere",
        "resolve a conter",
        &digest,
        "digest a 00",
        "digest a",
        "resolve c counter",
    ];
    let mut expected = [
        "err invalid-input …",
        "err invalid-input …",
        "err invalid-input …",
        "err emit-invalid-digest …",
        "err emit-invalid-digest …",
        "ok",
    ];
    // Thirty-three bytes are none either.
    let long = format!("{digest}00");
    let mut script = script.to_vec();
    script[4] = &long;
    expected[4] = "err emit-invalid-digest …";
    let lines = folder.script(&[], &script);
    says(&lines, &expected);
    assert!(lines[0].contains("nowhere"), "{lines:?}");
}

/// What a guest asks for is kept with the events, and must not be a way to
/// memory that no limit counts.
#[test]
fn long_names_are_told_in_short() {
    let long = format!("resolve x {}", "y".repeat(100_000));
    let lines = with_counter().run(&["--events", "-"], &[&long]).success();
    let events = lines.lines().filter(|line| line.contains("link.refused"));
    let lengths: Vec<usize> = events.map(str::len).collect();
    assert_eq!(lengths.len(), 1);
    assert!(lengths[0] < 2_000, "{lengths:?}");
}

#[test]
fn without_the_capabilities() {
    let folder = |names: Option<&[&str]>| {
        let plan = plan(bytes("dynlink-root")).runtime();
        let plan = plan.guest("counter", "dynlink-counter");
        match names {
            Some(names) => plan.capabilities(names).trusted(),
            None => plan.trusted(),
        }
    };
    let script = ["resolve c counter", "resolve c counter"];
    let denied = ["err exec-capability-denied …"; 2];
    for names in [None, Some(&[][..]), Some(&["dynlink:invoke"])] {
        let lines = folder(names).script(&[], &script);
        says(&lines, &denied);
        // Who has neither capability has no linker, and its artifact says so.
        let has_none = names == Some(&[][..]);
        assert!(
            has_none || lines[0].contains("dynlink:resolve"),
            "{lines:?}"
        );
    }

    let resolves = folder(Some(&["dynlink:resolve"]));
    let script = ["resolve c counter", "invoke c answer", "invoke c answer"];
    let lines = resolves.script(&[], &script);
    says(&lines, &["ok", denied[0], denied[0]]);
    assert!(lines[1].contains("dynlink:invoke"), "{lines:?}");
    let allowed = resolves.script(&["--allow", "dynlink:invoke"], &script);
    says(&allowed, &["ok", "ok 42", "ok 42"]);

    // Without a policy the options alone decide.
    let allow = ["--allow", DYNLINK[0], "--allow", DYNLINK[1]];
    let lines = folder(None).script(&allow, &script);
    says(&lines, &["ok", "ok 42", "ok 42"]);
}

#[test]
fn a_static_plan_resolves_nothing() {
    let plan = plan(bytes("dynlink-root")).capabilities(&DYNLINK);
    let lines = plan.trusted().script(&[], &["resolve c app"]);
    assert!(lines[0].starts_with("err "), "{lines:?}");
}

#[test]
fn what_has_no_endpoint() {
    let folder = linked()
        .guest("words", "dynlink-words")
        .guest("counter", "dynlink-counter")
        .trusted();
    let script = ["resolve w words", "resolve c counter", "invoke c answer"];
    let lines = folder.script(&[], &script);
    says(&lines, &["err exec-missing-export …", "ok", "ok 42"]);
    assert!(lines[0].contains("words"), "{lines:?}");
}

#[test]
fn circles() {
    let relay = bytes("dynlink-relay");
    let folder = linked()
        .component("a", twin(&relay, "a"))
        .component("b", twin(&relay, "b"))
        .guest("counter", "dynlink-counter")
        .trusted();
    let script = [
        "resolve me app",
        "resolve a a",
        "invoke a pass a",
        "invoke a pass app",
        "invoke a pass b/a",
        "invoke a pass b/app",
        "invoke a pass b/counter",
        // Side by side is no circle.
        "resolve b b",
        "invoke b pass a/counter",
    ];
    let circle = "err plan-cycle-detected …";
    let expected = [
        circle,
        "ok",
        circle,
        circle,
        circle,
        circle,
        "ok counter",
        "ok",
        "ok counter",
    ];
    let lines = folder.script(&[], &script);
    says(&lines, &expected);
    assert!(
        lines[4].contains('a') && lines[4].contains('b'),
        "{lines:?}"
    );
}

#[test]
fn a_chain_that_is_too_deep() {
    const LINKS: usize = 64;
    let relay = bytes("dynlink-relay");
    let ids: Vec<String> = (0..LINKS).map(|number| format!("r{number}")).collect();
    let mut plan = linked();
    for id in &ids {
        plan = plan.component(id, twin(&relay, id));
    }
    let folder = plan.trusted();
    let chain = |links: usize| format!("invoke r pass {}", ids[1..links].join("/"));
    let (short, long) = (chain(4), chain(LINKS));
    let script = ["resolve r r0", &short, &long, "invoke r echo hi"];
    let lines = folder.script(&[], &script);
    let expected = ["ok", "ok r3", "err exec-resource-exhausted …", "ok hi"];
    says(&lines, &expected);
}
