//! What reaches whom: each program of a run has what was decided for it, whatever
//! it exports and whatever the user gives to others.

use serde_json::{Value, json};
use test_generate::wiring::head;

use super::fixture::{Folder, Runs as _, bytes, fails, fails_with, linked, of_kind, plan, says};
use super::wat::{self, reads_variables};

const EVENTS: [&str; 2] = ["--events", "events"];

/// The linker's capabilities for all, and the variables for some.
fn variables(components: &[&str]) -> Value {
    json!({ "capabilities": [
        { "name": "dynlink:resolve", "level": "required" },
        { "name": "dynlink:invoke", "level": "required" },
        { "name": "wasi:cli/environment", "level": "optional", "components": components },
    ] })
}

/// Names of one track are the same to whoever resolves, so to whoever decides.
#[test]
fn a_provider_of_any_version_is_under_the_policy() {
    for version in ["0.1.0", "0.1.5", "0.1.99"] {
        let provider = reads_variables(&format!("compose:dynlink/endpoint@{version}"));
        let folder = |components: &[&str]| {
            let plan = plan(bytes("dynlink-root")).runtime();
            let plan = plan.component("p", &provider);
            plan.policy(variables(components)).trusted()
        };
        let script = ["resolve p p", "invoke p count"];
        let given = ["--env", "A=1", "--env", "B=2"];
        let lines = folder(&["app"]).script(&given, &script);
        says(&lines, &["ok", "ok 0"]);
        let both = folder(&["app", "p"]);
        says(&both.script(&given, &script), &["ok", "ok 2"]);
        for deny in ["*", "wasi:cli", "wasi:cli/environment"] {
            // The root's arguments are no capability.
            let options = [&given[..], &["--deny", deny], &ALLOW].concat();
            let output = both.run(&options, &script);
            assert!(!output.stdout.contains("ok 2"), "{deny} {output:?}");
        }
        // It is listed like any other.
        let info = both.good(&[
            "plan",
            "info",
            "plan.json",
            "--deny",
            "wasi:cli/environment",
            "--format",
            "json",
        ]);
        let info: Value = serde_json::from_str(&info).expect("an object");
        let mut imports = info["imports"].as_array().expect("a list").iter();
        let import = imports.find(|import| import["name"] == "wasi:cli/environment@0.2.0");
        let is_denied = import.is_some_and(|import| import["decision"] == "denied");
        assert!(is_denied, "{info}");
    }
    // Another track is no endpoint: nothing of it is compiled.
    let other = reads_variables("compose:dynlink/endpoint@0.2.0");
    let policy = variables(&["app"]);
    let folder = plan(bytes("dynlink-root")).runtime().component("p", &other);
    let folder = folder.policy(policy).trusted();
    let digest = compositor_core::Digest::of(&other).to_string();
    let by_digest = format!("digest p {}", digest.trim_start_matches("sha256:"));
    let lines = folder.script(&EVENTS, &["resolve p p", &by_digest]);
    says(
        &lines,
        &["err exec-missing-export …", "err exec-missing-export …"],
    );
    let events = folder.events();
    let mut compiled = of_kind(&events, "component.compiled");
    assert!(compiled.all(|event| event["id"] == "app"), "{events:#?}");
}

/// What lets the root link, and have its arguments, whatever else is denied.
const ALLOW: [&str; 4] = ["--allow", "compose:dynlink", "--allow", "dynlink:resolve"];

/// Without a policy nothing is read before it is resolved, and what cannot be
/// called is not compiled either.
#[test]
fn what_has_no_endpoint_is_not_compiled() {
    let folder = plan(bytes("dynlink-root")).runtime();
    let folder = folder.guest("words", "dynlink-words").trusted();
    let allow = ["--allow", "dynlink:resolve", "--allow", "dynlink:invoke"];
    let lines = folder.script(&[&EVENTS[..], &allow].concat(), &["resolve w words"]);
    says(&lines, &["err exec-missing-export …"]);
    let events = folder.events();
    let mut compiled = of_kind(&events, "component.compiled");
    assert!(compiled.all(|event| event["id"] == "app"), "{events:#?}");
}

