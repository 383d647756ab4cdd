//! The example plans, run by composectl and by a stock wasmtime: one plan, one
//! answer.

use std::process::Command;

use compositor_tests::{Temp, composectl, composectl_in, root, run, wasmtime_cli};

/// The plans that need more than a stock wasmtime gives, or a client.
const ELSEWHERE: [&str; 2] = ["dynlink", "http"];

/// The other examples: the interface and the call, or none of a program.
const CALLS: [(&str, &str, &str); 10] = [
    (
        "async",
        "concurrent:app/app@0.3.0",
        r#"run("the quick brown fox")"#,
    ),
    ("chain", "chain:links/app@0.1.0", r#"pass("hello")"#),
    ("diamond", "diamond:app/app@0.1.0", "run()"),
    ("hello", "", ""),
    (
        "renamed",
        "shop:till/till@1.0.0",
        r#"total(["tea", "cake"], "NZD")"#,
    ),
    (
        "renamed",
        "shop:till/till@1.0.0",
        r#"total(["pie"], "EUR")"#,
    ),
    ("several", "several:app/app@0.1.0", "run(3)"),
    ("types", "types:all/mirror@1.0.0", "next(saturday)"),
    ("types", "types:all/mirror@1.0.0", r#"turn(err("no"))"#),
    (
        "types",
        "types:all/mirror@1.0.0",
        r#"flip([nothing, dot({x: 1, y: -2}), label(("a", {x: 7, y: 8}))])"#,
    ),
];

#[test]
fn every_example_is_here() {
    let entries = std::fs::read_dir(root().join("plans")).expect("a folder");
    for entry in entries.map(|entry| entry.expect("an entry")) {
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() {
            let called = CALLS.iter().any(|(plan, ..)| *plan == name);
            assert!(called || ELSEWHERE.contains(&&*name), "{name}");
        }
    }
}

#[test]
fn the_same_as_stock_wasmtime() {
    let temp = Temp::new();
    for (name, interface, call) in CALLS {
        let plan = root().join(format!("plans/{name}/plan.json"));
        let plan = plan.to_str().expect("a path in UTF-8");
        let artifact = format!("{name}.wasm");
        composectl(temp.path(), ["trust", "add", "--plan", plan]).success();
        composectl(temp.path(), ["emit", "build", plan, "-o", &artifact]).success();

        let mut here = composectl_in(temp.path());
        let mut stock: Command = wasmtime_cli();
        stock.arg("run").current_dir(temp.path());
        match call {
            "" => {
                here.args(["exec", "run", plan, "--", "Ada"]);
                stock.args([&artifact, "Ada"]);
            }
            _ => {
                here.args(["exec", "invoke", plan, &format!("{interface}#{call}")]);
                stock.args(["-Wcomponent-model-async", "--invoke", call, &artifact]);
            }
        }
        let expected = run(&mut stock).success();
        assert!(!expected.is_empty());
        assert_eq!(run(&mut here).success(), expected, "{name} {call}");
    }
}

#[test]
fn dynlink() {
    let temp = Temp::new();
    let plan = root().join("plans/dynlink/plan.json");
    let plan = plan.to_str().expect("a path in UTF-8");
    composectl(temp.path(), ["trust", "add", "--plan", plan]).success();
    let printed = composectl(temp.path(), ["exec", "run", plan]).success();
    assert_eq!(printed, "ok\nok 5\nok 12\nok\nok 54\n");
    let script = ["resolve c counter", "times c 10000 add 1"];
    let args = ["exec", "run", plan, "--", script[0], script[1]];
    assert_eq!(composectl(temp.path(), args).success(), "ok\nok 10000\n");
}
