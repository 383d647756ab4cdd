//! A policy over more components, and more imports, than one component holds.

use compositor_core::{Code, Diagnostic};
use compositor_tests::Artifact;
use serde_json::{Value, json};

use super::fixture::{Plan, imports, plan};

const NEXT: &str = "x:y/z@0.1.0";

/// Adds one to what the next says; imports what a policy decides, and passes on
/// a resource of it.
fn link(interfaces: usize) -> String {
    let import = |index: usize| {
        format!(
            r#"(import "wasi:b/u{index}" (instance
                (alias outer 1 $r (type $o))
                (export "r" (type $s (eq $o)))
                (export "f" (func (param "r" (borrow $s))))))"#
        )
    };
    let others: String = (0..interfaces).map(import).collect();
    format!(
        r#"(component
        (import "wasi:b/base" (instance $base
            (export "r" (type $r (sub resource)))
            (export "[method]r.f" (func (param "self" (borrow $r))))))
        (alias export $base "r" (type $r))
        {others}
        (import "{NEXT}" (instance $next
            (alias outer 1 $r (type $o))
            (export "r" (type $s (eq $o)))
            (export "g" (func (param "r" (option (own $s))) (result u32)))))
        (core func $next (canon lower (func $next "g")))
        (core module $m
            (import "" "next" (func $next (param i32 i32) (result i32)))
            (func (export "g") (param i32 i32) (result i32)
                (i32.add (call $next (local.get 0) (local.get 1)) (i32.const 1))))
        (core instance $m (instantiate $m (with "" (instance (export "next" (func $next))))))
        (type $own (own $r))
        (func $g (param "r" (option $own)) (result u32) (canon lift (core func $m "g")))
        (instance $e (export "r" (type $r)) (export "g" (func $g)))
        (export "{NEXT}" (instance $e)))"#
    )
}

/// The end of a chain: it has no next.
const LAST: &str = r#"(component
    (import "wasi:b/base" (instance $base
        (export "r" (type $r (sub resource)))
        (export "[method]r.f" (func (param "self" (borrow $r))))))
    (alias export $base "r" (type $r))
    (core module $m (func (export "g") (param i32 i32) (result i32) (i32.const 0)))
    (core instance $m (instantiate $m))
    (type $own (own $r))
    (func $g (param "r" (option $own)) (result u32) (canon lift (core func $m "g")))
    (instance $e (export "r" (type $r)) (export "g" (func $g)))
    (export "x:y/z@0.1.0" (instance $e)))"#;

/// The first of a chain: it has nothing to pass on.
const FIRST: &str = r#"(component
    (import "x:y/z@0.1.0" (instance $next
        (export "r" (type $r (sub resource)))
        (export "g" (func (param "r" (option (own $r))) (result u32)))))
    (core func $next (canon lower (func $next "g")))
    (core module $m
        (import "" "next" (func $next (param i32 i32) (result i32)))
        (func (export "run") (result i32) (call $next (i32.const 0) (i32.const 0))))
    (core instance $m (instantiate $m (with "" (instance (export "next" (func $next))))))
    (func (export "run") (result u32) (canon lift (core func $m "run"))))"#;

/// A chain of so many links.
fn chain(length: usize, policy: Value) -> Plan {
    let bytes = wat::parse_str(link(3)).expect("WAT");
    let mut chain = plan(FIRST).policy(policy).component("last", LAST);
    let id = |index: usize| match index {
        0 => "app".to_string(),
        index if index > length => "last".to_string(),
        index => format!("link{index}"),
    };
    for index in 1..=length {
        chain = chain.component(&id(index), &bytes);
    }
    for index in 0..=length {
        chain = chain.bind(&id(index), NEXT, &id(index + 1));
    }
    chain
}

fn run(artifact: &[u8]) -> String {
    let mut artifact = Artifact::new(artifact).expect("it can be instantiated");
    artifact.wave("run", &[]).expect("it runs")
}

/// What is denied is beside who it is denied to, also where components are
/// grouped: what an artifact weighs is linear in its components.
#[test]
fn denied_in_groups() {
    let short = chain(200, json!({})).artifact();
    let long = chain(800, json!({})).artifact();
    assert_eq!(run(&short), "200");
    assert_eq!(run(&long), "800");
    assert!(
        long.len() < 5 * short.len(),
        "{} and {} bytes",
        short.len(),
        long.len()
    );
}