/// Who may link is decided for each member of a run.
#[test]
fn linking_is_for_the_components_that_are_named() {
    let linking = |resolve: &[&str], invoke: &[&str]| {
        let folder = plan(bytes("dynlink-root")).runtime();
        let folder = folder.guest("relay", "dynlink-relay");
        let folder = folder.guest("counter", "dynlink-counter");
        folder.policy(json!({ "capabilities": [
            { "name": "dynlink:resolve", "level": "required", "components": resolve },
            { "name": "dynlink:invoke", "level": "required", "components": invoke },
            { "name": "wasi:cli/environment", "level": "optional", "components": ["app"] },
        ] }))
    };
    let script = [
        "resolve r relay",
        "invoke r echo hi",
        "invoke r call counter add 5",
        "resolve c counter",
        "invoke c add 1",
    ];
    let denied = "err exec-capability-denied …";
    let (app, both) = (&["app"][..], &["app", "relay"][..]);
    for (resolve, invoke, relayed) in [
        (app, app, denied),
        (both, app, denied),
        (app, both, denied),
        (both, both, "ok 5"),
    ] {
        let lines = linking(resolve, invoke).trusted().script(&[], &script);
        says(&lines, &["ok", "ok hi", relayed, "ok", "ok 1"]);
    }
    // The host's word is for each member, too.
    let folder = linking(both, both).trusted();
    let deny = json!({ "deny": [{ "name": "dynlink:resolve", "components": ["relay"] }] });
    folder.0.write("deny.json", deny.to_string());
    let output = folder.run(&["--policy", "deny.json"], &script);
    fails(&output, "Exec.CapabilityDenied");
    assert!(output.stderr.contains("dynlink:resolve"), "{output:?}");
}

/// Components of one artifact may not share what one of them is denied.
#[test]
fn components_of_one_program_link_alike() {
    let folder = |invoke: &[&str]| {
        let folder = plan(wat::links(Some("t:l/link@1.0.0"), None)).runtime();
        let folder = folder.component("lib", wat::links(None, Some("t:l/link@1.0.0")));
        let folder = folder.bind("app", "t:l/link@1.0.0", "lib");
        let folder = folder.guest("counter", "dynlink-counter");
        folder.policy(json!({ "capabilities": [
            { "name": "dynlink:resolve", "level": "optional" },
            { "name": "dynlink:invoke", "level": "optional", "components": invoke },
        ] }))
    };
    let torn = folder(&["app"]).trusted();
    for (command, status) in [
        (&["plan", "validate", "plan.json"][..], 1),
        (&["exec", "invoke", "plan.json", "n()"], 126),
    ] {
        let output = torn.composectl(command);
        fails_with(&output, status, "Exec.CapabilityDenied");
        for part in ["\"app\"", "\"lib\"", "dynlink:invoke"] {
            assert!(output.stderr.contains(part), "{part} {output:?}");
        }
    }
    folder(&["app", "lib"])
        .trusted()
        .invoke(&[], &["n()"])
        .success();
}

fn given(policy: Value) -> Folder {
    const ENV: &str = "t:l/env@1.0.0";
    let folder = plan(wat::counts_both(ENV)).component("lib", wat::counts_variables(ENV));
    let folder = folder.bind("app", ENV, "lib");
    match policy.is_null() {
        true => folder.trusted(),
        false => folder.policy(policy).trusted(),
    }
}

/// What the user gives fills what is granted, and grants nothing.
#[test]
fn what_is_given_reaches_whom_it_is_granted() {
    let to = |components: &[&str]| {
        given(json!({ "capabilities": [
            { "name": "wasi:cli/environment", "level": "optional", "components": components },
        ] }))
    };
    let env = ["--env", "A=1", "--env", "B=2"];
    // Tens are the root's, ones are its library's.
    let count = |folder: &Folder, options: &[&str]| {
        let output = folder.invoke(&[&env[..], options].concat(), &["n()"]);
        (output.stdout.trim().to_string(), output.stderr)
    };
    for (folder, options, expected) in [
        (to(&["app"]), &[][..], "20"),
        (to(&["lib"]), &[], "2"),
        (to(&["app", "lib"]), &[], "22"),
        (given(json!({})), &["--allow", "wasi:cli/environment"], "22"),
        (given(json!({})), &["--allow", "wasi:cli"], "22"),
        (given(Value::Null), &[], "22"),
    ] {
        let (counted, said) = count(&folder, options);
        assert_eq!(counted, expected, "{said}");
        assert!(!said.contains("warning"), "{said}");
    }
    for (folder, options) in [
        (given(json!({})), &[][..]),
        (to(&["app", "lib"]), &["--deny", "wasi:cli"]),
        (to(&["app", "lib"]), &["--deny", "*"]),
        (given(Value::Null), &["--deny", "*"]),
        (given(Value::Null), &["--deny", "wasi:cli/environment"]),
    ] {
        let (counted, said) = count(&folder, options);
        assert_eq!(counted, "0", "{options:?} {said}");
        for part in [
            "warning",
            "the variables that are given have no effect",
            "--allow wasi:cli/environment",
        ] {
            assert!(said.contains(part), "{part} {said}");
        }
        let json = [&env[..], options, &["--format", "json"]].concat();
        let said = folder.invoke(&json, &["n()"]).success();
        let said: Value = serde_json::from_str(&said).expect("an object");
        let told = said["findings"].as_array().expect("findings");
        assert!(
            told.iter().any(|finding| finding["severity"] == "warning"),
            "{said}"
        );
    }
    // A host that names components means them, with a policy of the plan's or not.
    for policy in [json!({}), Value::Null] {
        let folder = given(policy);
        let allow = json!({ "allow": [{ "name": "wasi:cli", "components": ["app"] }] });
        folder.0.write("allow.json", allow.to_string());
        assert_eq!(count(&folder, &["--policy", "allow.json"]).0, "20");
    }
}

