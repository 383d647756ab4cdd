//! `--allow`, `--deny` and `--policy`, and what `plan info` says came of them.

use std::fs::File;

use compositor_tests::Temp;
use serde_json::{Value, json};

use super::fixture::{bad, component, good, json, piped, status_of_errors};

const ENVIRONMENT: &str = "wasi:cli/environment@0.2.0";
const RANDOM: &str = "wasi:random/random@0.2.0";

/// Imports two interfaces of the host, and one of the base.
const APP: &str = r#"(component
  (import "wasi:cli/environment@0.2.0" (instance $environment
    (export "get-environment" (func (result (list (tuple string string)))))))
  (import "wasi:random/random@0.2.0" (instance $random
    (export "get-random-u64" (func (result u64)))))
  (import "wasi:cli/exit@0.2.0" (instance
    (export "exit" (func (param "status" (result))))))
  (alias export $random "get-random-u64" (func $f))
  (export "number" (func $f)))"#;

/// A folder with a plan of that component, under a policy.
fn folder(policy: &Value) -> Temp {
    let temp = Temp::new();
    temp.write("app.wasm", component(APP));
    let mut plan = json!({
        "version": "1", "root": "app",
        "components": [{ "id": "app", "source": "file:app.wasm" }],
    });
    if !policy.is_null() {
        plan["policy"] = policy.clone();
    }
    temp.write("plan.json", plan.to_string());
    temp
}

/// What was decided of an import.
fn decided(folder: &Temp, import: &str, options: &[&str]) -> String {
    let args = [&["plan", "info", "plan.json"], options].concat();
    let said = json(folder, 0, &args);
    assert_eq!(said["valid"], true, "{said}");
    let imports = said["imports"].as_array().expect("a list");
    let found = imports.iter().find(|i| i["name"] == import);
    let found = found.unwrap_or_else(|| panic!("{import}: {said}"));
    assert_eq!(found["consumers"], json!(["app"]), "{said}");
    assert!(found["why"].as_str().is_some_and(|why| !why.is_empty()));
    found["decision"].as_str().expect("a word").to_string()
}

#[test]
fn a_table_for_people() {
    let folder = folder(&json!({}));
    let said = good(&folder, &["plan", "info", "plan.json"]);
    let stated = "policy   stated; what is not granted is denied inside the artifact\n";
    assert!(said.contains(stated), "{said}");
    let table = said.split("\nimports\n").nth(1).expect("imports");
    let table = table.split("\nexports\n").next().expect("exports");
    // What was decided and why, and below it the imports, in columns.
    let mut decision = "";
    let mut rows = Vec::new();
    for line in table.lines() {
        match line.strip_prefix("    ") {
            Some(row) => rows.push((row, decision)),
            None => decision = line.trim_start(),
        }
    }
    assert_eq!(rows.len(), 3, "{said}");
    let column = rows[0].0.find("app").expect("a column");
    for (row, decision) in &rows {
        assert_eq!(&row[column..], "app", "{said}");
        assert!(row[..column].ends_with("  "), "{said}");
        let words = match row.starts_with(ENVIRONMENT) {
            true => "denied, because ",
            false => "granted, because ",
        };
        assert!(decision.starts_with(words), "{said}");
    }

    let short = good(&folder, &["plan", "validate", "plan.json"]);
    let open =
        "plan.json is valid: 1 component, 0 bindings\n  left to the host: wasi:cli, wasi:random\n";
    assert_eq!(short, open);
}

#[test]
fn without_a_policy_the_host_decides() {
    let folder = folder(&Value::Null);
    assert_eq!(decided(&folder, ENVIRONMENT, &[]), "granted");
    assert_eq!(decided(&folder, RANDOM, &[]), "granted");
    let deny = ["--deny", "wasi:random"];
    assert_eq!(decided(&folder, RANDOM, &deny), "denied");
    assert_eq!(decided(&folder, ENVIRONMENT, &deny), "granted");
}

