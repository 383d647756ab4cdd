//! What exports are made of stays, but as types alone: every function of it is
//! given, recorded or refused as if no export were made of it.

use serde_json::{Value, json};

use super::fixture::{Composed, Plan, plan};

/// Interfaces as WASI has them, with what matters here.
const WASI: &str = r#"
package wasi:sockets@0.2.0 {
  interface network { resource network; enum error-code { access-denied, unknown } }
  interface tcp {
    use network.{network, error-code};
    resource tcp-socket { connect: func(n: borrow<network>, port: u16) -> result<_, error-code>; }
  }
  interface udp {
    use network.{error-code};
    resource udp-socket { send: func(data: list<u8>) -> result<_, error-code>; }
    create: func() -> result<udp-socket, error-code>;
  }
  interface ip-name-lookup {
    use network.{network, error-code};
    resource resolve-address-stream { next: func() -> result<string, error-code>; }
    resolve: func(n: borrow<network>, name: string) -> result<resolve-address-stream, error-code>;
  }
}
package wasi:sockets@0.3.0 {
  interface types {
    variant error-code { access-denied, other(option<string>) }
    record place { host: string, port: u16 }
    resource udp-socket {
      create: static func() -> result<udp-socket, error-code>;
      send: async func(data: list<u8>, to: option<place>) -> result<_, error-code>;
    }
  }
}
package wasi:filesystem@0.2.0 {
  interface types {
    enum error-code { access, not-permitted }
    record times { seen: option<u64> }
    resource descriptor { read: func(n: u64) -> result<list<u8>, error-code>; }
  }
}
"#;

/// A world: what it imports beside, its exports, and the interfaces of these.
fn world(packages: &str, items: &str) -> String {
    format!("package local:app; {WASI} {packages} world app {{ {items} export run: func(); }}")
}

/// Exports that are made of imported types, and the import that is.
fn exports() -> Vec<(&'static str, String)> {
    let sockets = "wasi:sockets/udp@0.2.0";
    let udp = "use wasi:sockets/udp@0.2.0.{udp-socket};";
    let of = |ty: &str| world("", &format!("{udp} export f: func(x: {ty});"));
    let interface = |body: &str| {
        let packages = format!("package t:x {{ interface y {{ {udp} {body} }} }}");
        world(&packages, "export t:x/y;")
    };
    vec![
        (sockets, of("borrow<udp-socket>")),
        (sockets, of("udp-socket")),
        (sockets, of("list<udp-socket>")),
        (sockets, of("option<borrow<udp-socket>>")),
        (sockets, of("tuple<u8, option<list<udp-socket>>>")),
        (sockets, of("result<udp-socket, string>")),
        (sockets, interface("f: func(x: borrow<udp-socket>);")),
        (sockets, interface("f: func() -> udp-socket;")),
        (sockets, interface("record pair { a: udp-socket, b: u8 } f: func(x: pair);")),
        (sockets, interface("variant some { a(udp-socket), b } f: func() -> list<some>;")),
        (sockets, interface("type other = udp-socket; f: func(x: borrow<other>);")),
        (
            sockets,
            world(
                "package t:x { interface y { use wasi:sockets/udp@0.2.0.{udp-socket as s}; f: func(x: s); } }",
                "export t:x/y;",
            ),
        ),
        (
            sockets,
            world(
                "package t:x { interface y { use wasi:sockets/udp@0.2.0.{udp-socket, error-code};
                   record both { a: udp-socket, b: error-code } f: func(x: both) -> result<u8, error-code>; } }",
                "export t:x/y;",
            ),
        ),
        (
            "wasi:sockets/tcp@0.2.0",
            world("", "use wasi:sockets/tcp@0.2.0.{tcp-socket}; export f: func(x: tcp-socket);"),
        ),
        (
            "wasi:sockets/ip-name-lookup@0.2.0",
            world(
                "",
                "use wasi:sockets/network@0.2.0.{network}; import wasi:sockets/ip-name-lookup@0.2.0;
                 export f: func(x: network);",
            ),
        ),
        (
            "wasi:sockets/types@0.3.0",
            world(
                "",
                "use wasi:sockets/types@0.3.0.{udp-socket, error-code, place};
                 export f: func(x: borrow<udp-socket>, y: place) -> result<_, error-code>;",
            ),
        ),
        (
            "wasi:filesystem/types@0.2.0",
            world(
                "",
                "use wasi:filesystem/types@0.2.0.{descriptor, times};
                 export f: func(x: option<descriptor>) -> times;",
            ),
        ),
    ]
}

/// The functions that an artifact imports of WASI.
fn functions(composed: &Composed) -> Vec<(&str, &str)> {
    let imports = composed.imports.iter();
    let functions = imports.flat_map(|(import, functions)| {
        let functions = functions.iter().map(String::as_str);
        functions.map(|function| (import.as_str(), function))
    });
    functions
        .filter(|(import, _)| import.starts_with("wasi:"))
        .collect()
}

#[test]
fn what_an_export_is_made_of_grants_no_function() {
    for (import, wit) in exports() {
        for policy in [json!({}), json!({ "determinism": "strict" })] {
            let composed = plan(&wit).policy(policy).composed();
            assert_eq!(functions(&composed), [], "{wit}");
            let why = composed.why("app", import);
            assert!(!why.is_empty(), "{wit}");
        }
    }
}

