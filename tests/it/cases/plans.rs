//! The example plans: composed, wired as their golden file says, run.

use std::collections::BTreeSet;

use compositor_tests::{Artifact, Embedding, Temp, root};
use wasmtime::component::Val;

use super::case::{Emitted, emit};
use super::wiring::{Source, wiring};

/// Every folder of `plans/` has a test here.
const PLANS: [&str; 9] = [
    "async", "chain", "diamond", "dynlink", "hello", "http", "renamed", "several", "types",
];

/// Composes an example and compares its wiring with the golden file, which
/// `COMPOSITOR_BLESS=1` writes.
fn plan(name: &str) -> Emitted {
    assert!(PLANS.contains(&name));
    let emitted = emit(&root().join("plans").join(name).join("plan.json"));
    let printed = wiring(&emitted.bytes).print(&emitted.blobs);
    compositor_tests::golden(&format!("tests/it/cases/golden/{name}.txt"), &printed);
    emitted
}

fn run(name: &str) -> Artifact {
    Artifact::new(&plan(name).bytes).expect("an instance")
}

#[test]
fn every_plan_has_a_test() {
    let entries = std::fs::read_dir(root().join("plans")).expect("a folder");
    let folders = entries
        .map(|entry| entry.expect("an entry"))
        .filter(|entry| entry.path().is_dir());
    let plans: BTreeSet<String> = folders
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(plans, PLANS.map(str::to_string).into());
}

#[test]
fn hello() {
    let artifact = plan("hello").bytes;
    let temp = Temp::new();
    let greeting = Embedding::new(temp.path()).run(&artifact, [] as [&str; 0]);
    let expected = "Hello, world!\nBonjour, world!\nKia ora, world!\n";
    assert_eq!(greeting.success(), expected);
    let greeting = Embedding::new(temp.path()).run(&artifact, ["Ada"]);
    assert_eq!(greeting.success(), expected.replace("world", "Ada"));
}

#[test]
fn diamond() {
    let mut artifact = run("diamond");
    let seen = artifact.wave("diamond:app/app@0.1.0#run", &[]).unwrap();
    let expected = r#"["Ada: 1095", "Bob: 245", "Ada and Bob: 1340", "opened: 3"]"#;
    assert_eq!(seen, expected);
}

/// What is resolved at run time is no part of the artifact; `exec/dynlink.rs`
/// runs it.
#[test]
fn dynlink() {
    let wiring = wiring(&plan("dynlink").bytes);
    assert_eq!(wiring.embedded.len(), 1);
    let linker = "compose:dynlink/linker@0.1.0".to_string();
    assert!(wiring.imports.contains(&linker));
}

/// `serve.rs` asks it for greetings.
#[test]
fn http() {
    let wiring = wiring(&plan("http").bytes);
    assert_eq!(wiring.embedded.len(), 2);
    let types = wiring.imports.iter();
    assert!(
        types
            .clone()
            .any(|name| name.starts_with("wasi:http/types@0.2"))
    );
}

