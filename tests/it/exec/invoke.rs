//! `exec invoke`: values of every kind there and back, and calls that cannot
//! be made.

use compositor_tests::{Output, Temp, composectl, root};
use serde_json::Value;

use super::fixture::fails;

const MIRROR: &str = "types:all/mirror@1.0.0";

struct Example {
    plan: String,
    temp: Temp,
}

fn example(name: &str) -> Example {
    let plan = root().join(format!("plans/{name}/plan.json"));
    let plan = plan.to_str().expect("a path in UTF-8").to_string();
    let temp = Temp::new();
    composectl(temp.path(), ["trust", "add", "--plan", &plan]).success();
    Example { plan, temp }
}

impl Example {
    fn exec(&self, command: &str, args: &[&str]) -> Output {
        let args = [&["exec", command, &self.plan][..], args].concat();
        composectl(self.temp.path(), args)
    }

    fn invoke(&self, args: &[&str]) -> Output {
        self.exec("invoke", args)
    }
}

#[test]
fn wave() {
    let types = example("types");
    for (call, expected) in [
        (
            "echo-integers({a: 255, b: -128, c: 0, d: 1, e: 2, f: 3, g: 18446744073709551615, h: -9})",
            "{a: 255, b: -128, c: 0, d: 1, e: 2, f: 3, g: 18446744073709551615, h: -9}",
        ),
        (
            r#"echo-scalars({yes: true, letter: '🦀', single: -0.5, double: inf, text: "ü\n"})"#,
            r#"{yes: true, letter: '🦀', single: -0.5, double: inf, text: "ü\n"}"#,
        ),
        (
            r#"flip([nothing, dot({x: 1, y: -2}), outline([]), label(("a", {x: 7, y: 8}))])"#,
            r#"[nothing, dot({x: -2, y: 1}), outline([]), label(("a", {x: 8, y: 7}))]"#,
        ),
        ("next(saturday)", "some(sunday)"),
        ("next(sunday)", "none"),
        ("complement({read})", "{write, execute}"),
        (r#"turn(err("no"))"#, r#"ok("no")"#),
        ("turn(ok(some(3)))", "err(some(3))"),
        (
            r#"reverse((9, [["a", "b"], []], 0.5))"#,
            r#"(0.5, [[], ["a", "b"]], 9)"#,
        ),
    ] {
        let output = types.invoke(&[&format!("{MIRROR}#{call}")]);
        assert_eq!(output.success(), format!("{expected}\n"), "{call}");
    }
}

#[test]
fn json() {
    let types = example("types");
    let integers = r#"{"a": 1, "b": -1, "c": 2, "d": -2, "e": 3, "f": -3, "g": 4, "h": -4}"#;
    let output = types.invoke(&[&format!("{MIRROR}#echo-integers"), integers]);
    let expected = "{a: 1, b: -1, c: 2, d: -2, e: 3, f: -3, g: 4, h: -4}\n";
    assert_eq!(output.success(), expected);
    let renamed = example("renamed");
    let output = renamed.invoke(&[
        "shop:till/till@1.0.0#total",
        r#"["tea", "cake"]"#,
        "\"NZD\"",
    ]);
    assert_eq!(output.success(), "ok(1500)\n");
}

#[test]
fn for_programs() {
    let types = example("types");
    let call = format!("{MIRROR}#next(saturday)");
    let answer = types.invoke(&[&call, "--format", "json"]).success();
    let answer: Value = serde_json::from_str(&answer).expect("JSON");
    assert_eq!(answer["ok"], true, "{answer}");
    assert_eq!(answer["result"], "some(sunday)", "{answer}");
    let call = format!("{MIRROR}#absent()");
    let answer = types.invoke(&[&call, "--format", "json"]);
    assert_eq!(answer.status, 125, "{answer:?}");
    let answer: Value = serde_json::from_str(&answer.stdout).expect("JSON");
    assert_eq!(answer["ok"], false, "{answer}");
    assert_eq!(
        answer["errors"][0]["code"], "Exec.MissingExport",
        "{answer}"
    );
}

#[test]
fn calls_that_cannot_be_made() {
    let types = example("types");
    for (call, code, word) in [
        (
            "types:all/mirror@1.0.0#absent(1)",
            "Exec.MissingExport",
            "absent",
        ),
        (
            "types:all/absent@1.0.0#next(sunday)",
            "Exec.MissingExport",
            "absent",
        ),
        ("absent", "Exec.MissingExport", "absent"),
        ("next", "InvalidInput", "next"),
        (
            "types:all/mirror@1.0.0#next(someday)",
            "InvalidInput",
            "someday",
        ),
        ("types:all/mirror@1.0.0#next(3)", "InvalidInput", "next"),
        ("types:all/mirror@1.0.0#next()", "InvalidInput", "next"),
        (
            "types:all/mirror@1.0.0#next(sunday, sunday)",
            "InvalidInput",
            "next",
        ),
        ("types:all/mirror@1.0.0#next(sunday", "InvalidInput", "next"),
        (
            "types:all/mirror@1.0.0#echo-integers({a: 256})",
            "InvalidInput",
            "echo-integers",
        ),
    ] {
        let output = types.invoke(&[call]);
        fails(&output, code);
        assert!(output.stderr.contains(word), "{call}: {output:?}");
        assert_eq!(output.stdout, "", "{call}");
    }
}

#[test]
fn values_that_cannot_be_told() {
    let types = example("types");
    let output = types.invoke(&[&format!("{MIRROR}#[constructor]cell(nothing)")]);
    assert_eq!(output.status, 125, "{output:?}");
    assert!(output.stderr.contains("error["), "{output:?}");
}

#[test]
fn names_without_their_interface() {
    let types = example("types");
    assert_eq!(types.invoke(&["depth"]).success(), "3\n");
    assert_eq!(types.invoke(&["next(monday)"]).success(), "some(tuesday)\n");
}

#[test]
fn answers_have_a_limit() {
    let chain = example("chain");
    let call = r#"chain:links/app@0.1.0#pass("hello")"#;
    let output = chain.invoke(&[call, "--limit", "output-bytes=8"]);
    fails(&output, "Exec.ResourceExhausted");
    let output = chain.invoke(&[call, "--limit", "output-bytes=100"]);
    assert_eq!(output.success(), "\"4 3 2 1 olleh\"\n");
}

#[test]
fn every_call_is_an_instance_of_its_own() {
    let several = example("several");
    let call = "several:app/app@0.1.0#run(3)";
    for _ in 0..2 {
        assert_eq!(several.invoke(&[call]).success(), "(3, 30)\n");
    }
}

#[test]
fn async_functions() {
    let output = example("async").invoke(&[r#"concurrent:app/app@0.3.0#run("a bc")"#]);
    let expected = "{words: [\"A\", \"BC\"], longest: \"BC\", first-done: \"fast\"}\n";
    assert_eq!(output.success(), expected);
}

#[test]
fn list_and_describe() {
    let types = example("types");
    assert_eq!(types.exec("list", &[]).success(), format!("{MIRROR}\n"));
    let wit = types.exec("describe", &[MIRROR]).success();
    assert!(wit.contains("next: func(day: day) -> option<day>"), "{wit}");
    let hello = example("hello").exec("list", &[]).success();
    assert_eq!(hello, "wasi:cli/run@0.2.0\n");
    let dynlink = example("dynlink").exec("list", &[]).success();
    assert_eq!(dynlink, "wasi:cli/run@0.2.0\n");
}
