//! `plan lock`, `plan digest`, `plan convert`, and locking on the fly.

use super::fixture::{APP, PLAN, PROVIDER, bad, component, digest, folder, good, json, names};

#[test]
fn lock_writes_digests_in_place() {
    let folder = folder();
    good(&folder, &["plan", "lock", "plan.json"]);
    let locked = std::fs::read_to_string(folder.join("plan.json")).expect("plan.json");
    for text in [APP, PROVIDER] {
        assert!(locked.contains(&digest(component(text))), "{locked}");
    }
    assert_eq!(names(&folder), [".compose", "app.wasm", "lib", "plan.json"]);
    assert_eq!(
        good(&folder, &["plan", "lock", "plan.json"]),
        "plan.json is locked\n"
    );
    good(&folder, &["plan", "validate", "--locked", "plan.json"]);
    // The store has all it needs now.
    std::fs::remove_file(folder.join("app.wasm")).expect("app.wasm");
    good(&folder, &["plan.json", "--locked"]);
}

#[test]
fn lock_to_another_file() {
    let folder = folder();
    let said = json(
        &folder,
        0,
        &["plan", "lock", "plan.json", "-o", "locked.json"],
    );
    assert_eq!(said["staged"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        std::fs::read_to_string(folder.join("plan.json")).expect("plan.json"),
        PLAN
    );
    let id = good(&folder, &["plan", "digest", "locked.json"]);
    assert_eq!(good(&folder, &["plan", "digest", "plan.json"]), id);
    let piped = good(&folder, &["plan", "lock", "plan.json", "-o", "-"]);
    assert_eq!(
        piped.as_bytes(),
        std::fs::read(folder.join("locked.json")).expect("locked")
    );
}

/// Relative sources start at the plan's folder, wherever that is.
#[test]
fn lock_to_another_folder() {
    let folder = folder();
    std::fs::create_dir(folder.join("out")).expect("a folder");
    let absolute = folder.join("app.wasm").display().to_string();
    for (plan, app) in [
        (PLAN.to_string(), "file:../app.wasm".to_string()),
        (
            PLAN.replace("file:app.wasm", &format!("file:{absolute}")),
            format!("file:{absolute}"),
        ),
    ] {
        folder.write("plan.json", &plan);
        good(
            &folder,
            &["plan", "lock", "plan.json", "-o", "out/locked.json"],
        );
        let said = json(&folder, 0, &["plan", "info", "out/locked.json"]);
        assert_eq!(said["plan"]["components"][0]["source"], app.as_str());
        assert_eq!(
            said["plan"]["components"][1]["source"],
            "file:../lib/numbers.wasm"
        );
        assert_eq!(
            std::fs::read_to_string(folder.join("plan.json")).expect("plan.json"),
            plan
        );
        // The sources are found, although the store has none of them.
        for store in ["s1", "s2"] {
            let _ = std::fs::remove_dir_all(folder.join(store));
        }
        good(&folder, &["out/locked.json", "--locked", "--store", "s1"]);
        // What is locked already, and in CBOR.
        let cbor = [
            "plan",
            "convert",
            "out/locked.json",
            "-o",
            "out/locked.cbor",
        ];
        good(&folder, &cbor);
        good(
            &folder,
            &["plan", "lock", "out/locked.cbor", "-o", "again.cbor"],
        );
        good(&folder, &["canon", "cbor-check", "again.cbor"]);
        good(&folder, &["again.cbor", "--locked", "--store", "s2"]);
        let piped = good(&folder, &["plan", "lock", "out/locked.json", "-o", "-"]);
        assert!(piped.contains("\"file:lib/numbers.wasm\""), "{piped}");
    }
}

#[test]
fn thousands_of_missing_sources() {
    let folder = folder();
    let components: Vec<_> = (0..5000)
        .map(
            |n| serde_json::json!({ "id": format!("c{n:04}"), "source": format!("file:no/{n}.wasm") }),
        )
        .collect();
    let plan = serde_json::json!({
        "version": "1", "root": "c0000", "components": components, "bindings": [],
    });
    folder.write("plan.json", format!("{plan:#}"));
    let said = json(&folder, 1, &["plan", "lock", "plan.json"]);
    let errors = said["errors"].as_array().expect("findings");
    assert_eq!(errors.len(), 101);
    assert_eq!(errors[99]["pointer"], "/components/99/source");
    assert_eq!(errors[99]["line"], 7 + 4 * 99);
    let note = errors[100]["message"].as_str().expect("a message");
    assert!(note.contains("4900 more components"), "{note}");
    let said = bad(&folder, 1, &["plan.json", "--locked"]);
    assert!(said.contains("`c0009` and 4990 more"), "{said}");
}

#[test]
fn locked_refuses_what_is_not() {
    let folder = folder();
    for args in [
        &["plan.json", "--locked"][..],
        &["plan", "validate", "plan.json", "--locked"],
        &["plan", "digest", "plan.json", "--locked"],
        &["emit", "build", "plan.json", "--locked", "-o", "out.wasm"],
        &["exec", "list", "plan.json", "--locked"],
    ] {
        let said = bad(&folder, 1, args);
        assert!(said.contains("not locked: `app`, `numbers`"), "{said}");
        assert!(said.contains("`plan lock plan.json`"), "{said}");
    }
    assert_eq!(names(&folder), ["app.wasm", "lib", "plan.json"]);
}

#[test]
fn a_source_that_changed_since() {
    let folder = folder();
    good(&folder, &["plan", "lock", "plan.json"]);
    std::fs::remove_dir_all(folder.join(".compose")).expect("the store");
    folder.write("lib/numbers.wasm", component("(component)"));
    for args in [&["plan.json"][..], &["plan", "lock", "plan.json"]] {
        let said = bad(&folder, 1, args);
        assert!(said.contains("error[Blob.DigestMismatch]"), "{said}");
        assert!(said.contains(&digest(component(PROVIDER))), "{said}");
        assert!(said.contains(&digest(component("(component)"))), "{said}");
    }
}

#[test]
fn sources_that_cannot_be_read() {
    let folder = folder();
    let plan = PLAN
        .replace("file:app.wasm", "https://example.com/app.wasm")
        .replace("lib/", "bil/");
    folder.write("plan.json", &plan);
    for args in [
        &["plan", "lock", "plan.json"][..],
        &["plan.json", "-o", "out.wasm"],
    ] {
        let said = bad(&folder, 1, args);
        assert!(said.contains("only `file:` sources"), "{said}");
        assert!(said.contains("cannot read `bil/numbers.wasm`"), "{said}");
        assert!(said.ends_with("\n2 errors\n"), "{said}");
    }
    assert_eq!(
        std::fs::read_to_string(folder.join("plan.json")).expect("plan.json"),
        plan
    );
    assert!(!folder.join("out.wasm").exists());
}

#[test]
fn sources_are_looked_for_beside_the_plan() {
    let folder = folder();
    let absolute = folder.join("app.wasm");
    let plan = PLAN
        .replace("file:app.wasm", &format!("file://{}", absolute.display()))
        .replace("file:lib/", "file:../lib/");
    folder.write("plans/plan.json", plan);
    good(&folder, &["plan", "validate", "plans/plan.json"]);
}

#[test]
fn convert_there_and_back() {
    let folder = folder();
    good(&folder, &["plan", "lock", "plan.json"]);
    good(
        &folder,
        &["plan", "convert", "plan.json", "-o", "plan.cbor"],
    );
    good(&folder, &["canon", "cbor-check", "plan.cbor"]);
    good(
        &folder,
        &["plan", "convert", "plan.cbor", "-o", "back.json"],
    );
    let id = good(&folder, &["plan", "digest", "plan.json"]);
    assert_eq!(good(&folder, &["plan", "digest", "plan.cbor"]), id);
    assert_eq!(good(&folder, &["plan", "digest", "back.json"]), id);
    let text = good(&folder, &["plan", "convert", "plan.cbor", "--to", "json"]);
    assert_eq!(
        text.as_bytes(),
        std::fs::read(folder.join("back.json")).expect("back.json")
    );
    good(&folder, &["plan.cbor", "-o", "out.wasm"]);
}

#[test]
fn plans_in_answers_for_programs() {
    let folder = folder();
    good(&folder, &["plan", "lock", "plan.json"]);
    let text = std::fs::read_to_string(folder.join("plan.json")).expect("plan.json");
    let plan: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let said = json(
        &folder,
        0,
        &["plan", "convert", "plan.json", "--to", "json"],
    );
    assert_eq!(said["document"], plan);
    good(
        &folder,
        &["plan", "convert", "plan.json", "-o", "plan.cbor"],
    );
    let bytes = std::fs::read(folder.join("plan.cbor")).expect("plan.cbor");
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let said = json(&folder, 0, &["plan", "convert", "plan.json"]);
    assert_eq!(
        (&said["hex"], &said["size"]),
        (&hex.into(), &bytes.len().into())
    );
}
