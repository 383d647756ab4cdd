//! Functions, types and resources of a world that are in no interface.

use compositor_core::Code;
use serde_json::json;

use super::fixture::{Plan, plan};

const RENAMED: &str = "package a:b;
interface t { resource r; m: func(); }
world app { use t.{r as a}; import g: func(x: a); export run: func(); }
world p { use t.{r as a}; export g: func(x: a); }
world gives { export t; }";

fn renamed() -> Plan {
    plan(RENAMED).world("p", RENAMED, "p").bind("app", "g", "p")
}

#[test]
fn a_resource_that_crosses_a_function() {
    let open = renamed().with("imports", json!(["a:b/t"]));
    assert_eq!(open.composed().functions("a:b/t"), ["m"]);
    for name in ["a:b", "*"] {
        for mode in ["trap", "error", "empty"] {
            let denied = json!({ "denials": [{ "name": name, "mode": mode }] });
            let composed = open.clone().policy(denied).composed();
            assert!(composed.imports.is_empty(), "{name}");
            let by_host = json!({ "deny": [{ "name": "a:b", "mode": mode, "components": ["p"] }] });
            let composed = open.clone().host(by_host).composed();
            assert_eq!(composed.functions("a:b/t"), ["m"]);
        }
    }
    let recorded = renamed().policy(json!({
        "determinism": "audit",
        "capabilities": [{ "name": "a:b", "level": "optional" }],
    }));
    let recorded = recorded.composed();
    assert_eq!(recorded.functions("a:b/t"), ["m"]);
    assert_eq!(
        recorded.functions("sys:compose/audit@1.0.0"),
        ["declare", "called"]
    );
    let one = renamed()
        .world("one", RENAMED, "gives")
        .bind("app", "a:b/t", "one")
        .bind("p", "a:b/t", "one");
    assert!(one.composed().imports.is_empty());
}

#[test]
fn two_owners_of_what_crosses_a_function() {
    let two = renamed()
        .world("one", RENAMED, "gives")
        .world("two", RENAMED, "gives")
        .bind("app", "a:b/t", "one")
        .bind("p", "a:b/t", "two");
    let errors = two.errors();
    assert_eq!(errors.len(), 1, "{errors:#?}");
    let error = &errors[0];
    assert_eq!(error.code, Code::EmitLinkError);
    assert_eq!(error.pointer, "/bindings/0");
    assert!(
        error.message.contains("is not the one that it has from"),
        "{error:#?}"
    );
}

/// What stays open for two components, and means two resources.
#[test]
fn two_owners_of_what_stays_open() {
    let wit = format!(
        "{RENAMED}\nworld q {{ use t.{{r as a}}; import g: func(x: a); export h: func(); }}"
    )
    .replace(
        "import g: func(x: a); export run",
        "import g: func(x: a); import h: func(); export run",
    );
    let made = plan(&wit)
        .world("q", &wit, "q")
        .bind("app", "h", "q")
        .with("imports", json!(["g"]));
    let two = made
        .clone()
        .world("one", &wit, "gives")
        .world("two", &wit, "gives")
        .bind("app", "a:b/t", "one")
        .bind("q", "a:b/t", "two");
    for error in two.errors() {
        assert_eq!(error.code, Code::EmitLinkError, "{error:#?}");
    }
    let open = made.with("imports", json!(["g", "a:b/t"]));
    assert_eq!(open.composed().functions("g"), ["g"]);
}

/// Handles wherever a function can have them.
#[test]
fn handles_in_functions() {
    for ty in [
        "borrow<a>",
        "list<a>",
        "tuple<u8, option<a>>",
        "result<a, string>",
        "option<borrow<a>>",
    ] {
        let wit = RENAMED.replace("func(x: a)", &format!("func(x: {ty})"));
        let made = plan(&wit).world("p", &wit, "p").bind("app", "g", "p");
        let open = made.clone().with("imports", json!(["a:b/t"]));
        let denied = open.policy(json!({ "denials": [{ "name": "a:b" }] }));
        assert!(denied.composed().imports.is_empty(), "{ty}");
        let two = made
            .world("one", &wit, "gives")
            .world("two", &wit, "gives")
            .bind("app", "a:b/t", "one")
            .bind("p", "a:b/t", "two");
        let errors = two.errors();
        assert_eq!(errors.len(), 1, "{ty} {errors:#?}");
        assert!(
            errors[0].message.contains("is not the one"),
            "{ty} {errors:#?}"
        );
    }
}

