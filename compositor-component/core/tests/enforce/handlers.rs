//! A host that calls an HTTP handler hands in a request: its functions are given
//! to the handler and to those that it calls with it, and no others are.

use serde_json::json;

use super::fixture::{Composed, Plan, plan};

/// Interfaces as WASI has them, with what matters here.
const WASI: &str = r#"
package wasi:http@0.2.0 {
  interface types {
    enum error-code { denied, other }
    resource fields { constructor(); }
    resource incoming-request { path: func() -> option<string>; }
    resource outgoing-request { constructor(headers: fields); }
    resource outgoing-response { constructor(headers: fields); }
    resource response-outparam {
      set: static func(param: response-outparam, response: result<outgoing-response, error-code>);
    }
  }
  interface incoming-handler {
    use types.{incoming-request, response-outparam};
    handle: func(request: incoming-request, out: response-outparam);
  }
  interface outgoing-handler {
    use types.{outgoing-request, error-code};
    handle: func(request: outgoing-request) -> result<_, error-code>;
  }
}
package wasi:http@0.3.0 {
  interface types {
    enum error-code { denied, other }
    resource request { path: func() -> option<string>; }
    resource response { constructor(); }
  }
  interface handler {
    use types.{request, response, error-code};
    handle: async func(request: request) -> result<response, error-code>;
  }
  interface client {
    use types.{request, response, error-code};
    send: async func(request: request) -> result<response, error-code>;
  }
}
package t:x {
  interface route {
    use wasi:http/types@0.2.0.{incoming-request};
    pick: func(request: borrow<incoming-request>) -> u32;
  }
  interface count { next: func() -> u32; }
}
"#;

const TYPES: &str = "wasi:http/types@0.2.0";
const HANDLER: &str = "wasi:http/incoming-handler@0.2.0";
const OUT: &str = "wasi:http/outgoing-handler@0.2.0";

fn world(name: &str, items: &str) -> String {
    format!("package local:app; {WASI} world {name} {{ {items} }}")
}

/// Asks for the network, which a handler is not given for being one.
fn handler(name: &str, more: &str) -> String {
    world(name, &format!("import {OUT}; {more} export {HANDLER};"))
}

fn policies() -> [serde_json::Value; 2] {
    [json!({}), json!({ "determinism": "strict" })]
}

#[track_caller]
fn is_given_requests(composed: &Composed, ids: &[&str]) {
    let functions = composed.functions(TYPES);
    assert!(
        functions.contains(&"[method]incoming-request.path"),
        "{functions:?}"
    );
    assert!(composed.functions(OUT).is_empty());
    for id in ids {
        let why = composed.why(id, TYPES);
        let wanted = format!("whoever calls export {HANDLER:?} passes in its resources");
        assert_eq!(why, wanted, "{id}");
        let refused = format!("policy denies {TYPES}#[method]incoming-request.path");
        assert!(!composed.has(&refused), "{id}");
    }
}

#[test]
fn a_handler_reads_its_request_and_makes_none() {
    for policy in policies() {
        let composed = plan(&handler("app", "")).policy(policy).composed();
        is_given_requests(&composed, &["app"]);
    }
}

/// Middleware before a handler, one to three deep.
#[test]
fn handlers_behind_handlers() {
    for depth in 1..=3 {
        let import = format!("import {HANDLER};");
        let mut made = plan(&handler("app", &import));
        let mut ids = vec!["app".to_string()];
        for level in 1..=depth {
            let id = format!("inner{level}");
            let more = if level == depth { "" } else { &import };
            made = made.world(&id, &handler("app", more), "app");
            made = made.bind(&ids[level - 1], HANDLER, &id);
            ids.push(id);
        }
        for policy in policies() {
            let composed = made.clone().policy(policy).composed();
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            is_given_requests(&composed, &ids);
        }
    }
}

