//! Sources that changed since a plan was locked, and trust for one run.

use compositor_tests::composectl;

use super::fixture::{
    APP, PLAN, PROVIDER, bad, blobs, component, digest, folder, good, json, names, short,
    status_of_errors,
};

/// The provider with another number.
fn edited() -> Vec<u8> {
    component(&PROVIDER.replace("i32.const 7", "i32.const 8"))
}

const CALL: [&str; 4] = ["exec", "invoke", "plan.json", "demo:app/app#seven()"];

#[test]
fn a_stale_source_is_said_wherever_a_plan_is_used() {
    let folder = folder();
    good(&folder, &["plan", "lock", "plan.json"]);
    good(&folder, &["trust", "add", "--plan", "plan.json"]);
    let commands = [
        &["plan.json"][..],
        &["plan", "validate", "plan.json"],
        &["plan", "info", "plan.json"],
        &["emit", "build", "plan.json", "-o", "out.wasm"],
        &["exec", "list", "plan.json"],
        &["exec", "describe", "plan.json", "demo:app/app"],
        &CALL,
    ];
    for args in commands {
        assert_eq!(composectl(folder.path(), args).stderr, "", "{args:?}");
    }
    let artifact = good(&folder, &["plan.json"]);

    folder.write("lib/numbers.wasm", edited());
    for args in commands {
        let said = composectl(folder.path(), args);
        assert_eq!(said.status, 0, "{said:?}");
        let said = said.stderr;
        assert!(
            said.starts_with(
                "warning[Blob.DigestMismatch/stale-source]: the source `file:lib/numbers.wasm` of `numbers` has \
                 changed since it was locked; what was locked is used\n"
            ),
            "{args:?}: {said}"
        );
        assert!(
            said.contains("found: ") && said.contains("expected: "),
            "{said}"
        );
        assert!(said.contains(&digest(edited())), "{said}");
        assert!(
            said.contains("`composectl plan lock plan.json --update numbers`"),
            "{said}"
        );
        assert!(!said.contains("`app`"), "{said}");
        // `plan info` looks, and asks for nothing.
        if args[1..].first() != Some(&"info") {
            let locked = [args, &["--locked"]].concat();
            let status = status_of_errors(args);
            let said = bad(&folder, status, &locked);
            assert!(said.contains("error[Blob.DigestMismatch/"), "{said}");
            assert!(!said.contains("is used"), "{said}");
        }
    }
    // Digests decide.
    assert_eq!(good(&folder, &["plan.json"]), artifact);
    let said = json(&folder, 0, &CALL);
    assert_eq!(said["value"], 7);
    assert_eq!(said["findings"][0]["pointer"], "/components/1/source");

    // What is not there, or no file, is not at hand; what is no component differs.
    folder.write("lib/numbers.wasm", "half a compo");
    let said = json(&folder, 0, &["plan", "validate", "plan.json"]);
    let found = said["findings"][0]["found"]
        .as_str()
        .expect("what was found");
    assert!(found.contains("not a component"), "{said}");
    std::fs::remove_file(folder.join("lib/numbers.wasm")).expect("a file");
    good(&folder, &["plan", "validate", "plan.json", "--locked"]);
    super::fixture::fifo(&folder, "lib/numbers.wasm");
    good(&folder, &["plan", "validate", "plan.json", "--locked"]);
}

#[test]
fn update_takes_what_files_hold() {
    let folder = folder();
    good(&folder, &["plan", "lock", "plan.json"]);
    let first = std::fs::read_to_string(folder.join("plan.json")).expect("plan.json");
    folder.write("lib/numbers.wasm", edited());
    let other = component(&APP.replace("demo:app/app", "demo:app/other"));
    folder.write("app.wasm", &other);

    // Without being asked, `plan lock` changes nothing that is locked.
    let said = composectl(folder.path(), ["plan", "lock", "plan.json"]);
    assert_eq!(said.stdout, "plan.json is locked\n");
    assert!(said.stderr.contains("--update numbers"), "{said:?}");
    assert!(said.stderr.contains("--update app"), "{said:?}");

    let said = composectl(
        folder.path(),
        ["plan", "lock", "plan.json", "--update", "numbers"],
    );
    let (was, is) = (digest(component(PROVIDER)), digest(edited()));
    assert!(
        said.stdout
            .contains(&format!("  numbers  {}, was {}\n", short(&is), short(&was))),
        "{said:?}"
    );
    assert!(said.stderr.contains("--update app"), "{said:?}");
    let plan = std::fs::read_to_string(folder.join("plan.json")).expect("plan.json");
    assert_eq!(plan, first.replace(&was, &is));

    let said = json(&folder, 0, &["plan", "lock", "--update", "plan.json"]);
    assert_eq!(said["staged"][0]["digest"], digest(&other).as_str());
    assert_eq!(
        said["staged"][0]["replaced"],
        digest(component(APP)).as_str()
    );
    assert_eq!(said["staged"][1]["replaced"], serde_json::Value::Null);
    good(&folder, &["plan.json", "--locked"]);
    // What was locked before stays in the store: other plans may have it.
    good(&folder, &["blob", "has", &was]);
}