#[test]
fn folders_reach_whom_they_are_granted() {
    let folder = plan(bytes("program")).policy(json!({ "capabilities": [
        { "name": "wasi:cli/environment", "level": "optional" },
    ] }));
    let folder = folder.trusted();
    folder.0.write("in/file", "text");
    let dir = ["--dir", "in"];
    let output = folder.run(&dir, &["read", "in/file"]);
    assert_ne!(output.status, 0, "{output:?}");
    for part in [
        "the folders that are given have no effect",
        "--allow wasi:filesystem/preopens",
    ] {
        assert!(output.stderr.contains(part), "{part} {output:?}");
    }
    let allowed = [&dir[..], &["--allow", "wasi:filesystem"]].concat();
    let output = folder.run(&allowed, &["read", "in/file"]);
    assert_eq!(output.success(), "text");
    let denied = [&allowed[..], &["--deny", "wasi:filesystem"]].concat();
    let output = folder.run(&denied, &["read", "in/file"]);
    assert_ne!(output.status, 0, "{output:?}");
    assert!(
        output
            .stderr
            .contains("the folders that are given have no effect"),
        "{output:?}"
    );
}

/// What a store has for an artifact is held to what was decided, before it is
/// compiled: one that says that it was made so and imports more is never run.
#[test]
fn an_artifact_that_imports_more_is_refused() {
    let folder = given(json!({}));
    let said = folder.good(&["plan.json", "--format", "json"]);
    let said: Value = serde_json::from_str(&said).expect("an object");
    let hex = |name: &str| {
        let digest = said[name].as_str().expect("a digest");
        digest.trim_start_matches("sha256:").to_string()
    };
    let blob = |hex: &str| format!(".compose/blobs/sha256/{hex}");
    let good = compositor_tests::read(folder.0.join(blob(&hex("digest"))));
    // Another component behind the provenance of the good one.
    let evil = wat::counts_variables("t:l/n@1.0.0");
    let evil = [head(&good), &evil[8..]].concat();
    let digest = compositor_core::Digest::of(&evil).to_string();
    folder.0.write("evil.wasm", &evil);
    folder.good(&["blob", "put", "evil.wasm"]);
    let key = format!(".compose/cache/{}", hex("emit_key"));
    folder.0.write(&key, &digest);
    let output = folder.invoke(&[&EVENTS[..], &["--env", "A=1"]].concat(), &["n()"]);
    let events = folder.events();
    let mut compiled = of_kind(&events, "component.compiled");
    assert!(
        compiled.all(|event| event["digest"] != digest.as_str()),
        "{output:?}"
    );
    assert!(!output.stdout.contains('1'), "{output:?}");
    // What was made instead ran, and the key leads to it again.
    assert_eq!(output.stdout.trim(), "0", "{output:?}");
    let recorded = compositor_tests::read(folder.0.join(&key));
    let recorded = String::from_utf8_lossy(&recorded);
    assert_eq!(
        recorded.trim_end(),
        format!("sha256:{}", hex("digest")),
        "it is healed"
    );
}

/// Swapping one provider changes no other program.
#[test]
fn one_program_is_no_part_of_another() {
    let folder = linked()
        .guest("a", "dynlink-counter")
        .guest("b", "dynlink-answer");
    let folder = folder.trusted();
    folder.good(&["plan", "lock", "plan.json", "-o", "plan.json"]);
    let made = |folder: &Folder, id: &str| {
        let script = format!("resolve x {id}");
        folder.run(&EVENTS, &[script.as_str()]).success();
        let events = folder.events();
        let resolved = of_kind(&events, "link.resolved")
            .next()
            .expect("it was resolved");
        resolved["digest"].clone()
    };
    let before = (made(&folder, "a"), made(&folder, "b"));
    let other = super::fixture::twin(&bytes("dynlink-answer"), "x");
    folder.0.write("other.wasm", &other);
    folder.good(&["blob", "put", "other.wasm"]);
    let digest = |bytes: &[u8]| compositor_core::Digest::of(bytes).to_string();
    folder.good(&["trust", "add", &digest(&other)]);
    let text = compositor_tests::read(folder.0.join("plan.json"));
    let text = String::from_utf8(text).expect("a text");
    let (from, to) = (digest(&bytes("dynlink-answer")), digest(&other));
    let bare = |digest: &str| digest.trim_start_matches("sha256:").to_string();
    folder
        .0
        .write("plan.json", text.replace(&bare(&from), &bare(&to)));
    let after = (made(&folder, "a"), made(&folder, "b"));
    assert_eq!(before.0, after.0);
    assert_ne!(before.1, after.1);
}
