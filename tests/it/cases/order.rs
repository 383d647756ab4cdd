//! What the bytes of an artifact do not depend on.

use compositor_core::Digest;
use compositor_tests::{Temp, composectl, guest, read, root};
use serde_json::Value;
use test_generate::plan::Plan;

use super::case::{BothWays as _, emit};
use super::wat::node;

/// Writes JSON with the fields of every object, and the elements of every list
/// of a plan, the other way round.
fn reversed(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let field = |(name, value): (&String, &Value)| {
                format!("{}:\n\t{}", Value::from(name.as_str()), reversed(value))
            };
            let fields: Vec<String> = fields.iter().map(field).rev().collect();
            format!("{{{} }}", fields.join(",  "))
        }
        Value::Array(items) if items.iter().all(Value::is_object) => {
            let items: Vec<String> = items.iter().map(reversed).rev().collect();
            format!("[{}]", items.join(" , "))
        }
        other => other.to_string(),
    }
}

fn diamond() -> Value {
    let text = read(root().join("plans/diamond/plan.json"));
    serde_json::from_slice(&text).unwrap()
}

#[test]
fn order_folder_and_spelling() {
    let expected = emit(&root().join("plans/diamond/plan.json")).bytes;

    // In another folder, every list and object the other way round.
    let temp = Temp::new();
    for part in ["root", "ledger", "savings", "audit"] {
        let name = format!("diamond-{part}");
        temp.write(format!("dist/guests/{name}.wasm"), read(guest(&name)));
    }
    let other = temp.write("plans/diamond/plan.json", reversed(&diamond()));
    assert_ne!(read(&other), read(root().join("plans/diamond/plan.json")));
    assert!(
        emit(&other).bytes == expected,
        "other bytes for another order"
    );

    // The root said by its id, no list left out, a component locked beforehand:
    // in each spelling of a digest.
    let ledger = Digest::of(&read(guest("diamond-ledger")));
    let spellings = [
        Value::from(ledger.as_bytes().to_vec()),
        Value::from(ledger.to_string()),
        Value::from(ledger.hex()),
    ];
    for spelling in spellings {
        let mut plan = diamond();
        plan["linkage"] = "static".into();
        for list in ["imports", "explicit_exports", "secrets"] {
            plan[list] = Value::Array(Vec::new());
        }
        for binding in plan["bindings"].as_array_mut().unwrap() {
            let binding = binding.as_object_mut().unwrap();
            binding.entry("consumer_id").or_insert("app".into());
        }
        for component in plan["components"].as_array_mut().unwrap() {
            if component["id"] == "ledger" {
                component["digest"] = spelling.clone();
            }
        }
        temp.write("plans/diamond/plan.json", plan.to_string());
        assert!(emit(&other).bytes == expected, "other bytes for {spelling}");
    }
}

#[test]
fn order_of_exports_and_imports() {
    let (a, b, c) = ("t:n/a@0.1.0", "t:n/b@0.1.0", "t:n/c@0.1.0");
    let plan = |lists: [&str; 2]| {
        let case = Plan::new("app", node(&[a, b], "t:n/app@0.1.0", 1))
            .component("alpha", node(&[c], a, 2))
            .component("beta", node(&["t:n/d@0.1.0"], b, 3))
            .bind("app", a, "alpha")
            .bind("app", b, "beta");
        let id = |name: &str| if name == a { "alpha" } else { "beta" };
        let open = |name: &str| if name == a { c } else { "t:n/d@0.1.0" };
        let case = lists.iter().fold(case, |case, name| {
            case.export(id(name), name).open(open(name))
        });
        case.emitted().bytes
    };
    assert!(
        plan([a, b]) == plan([b, a]),
        "other bytes for another order"
    );
}

#[test]
fn two_plans_are_two_artifacts() {
    // The same graph under another id is another plan, and says so inside.
    let first = emit(&root().join("plans/several/plan.json")).bytes;
    let text = read(root().join("plans/several/plan.json"));
    let text = String::from_utf8(text).unwrap();
    let temp = Temp::new();
    for name in ["several-root", "several-counter"] {
        temp.write(format!("dist/guests/{name}.wasm"), read(guest(name)));
    }
    let renamed = text.replace("\"visits\"", "\"views\"");
    let second = emit(&temp.write("plans/several/plan.json", renamed)).bytes;
    assert!(first != second, "the provenance does not name the ids");
}

#[test]
fn both_encodings() {
    let temp = Temp::new();
    let plan = root().join("plans/diamond/plan.json");
    let expected = emit(&plan).bytes;
    // The sources are a part of a plan, so they have to lead the same way.
    for part in ["root", "ledger", "savings", "audit"] {
        let name = format!("diamond-{part}");
        temp.write(format!("dist/guests/{name}.wasm"), read(guest(&name)));
    }
    temp.write("plans/diamond/plan.json", read(plan));
    let file = |name: &str| format!("plans/diamond/{name}");
    let run = |words: &[&str], from: &str, to: &str| {
        let (from, to) = (file(from), file(to));
        let rest = [&from, "-o", &to, "--store", "store"];
        composectl(temp.path(), words.iter().chain(&rest)).success()
    };
    run(&["plan", "lock"], "plan.json", "locked.json");
    run(
        &["plan", "convert", "--to", "cbor"],
        "locked.json",
        "plan.cbor",
    );
    run(
        &["plan", "convert", "--to", "json"],
        "plan.cbor",
        "back.json",
    );
    for name in ["locked.json", "plan.cbor", "back.json"] {
        let out = format!("{name}.wasm");
        run(&["emit", "build"], name, &out);
        assert!(
            read(temp.join(file(&out))) == expected,
            "other bytes for {name}"
        );
    }
}