/// The resource is the host's, as soon as one component gets it; to the others
/// what is done with it is denied.
#[test]
fn denied_to_some_in_groups() {
    let denied: Vec<String> = (1..=300).step_by(2).map(|at| format!("link{at}")).collect();
    let policy = json!({
        "capabilities": [{ "name": "wasi:b", "level": "optional" }],
        "denials": [{ "name": "wasi:b", "components": denied }],
    });
    let (open, types) = imports(&chain(300, policy).artifact());
    assert_eq!(open, ["wasi:b/base", "wasi:b/u0", "wasi:b/u1", "wasi:b/u2"]);
    assert_eq!(types, [""; 0]);
}

fn refused(plan: &Plan) -> Diagnostic {
    let errors = plan.errors();
    assert_eq!(errors.len(), 1, "{errors:#?}");
    errors.into_iter().next().expect("an error")
}

/// A component holds a thousand instances, and so does what satisfies its
/// imports.
#[test]
fn imports_of_one_component() {
    let import = |at: usize| format!("(import \"wasi:b/i{at}\" (instance (export \"f\" (func))))");
    let component = |count: usize| {
        let imports: String = (0..count).map(import).collect();
        plan(format!("(component {imports})"))
    };
    let recorded = || {
        let capabilities = json!([{ "name": "wasi:b", "level": "required" }]);
        json!({ "determinism": "audit", "capabilities": capabilities })
    };
    // Of denied ones no more either than runtimes take modules and components.
    for (most, policy) in [(498, json!({})), (249, recorded())] {
        component(most).policy(policy.clone()).artifact();
        let error = refused(&component(most + 100).policy(policy));
        assert_eq!(error.code, Code::EmitCompositionFailed);
        assert_eq!(error.pointer, "/components/0");
        assert!(error.message.contains("1000 instances"), "{error:?}");
    }
}

/// What records an import has its types twice, and no component may have types
/// of more than a million parts.
#[test]
fn types_that_are_too_large_twice() {
    let import = |at: usize| {
        format!(
            r#"(import "wasi:b/u{at}" (instance
                (alias outer 1 $all (type $p)) (export "f" (func (param "x" $p)))))"#
        )
    };
    let imports: String = (0..60).map(import).collect();
    let parts = "u8 ".repeat(9_000);
    let component = format!(
        r#"(component
        (import "wasi:b/types" (instance $types
            (type $q (tuple {parts})) (export "all" (type (eq $q)))))
        (alias export $types "all" (type $all))
        {imports})"#
    );
    let capabilities = json!([{ "name": "wasi:b", "level": "required" }]);
    let granted = json!({ "capabilities": capabilities });
    plan(&component).policy(granted).artifact();
    let recorded = json!({ "determinism": "audit", "capabilities": capabilities });
    let error = refused(&plan(&component).policy(recorded));
    assert_eq!(error.code, Code::EmitCompositionFailed);
    assert!(error.message.contains("type size exceeds"), "{error:?}");
    assert_eq!(error.pointer, "/policy");
}

/// An interface that uses a type of another which is made of a third.
const ALIAS: &str = r#"(component
    (import "wasi:b/types" (instance $types
        (type $q (record (field "a" u32)))
        (export "t" (type $t (eq $q)))
        (type $l (list $t))
        (export "l" (type (eq $l)))
        GIVES))
    (alias export $types "l" (type $x))
    (import "wasi:b/u" (instance
        (alias outer 1 $x (type $p))
        (export "l" (type $y (eq $p)))
        (export "f" (func (param "x" $y))))))"#;

/// What is recorded is made of the same types as what it stands for.
#[test]
fn recorded_with_the_types_of_another() {
    let both = json!([{ "name": "wasi:b", "level": "required" }]);
    let one = json!([{ "name": "wasi:b/u", "level": "required" }]);
    let audit =
        |capabilities: &Value| json!({ "determinism": "audit", "capabilities": capabilities });
    let types = ALIAS.replace("GIVES", "");
    let (open, closed) = imports(&plan(&types).policy(audit(&one)).artifact());
    assert_eq!(open, ["sys:compose/audit@1.0.0", "wasi:b/u"]);
    assert_eq!(closed, ["wasi:b/types"]);

    let functions = ALIAS.replace("GIVES", "(export \"g\" (func))");
    let (open, closed) = imports(&plan(&functions).policy(audit(&both)).artifact());
    assert_eq!(
        open,
        ["sys:compose/audit@1.0.0", "wasi:b/types", "wasi:b/u"]
    );
    assert_eq!(closed, [""; 0]);

    // What the types come from is denied, with its functions.
    for policy in [audit(&one), json!({ "capabilities": one })] {
        let error = refused(&plan(&functions).policy(policy));
        assert_eq!(error.code, Code::EmitLinkError);
        let words = ["\"wasi:b/u\"", "\"wasi:b/types\"", "denied"];
        assert!(
            words.iter().all(|word| error.message.contains(word)),
            "{error:?}"
        );
    }
}
