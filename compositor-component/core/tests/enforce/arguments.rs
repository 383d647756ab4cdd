//! A program's name and arguments are no capability: what is granted is variables.

use serde_json::json;

use super::fixture::plan;

const WASI: &str = r#"
package wasi:cli@0.2.0 {
  interface environment {
    get-environment: func() -> list<tuple<string, string>>;
    get-arguments: func() -> list<string>;
    initial-cwd: func() -> option<string>;
  }
  interface run { run: func() -> result; }
}
package wasi:cli@0.3.0 {
  interface environment {
    get-environment: func() -> list<tuple<string, string>>;
    get-arguments: func() -> list<string>;
    get-initial-cwd: func() -> option<string>;
  }
  interface run { run: async func() -> result; }
}
package t:x { interface lib { f: func(); } }
"#;

fn world(name: &str, items: &str) -> String {
    format!("package local:app; {WASI} world {name} {{ {items} }}")
}

fn denials() -> Vec<(serde_json::Value, serde_json::Value)> {
    let mut all = vec![
        (json!({}), json!({})),
        (json!({ "determinism": "strict" }), json!({})),
        (json!({ "determinism": "audit" }), json!({})),
    ];
    for name in ["*", "wasi:cli", "wasi:cli/environment"] {
        for mode in ["trap", "error", "empty"] {
            let rule = json!([{ "name": name, "mode": mode }]);
            all.push((json!({ "denials": rule }), json!({})));
            all.push((json!({}), json!({ "deny": rule })));
        }
    }
    all
}

#[test]
fn a_program_has_arguments_and_no_variables() {
    for version in ["0.2.0", "0.3.0"] {
        let environment = format!("wasi:cli/environment@{version}");
        let app = world(
            "app",
            &format!("import {environment}; export wasi:cli/run@{version};"),
        );
        for (policy, host) in denials() {
            let composed = plan(&app).policy(policy).host(host).composed();
            assert_eq!(composed.functions(&environment), ["get-arguments"]);
            let why = composed.why("app", &environment);
            assert!(why.ends_with("; name and arguments are given, which are no capability"));
            assert!(!composed.has(&format!("policy denies {environment}#get-arguments")));
        }
        let asked =
            json!({ "capabilities": [{ "name": "wasi:cli/environment", "level": "optional" }] });
        let composed = plan(&app).policy(asked).composed();
        assert_eq!(composed.functions(&environment).len(), 3);
    }
}

#[test]
fn what_is_no_program_has_one_fixed_name() {
    let environment = "wasi:cli/environment@0.2.0";
    let app = world("app", &format!("import {environment}; export run: func();"));
    for (policy, host) in denials() {
        let composed = plan(&app).policy(policy).host(host).composed();
        assert!(!composed.imports.contains_key(environment));
        assert!(composed.has("program"));
    }
}

/// Every component of a program has the program's.
#[test]
fn providers_have_the_programs() {
    let environment = "wasi:cli/environment@0.2.0";
    let app = world(
        "app",
        &format!("import {environment}; import t:x/lib; export wasi:cli/run@0.2.0;"),
    );
    let lib = world("lib", &format!("import {environment}; export t:x/lib;"));
    let made = plan(&app)
        .world("lib", &lib, "lib")
        .bind("app", "t:x/lib", "lib");
    let composed = made.clone().policy(json!({})).composed();
    assert_eq!(composed.functions(environment), ["get-arguments"]);
    // Variables are still for those that they are granted to.
    let asked = json!({ "capabilities": [
        { "name": "wasi:cli/environment", "level": "optional", "components": ["app"] },
    ] });
    let composed = made.policy(asked).composed();
    assert_eq!(composed.functions(environment).len(), 3);
    let refused = format!("policy denies {environment}#get-environment");
    assert!(composed.has(&refused));
    assert!(!composed.has(&format!("policy denies {environment}#get-arguments")));
}

/// A function of that name and another type is no argument of a program's.
#[test]
fn other_functions_of_the_name() {
    for ty in [
        "func() -> list<tuple<string, string>>",
        "func(x: u8) -> list<string>",
        "func() -> string",
        "func() -> list<list<string>>",
        "async func() -> list<string>",
    ] {
        let wit = world(
            "app",
            "import wasi:cli/environment@0.2.0; export wasi:cli/run@0.2.0;",
        );
        let wit = wit.replace(
            "get-arguments: func() -> list<string>",
            &format!("get-arguments: {ty}"),
        );
        let composed = plan(&wit).policy(json!({})).composed();
        assert!(
            composed.functions("wasi:cli/environment@0.2.0").is_empty(),
            "{ty}"
        );
    }
}
