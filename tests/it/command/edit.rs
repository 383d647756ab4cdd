//! `plan add`, `plan remove`, `plan rename`, `plan upgrade`.

use compositor_tests::{Temp, composectl, read};
use serde_json::{Value, json as value};

use super::fixture::{PROVIDER, bad, component, digest, folder, good, json, short};

fn plan(folder: &Temp, name: &str) -> Value {
    serde_json::from_slice(&read(folder.join(name))).expect("a plan")
}

/// A plan of the app alone, whose import is open.
fn open(folder: &Temp) {
    let new = [
        "plan",
        "new",
        "app.wasm",
        "-o",
        "open.json",
        "--allow-missing",
        "--force",
    ];
    good(folder, &new);
}

#[test]
fn what_is_added_is_bound() {
    let folder = folder();
    open(&folder);
    let said = good(&folder, &["plan", "add", "open.json", "lib/numbers.wasm"]);
    assert!(
        said.contains("found      app  demo:numbers/numbers -> numbers\n"),
        "{said}"
    );
    let added = plan(&folder, "open.json");
    assert_eq!(added["imports"], Value::Null, "{added}");
    assert_eq!(added["components"][1]["source"], "file:lib/numbers.wasm");
    assert_eq!(added["components"][1]["digest"], Value::Null, "{added}");
    good(&folder, &["open.json", "-o", "out.wasm"]);
    good(&folder, &["plan.json", "-o", "planned.wasm"]);
    assert_eq!(
        read(folder.join("out.wasm")),
        read(folder.join("planned.wasm"))
    );

    // To a locked plan it is added locked, in CBOR too.
    open(&folder);
    good(&folder, &["plan", "lock", "open.json"]);
    good(
        &folder,
        &["plan", "convert", "open.json", "-o", "open.cbor"],
    );
    for name in ["open.json", "open.cbor"] {
        good(&folder, &["plan", "add", name, "n=lib/numbers.wasm"]);
        good(&folder, &[name, "--locked"]);
    }
    assert_eq!(
        plan(&folder, "open.json")["components"][1]["digest"],
        digest(component(PROVIDER)).as_str()
    );
    good(&folder, &["canon", "cbor-check", "open.cbor"]);
}

#[test]
fn what_does_not_fit_is_not_added() {
    let folder = folder();
    open(&folder);
    let before = read(folder.join("open.json"));
    let wide = PROVIDER
        .replace("i32", "i64")
        .replace("(result u32)", "(result u64)");
    folder.write("wide.wasm", component(&wide));
    let said = bad(&folder, 1, &["plan", "add", "open.json", "wide.wasm"]);
    assert!(said.contains("u64") && said.contains("u32"), "{said}");
    // What is bound already is not bound again.
    let said = bad(
        &folder,
        1,
        &["plan", "add", "plan.json", "two=lib/numbers.wasm"],
    );
    assert!(
        said.contains("no open import") && said.contains("`composectl plan upgrade`"),
        "{said}"
    );
    let said = bad(
        &folder,
        2,
        &["plan", "add", "open.json", "app=lib/numbers.wasm"],
    );
    assert!(said.contains("`app`"), "{said}");
    assert_eq!(read(folder.join("open.json")), before);
}

#[test]
fn what_is_removed_leaves_nothing_behind() {
    let folder = folder();
    let mut with_rules = plan(&folder, "plan.json");
    with_rules["policy"] = value!({ "capabilities": [
        { "name": "wasi:http", "level": "optional", "components": ["numbers"] },
        { "name": "wasi:cli", "level": "optional", "components": ["numbers", "app"] },
    ] });
    folder.write("plan.json", with_rules.to_string());
    let said = json(&folder, 0, &["plan", "remove", "plan.json", "numbers"]);
    assert_eq!(
        said["opened"],
        value!([{ "consumer": "app", "import": "demo:numbers/numbers" }])
    );
    assert_eq!(said["rules"], value!(["wasi:http"]));
    let left = plan(&folder, "plan.json");
    assert_eq!(left["bindings"], value!([]));
    assert_eq!(left["components"].as_array().map(Vec::len), Some(1));
    let capabilities = &left["policy"]["capabilities"];
    assert_eq!(capabilities[0]["components"], value!(["app"]), "{left}");
    assert_eq!(capabilities.as_array().map(Vec::len), Some(1));
    let said = bad(&folder, 1, &["plan", "remove", "plan.json", "app"]);
    assert!(said.contains("is the root"), "{said}");
    let said = bad(&folder, 1, &["plan", "remove", "plan.json", "ap"]);
    assert!(said.contains("did you mean `app`?"), "{said}");
}