#[test]
fn update_of_cbor_and_of_what_is_not_there() {
    let folder = folder();
    good(&folder, &["plan", "lock", "plan.json"]);
    good(
        &folder,
        &["plan", "convert", "plan.json", "-o", "plan.cbor"],
    );
    folder.write("lib/numbers.wasm", edited());
    good(&folder, &["plan", "lock", "plan.cbor", "--update"]);
    good(&folder, &["canon", "cbor-check", "plan.cbor"]);
    good(&folder, &["plan.cbor", "--locked"]);

    let said = bad(
        &folder,
        1,
        &["plan", "lock", "plan.json", "--update", "nubmers"],
    );
    assert!(said.contains("did you mean `numbers`?"), "{said}");
    let said = bad(&folder, 2, &["plan", "lock", "plan.json", "numbers"]);
    assert!(said.contains("`--update`"), "{said}");
    let unsourced = PLAN.replace(
        r#""source": "file:app.wasm""#,
        &format!(r#""digest": "{}""#, digest(component(APP))),
    );
    folder.write("unsourced.json", unsourced);
    let args = ["plan", "lock", "unsourced.json", "--update", "app"];
    let said = bad(&folder, 1, &args);
    assert!(said.contains("has no source"), "{said}");
    // A file that is gone says so, and the plan stays.
    let before = std::fs::read(folder.join("plan.json")).expect("plan.json");
    std::fs::remove_file(folder.join("app.wasm")).expect("a file");
    bad(&folder, 1, &["plan", "lock", "plan.json", "--update"]);
    assert_eq!(
        std::fs::read(folder.join("plan.json")).expect("plan.json"),
        before
    );
}

/// Whoever asks makes no store.
#[test]
fn questions_leave_nothing_behind() {
    let folder = folder();
    let before = names(&folder);
    for args in [
        &["plan", "validate", "plan.json"][..],
        &["plan", "info", "plan.json"],
    ] {
        good(&folder, args);
        assert_eq!(names(&folder), before, "{args:?}");
    }
    // One that is there stays.
    good(&folder, &["blob", "put", "plan.json"]);
    good(&folder, &["plan", "validate", "plan.json"]);
    assert_eq!(blobs(&folder).len(), 1);
}

#[test]
fn trust_for_one_run() {
    let folder = folder();
    let before = names(&folder);
    let said = composectl(folder.path(), CALL);
    assert!(said.stderr.contains("Trust.UntrustedSource"), "{said:?}");
    assert!(
        said.stderr.contains("`--trust` trusts for one run"),
        "{said:?}"
    );
    let trusting = [&CALL[..], &["--trust"]].concat();
    let said = composectl(folder.path(), &trusting);
    assert_eq!(said.stdout, "7\n", "{said:?}");
    assert!(
        said.stderr
            .contains("trusted for this run alone: `app`, `numbers` (`-v` says more)\n"),
        "{said:?}"
    );
    // For that run.
    assert_eq!(composectl(folder.path(), CALL).status, 125);
    assert_eq!(good(&folder, &["trust", "list"]), "");
    assert!(before.iter().all(|name| names(&folder).contains(name)));
    // What is trusted already is not said.
    good(&folder, &["trust", "add", &digest(component(APP))]);
    let said = composectl(folder.path(), &trusting);
    assert!(
        said.stderr.contains("alone: `numbers` (`-v` says more)\n"),
        "{said:?}"
    );

    // What the files do not give is not trusted: what changed, and what has no file.
    good(&folder, &["plan", "lock", "plan.json"]);
    folder.write("lib/numbers.wasm", edited());
    let said = composectl(folder.path(), &trusting);
    assert_eq!(said.status, 125, "{said:?}");
    assert!(said.stderr.contains("Trust.UntrustedSource"), "{said:?}");
    assert!(said.stderr.contains("--update numbers"), "{said:?}");
    std::fs::remove_file(folder.join("lib/numbers.wasm")).expect("a file");
    assert_eq!(composectl(folder.path(), &trusting).status, 125);
}
