//! `plan new`.

use compositor_tests::composectl;
use serde_json::json as value;

use super::fixture::{
    APP, PLAN, PROVIDER, bad, blobs, component, digest, fifo, folder, good, json,
};

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
            "--locked",
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

/// What is written follows the files until `plan lock` fixes it.
#[test]
fn digests_are_left_to_plan_lock() {
    let folder = folder();
    let new = [
        "plan", "new", "app.wasm", "--dir", "lib", "-o", "n.json", "--force",
    ];
    good(&folder, &new);
    let plan = std::fs::read_to_string(folder.join("n.json")).expect("n.json");
    assert!(!plan.contains("digest"), "{plan}");
    let said = bad(&folder, 1, &["n.json", "--locked"]);
    assert!(said.contains("not locked: `app`, `numbers`"), "{said}");
    let before = good(&folder, &["n.json"]);
    folder.write("lib/numbers.wasm", component(&PROVIDER.replace("7)", "8)")));
    assert_ne!(good(&folder, &["n.json"]), before);
    good(&folder, &["plan", "lock", "n.json"]);
    good(&folder, &["n.json", "--locked"]);
    good(&folder, &[&new[..], &["--locked"]].concat());
    good(&folder, &["n.json", "--locked"]);
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

    let new = ["plan", "new", "app.wasm", "-o", "m.json"];
    let said = composectl(folder.path(), new);
    assert_eq!(said.status, 3, "{said:?}");
    assert!(
        said.stdout.contains("missing    app  demo:numbers/numbers"),
        "{said:?}"
    );
    let args = [&new[..], &["--allow-missing", "--force"]].concat();
    let said = json(&folder, 0, &args);
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
    let new = ["plan", "new", "app.wasm", "--dir", "lib", "-o", "n.json"];
    good(&folder, &new);
    assert_eq!(blobs(&folder), [digest(&before)]);
    good(&folder, &[&new[..], &["--force", "--locked"]].concat());
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
        said.contains("`plan.json` already exists") && said.contains("--force"),
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

/// A candidate of the right name and other types is told, with both sides.
#[test]
fn says_who_does_not_fit() {
    let folder = folder();
    let other = r#"(component
      (core module $m (func (export "f") (result i64) i64.const 7))
      (core instance $i (instantiate $m))
      (func $f (result u64) (canon lift (core func $i "f")))
      (instance $e (export "seven" (func $f)))
      (export "demo:numbers/numbers" (instance $e)))"#;
    folder.write("other/wide.wasm", component(other));
    folder.write("other/text.wasm", "not wasm");
    fifo(&folder, "other/pipe.wasm");
    let args = [
        "plan",
        "new",
        "app.wasm",
        "--dir",
        "other",
        "-o",
        "n.json",
        "--allow-missing",
    ];
    let said = json(&folder, 0, &args);
    let manifest = &said["manifest"];
    assert_eq!(manifest["found"], value!([]));
    let misfit = &manifest["missing"][0]["misfits"][0];
    assert_eq!(misfit["provider"], "wide");
    assert_eq!(misfit["export_name"], "demo:numbers/numbers");
    let side = |name: &str| misfit[name].as_str().expect("WIT").to_string();
    assert!(side("found").contains("u64"), "{misfit}");
    assert!(side("expected").contains("u32"), "{misfit}");
    let finding = &said["findings"][0];
    assert_eq!(finding["found"], misfit["found"]);
    assert!(
        finding["message"].to_string().contains("`wide` exports"),
        "{finding}"
    );
    let skipped = manifest["skipped"].to_string();
    assert!(
        skipped.contains("text.wasm") && skipped.contains("pipe.wasm"),
        "{skipped}"
    );
    let blobs = good(&folder, &["blob", "list"]);
    assert!(!blobs.contains(&digest(component(other))), "{blobs}");
    // One that fits is enough.
    good(
        &folder,
        &[
            "plan", "new", "app.wasm", "--dir", "other", "--dir", "lib", "-o", "m.json", "--locked",
        ],
    );
    good(&folder, &["plan", "validate", "m.json", "--locked"]);
}

/// What no host is known to give is looked for also when its name is `wasi:`'s.
#[test]
fn binds_what_no_host_has() {
    let folder = folder();
    let store = "wasi:keyvalue/store@0.2.0-draft";
    folder.write(
        "lib/store.wasm",
        component(&PROVIDER.replace("demo:numbers/numbers", store)),
    );
    // A clock of a folder's is nobody's business.
    let clock = "wasi:clocks/monotonic-clock@0.2.0";
    folder.write(
        "lib/clock.wasm",
        component(&PROVIDER.replace("demo:numbers/numbers", clock)),
    );
    let app = |name: &str| component(&APP.replace("demo:numbers/numbers", name));
    folder.write("keeper.wasm", app(store));
    folder.write("timer.wasm", app(clock));
    let new = |root: &str, dir: &str| {
        json(
            &folder,
            0,
            &[
                "plan",
                "new",
                root,
                "--dir",
                dir,
                "-o",
                "n.json",
                "--force",
                "--locked",
                "--allow-missing",
            ],
        )
    };
    let said = new("keeper.wasm", "lib");
    assert_eq!(said["manifest"]["found"][0]["providers"], value!(["store"]));
    good(&folder, &["n.json", "--locked", "-o", "out.wasm"]);
    let said = new("keeper.wasm", ".");
    assert_eq!(said["manifest"]["missing"][0]["import_name"], store);
    assert!(
        said["findings"][0]["help"]
            .to_string()
            .contains("few hosts have it"),
        "{said}"
    );
    good(&folder, &["plan", "validate", "n.json", "--locked"]);
    let said = new("timer.wasm", "lib");
    assert_eq!(said["manifest"]["found"], value!([]));
    assert_eq!(said["manifest"]["missing"], value!([]));
    // It is said, and bound where that is asked for.
    assert_eq!(said["manifest"]["offered"][0]["offered"], value!(["clock"]));
    let new = [
        "plan",
        "new",
        "timer.wasm",
        "--dir",
        "lib",
        "-o",
        "n.json",
        "--force",
    ];
    let said = good(&folder, &new);
    let line = format!("host       timer  {clock}; `--wasi` binds it to clock\n");
    assert!(said.contains(&line), "{said}");
    let said = good(&folder, &[&new[..], &["--wasi"]].concat());
    assert!(
        said.contains(&format!("found      timer  {clock} -> clock\n")),
        "{said}"
    );
    good(&folder, &["n.json", "-o", "out.wasm"]);
}