/// The same component twice, one behind the other.
#[test]
fn two_instances_of_one_middleware() {
    let import = format!("import {HANDLER};");
    let middleware = test_generate::component(&handler("app", &import), "app").expect("WIT");
    let made = Plan::rooted("app")
        .component("app", &middleware)
        .component("again", &middleware)
        .world("inner", &handler("app", ""), "app")
        .bind("app", HANDLER, "again")
        .bind("again", HANDLER, "inner");
    for policy in policies() {
        let composed = made.clone().policy(policy).composed();
        is_given_requests(&composed, &["app", "again", "inner"]);
    }
}

/// What is handed a request under a name of the plan's own reads it; what is handed
/// none does not.
#[test]
fn what_is_handed_a_request() {
    let router = world(
        "lib",
        &format!("import {TYPES}; import {OUT}; export t:x/route;"),
    );
    let other = world(
        "lib",
        &format!("import {TYPES}; import {OUT}; export t:x/count;"),
    );
    let made = plan(&handler("app", "import t:x/route; import t:x/count;"))
        .world("router", &router, "lib")
        .world("other", &other, "lib")
        .bind("app", "t:x/route", "router")
        .bind("app", "t:x/count", "other");
    for policy in policies() {
        let composed = made.clone().policy(policy.clone()).composed();
        let functions = composed.functions(TYPES);
        assert!(functions.contains(&"[method]incoming-request.path"));
        assert!(
            composed
                .why("router", TYPES)
                .starts_with("whoever calls export")
        );
        assert!(
            !composed
                .why("other", TYPES)
                .starts_with("whoever calls export")
        );
        // By itself, it is no handler.
        let alone = plan(&router.replace("world lib", "world app"))
            .policy(policy)
            .composed();
        assert!(alone.functions(TYPES).is_empty());
    }
}

/// A program that calls a handler hands in what no host gave it.
#[test]
fn a_handler_behind_a_program() {
    let app = world("app", &format!("import {HANDLER}; export run: func();"));
    let made = plan(&app)
        .world("inner", &handler("app", ""), "app")
        .bind("app", HANDLER, "inner");
    for policy in policies() {
        let composed = made.clone().policy(policy).composed();
        assert!(composed.functions(TYPES).is_empty());
        assert!(composed.functions(OUT).is_empty());
    }
}

#[test]
fn rules_win() {
    for name in ["*", "wasi:http", "wasi:http/types"] {
        let composed = plan(&handler("app", ""))
            .policy(json!({ "denials": [{ "name": name }] }))
            .composed();
        assert!(composed.functions(TYPES).is_empty());
        assert!(composed.imports.contains_key(TYPES));
        assert_eq!(composed.exports, [HANDLER]);
    }
}

#[test]
fn requests_are_recorded() {
    let inner = handler("app", "");
    let made = plan(&handler("app", &format!("import {HANDLER};")))
        .world("inner", &inner, "app")
        .bind("app", HANDLER, "inner")
        .policy(json!({ "determinism": "audit" }));
    let composed = made.composed();
    is_given_requests(&composed, &["app", "inner"]);
    assert!(!composed.functions("sys:compose/audit@1.0.0").is_empty());
}

#[test]
fn handlers_of_0_3() {
    let (handler, types) = ("wasi:http/handler@0.3.0", "wasi:http/types@0.3.0");
    let client = "wasi:http/client@0.3.0";
    let text = world(
        "app",
        &format!("import {client}; import {handler}; export {handler};"),
    );
    let inner = world("app", &format!("import {client}; export {handler};"));
    let made = plan(&text)
        .world("inner", &inner, "app")
        .bind("app", handler, "inner");
    for policy in policies() {
        let composed = made.clone().policy(policy).composed();
        assert!(composed.functions(types).contains(&"[method]request.path"));
        assert!(composed.functions(client).is_empty());
    }
    // Nobody hands a request to one that nothing is bound behind.
    let composed = plan(&text).policy(json!({})).composed();
    assert!(composed.functions(handler).is_empty());
}
