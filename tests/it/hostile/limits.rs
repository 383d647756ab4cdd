//! Limits that the embedder of the core sets, and limits of a host on the
//! compositor itself: time and memory.

use std::fs;

use compositor_tests::{Embedding, Output, composectl, dist, read, root, run, wasmtime_cli};
use serde_json::{Value, json};

use super::row::{Folder, calm, plan_of};

/// What gives `sys:compose/limits` with these.
fn limits(limits: &[(&str, u64)]) -> Vec<u8> {
    // The list at 16, 16 bytes an item; the names one after the other at 1024.
    let (mut items, mut at) = (String::new(), 1024);
    for (index, (name, value)) in limits.iter().enumerate() {
        let (item, length) = (16 + 16 * index, name.len());
        items += &format!(
            r#"(i32.store (i32.const {item}) (i32.const {at}))
               (i32.store (i32.const {}) (i32.const {length}))
               (i64.store (i32.const {}) (i64.const {value}))"#,
            item + 4,
            item + 8,
        );
        at += length;
    }
    let names: String = limits.iter().map(|(name, _)| *name).collect();
    let count = limits.len();
    let text = format!(
        r#"(component
          (core module $m
            (memory (export "memory") 1)
            (data (i32.const 1024) "{names}")
            (func (export "get") (result i32)
              {items}
              (i32.store (i32.const 0) (i32.const 16))
              (i32.store (i32.const 4) (i32.const {count}))
              (i32.const 0)))
          (core instance $i (instantiate $m))
          (type $values (list (tuple string u64)))
          (func $get (result $values)
            (canon lift (core func $i "get") (memory (core memory $i "memory"))))
          (instance $e (export "get" (func $get)))
          (export "sys:compose/limits@1.0.0" (instance $e)))"#,
    );
    wat::parse_str(text).expect("WAT")
}

/// The compositor of an embedder that sets limits.
fn compositor(set: &[(&str, u64)]) -> Vec<u8> {
    let folder = Folder::new();
    folder.0.write("limits.wasm", limits(set));
    let text = fs::read(root().join("plans/compositor.json")).expect("the plan");
    let mut plan: Value = serde_json::from_slice(&text).expect("a plan");
    for component in plan["components"].as_array_mut().expect("a list") {
        let id = component["id"].as_str().expect("an id");
        let part = dist(&format!("parts/{id}.wasm"));
        component["source"] = format!("file:{}", part.display()).into();
    }
    let components = plan["components"].as_array_mut().expect("a list");
    components.push(json!({ "id": "limits", "source": "file:limits.wasm" }));
    let mut found = 0;
    for binding in plan["bindings"].as_array_mut().expect("a list") {
        if binding["import_name"] == "sys:compose/limits@1.0.0" {
            binding["provider_id"] = "limits".into();
            found += 1;
        }
    }
    assert_eq!(found, 1);
    folder.0.write("plan.json", plan.to_string());
    composectl(folder.0.path(), ["plan.json", "-o", "out.wasm"]).success();
    read(folder.0.join("out.wasm"))
}

/// A plan with so many open imports.
fn plan(imports: usize) -> Folder {
    let folder = Folder::new();
    let import = |at: usize| format!("(import \"i{at}\" (func))");
    let text: String = (0..imports).map(import).collect();
    let digest = folder.put(&wat::parse_str(format!("(component {text})")).expect("WAT"));
    let mut plan: Value = serde_json::from_str(&plan_of(&digest)).expect("a plan");
    plan["imports"] = (0..imports).map(|at| format!("i{at}")).collect();
    folder.0.write("plan.json", plan.to_string());
    folder
}

/// Checks a folder's plan.
fn validate(compositor: &[u8], folder: &Folder) -> Output {
    let args = ["plan", "validate", "plan.json", "--store", "."];
    let ended = Embedding::new(folder.0.path()).run(compositor, args);
    assert_eq!(ended.trap, None);
    calm("limits", &ended.output);
    ended.output
}