#[test]
fn options_say_what_is_granted_and_denied() {
    let folder = folder(&json!({}));
    assert_eq!(decided(&folder, ENVIRONMENT, &[]), "denied");
    for name in [
        "wasi:cli",
        "wasi:cli/environment",
        "wasi:cli@0.2.0",
        ENVIRONMENT,
    ] {
        let allow = ["--allow", name];
        assert_eq!(decided(&folder, ENVIRONMENT, &allow), "granted", "{name}");
    }
    for (mode, word) in [
        ("wasi:random", "denied"),
        ("wasi:random=trap", "denied: trap"),
        ("wasi:random/random=error", "denied: error"),
        ("*=empty", "denied: empty"),
    ] {
        assert_eq!(decided(&folder, RANDOM, &["--deny", mode]), word);
    }
    // Whoever is more specific.
    let both = ["--deny", "*=trap", "--allow", "wasi:cli/environment"];
    assert_eq!(decided(&folder, ENVIRONMENT, &both), "granted");
    assert_eq!(decided(&folder, RANDOM, &both), "denied: trap");
}

#[test]
fn a_file_says_the_same_and_options_come_after() {
    let folder = folder(&json!({}));
    let policy = json!({
        "allow": [{ "name": "wasi:cli/environment", "components": ["app"] }],
        "deny": [{ "name": "wasi:random", "mode": "error" }],
    });
    folder.write("policy.json", policy.to_string());
    let file = ["--policy", "policy.json"];
    assert_eq!(decided(&folder, ENVIRONMENT, &file), "granted");
    assert_eq!(decided(&folder, RANDOM, &file), "denied: error");
    // An option that is more specific than the file.
    let more = [&file[..], &["--allow", RANDOM]].concat();
    assert_eq!(decided(&folder, RANDOM, &more), "granted");
    // What is said of a component is more specific than what is said of all.
    let more = [&file[..], &["--deny", ENVIRONMENT]].concat();
    assert_eq!(decided(&folder, ENVIRONMENT, &more), "granted");

    let stdin = File::open(folder.join("policy.json")).expect("policy.json");
    let args = ["plan", "info", "plan.json", "--policy", "-"];
    let said = piped(&folder, stdin, &args).success();
    assert!(said.contains("denied: error"), "{said}");
}

#[test]
fn every_command_that_composes_takes_them() {
    let folder = folder(&Value::Null);
    let digest = |options: &[&str]| {
        let args = [&["plan.json"], options].concat();
        json(&folder, 0, &args)["digest"].clone()
    };
    let plain = digest(&[]);
    let denied = digest(&["--deny", "wasi:random"]);
    assert_ne!(plain, denied);
    assert_eq!(denied, digest(&["--deny", "wasi:random/random"]));
    assert_eq!(plain, digest(&["--allow", "wasi:random"]));
    let deny = ["--deny", "wasi:random"];
    for command in [
        &["plan", "validate", "plan.json"][..],
        &["emit", "build", "plan.json", "-o", "out.wasm"],
        &["exec", "list", "plan.json"],
        &["exec", "describe", "plan.json", "number"],
    ] {
        good(&folder, &[command, &deny].concat());
    }
}

#[test]
fn a_wrong_file_with_its_place() {
    let folder = folder(&json!({}));
    let text = "{\n  \"allow\": [\"wasi:cli\"],\n  \"deny\": [\"random\"],\n  \"dney\": []\n}\n";
    folder.write("policy.json", text);
    for command in [
        &["plan", "info", "plan.json"][..],
        &["plan", "validate", "plan.json"],
        &["plan.json"],
        &["exec", "run", "plan.json"],
        &["exec", "list", "plan.json"],
    ] {
        let args = [command, &["--policy", "policy.json"]].concat();
        let status = status_of_errors(&args);
        let said = bad(&folder, status, &args);
        for part in [
            "--> policy.json:3:12  (/deny/0)",
            "3 |   \"deny\": [\"random\"],",
            "--> policy.json:4:3  (/dney)",
            "did you mean \"deny\"?",
            "a package such as wasi:http",
            "2 errors",
        ] {
            assert!(said.contains(part), "{part}\n{said}");
        }
        let said = json(&folder, status, &args);
        let error = &said["errors"][1];
        assert_eq!(error["code"], "InvalidInput");
        assert_eq!(error["file"], "policy.json");
        assert_eq!((&error["line"], &error["column"]), (&json!(3), &json!(12)));
    }
    folder.write("policy.json", "[");
    let said = bad(&folder, 1, &["plan.json", "--policy", "policy.json"]);
    assert!(said.contains("the policy is not valid JSON"), "{said}");
    assert!(said.contains("--> policy.json:1:"), "{said}");
    let said = bad(&folder, 1, &["plan.json", "--policy", "nope.json"]);
    assert!(said.contains("cannot read `nope.json`"), "{said}");
}

