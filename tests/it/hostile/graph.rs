//! Graphs without end, and with too many edges.

use serde_json::{Value, json};

use super::row::{ABSENT, Folder};

fn plan(components: usize, bindings: Vec<Value>) -> String {
    let component = |index: usize| json!({ "id": format!("c{index}"), "digest": ABSENT });
    let components: Vec<Value> = (0..components).map(component).collect();
    let plan = json!({
        "version": "1", "root": "c0", "components": components, "bindings": bindings,
    });
    plan.to_string()
}

fn binding(consumer: usize, import: usize, provider: usize) -> Value {
    json!({
        "consumer_id": format!("c{consumer}"), "import_name": format!("n{import}"),
        "provider_id": format!("c{provider}"), "export_name": "e",
    })
}

#[test]
fn cycles() {
    let code = "Plan.CycleDetected";
    Folder::of(plan(1, vec![binding(0, 0, 0)])).refused("of one", code);
    Folder::of(plan(2, vec![binding(0, 0, 1), binding(1, 0, 0)])).refused("of two", code);
    const MOST: usize = 10_000;
    let ring = (0..MOST).map(|at| binding(at, 0, (at + 1) % MOST));
    Folder::of(plan(MOST, ring.collect())).refused("of ten thousand", code);
    let selves = (0..MOST).map(|at| binding(at, 0, at));
    Folder::of(plan(MOST, selves.collect())).refused("ten thousand", code);
    let all = (0..250).flat_map(|a| (0..200).map(move |b| binding(a, b, b)));
    Folder::of(plan(250, all.collect())).refused("each of each", code);
    let tail = (0..MOST).map(|at| binding(at, 0, (at + 1).min(MOST - 1)));
    Folder::of(plan(MOST, tail.collect())).refused("at the end of a chain", code);
}

#[test]
fn edges() {
    let same = (0..50_000).map(|_| binding(0, 0, 1));
    Folder::of(plan(2, same.collect())).refused("one often", "Plan.InvalidGraph");
    let unknown = (0..50_000).map(|at| binding(0, at, at + 10));
    Folder::of(plan(2, unknown.collect())).refused("to nowhere", "Plan.InvalidGraph");
    let unused = (0..50_000).map(|at| binding(1, at, 2));
    Folder::of(plan(3, unused.collect())).refused("of what is unused", "Emit.MissingBlob");
    let many = format!("{}{}", "{},".repeat(1_000_000), "{}");
    let many = plan(1, Vec::new()).replace("\"bindings\":[]", &format!("\"bindings\":[{many}]"));
    Folder::of(many).refused("a million", "Plan.InvalidSchema");
}

#[test]
fn nodes() {
    let one = |name: &str, field: &str, item: Value, count: usize, code: &str| {
        let plan = json!({
            "version": "1", "root": "a", "components": [{ "id": "a", "digest": ABSENT }],
            field: vec![item; count],
        });
        Folder::of(plan.to_string()).refused(name, code);
    };
    let component = json!({ "id": "a", "digest": ABSENT });
    one(
        "one id",
        "components",
        component,
        10_000,
        "Plan.InvalidGraph",
    );
    one(
        "one import",
        "imports",
        json!("n"),
        10_000,
        "Plan.InvalidGraph",
    );
    let export = json!({ "source_instance": "a", "interface_name": "e" });
    one(
        "one export",
        "explicit_exports",
        export,
        10_000,
        "Plan.InvalidGraph",
    );
    let secret = json!({ "secret_id": "a", "backend_uri": "u" });
    one("one secret", "secrets", secret, 10_000, "Plan.InvalidGraph");
    Folder::of(plan(10_000, Vec::new())).refused("ten thousand", "Emit.MissingBlob");
    Folder::of(plan(10_001, Vec::new())).refused("one more", "Plan.InvalidSchema");

    let ids: Vec<String> = (0..80).map(|index| format!("c{index}")).collect();
    let rule = json!({ "name": "a:b", "level": "optional", "components": ids });
    let mut rules: Value = serde_json::from_str(&plan(80, Vec::new())).expect("a plan");
    rules["policy"] = json!({ "capabilities": vec![rule; 5000] });
    Folder::of(rules.to_string()).refused("one rule", "Plan.InvalidGraph");
}
