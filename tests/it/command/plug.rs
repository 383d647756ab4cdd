//! `plug`, and running files without a plan.

use compositor_tests::{composectl, guest, read};

use super::fixture::{APP, bad, component, digest, folder, good, json, names, status_of_errors};

#[test]
fn files_are_plugged_without_a_plan() {
    let folder = folder();
    let said = good(
        &folder,
        &["plug", "app.wasm", "lib/numbers.wasm", "-o", "out.wasm"],
    );
    assert!(said.starts_with("wrote out.wasm ("), "{said}");
    assert!(
        said.contains("found      app  demo:numbers/numbers -> numbers\n"),
        "{said}"
    );
    // The same bytes as of a plan.
    good(&folder, &["plan.json", "-o", "planned.wasm"]);
    assert_eq!(
        read(folder.join("out.wasm")),
        read(folder.join("planned.wasm"))
    );
    // A folder, transitively; what is no component is left out, and what is named is used.
    let middle = r#"(component
      (import "demo:numbers/numbers" (instance $n (export "seven" (func (result u32)))))
      (export "demo:middle/middle" (instance $n)))"#;
    folder.write("lib/middle.wasm", component(middle));
    folder.write("lib/text.wasm", "no component");
    let top = APP.replace("demo:numbers/numbers", "demo:middle/middle");
    folder.write("top.wasm", component(&top));
    let said = json(
        &folder,
        0,
        &[
            "plug",
            "top.wasm",
            "lib",
            "-o",
            "top-out.wasm",
            "--save",
            "saved.json",
        ],
    );
    let found = said["manifest"]["found"].as_array().expect("a list");
    assert_eq!(found.len(), 2, "{said}");
    assert!(
        said["manifest"]["skipped"]
            .to_string()
            .contains("text.wasm")
    );
    // What was guessed is a plan like another, which says where its files are.
    let saved = String::from_utf8(read(folder.join("saved.json"))).expect("a text");
    assert!(
        saved.contains("file:lib/middle.wasm") && !saved.contains("digest"),
        "{saved}"
    );
    good(&folder, &["saved.json", "-o", "again.wasm"]);
    assert_eq!(
        read(folder.join("again.wasm")),
        read(folder.join("top-out.wasm"))
    );
    let args = ["plug", "top.wasm", "lib", "--save", "saved.json"];
    let said = bad(&folder, 1, &args);
    assert!(said.contains("`saved.json` already exists"), "{said}");
}

/// Several instances of one file have ids; each import gets the first that fits, so a row
/// of files is a chain.
#[test]
fn instances_of_one_file_make_a_chain() {
    let folder = folder();
    let link = r#"(component
      (import "demo:numbers/numbers" (instance $n (export "seven" (func (result u32)))))
      (export "demo:numbers/numbers" (instance $n)))"#;
    folder.write("link.wasm", component(link));
    let args = [
        "plug",
        "app.wasm",
        "a=link.wasm",
        "b=link.wasm",
        "lib/numbers.wasm",
        "-o",
        "out.wasm",
    ];
    let said = good(&folder, &args);
    for line in [
        "ambiguous  app  demo:numbers/numbers -> a; also b, numbers\n",
        "ambiguous  a  demo:numbers/numbers -> b; also numbers\n",
    ] {
        assert!(said.contains(line), "{said}");
    }
    assert!(
        said.contains("found      b  demo:numbers/numbers -> numbers\n"),
        "{said}"
    );
    let said = bad(
        &folder,
        2,
        &["plug", "app.wasm", "a=link.wasm", "a=link.wasm"],
    );
    assert!(said.contains("the id `a` is given twice"), "{said}");
}