#[test]
fn a_new_id_is_everywhere() {
    let folder = folder();
    let mut with_rules = plan(&folder, "plan.json");
    with_rules["explicit_exports"] =
        value!([{ "source_instance": "numbers", "interface_name": "demo:numbers/numbers" }]);
    with_rules["policy"] =
        value!({ "denials": [{ "name": "wasi:http", "components": ["numbers"] }] });
    folder.write("plan.json", with_rules.to_string());
    good(
        &folder,
        &["plan", "rename", "plan.json", "numbers", "seven"],
    );
    good(&folder, &["plan", "rename", "plan.json", "app", "main"]);
    let text = String::from_utf8(read(folder.join("plan.json"))).expect("a text");
    assert!(
        !text.contains("\"numbers\"") && !text.contains("\"app\""),
        "{text}"
    );
    let said = json(&folder, 0, &["plan", "validate", "plan.json"]);
    assert_eq!(said["plan"]["root"], "main");
    let said = bad(
        &folder,
        1,
        &["plan", "rename", "plan.json", "main", "seven"],
    );
    assert!(said.contains("already"), "{said}");
    bad(
        &folder,
        2,
        &["plan", "rename", "plan.json", "main", "not an id"],
    );
}

#[test]
fn an_upgrade_says_what_fits_and_what_breaks() {
    let folder = folder();
    good(&folder, &["plan", "lock", "plan.json"]);
    let eight = component(&PROVIDER.replace("i32.const 7", "i32.const 8"));
    folder.write("lib/eight.wasm", &eight);
    let said = composectl(
        folder.path(),
        ["plan", "upgrade", "plan.json", "numbers", "lib/eight.wasm"],
    );
    let (was, is) = (digest(component(PROVIDER)), digest(&eight));
    assert!(
        said.stdout
            .contains(&format!("  numbers  {}, was {}\n", short(&is), short(&was))),
        "{said:?}"
    );
    assert!(
        said.stdout
            .contains("everything that is bound to it fits\n"),
        "{said:?}"
    );
    assert_eq!(said.stderr, "");
    good(&folder, &["blob", "has", &is]);
    let upgraded = plan(&folder, "plan.json");
    assert_eq!(upgraded["components"][1]["source"], "file:lib/eight.wasm");
    good(&folder, &["plan.json", "--locked"]);

    let before = read(folder.join("plan.json"));
    let wide = PROVIDER
        .replace("i32", "i64")
        .replace("(result u32)", "(result u64)");
    folder.write("wide.wasm", component(&wide));
    let upgrade = ["plan", "upgrade", "plan.json", "numbers", "wide.wasm"];
    let said = json(&folder, 1, &upgrade);
    let error = &said["errors"][0];
    assert_eq!(error["code"], "Emit.LinkError");
    assert!(
        error["pointer"]
            .as_str()
            .is_some_and(|at| at.starts_with("/bindings/0")),
        "{said}"
    );
    assert!(said.to_string().contains("stays as it was"), "{said}");
    assert_eq!(read(folder.join("plan.json")), before);
    let said = json(&folder, 0, &[&upgrade[..], &["--force"]].concat());
    assert_eq!(said["fits"], false);
    assert_eq!(said["findings"][0]["severity"], "warning");
    assert_ne!(read(folder.join("plan.json")), before);
    bad(
        &folder,
        1,
        &["plan", "upgrade", "plan.json", "nubmers", "wide.wasm"],
    );
    bad(
        &folder,
        1,
        &["plan", "upgrade", "plan.json", "numbers", "none.wasm"],
    );
}
