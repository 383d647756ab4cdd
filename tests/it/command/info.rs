//! `plan info`, of plans and of artifacts.

use std::fs::File;

use super::fixture::{
    APP, PLAN, PROVIDER, bad, blobs, component, digest, folder, good, json, piped,
};

#[test]
fn of_a_plan() {
    let folder = folder();
    let said = good(&folder, &["plan", "info", "plan.json"]);
    assert!(said.contains("\nroot     app\n"), "{said}");
    assert!(said.contains("\nlinkage  static\n"), "{said}");
    assert!(
        said.contains("states no policy: the host alone decides"),
        "{said}"
    );
    assert!(said.contains(&digest(component(APP))), "{said}");
    assert!(said.contains("exports\n  demo:app/app\n"), "{said}");
    let said = json(&folder, 0, &["plan", "info", "plan.json"]);
    assert_eq!(
        (&said["kind"], &said["valid"]),
        (&"plan".into(), &true.into())
    );
    assert_eq!(said["plan"]["has_policy"], false);

    let stated = PLAN.replace("\"bindings\"", "\"policy\": {}, \"bindings\"");
    folder.write("plan.json", stated);
    let said = good(&folder, &["plan", "info", "plan.json"]);
    let policy = "policy   stated; what is not granted is denied inside the artifact\n";
    assert!(said.contains(policy), "{said}");
}

#[test]
fn of_a_plan_whose_components_are_elsewhere() {
    let folder = folder();
    std::fs::remove_file(folder.join("app.wasm")).expect("app.wasm");
    let said = good(&folder, &["plan", "info", "plan.json"]);
    assert!(said.contains("\nroot     app\n"), "{said}");
    assert!(
        said.contains("`plan validate plan.json` has 1 finding"),
        "{said}"
    );
    assert_eq!(
        json(&folder, 0, &["plan", "info", "plan.json"])["valid"],
        false
    );
}

#[test]
fn of_an_artifact() {
    let folder = folder();
    good(&folder, &["plan.json", "-o", "out.wasm"]);
    let id = good(&folder, &["plan", "digest", "plan.json"]);
    let said = good(&folder, &["plan", "info", "out.wasm"]);
    assert!(said.contains(&format!("plan     {id}")), "{said}");
    assert!(said.contains(&digest(component(APP))), "{said}");
    let said = json(&folder, 0, &["plan", "info", "out.wasm"]);
    assert_eq!(said["kind"], "artifact");
    assert_eq!(said["plan_id"], id.trim_end());
    assert_eq!(said["components"][1]["id"], "numbers");
}

#[test]
fn of_what_is_piped_in() {
    let folder = folder();
    good(&folder, &["plan.json", "-o", "out.wasm"]);
    for (file, starts) in [
        ("out.wasm", "artifact <stdin>\n"),
        ("plan.json", "plan     sha256:"),
    ] {
        let stdin = File::open(folder.join(file)).expect("a file");
        let said = piped(&folder, stdin, &["plan", "info", "-"]).success();
        assert!(said.starts_with(starts), "{said}");
    }
}

#[test]
fn a_component_is_not_a_plan() {
    let folder = folder();
    folder.write("large.wasm", [component(APP), vec![0; 17 << 20]].concat());
    for (file, args) in [
        ("app.wasm", &["app.wasm"][..]),
        ("app.wasm", &["plan", "validate", "app.wasm"]),
        ("large.wasm", &["plan", "lock", "large.wasm"]),
    ] {
        let said = bad(&folder, 1, args);
        for part in [
            format!("`{file}` is a component, not a plan"),
            format!("`composectl exec run {file}`"),
            format!("`composectl plan new {file} -o "),
        ] {
            assert!(said.contains(&part), "{said}");
        }
    }
}

#[test]
fn of_another_wasm_file() {
    let folder = folder();
    let said = bad(&folder, 1, &["plan", "info", "app.wasm"]);
    assert!(said.contains("does not say what it was made of"), "{said}");
    folder.write("torn.wasm", b"\0asm\x0d\0\x01\0\0\xff");
    bad(&folder, 1, &["plan", "info", "torn.wasm"]);
}

/// Whoever asks changes nothing: what the answer needs is in the store until then.
#[test]
fn asking_keeps_nothing() {
    let folder = folder();
    for args in [
        &["plan", "info", "plan.json"][..],
        &["plan", "validate", "plan.json"],
        &["plan", "digest", "plan.json"],
        &["plan", "convert", "plan.json", "-o", "plan.cbor"],
    ] {
        good(&folder, args);
        for text in [APP, PROVIDER] {
            let blobs = blobs(&folder);
            assert!(
                !blobs.contains(&digest(component(text))),
                "{args:?}: {blobs:?}"
            );
        }
    }
    // What was there before stays.
    good(&folder, &["blob", "put", "app.wasm"]);
    good(&folder, &["plan", "info", "plan.json"]);
    let wrong = PLAN.replace("\"demo:numbers/numbers\"", "\"demo:x/y\"");
    folder.write("wrong.json", wrong);
    bad(&folder, 1, &["plan", "validate", "wrong.json"]);
    assert!(blobs(&folder).contains(&digest(component(APP))));
    let provider = digest(component(PROVIDER));
    assert!(!blobs(&folder).contains(&provider));
}

#[test]
fn a_description_is_kept() {
    let folder = folder();
    let noted = PLAN.replacen(
        '{',
        "{ \"$schema\": \"s\", \"description\": \"Two\\nlines\",",
        1,
    );
    folder.write(
        "plan.json",
        noted.replacen("\"root\"", "\"policy\": null, \"root\"", 1),
    );
    good(&folder, &["plan", "lock", "plan.json"]);
    let locked = std::fs::read_to_string(folder.join("plan.json")).expect("a plan");
    let locked: serde_json::Value = serde_json::from_str(&locked).expect("JSON");
    assert_eq!(locked["$schema"], "s");
    assert_eq!(locked["description"], "Two\nlines");
    good(&folder, &["plan.json", "--locked", "-o", "out.wasm"]);
}
