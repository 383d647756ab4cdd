//! `canon`.

use compositor_tests::Temp;

use super::fixture::{bad, component, good, json};

#[test]
fn encodes_and_checks() {
    let folder = Temp::new();
    folder.write("a.json", r#"{"b": 1, "a": [true, "x"]}"#);
    good(&folder, &["canon", "cbor", "a.json", "-o", "a.cbor"]);
    let bytes = std::fs::read(folder.join("a.cbor")).expect("a.cbor");
    assert_eq!(
        bytes,
        [0xa2, 0x61, b'a', 0x82, 0xf5, 0x61, b'x', 0x61, b'b', 0x01]
    );
    let said = good(&folder, &["canon", "cbor-check", "a.cbor"]);
    assert_eq!(said, "a.cbor is canonical (10 bytes)\n");
    let said = json(&folder, 0, &["canon", "cbor", "a.json"]);
    assert_eq!(said["hex"], "a2616182f56178616201");
}

#[test]
fn names_the_byte_and_the_rule() {
    let folder = Temp::new();
    folder.write("long.cbor", [0x82, 0x01, 0x18, 0x01]);
    let said = bad(&folder, 1, &["canon", "cbor-check", "long.cbor"]);
    assert!(
        said.contains("byte 2") && said.contains("long.cbor"),
        "{said}"
    );
    let said = json(&folder, 1, &["canon", "cbor-check", "long.cbor"]);
    assert_eq!(said["errors"][0]["offset"], 2);
    assert_eq!(said["errors"][0]["found"], "shortest-int");
    assert_eq!(said["errors"][0]["context"], "long.cbor");
}

/// What is printed of a package, or of a component: a name and, on the line below, its id.
fn ids(folder: &Temp, path: &str) -> Vec<String> {
    let said = good(folder, &["canon", "wit-id", path]);
    let said = said.replace("\n  sha256:", " sha256:");
    said.lines().map(str::to_string).collect()
}

#[test]
fn prints_ids_of_wit_however_it_is_written() {
    let folder = Temp::new();
    let types = "interface types { use b:lib/base.{number}; record item { n: number } }";
    let world = "world app { import types; export run: func() -> string; }";
    let base = "package b:lib; interface base { type number = u32; }";
    folder.write(
        "app/b.wit",
        format!("// Named here.\npackage a:app@1.0.0;\n{types}"),
    );
    folder.write("app/a.wit", world);
    folder.write("app/deps/lib/base.wit", base);
    folder.write("app/notes.txt", "not WIT");
    let found = ids(&folder, "app");
    let names: Vec<&str> = found
        .iter()
        .filter_map(|line| line.split(" sha256:").next())
        .collect();
    assert_eq!(
        names,
        [
            "package a:app@1.0.0",
            "interface a:app/types@1.0.0",
            "world a:app/app@1.0.0"
        ]
    );
    let nested = base.replacen(';', " {", 1) + " }";
    folder.write(
        "one.wit",
        format!("package a:app@1.0.0;\n{world}\n{types}\n{nested}"),
    );
    assert_eq!(ids(&folder, "one.wit"), found);
    let said = json(&folder, 0, &["canon", "wit-id", "app"]);
    assert_eq!(said["ids"][1]["kind"], "interface");
    assert_eq!(said["ids"][1]["name"], "a:app/types@1.0.0");
    assert!(found[1].ends_with(said["ids"][1]["id"].as_str().unwrap_or("none")));

    // A component, and the WIT that is its own.
    folder.write("app.wasm", component(super::fixture::APP));
    let own = ids(&folder, "app.wasm");
    folder.write(
        "own.wit",
        "package root:component;
         world root { import demo:numbers/numbers; export demo:app/app; }
         package demo:numbers { interface numbers { seven: func() -> u32; } }
         package demo:app { interface app { seven: func() -> u32; } }",
    );
    let (_, id) = own[0].split_once("root:component/root ").expect("its name");
    assert_eq!(own, [format!("component root:component/root {id}")]);
    assert!(ids(&folder, "own.wit").contains(&format!("world root:component/root {id}")));
}

#[test]
fn refuses_what_is_not_wit_with_its_place() {
    let folder = Temp::new();
    folder.write(
        "wrong.wit",
        "package a:b;\ninterface x { f: func(a: none); }",
    );
    folder.write("other.bin", b"\xff\xfe");
    folder.write("module.wasm", component("(module)"));
    folder.write("torn.wasm", b"\0asm\x0d\0\x01\0\x07");
    folder.write(
        "unsaid.wasm",
        component("(component (import \"m\" (core module)))"),
    );
    folder.write(
        "lacking/a.wit",
        "package a:b; interface x { use c:d/e.{f}; }",
    );
    folder.write("empty/readme.txt", "");
    for (path, place) in [
        ("wrong.wit", "wrong.wit:2:26"),
        ("other.bin", "other.bin"),
        ("module.wasm", "module.wasm"),
        ("torn.wasm", "torn.wasm"),
        ("unsaid.wasm", "\"m\" is a core module"),
        ("lacking", "lacking/a.wit:1:"),
        ("empty", "`empty` has no `*.wit` files"),
        ("missing.wit", "missing.wit"),
    ] {
        let said = bad(&folder, 1, &["canon", "wit-id", path]);
        assert!(
            said.contains(place) && said.contains("InvalidInput"),
            "{path}: {said}"
        );
    }
}