/// What is asked for does not open the network under `strict`, either.
#[test]
fn a_capability_is_none_under_strict() {
    let policy = json!({
        "determinism": "strict",
        "capabilities": [{ "name": "wasi:sockets", "level": "optional" }],
    });
    for (import, wit) in exports() {
        if import.starts_with("wasi:sockets") {
            let composed = plan(&wit).policy(policy.clone()).composed();
            assert_eq!(functions(&composed), [], "{wit}");
        }
    }
}

#[test]
fn what_is_granted_is_recorded_all_the_same() {
    let asked = json!([
        { "name": "wasi:sockets", "level": "optional" },
        { "name": "wasi:filesystem", "level": "optional" },
    ]);
    for (import, wit) in exports() {
        let policy = json!({ "determinism": "audit", "capabilities": asked });
        let composed = plan(&wit).policy(policy).composed();
        assert!(!composed.functions(import).is_empty(), "{wit}");
        let audit = composed.functions("sys:compose/audit@1.0.0");
        assert_eq!(audit, ["declare", "called"], "{wit}");
        // Those that are not asked for are refused under `audit` as well.
        let composed = plan(&wit)
            .policy(json!({ "determinism": "audit" }))
            .composed();
        assert_eq!(functions(&composed), [], "{wit}");
    }
}

#[test]
fn rules_deny_the_functions_and_not_the_type() {
    for (import, wit) in exports() {
        for mode in ["trap", "error", "empty"] {
            let rules: Value = json!([{ "name": "*", "mode": mode }]);
            let by_host = plan(&wit).host(json!({ "deny": rules })).composed();
            let by_plan = plan(&wit).policy(json!({ "denials": rules })).composed();
            for composed in [by_host, by_plan] {
                assert_eq!(functions(&composed), [], "{mode} {wit}");
                let why = composed.why("app", import);
                assert!(why.contains("denies"), "{why}");
            }
        }
        let granted = plan(&wit).composed();
        assert!(!granted.functions(import).is_empty(), "{wit}");
    }
}

/// Says that the type stays, and why.
#[test]
fn the_reason_names_the_type() {
    let (import, wit) = exports().remove(0);
    let composed = plan(&wit).policy(json!({})).composed();
    let why = "nothing grants it; its types stay, which the artifact's exports are made of";
    assert_eq!(composed.why("app", import), why);
    assert_eq!(composed.imports.get(import), Some(&Vec::new()));
}

const CHAIN: &str = "package t:x {
  interface y { use wasi:sockets/udp@0.2.0.{udp-socket}; f: func(x: borrow<udp-socket>); }
}";

/// An explicit export of a provider counts as one of the root's.
#[test]
fn an_export_of_a_provider() {
    let provider = world(CHAIN, "export t:x/y;").replace("world app", "world lib");
    let app = world(CHAIN, "import t:x/y;");
    let made = plan(&app)
        .world("lib", &provider, "lib")
        .bind("app", "t:x/y", "lib")
        .with(
            "explicit_exports",
            json!([{ "source_instance": "lib", "interface_name": "t:x/y" }]),
        );
    for policy in [json!({}), json!({ "determinism": "strict" })] {
        let composed = made.clone().policy(policy).composed();
        assert_eq!(functions(&composed), []);
        assert_eq!(composed.exports.len(), 2);
    }
}

/// A provider hands its import's resource on, and the root exports what is made of
/// that.
#[test]
fn an_export_of_what_a_provider_hands_on() {
    let text = r#"(component
      (import "wasi:sockets/udp@0.2.0" (instance $udp
        (export "udp-socket" (type $u (sub resource)))
        (export "[static]udp-socket.open" (func (result (own $u))))))
      (alias export $udp "udp-socket" (type $u))
      (instance $out (export "socket" (type $u)))
      (export "t:x/hands" (instance $out)))"#;
    let root = r#"(component
      (import "t:x/hands" (instance $in (export "socket" (type (sub resource)))))
      (alias export $in "socket" (type $s))
      (core module $m (func (export "f") (param i32)))
      (core instance $m (instantiate $m))
      (func $f (param "x" (borrow $s)) (canon lift (core func $m "f")))
      (component $out
        (import "s" (type $s (sub resource)))
        (import "f" (func $f (param "x" (borrow $s))))
        (export $s2 "socket" (type $s))
        (export "f" (func $f) (func (param "x" (borrow $s2)))))
      (instance $o (instantiate $out (with "s" (type $s)) (with "f" (func $f))))
      (export "t:x/uses" (instance $o)))"#;
    let bytes = |text: &str| wat::parse_str(text).expect("a component");
    let made = Plan::rooted("app")
        .component("app", bytes(root))
        .component("lib", bytes(text))
        .bind("app", "t:x/hands", "lib");
    for policy in [json!({}), json!({ "determinism": "strict" })] {
        let composed = made.clone().policy(policy).composed();
        assert_eq!(functions(&composed), []);
        assert_eq!(composed.exports, ["t:x/uses"]);
        let why = composed.why("lib", "wasi:sockets/udp@0.2.0");
        assert!(why.contains("its types stay"), "{why}");
    }
}
