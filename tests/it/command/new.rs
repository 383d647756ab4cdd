//! `plan new`.

use serde_json::json as value;

use super::fixture::{APP, PLAN, PROVIDER, bad, component, digest, folder, good, json};

#[test]
fn binds_what_is_found() {
    let folder = folder();
    let said = good(
        &folder,
        &[
            "plan",
            "new",
            "app.wasm",
            "--dir",
            "lib",
            "-o",
            "new/../n.json",
        ],
    );
    assert!(
        said.contains("found      app  demo:numbers/numbers -> numbers\n"),
        "{said}"
    );
    let plan = std::fs::read_to_string(folder.join("n.json")).expect("n.json");
    assert!(plan.contains("file:lib/numbers.wasm"), "{plan}");
    good(&folder, &["plan", "validate", "n.json", "--locked"]);
    good(&folder, &["n.json", "-o", "out.wasm"]);
}

#[test]
fn says_what_is_ambiguous_missing_and_skipped() {
    let folder = folder();
    folder.write("lib/again.wasm", component(PROVIDER));
    let other = PROVIDER.replace("i32.const 7", "i32.const 8");
    folder.write("lib/other.wasm", component(&other));
    folder.write("lib/broken.wasm", "not wasm");
    folder.write("lib/readme.txt", "not a candidate");
    let said = json(
        &folder,
        0,
        &["plan", "new", "app.wasm", "--dir", "lib", "-o", "n.json"],
    );
    let manifest = &said["manifest"];
    assert_eq!(
        manifest["ambiguous"][0]["providers"],
        value!(["again", "other"])
    );
    assert_eq!(manifest["missing"], value!([]));
    let skipped = manifest["skipped"].to_string();
    assert!(
        skipped.contains("broken") && skipped.contains("numbers.wasm"),
        "{skipped}"
    );

    let said = json(&folder, 0, &["plan", "new", "app.wasm", "-o", "m.json"]);
    assert_eq!(
        said["manifest"]["missing"][0]["import_name"],
        "demo:numbers/numbers"
    );
    assert_eq!(said["findings"][0]["severity"], "warning");
    let plan = std::fs::read_to_string(folder.join("m.json")).expect("m.json");
    assert!(plan.contains("\"imports\""), "{plan}");
    good(&folder, &["plan", "validate", "m.json"]);
}

#[test]
fn keeps_only_what_the_plan_uses() {
    let folder = folder();
    let before = component("(component (core module))");
    folder.write("lib/before.wasm", &before);
    folder.write("lib/unused.wasm", component("(component)"));
    good(&folder, &["blob", "put", "lib/before.wasm"]);
    good(
        &folder,
        &["plan", "new", "app.wasm", "--dir", "lib", "-o", "n.json"],
    );
    let blobs = good(&folder, &["blob", "list"]);
    for kept in [before, component(APP), component(PROVIDER)] {
        assert!(blobs.contains(&digest(kept)), "{blobs}");
    }
    assert!(
        !blobs.contains(&digest(component("(component)"))),
        "{blobs}"
    );
}

#[test]
fn does_not_replace_unasked() {
    let folder = folder();
    let before = std::fs::read(folder.join("plan.json")).expect("plan.json");
    let said = bad(&folder, 1, &["plan", "new", "app.wasm", "--dir", "lib"]);
    assert!(
        said.contains("`plan.json` is there already") && said.contains("--force"),
        "{said}"
    );
    assert_eq!(
        std::fs::read(folder.join("plan.json")).expect("plan.json"),
        before
    );
    good(
        &folder,
        &[
            "plan", "new", "app.wasm", "--dir", "lib", "--force", "--id", "main",
        ],
    );
    let said = json(&folder, 0, &["plan", "info", "plan.json"]);
    assert_eq!(said["plan"]["root"], "main");
}

#[test]
fn wrong_ids_and_files() {
    let folder = folder();
    bad(
        &folder,
        2,
        &[
            "plan",
            "new",
            "app.wasm",
            "-o",
            "n.json",
            "--id",
            "not an id",
        ],
    );
    bad(&folder, 1, &["plan", "new", "none.wasm", "-o", "n.json"]);
    bad(
        &folder,
        1,
        &["plan", "new", "app.wasm", "-o", "n.json", "--dir", "none"],
    );
    bad(&folder, 1, &["plan", "new", "plan.json", "-o", "n.json"]);
    assert!(!folder.join("n.json").exists());
    let blobs = good(&folder, &["blob", "list"]);
    assert!(!blobs.contains(&digest(PLAN)), "{blobs}");
}