#[test]
fn what_a_plug_cannot_use() {
    let folder = folder();
    folder.write("unused.wasm", component("(component)"));
    let said = json(
        &folder,
        0,
        &[
            "plug",
            "app.wasm",
            "lib/numbers.wasm",
            "unused.wasm",
            "-o",
            "out.wasm",
        ],
    );
    assert_eq!(said["manifest"]["unused"][0], "unused");
    assert!(
        said["findings"]
            .to_string()
            .contains("imports what `unused` exports"),
        "{said}"
    );
    // What is named must be one.
    folder.write("text.wasm", "no component");
    bad(&folder, 1, &["plug", "app.wasm", "text.wasm"]);
    let said = bad(
        &folder,
        1,
        &["plug", "app.wasm", "lib/numbers.wasm", "-o", "app.wasm"],
    );
    assert!(said.contains("which is read"), "{said}");
    bad(&folder, 2, &["plug", "app.wasm"]);
    let said = bad(&folder, 2, &["plug", "lib", "app.wasm"]);
    assert!(said.contains("`lib` is a folder"), "{said}");
}

#[test]
fn a_file_is_run_without_a_plan() {
    let folder = folder();
    folder.write("program.wasm", read(guest("program")));
    let run = ["exec", "run", "program.wasm", "--", "both"];
    let said = composectl(folder.path(), run);
    assert_eq!(said.status, 125, "{said:?}");
    assert!(
        said.stderr.contains("error[Trust.UntrustedSource/"),
        "{said:?}"
    );
    // The plan that was made of it is nobody's text.
    assert!(!said.stderr.contains("components/"), "{said:?}");
    let args = ["run", "program.wasm", "--trust", "--", "told", "x"];
    let said = composectl(folder.path(), args);
    assert_eq!(
        said.stdout, "[\"program\", \"told\", \"x\"]\n[]\n",
        "{said:?}"
    );
    assert!(
        said.stderr
            .contains("trusted for this run alone: `program`"),
        "{said:?}"
    );
    // By its own digest, whatever it was made of.
    good(
        &folder,
        &["plug", "app.wasm", "lib/numbers.wasm", "-o", "out.wasm"],
    );
    good(&folder, &["trust", "add", "--plan", "plan.json"]);
    let invoke = ["exec", "invoke", "out.wasm", "demo:app/app#seven()"];
    let said = composectl(folder.path(), invoke);
    assert!(said.stderr.contains("Trust.UntrustedSource"), "{said:?}");
    good(
        &folder,
        &["trust", "add", &digest(read(folder.join("out.wasm")))],
    );
    assert_eq!(good(&folder, &invoke), "7\n");
    assert!(good(&folder, &["exec", "list", "out.wasm"]).contains("demo:app/app"));
    // A plan runs as ever, and is saved by nobody.
    let said = bad(&folder, 2, &["run", "plan.json", "--save", "p.json"]);
    assert!(said.contains("a plan already"), "{said}");
    let args = [
        "run",
        "program.wasm",
        "--trust",
        "--save",
        "p.json",
        "--",
        "both",
    ];
    assert_eq!(good(&folder, &args), "to stdout\n");
    let again = ["run", "p.json", "--trust", "--", "both"];
    assert_eq!(good(&folder, &again), "to stdout\n");
    let before = names(&folder);
    bad(&folder, 125, &["run", "none.wasm"]);
    assert_eq!(names(&folder), before);
}

/// What a folder has may be anything, and is left out; what is named was meant.
#[test]
fn what_is_named_has_to_be_whole() {
    let folder = folder();
    let whole = read(folder.join("lib/numbers.wasm"));
    let cut = &whole[..whole.len() - 1];
    folder.write("cut.wasm", cut);
    for args in [
        &["plug", "app.wasm", "cut.wasm", "-o", "out.wasm"][..],
        &["plug", "app.wasm", "n=cut.wasm", "-o", "out.wasm"],
        &["plug", "cut.wasm", "lib", "-o", "out.wasm"],
        &["plan", "new", "app.wasm", "cut.wasm", "-o", "new.json"],
        &["run", "cut.wasm", "--trust"],
    ] {
        let said = bad(&folder, status_of_errors(args), args);
        assert!(said.contains("/invalid-component]: "), "{args:?}: {said}");
        assert!(said.contains("cut.wasm"), "{args:?}: {said}");
    }
    assert!(!folder.join("out.wasm").exists() && !folder.join("new.json").exists());
    folder.write("lib/cut.wasm", cut);
    let said = good(&folder, &["plug", "app.wasm", "lib", "-o", "out.wasm"]);
    assert!(said.contains("skipped    cut: "), "{said}");
}
