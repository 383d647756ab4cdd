//! Resources that components know by different names.

use compositor_core::{Code, Diagnostic};
use serde_json::json;
use test_generate::plan::Plan;

/// Composes components, the first of which is the root; a binding is a consumer,
/// an import, and the provider of an export of the same name.
fn compose(
    components: &[&str],
    bindings: &[(usize, &str, usize)],
    open: &[&str],
) -> Result<Vec<u8>, Vec<Diagnostic>> {
    let ids = (0..components.len()).map(|index| format!("c{index}"));
    let mut plan = Plan::of(ids.zip(components)).with("imports", json!(open));
    for (consumer, name, provider) in bindings {
        plan = plan.bind(&format!("c{consumer}"), name, &format!("c{provider}"));
    }
    let (_, bytes) = plan.build()?;
    wasmparser::Validator::new()
        .validate_all(&bytes)
        .expect("an artifact is valid");
    Ok(bytes)
}

/// A provider of `t:t/t`: a resource with these names, and more that it exports.
fn provider(names: &[&str], of_last: &str) -> String {
    let mut names_text = String::new();
    for (index, name) in names.iter().enumerate() {
        let of = match index {
            0 => "$base".to_string(),
            _ => format!("$e{}", index - 1),
        };
        names_text.push_str(&format!("(export $e{index} {name:?} (type {of})) "));
    }
    let last = names.len() - 1;
    format!(
        r#"(component
        (type $rep (resource (rep i32)))
        (core func $new (canon resource.new $rep))
        (core module $m (import "" "new" (func $new (param i32) (result i32)))
            (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
            (func (export "get") (param i32) (result i32) (local.get 0)))
        (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
        (func $make (param "n" u32) (result (own $rep)) (canon lift (core func $i "make")))
        (func $get (param "self" (borrow $rep)) (result u32) (canon lift (core func $i "get")))
        (component $b
            (import "base" (type $base (sub resource)))
            (import "make" (func $make (param "n" u32) (result (own $base))))
            (import "get" (func $get (param "self" (borrow $base)) (result u32)))
            {names_text}
            (export "make" (func $make) (func (param "n" u32) (result (own $e{last}))))
            {})
        (instance $x (instantiate $b
            (with "base" (type $rep)) (with "make" (func $make)) (with "get" (func $get))))
        (export "t:t/t" (instance $x)))"#,
        of_last.replace("$last", &format!("$e{last}")),
    )
}

fn consumer(instance: &str) -> String {
    format!("(component (import \"t:t/t\" (instance {instance})))")
}

/// Whoever asks for one of the names gets it, or for several.
#[test]
fn any_name_of_a_resource_will_do() {
    let provider = provider(&["fields", "headers", "trailers"], "");
    for names in [
        &["fields"][..],
        &["headers"],
        &["trailers"],
        &["trailers", "fields"],
        &["fields", "headers", "trailers"],
    ] {
        let first = names[0];
        let mut types = format!("(export {first:?} (type $r (sub resource)))");
        for name in &names[1..] {
            types.push_str(&format!("(export {name:?} (type (eq $r)))"));
        }
        let make = r#"(export "make" (func (param "n" u32) (result (own $r))))"#;
        let needs = consumer(&format!("{types} {make}"));
        compose(&[&needs, &provider], &[(0, "t:t/t", 1)], &[])
            .unwrap_or_else(|errors| panic!("{names:?}: {errors:#?}"));
    }
}

/// Asked for as two that need not be one.
#[test]
fn two_resources_may_be_given_one() {
    let provider = provider(&["a", "b"], "");
    let needs = consumer(
        r#"(export "a" (type $a (sub resource))) (export "b" (type $b (sub resource)))
           (export "make" (func (param "n" u32) (result (own $b))))"#,
    );
    compose(&[&needs, &provider], &[(0, "t:t/t", 1)], &[]).expect("it composes");
}

/// What is asked for is one resource, and two are given; what is asked for as one
/// is given as the other.
#[test]
fn different_resources_are_told_apart() {
    let two = |result: &str| {
        format!(
            r#"(component
            (type $ra (resource (rep i32))) (type $rb (resource (rep i32)))
            (core func $new (canon resource.new {result}))
            (core module $m (import "" "new" (func $new (param i32) (result i32)))
                (func (export "make") (param i32) (result i32) (call $new (local.get 0))))
            (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
            (func $make (param "n" u32) (result (own {result})) (canon lift (core func $i "make")))
            (component $b
                (import "ra" (type $ra (sub resource))) (import "rb" (type $rb (sub resource)))
                (import "make" (func $make (param "n" u32) (result (own {result}))))
                (export $a "a" (type $ra)) (export $b "b" (type $rb))
                (export "make" (func $make) (func (param "n" u32) (result (own {})))))
            (instance $x (instantiate $b
                (with "ra" (type $ra)) (with "rb" (type $rb)) (with "make" (func $make))))
            (export "t:t/t" (instance $x)))"#,
            result.replace("$r", "$")
        )
    };
    let make = |of: &str| format!(r#"(export "make" (func (param "n" u32) (result (own {of}))))"#);
    let apart = r#"(export "a" (type $a (sub resource))) (export "b" (type $b (sub resource)))"#;
    let one = r#"(export "a" (type $a (sub resource))) (export "b" (type $b (eq $a)))"#;
    let compose = |provider: &str, needs: &str| {
        compose(&[&consumer(needs), provider], &[(0, "t:t/t", 1)], &[])
    };
    for of in ["$a", "$b"] {
        let provider = two(&of.replace('$', "$r"));
        compose(&provider, &format!("{apart}{}", make(of))).expect("it composes");
        let other = if of == "$a" { "$b" } else { "$a" };
        for needs in [
            format!("{apart}{}", make(other)),
            format!("{one}{}", make("$a")),
        ] {
            let errors = compose(&provider, &needs).expect_err("they differ");
            assert_eq!(errors[0].code, Code::EmitLinkError, "{errors:?}");
            assert_eq!(errors[0].pointer, "/bindings/0/export_name");
            assert_ne!(errors[0].found, errors[0].expected, "{errors:?}");
        }
    }
}

/// Two components ask for one resource of an open import by different names: the
/// host gives it by both.
#[test]
fn names_of_an_open_resource_are_joined() {
    let all = r#"(export "fields" (type $f (sub resource)))
        (export "[method]fields.get" (func (param "self" (borrow $f)) (result u32)))
        (export "headers" (type $r (eq $f)))
        (export "make" (func (param "n" u32) (result (own $r))))"#;
    let one = r#"(export "headers" (type $r (sub resource)))
        (export "make" (func (param "n" u32) (result (own $r))))"#;
    for (root, other) in [(all, one), (one, all)] {
        let root = format!(
            "(component (import \"t:t/t\" (instance {root})) (import \"u:u/u\" (instance)))"
        );
        let other = format!(
            "(component (import \"t:t/t\" (instance {other})) (instance $i) (export \"u:u/u\" (instance $i)))"
        );
        compose(&[&root, &other], &[(0, "u:u/u", 1)], &["t:t/t"])
            .unwrap_or_else(|errors| panic!("{errors:#?}"));
    }
}