#[test]
fn an_embedder_lowers_them() {
    let set = [
        ("externs", 20),
        ("work", 30),
        ("plan-bytes", 1000),
        ("nesting", 4),
    ];
    let lower = compositor(&set);
    let sound = plan(20);
    assert_eq!(validate(&lower, &sound).status, 0);
    let text = fs::read_to_string(sound.0.join("plan.json")).expect("a plan");
    let padded = text.clone() + &" ".repeat(1001 - text.len());
    let mut twice: Value = serde_json::from_str(&text).expect("a plan");
    let mut other = twice["components"][0].clone();
    other["id"] = "b".into();
    twice["components"]
        .as_array_mut()
        .expect("a list")
        .push(other);
    sound.0.write("plan.json", twice.to_string());
    for (limit, folder) in [
        ("externs", plan(21)),
        ("work", sound),
        ("plan-bytes", Folder::of(padded)),
        ("nesting", Folder::of("[[[[[]]]]]")),
    ] {
        let output = validate(&lower, &folder);
        assert_eq!(output.status, 1, "{limit}: {output:?}");
        let named = output.stderr.contains(&format!("limit `{limit}`"));
        assert!(named && output.stderr.contains("plan.json"), "{output:?}");
    }
}

#[test]
fn an_embedder_raises_them() {
    let large = plan(10_001);
    let text = fs::read_to_string(large.0.join("plan.json")).expect("a plan");
    large.0.write("plan.json", text + &" ".repeat(9 << 20));
    let set = [
        ("externs", 10_001),
        ("list-items", 10_001),
        ("plan-bytes", 10 << 20),
    ];
    for (set, status) in [(&set[..], 0), (&set[1..], 1)] {
        let output = validate(&compositor(set), &large);
        assert_eq!(output.status, status, "{output:?}");
        assert_eq!(
            output.stderr.contains("limit `externs`"),
            status == 1,
            "{output:?}"
        );
    }
}

#[test]
fn an_embedder_is_told_what_cannot_be() {
    for (name, value) in [("plan-byte", 1), ("nesting", 1000)] {
        let output = validate(&compositor(&[(name, value)]), &plan(1));
        assert_eq!(output.status, 1, "{output:?}");
        assert!(output.stderr.contains("error[InvalidInput/"), "{output:?}");
        assert!(output.stderr.contains(name), "{output:?}");
    }
}

/// A host that limits the compositor's time or memory ends it wherever it is:
/// nothing that has its final name is half there, and the next run goes on
/// from it. Temporary files may stay, as they do of every killed process.
#[test]
fn a_host_ends_the_compositor() {
    let folder = plan(5000);
    let compositor = dist("compositor.wasm");
    let wasmtime = |limit: &str| {
        let mut command = wasmtime_cli();
        command
            .args(["run", "-W", limit, "--dir", "."])
            .arg(&compositor);
        command.args(["plan.json", "-o", "out.wasm", "--store", "."]);
        run(command.current_dir(folder.0.path()))
    };
    // From the middle of the plan to the middle of the graph; and wherever the
    // clock ends it, which is another place on each machine.
    for limit in [
        "fuel=100000",
        "fuel=10000000",
        "fuel=50000000",
        "fuel=200000000",
        "fuel=500000000",
        "timeout=5ms",
        "timeout=10ms",
        "max-memory-size=1310720",
    ] {
        let output = wasmtime(limit);
        assert_ne!(output.status, 0, "{limit}: {output:?}");
        assert!(!folder.0.join("out.wasm").exists(), "{limit}");
        for (path, digest) in folder.files() {
            let Some((_, name)) = path.split_once("/blobs/sha256/") else {
                continue;
            };
            let whole = digest.is_some_and(|digest| digest.hex() == name);
            assert!(whole || name.starts_with(".tmp-"), "{limit}: {path}");
        }
    }
    wasmtime("fuel=100000000000").success();
    let first = plan(5000);
    composectl(first.0.path(), ["plan.json", "-o", "out.wasm"]).success();
    assert!(read(folder.0.join("out.wasm")) == read(first.0.join("out.wasm")));
}