#[test]
fn a_plan_says_for_which_components() {
    let capability = |components: Value| {
        json!({
            "capabilities": [
                { "name": "wasi:cli/environment", "level": "optional", "components": components },
            ],
            "denials": [{ "name": "wasi:random", "mode": "empty", "components": components }],
        })
    };
    let told = folder(&capability(json!(["app"])));
    assert_eq!(decided(&told, ENVIRONMENT, &[]), "granted");
    assert_eq!(decided(&told, RANDOM, &[]), "denied: empty");
    let unknown = folder(&capability(json!(["ap"])));
    let said = bad(&unknown, 1, &["plan", "validate", "plan.json"]);
    assert!(said.contains("Plan.InvalidGraph"), "{said}");
    assert!(said.contains("/policy/denials/0/components/0"), "{said}");
    assert!(said.contains("did you mean \"app\"?"), "{said}");
}

/// What changes nothing is said, with what decides instead.
#[test]
fn rules_that_change_nothing() {
    let none = Value::Null;
    let denies = json!({ "denials": [{ "name": "wasi:random" }] });
    let strict = json!({ "determinism": "strict" });
    for (policy, options, says) in [
        (
            &none,
            &["--allow", "wasi:random"][..],
            "the host allows \"wasi:random\", which changes nothing: the plan states no policy: its \
             host decides",
        ),
        (
            &none,
            &["--deny", "wasi:cli/exit"],
            "the host denies \"wasi:cli/exit\", which changes nothing: stdio, exit and wasi:io are \
             always there",
        ),
        (
            &denies,
            &["--allow", "wasi:random"],
            "the host allows \"wasi:random\", which changes nothing: the plan denies \"wasi:random\"",
        ),
        (
            &strict,
            &["--allow", "wasi:random"],
            "the host allows \"wasi:random\", which changes nothing: \"strict\" has a deterministic",
        ),
        (
            &none,
            &["--allow", "wasi:random", "--deny", "wasi:random"],
            "the host allows \"wasi:random\", which changes nothing: the host denies",
        ),
        (
            &none,
            &["--allow", "dynlink:resolve"],
            "the host allows what no component imports: dynlink:resolve",
        ),
        (
            &json!({ "denials": [{ "name": "wasi:cli/exit" }] }),
            &[],
            "the plan denies \"wasi:cli/exit\", which changes nothing: stdio, exit",
        ),
        (
            &json!({
                "capabilities": [{ "name": "wasi:random/random", "level": "optional" }],
                "denials": [{ "name": "wasi:random" }],
            }),
            &[],
            "the plan asks for \"wasi:random/random\", which changes nothing: the plan denies",
        ),
    ] {
        let folder = folder(policy);
        let args = [&["plan", "validate", "plan.json"], options].concat();
        let said = json(&folder, 0, &args);
        let findings = said["findings"].as_array().expect("a list");
        let is_said = findings.iter().any(|finding| {
            let message = finding["message"].as_str();
            finding["severity"] == "warning" && message.is_some_and(|of| of.starts_with(says))
        });
        assert!(is_said, "{policy} {options:?}: {said}");
    }
    // These change something, for one import or in the other's stead.
    for (policy, options) in [
        (&none, &["--deny", "wasi:cli"][..]),
        (&none, &["--deny", "*"]),
        (
            &none,
            &["--deny", "wasi:cli", "--allow", "wasi:cli/environment"],
        ),
        (&json!({}), &["--allow", "wasi:cli"]),
        (&json!({}), &["--deny", "wasi:random"]),
        (&denies, &["--deny", "wasi:random"]),
        (&strict, &["--deny", "wasi:random"]),
    ] {
        let folder = folder(policy);
        let args = [&["plan", "validate", "plan.json"], options].concat();
        let said = json(&folder, 0, &args);
        assert_eq!(said["findings"], json!([]), "{policy} {options:?}");
    }
}