#[test]
fn a_listed_type_is_satisfied_inside() {
    let wit = "package a:b;
      interface t { resource r { s: static func(x: s16); } enum e { one } }
      world app { use t.{r as name2, e as name3}; export run: func(); }
      world gives { export t; }";
    let bound = plan(wit)
        .world("gives", wit, "gives")
        .bind("app", "a:b/t", "gives");
    for imports in [json!([]), json!(["name2"]), json!(["name2", "name3"])] {
        let composed = bound.clone().with("imports", imports).composed();
        assert!(composed.imports.is_empty());
    }
    let open = plan(wit).with("imports", json!(["a:b/t", "name2"]));
    assert_eq!(open.composed().functions("a:b/t").len(), 1);
}

#[test]
fn a_type_made_of_a_bound_resource() {
    let wit = "package a:b;
      interface t { resource r; m: func() -> r; }
      world app { use t.{r}; record pair { a: r, b: u8 } variant some { none, one(pair) }
        import g: func(x: some); export run: func(); }
      world gives { export t; }
      world p { use t.{r}; record pair { a: r, b: u8 } variant some { none, one(pair) }
        export g: func(x: some); }";
    let made = plan(wit)
        .world("gives", wit, "gives")
        .world("p", wit, "p")
        .bind("app", "g", "p")
        .bind("app", "a:b/t", "gives")
        .bind("p", "a:b/t", "gives");
    for imports in [json!([]), json!(["pair"]), json!(["pair", "some"])] {
        let composed = made.clone().with("imports", imports).composed();
        assert!(composed.imports.is_empty());
    }
}

/// A resource that a world imports by itself cannot be denied while functions of
/// it are there: they would have to be defined where it is.
#[test]
fn functions_of_a_bare_resource() {
    for body in [
        "{ xxxxx: static func(f: s16); }",
        "{ xxxxx: func(f: s16); }",
        "{ constructor(); }",
    ] {
        let wit = format!("package a:b; world app {{ resource name {body} export run: func(); }}");
        let bytes = test_generate::component(&wit, "app").expect("WIT");
        let (mut imports, _) = test_generate::names(&bytes);
        imports.retain(|name| name.ends_with("name") || name.contains("name."));
        let made = Plan::rooted("app")
            .component("app", &bytes)
            .with("imports", json!(imports));
        assert_eq!(made.composed().imports.len(), imports.len());
        for error in made
            .policy(json!({ "denials": [{ "name": "*" }] }))
            .errors()
        {
            assert_eq!(error.code, Code::EmitCompositionFailed, "{error:#?}");
            let why =
                "cannot be denied or recorded: it is made of a resource that is imported by itself";
            assert!(error.message.contains(why), "{error:#?}");
        }
    }
}

/// Names that say where something is found are of imports alone, so nothing that
/// is composed gives what has one.
#[test]
fn names_of_places() {
    for name in [
        "url=<https://a.b/c>",
        "locked-dep=<a:b>",
        "unlocked-dep=<a:b>",
        "integrity=<sha256-YWJj>",
    ] {
        for item in ["(func)", r#"(instance (export "f" (func)))"#] {
            let text = format!("(component (import {name:?} {item}))");
            let bytes = wat::parse_str(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
            let made = Plan::rooted("app")
                .component("app", &bytes)
                .with("imports", json!([name]));
            assert_eq!(made.composed().imports.len(), 1, "{text}");
            let errors = made
                .policy(json!({ "denials": [{ "name": "*" }] }))
                .errors();
            let [error] = &errors[..] else {
                panic!("{text} {errors:#?}");
            };
            assert_eq!(error.code, Code::EmitCompositionFailed, "{error:#?}");
            assert_eq!(error.pointer, "/components/0", "{error:#?}");
            let why = format!(
                "import {name:?} of \"app\" cannot be denied or recorded: it is named by where it \
                 is found, which no component exports"
            );
            assert_eq!(error.message, why);
            assert_eq!(error.help, "bind it to a component, or grant it");
        }
    }
}