#[test]
fn renamed() {
    let mut artifact = run("renamed");
    let mut total = |basket, currency| {
        let args = [basket, currency];
        artifact.wave("shop:till/till@1.0.0#total", &args).unwrap()
    };
    assert_eq!(total(r#"["tea", "cake"]"#, r#""NZD""#), "ok(1500)");
    assert_eq!(
        total(r#"["pie"]"#, r#""EUR""#),
        r#"err("pie: unknown-item")"#
    );
    let unknown = r#"err("tea: unknown-currency")"#;
    assert_eq!(total(r#"["tea"]"#, r#""USD""#), unknown);
}

#[test]
fn several() {
    let emitted = plan("several");
    let wiring = wiring(&emitted.bytes);
    let counter = emitted.blobs.iter().find(|(_, id)| *id == "visits");
    let (counter, _) = counter.expect("the counter");
    let embedded = wiring.embedded.iter().filter(|digest| *digest == counter);
    assert_eq!(embedded.count(), 1, "embedded once");
    assert_eq!(
        wiring.instances_of(*counter).count(),
        2,
        "instantiated twice"
    );

    let mut artifact = Artifact::new(&emitted.bytes).unwrap();
    let mut run = |turns| {
        artifact
            .wave("several:app/app@0.1.0#run", &[turns])
            .unwrap()
    };
    assert_eq!(run("3"), "(3, 30)");
    assert_eq!(run("1"), "(4, 40)");
}

#[test]
fn chain() {
    let emitted = plan("chain");
    // Each link's only import is an export of the next.
    let wiring = wiring(&emitted.bytes);
    let digest = |id: &str| {
        *emitted
            .blobs
            .iter()
            .find(|(_, name)| *name == id)
            .unwrap()
            .0
    };
    let links = ["app", "first", "second", "third", "fourth"];
    for pair in links.windows(2) {
        let next = wiring.instances_of(digest(pair[1])).next().unwrap();
        let name = format!("chain:links/{}@0.1.0", pair[1]);
        let source = Source::Export(next, name.clone());
        assert_eq!(wiring.arguments(digest(pair[0])), [(name, source)]);
    }

    let mut artifact = Artifact::new(&emitted.bytes).unwrap();
    let passed = artifact.wave("chain:links/app@0.1.0#pass", &[r#""hi""#]);
    assert_eq!(passed.unwrap(), r#""4 3 2 1 ih""#);
}

#[test]
fn asynchronous() {
    let mut artifact = run("async");
    let summary = artifact.wave(
        "concurrent:app/app@0.3.0#run",
        &[r#""the quick brown fox""#],
    );
    let expected =
        r#"{words: ["THE", "QUICK", "BROWN", "FOX"], longest: "BROWN", first-done: "fast"}"#;
    assert_eq!(summary.unwrap(), expected);
}

#[test]
fn types() {
    let mut artifact = run("types");
    let mut mirror = |function: &str, value: &str| {
        let export = format!("types:all/mirror@1.0.0#{function}");
        artifact.wave(&export, &[value]).unwrap()
    };
    for same in [
        "{a: 0, b: -128, c: 0, d: -32768, e: 0, f: -2147483648, g: 0, h: -9223372036854775808}",
        "{a: 255, b: 127, c: 65535, d: 32767, e: 4294967295, f: 2147483647, \
         g: 18446744073709551615, h: 9223372036854775807}",
    ] {
        assert_eq!(mirror("echo-integers", same), same);
    }
    for same in [
        r#"{yes: true, letter: '🦀', single: -0.5, double: 1.25, text: "crème\nbrûlée"}"#,
        r#"{yes: false, letter: 'a', single: inf, double: -inf, text: ""}"#,
    ] {
        assert_eq!(mirror("echo-scalars", same), same);
    }
    let shapes = r#"[nothing, dot({x: 1, y: -2}), outline([{x: 3, y: 4}, {x: 5, y: 6}]), label(("a", {x: 7, y: 8}))]"#;
    let flipped = r#"[nothing, dot({x: -2, y: 1}), outline([{x: 4, y: 3}, {x: 6, y: 5}]), label(("a", {x: 8, y: 7}))]"#;
    assert_eq!(mirror("flip", shapes), flipped);
    assert_eq!(mirror("next", "saturday"), "some(sunday)");
    assert_eq!(mirror("next", "sunday"), "none");
    assert_eq!(mirror("complement", "{read}"), "{write, execute}");
    assert_eq!(mirror("turn", r#"err("no")"#), r#"ok("no")"#);
    assert_eq!(mirror("turn", "ok(some(3))"), "err(some(3))");
    assert_eq!(mirror("turn", "ok(none)"), "err(none)");
    let lists = r#"(9, [["a", "b"], [], ["c"]], 0.5)"#;
    assert_eq!(
        mirror("reverse", lists),
        r#"(0.5, [["c"], [], ["a", "b"]], 9)"#
    );
}

#[test]
fn handles() {
    let mut artifact = run("types");
    let mut call = |function: &str, args: &[Val]| {
        let export = format!("types:all/mirror@1.0.0#{function}");
        artifact.call(&export, args).unwrap().pop()
    };
    assert_eq!(call("depth", &[]), Some(Val::U32(3)));

    let named = |name: &str| {
        let point = vec![("x".into(), Val::S32(1)), ("y".into(), Val::S32(2))];
        let label = Val::Tuple(vec![Val::String(name.into()), Val::Record(point)]);
        Val::Variant("label".into(), Some(Box::new(label)))
    };
    let nothing = Val::Variant("nothing".into(), None);
    let a = call("[constructor]cell", &[named("a")]).unwrap();
    let b = call("[constructor]cell", std::slice::from_ref(&nothing)).unwrap();
    let replaced = call("[method]cell.replace", &[b.clone(), named("b")]);
    assert_eq!(replaced, Some(nothing));
    call("[static]cell.swap", &[a.clone(), b.clone()]);
    let content = call("[method]cell.content", std::slice::from_ref(&a));
    assert_eq!(content, Some(named("b")));
    let borrowed = Val::List(vec![b.clone(), a.clone(), b.clone()]);
    let peeked = Val::List(vec![named("a"), named("b"), named("a")]);
    assert_eq!(call("peek", &[borrowed]), Some(peeked));

    let label = Val::String("two".into());
    let parcel = call("pack", &[label, Val::List(vec![a, b])]).unwrap();
    let shapes = Val::List(vec![named("b"), named("a")]);
    let unpacked = Val::Result(Ok(Some(Box::new(shapes))));
    assert_eq!(call("unpack", &[parcel]), Some(unpacked));

    let empty = call("pack", &[Val::String("none".into()), Val::List(Vec::new())]).unwrap();
    let label = Val::String("none".into());
    let refused = Val::Result(Err(Some(Box::new(label))));
    assert_eq!(call("unpack", &[empty]), Some(refused));
}
