//! `plan import`: WAC scripts, held to what `wac compose` makes of them, and manifests of
//! Spin.
//!
//! One file because both make plans of the same components.

use compositor_tests::{Temp, composectl, read};
use serde_json::{Value, json as value};
use wac_graph::EncodeOptions;
use wac_graph::types::BorrowedPackageKey;
use wac_parser::Document;

use super::fixture::{APP, PROVIDER, bad, component, good, json};

/// Imports `demo:numbers/numbers` and exports it with something added.
fn adding(number: u32, import: &str) -> String {
    format!(
        r#"(component
      (import "{import}" (instance $n (export "seven" (func (result u32)))))
      (alias export $n "seven" (func $f))
      (core func $lowered (canon lower (func $f)))
      (core module $m (import "" "f" (func $f (result i32)))
        (func (export "g") (result i32) (i32.add (call $f) (i32.const {number}))))
      (core instance $i (instantiate $m (with "" (instance (export "f" (func $lowered))))))
      (func $g (result u32) (canon lift (core func $i "g")))
      (instance $e (export "seven" (func $g)))
      (export "demo:numbers/numbers" (instance $e)))"#
    )
}

/// Exports a function of a world, made of the one that it imports.
const FUNCTION: &str = r#"(component
  (import "seven" (func $f (result u32)))
  (core func $lowered (canon lower (func $f)))
  (core module $m (import "" "f" (func $f (result i32)))
    (func (export "g") (result i32) (i32.mul (call $f) (i32.const 10))))
  (core instance $i (instantiate $m (with "" (instance (export "f" (func $lowered))))))
  (func $g (result u32) (canon lift (core func $i "g")))
  (export "seventy" (func $g))
  (export "other" (func $g)))"#;

/// Exports what two imports give, one of them times a thousand.
const TWO: &str = r#"(component
  (import "demo:numbers/numbers" (instance $n (export "seven" (func (result u32)))))
  (import "label" (instance $l (export "seven" (func (result u32)))))
  (alias export $n "seven" (func $a))
  (alias export $l "seven" (func $b))
  (core func $a (canon lower (func $a)))
  (core func $b (canon lower (func $b)))
  (core module $m (import "" "a" (func $a (result i32))) (import "" "b" (func $b (result i32)))
    (func (export "g") (result i32)
      (i32.add (call $a) (i32.mul (call $b) (i32.const 1000)))))
  (core instance $i (instantiate $m
    (with "" (instance (export "a" (func $a)) (export "b" (func $b))))))
  (func $g (result u32) (canon lift (core func $i "g")))
  (export "sum" (func $g)))"#;

/// A folder with packages as `wac` lays them out.
fn packages() -> Temp {
    let folder = Temp::new();
    folder.write("plans/readme", "a folder for plans");
    let put = |path: &str, text: &str| {
        let path = format!("deps/{path}.wasm");
        folder.write(path, component(text));
    };
    put("demo/numbers", PROVIDER);
    put("demo/app", APP);
    put("demo/one", &adding(1, "demo:numbers/numbers"));
    put("demo/hundred", &adding(100, "demo:numbers/numbers"));
    put("demo/label", &adding(1000, "label"));
    put("demo/function", FUNCTION);
    put("demo/two", TWO);
    let labelled = PROVIDER.trim_end().strip_suffix(')').expect("its end");
    put(
        "demo/labelled",
        &format!("{labelled} (export \"label\" (instance $e)))"),
    );
    put(
        "demo/bare",
        &PROVIDER.replace(
            "(export \"demo:numbers/numbers\" (instance $e))",
            "(export \"seven\" (func $f))",
        ),
    );
    put(
        "demo/old/1.0.0",
        &PROVIDER.replace("demo:numbers/numbers", "demo:old/numbers@1.0.0"),
    );
    put("demo/new", &adding(5, "demo:old/numbers@1.3.0"));
    folder
}

const PACKAGES: &[(&str, Option<&str>)] = &[
    ("demo:numbers", None),
    ("demo:app", None),
    ("demo:one", None),
    ("demo:hundred", None),
    ("demo:label", None),
    ("demo:function", None),
    ("demo:two", None),
    ("demo:labelled", None),
    ("demo:bare", None),
    ("demo:old", Some("1.0.0")),
    ("demo:new", None),
];

/// What `wac compose` makes of a script.
fn composed(folder: &Temp, script: &str) -> Result<Vec<u8>, String> {
    let document = Document::parse(script).map_err(|error| error.to_string())?;
    let version = |text: &str| text.parse().expect("a version");
    let versions: Vec<_> = PACKAGES.iter().map(|(_, of)| of.map(version)).collect();
    let packages = PACKAGES
        .iter()
        .zip(&versions)
        .map(|((name, text), version)| {
            let path = name.replace(':', "/");
            let path = match text {
                Some(text) => format!("deps/{path}/{text}.wasm"),
                None => format!("deps/{path}.wasm"),
            };
            let key = BorrowedPackageKey::from_name_and_version(name, version.as_ref());
            (key, read(folder.join(&path)))
        });
    let resolution = document.resolve(packages.collect());
    let resolution = resolution.map_err(|error| error.to_string())?;
    let bytes = resolution.encode(EncodeOptions::default());
    bytes.map_err(|error| error.to_string())
}

/// The exports of what a plan or a file is.
fn exports(folder: &Temp, of: &str) -> Vec<String> {
    let listed = json(folder, 0, &["exec", "list", of]);
    let exports = listed["exports"].as_array().expect("a list").iter();
    let mut names: Vec<String> = exports
        .map(|export| export["name"].as_str().expect("a name").to_string())
        .collect();
    names.sort();
    names
}

#[test]
fn scripts_mean_what_wac_makes_of_them() {
    let folder = packages();
    for (name, body, call, expected) in [
        (
            "inferred arguments, and an export by its interface's name",
            "let numbers = new demo:numbers {};
             let given = numbers.numbers;
             let app = new demo:app { numbers: given };
             export app.app;",
            "demo:app/app#seven()",
            "7",
        ),
        (
            "a chain of instances in each other, with names in full",
            "let app = new demo:app { \"demo:numbers/numbers\": (new demo:hundred {
               numbers: new demo:one { numbers: new demo:numbers {}[\"demo:numbers/numbers\"] }.numbers
             })[\"demo:numbers/numbers\"] };
             export app...;",
            "demo:app/app#seven()",
            "108",
        ),
        (
            "spreads in their order, behind what is given by name",
            "let numbers = new demo:numbers {};
             let one = new demo:one { ...numbers };
             let labelled = new demo:labelled {};
             let two = new demo:two { ...one, ...labelled };
             export two...;",
            "sum()",
            "7008",
        ),
        (
            "two instances of one component",
            "let numbers = new demo:numbers {};
             let first = new demo:one { ...numbers };
             let second = new demo:one { ...first };
             let app = new demo:app { ...second };
             export app[\"demo:app/app\"];",
            "demo:app/app#seven()",
            "9",
        ),
        (
            "an export of one name for an import of another",
            "let numbers = new demo:numbers {};
             let label = new demo:label { label: numbers.numbers };
             export label...;",
            "demo:numbers/numbers#seven()",
            "1007",
        ),
        (
            "functions of a world, and exports of two components",
            "let bare = new demo:bare {};
             let seven = bare.seven;
             let function = new demo:function { seven };
             let numbers = new demo:numbers {};
             export function...;
             export numbers.numbers as \"demo:numbers/numbers\";",
            "seventy()",
            "70",
        ),
        (
            "what a spread matches by its version",
            "let old = new demo:old@1.0.0 {};
             let new-one = new demo:new { ...old };
             export new-one...;",
            "demo:numbers/numbers#seven()",
            "12",
        ),
        (
            "another name for an instance, and what is exported already",
            "let numbers = new demo:numbers {};
             let same = numbers;
             let one = new demo:one { ...same };
             export one...;
             export (one).numbers as other;",
            "",
            "",
        ),
    ] {
        let script = format!("package demo:composition;\n{body}\n");
        folder.write("app.wac", &script);
        let by_wac = composed(&folder, &script);
        let args = ["plan", "import", "app.wac", "-o", "plan.json", "--force"];
        if expected.is_empty() {
            let said = bad(&folder, 1, &args);
            assert!(said.contains("not-carried-over"), "{name}: {said}");
            continue;
        }
        good(&folder, &args);
        folder.write("wac.wasm", by_wac.unwrap_or_else(|error| panic!("{name}: {error}")));
        good(&folder, &["emit", "build", "plan.json", "-o", "ours.wasm"]);
        assert_eq!(exports(&folder, "plan.json"), exports(&folder, "wac.wasm"), "{name}");
        for of in ["plan.json", "wac.wasm", "ours.wasm"] {
            let said = good(&folder, &["exec", "invoke", of, call, "--trust"]);
            assert_eq!(said, format!("{expected}\n"), "{name}: {of}");
        }
    }
}

/// What `...` leaves to whoever runs the composition stays an import of the artifact.
#[test]
fn what_a_script_imports_stays_open() {
    let folder = packages();
    for body in [
        "let app = new demo:app { ... }; export app...;",
        "import numbers: demo:numbers/numbers; let app = new demo:app { numbers }; export app...;",
        "import n as \"demo:numbers/numbers\": interface { seven: func() -> u32; };
         let app = new demo:app { numbers: n }; export app...;",
    ] {
        folder.write("app.wac", format!("package demo:composition; {body}"));
        good(&folder, &["plan", "import", "app.wac", "--force"]);
        let plan: Value = serde_json::from_slice(&read(folder.join("plan.json"))).expect("JSON");
        assert_eq!(plan["imports"], value!(["demo:numbers/numbers"]), "{body}");
        assert_eq!(plan["root"], "app");
        assert_eq!(plan["components"][0]["source"], "file:deps/demo/app.wasm");
        good(&folder, &["plan", "validate", "plan.json"]);
    }
}

/// Everything that is said has a place in the script.
#[test]
fn what_scripts_say_and_plans_cannot() {
    let folder = packages();
    let errors: &[(&str, &str, &str)] = &[
        (
            "let a = new demo:app { };\nexport a...;",
            "2:13",
            "`a` is given no `demo:numbers/numbers`",
        ),
        (
            "let a = new demo:none { ... };\nexport a...;",
            "2:13",
            "deps/demo/none.wasm",
        ),
        (
            "let a = new demo:numbers { ... };\nexport a as foo;",
            "3:8",
            "as `foo`",
        ),
        (
            "let a = new demo:numbers { ... };\nexport a;",
            "3:8",
            "without a name",
        ),
        (
            "let a = new demo:numbers { ... };\nexport a.numbers as foo;",
            "3:8",
            "exported as `foo`",
        ),
        (
            "let a = new demo:numbers { ... };\nexport a.numbers.seven as foo;",
            "3:8",
            "no export of a component",
        ),
        (
            "let a = new demo:numbers { ... };\nexport a.nombers;",
            "3:10",
            "does not export `nombers`",
        ),
        (
            "let a = new demo:numbers { ... };\nexport b...;",
            "3:8",
            "nothing has the name `b`",
        ),
        (
            "let a = new demo:numbers { ... };\nlet a = new demo:one { ... };",
            "3:5",
            "something else already",
        ),
        (
            "let b = new demo:bare { };\nlet a = new demo:app { numbers: b };\nexport a...;",
            "3:24",
            "all of the instance `b` is given",
        ),
        (
            "let n = new demo:numbers { };\nlet f = new demo:function { seven: n.numbers.seven };\nexport f...;",
            "3:29",
            "a part of an interface",
        ),
        (
            "import n: interface { seven: func() -> u32; };\nlet a = new demo:app { numbers: n };\nexport a...;",
            "3:24",
            "the import `n` is given as `demo:numbers/numbers`",
        ),
        (
            "let n = new demo:numbers { };\nlet a = new demo:app { ...n, ...n };\nexport a...;",
            "3:33",
            "exports nothing that `a` still needs",
        ),
        (
            "let n = new demo:numbers { };\nlet a = new demo:app { numbers: n.numbers, numbers: n.numbers };\nexport a...;",
            "3:44",
            "given twice",
        ),
        (
            "let n = new demo:numbers { };\nlet a = new demo:app { nothing: n.numbers, ... };\nexport a...;",
            "3:24",
            "does not import `nothing`",
        ),
        (
            "let a = new demo:app { ..., };\nexport a...",
            "3:",
            "expected",
        ),
        (
            "let a = new demo:composition { ... };",
            "2:13",
            "the package of the script itself",
        ),
        ("import a: demo:numbers/numbers;", "1:9", "exports nothing"),
        ("let a = new demo:numbers {};", "1:9", "exports nothing"),
        ("export \"\u{1}\";", "2:9", "control code"),
    ];
    for (body, place, says) in errors {
        folder.write("app.wac", format!("package demo:composition;\n{body}\n"));
        let said = bad(&folder, 1, &["plan", "import", "app.wac"]);
        assert!(said.contains(says), "{body}: {said}");
        assert!(said.contains(&format!("app.wac:{place}")), "{body}: {said}");
        assert!(said.contains("= help:"), "{body}: {said}");
        assert!(!folder.join("plan.json").exists(), "{body}");
    }
    let warnings: &[(&str, &str, &str)] = &[
        (
            "let f = new demo:function { ... };\nexport f.seventy;",
            "3:8",
            "also exports `other`",
        ),
        (
            "let n = new demo:numbers {};\nlet u = new demo:numbers {};\nexport n...;",
            "3:13",
            "nothing uses the instance `u`",
        ),
        (
            "import i: demo:numbers/numbers;\nlet n = new demo:numbers {};\nexport n...;",
            "2:8",
            "nothing is given the import",
        ),
        (
            "type t = u32;\nlet n = new demo:numbers {};\nexport n...;",
            "2:6",
            "does not export the type `t`",
        ),
    ];
    for (body, place, says) in warnings {
        folder.write("app.wac", format!("package demo:composition;\n{body}\n"));
        let output = composectl(folder.path(), ["plan", "import", "app.wac", "--force"]);
        let said = &output.stderr;
        assert_eq!(output.status, 0, "{body}: {said}");
        assert!(
            said.contains("warning[InvalidInput/not-carried-over]"),
            "{body}: {said}"
        );
        assert!(said.contains(&format!("app.wac:{place}")), "{body}: {said}");
        assert!(said.contains(says), "{body}: {said}");
        good(&folder, &["plan", "validate", "plan.json"]);
    }
    let script = "package demo:composition targets demo:goal/app;\nlet n = new demo:numbers {};\nexport n...;\n";
    folder.write("app.wac", script);
    folder.write(
        "deps/demo/goal/goal.wit",
        "package demo:goal; world app { export demo:numbers/numbers; }",
    );
    let output = composectl(folder.path(), ["plan", "import", "app.wac", "--force"]);
    assert!(
        output.stderr.contains("--target deps/demo/goal#app`"),
        "{output:?}"
    );
    // Brackets without end.
    for (open, times) in [
        ("(", 100_000),
        ("new demo:app { a: ", 10_000),
        ("[", 100_000),
    ] {
        folder.write(
            "app.wac",
            format!("package a:b; let a = {};", open.repeat(times)),
        );
        let said = bad(&folder, 1, &["plan", "import", "app.wac", "--force"]);
        assert!(said.contains("app.wac:1:"), "{said}");
    }
}

/// Where files are: as options say, and as seen from the plan.
#[test]
fn packages_are_found_where_options_say() {
    let folder = packages();
    let script = "package demo:composition; let n = new demo:numbers {};\nlet a = new demo:app { ...n };\nexport a...;";
    folder.write("app.wac", script);
    folder.write(
        "other/mine.wasm",
        component(&PROVIDER.replace("i32.const 7", "i32.const 8")),
    );
    let args = [
        "plan",
        "import",
        "app.wac",
        "--dep",
        "demo:numbers=other/mine.wasm",
        "-o",
        "plans/p.json",
        "--locked",
    ];
    let said = good(&folder, &args);
    assert!(
        said.contains("root       a  deps/demo/app.wasm\n"),
        "{said}"
    );
    let plan = String::from_utf8(read(folder.join("plans/p.json"))).expect("a text");
    assert!(
        plan.contains("file:../other/mine.wasm") && plan.contains("digest"),
        "{plan}"
    );
    let call = [
        "exec",
        "invoke",
        "plans/p.json",
        "demo:app/app#seven()",
        "--trust",
    ];
    assert_eq!(good(&folder, &call), "8\n");
    let said = bad(&folder, 1, &args);
    assert!(said.contains("already exists"), "{said}");
    std::fs::rename(folder.join("deps"), folder.join("packages")).expect("a folder");
    let said = bad(&folder, 1, &["plan", "import", "app.wac"]);
    assert!(said.contains("deps/demo/app.wasm"), "{said}");
    good(
        &folder,
        &["plan", "import", "app.wac", "--deps", "packages"],
    );
    let said = bad(
        &folder,
        1,
        &[
            "plan", "import", "app.wac", "--deps", "packages", "-o", "app.wac", "--force",
        ],
    );
    assert!(said.contains("which is read"), "{said}");
    let app = read(folder.join("packages/demo/app.wasm"));
    let events = [
        "plan",
        "import",
        "app.wac",
        "--deps",
        "packages",
        "--force",
        "--events",
        "packages/demo/app.wasm",
    ];
    let said = bad(&folder, 1, &events);
    assert!(said.contains("which is read"), "{said}");
    assert_eq!(read(folder.join("packages/demo/app.wasm")), app);
    for args in [
        &["plan", "import", "app.wasm"][..],
        &["plan", "import", "-"],
        &["plan", "import", "app.wac", "--dep", "x"],
        &["plan", "import", "app.wac", "--component", "x"],
        &["plan", "import", "app.wac", "--dep", "a=b", "--dep", "a=c"],
    ] {
        bad(&folder, 2, args);
    }
}

const SPIN: &str = r#"spin_manifest_version = 2

[application]
name = "counting"
version = "1.2.3"

[[trigger.http]]
route = "/..."
component = "app"

[component.app]
source = "deps/demo/app.wasm"
allowed_outbound_hosts = ["https://example.com", "redis://*:*"]
files = ["images/*", { source = "assets", destination = "/" }]
environment = { LEVEL = "1" }
key_value_stores = ["default"]
[component.app.build]
command = "make"
[component.app.dependencies]
"demo:numbers" = { path = "deps/demo/numbers.wasm" }
"#;

#[test]
fn a_component_of_spin_with_its_dependencies() {
    let folder = packages();
    folder.write("spin.toml", SPIN);
    let output = composectl(folder.path(), ["plan", "import", "spin.toml"]);
    assert_eq!(output.status, 0, "{output:?}");
    for (place, says) in [
        ("7:", "`/...` is not kept"),
        ("13:", "`https://example.com` is not granted"),
        ("14:10", "`images/*`"),
        ("14:", "`--dir assets::/:ro`"),
        ("15:", "`--env LEVEL=1`"),
        ("16:", "key-value stores"),
        ("17:", "`build`"),
    ] {
        assert!(
            output.stderr.contains(&format!("spin.toml:{place}")),
            "{place}: {output:?}"
        );
        assert!(output.stderr.contains(says), "{says}: {output:?}");
    }
    let plan: Value = serde_json::from_slice(&read(folder.join("plan.json"))).expect("JSON");
    assert_eq!(plan["root"], "app");
    assert_eq!(plan["description"], "counting 1.2.3, component app");
    assert_eq!(plan["bindings"][0]["provider_id"], "demo:numbers");
    let call = [
        "exec",
        "invoke",
        "plan.json",
        "demo:app/app#seven()",
        "--trust",
    ];
    assert_eq!(good(&folder, &call), "7\n");
    let said = good(&folder, &["plan", "validate", "plan.json"]);
    assert!(said.contains("is valid"), "{said}");
}

#[test]
fn dependencies_of_spin_in_every_form() {
    let folder = packages();
    let manifest = |dependencies: &str| {
        let text = format!(
            "spin_manifest_version = 2\n[component.app]\nsource = \"deps/demo/app.wasm\"\n\
             [component.app.dependencies]\n{dependencies}\n\
             [component.other]\nsource = \"deps/demo/numbers.wasm\"\n"
        );
        folder.write("spin.toml", text);
    };
    let import = [
        "plan",
        "import",
        "spin.toml",
        "--force",
        "--component",
        "app",
    ];
    for dependency in [
        "\"demo:numbers/numbers\" = { path = \"deps/demo/numbers.wasm\" }",
        "\"demo:numbers/numbers\" = { path = \"deps/demo/numbers.wasm\", export = \"demo:numbers/numbers\" }",
        "\"demo:numbers\" = { component = \"other\" }",
        "\"demo:numbers\" = \">=1.0.0\"",
        "\"demo:numbers/numbers\" = { version = \"1.0.0\", package = \"demo:numbers\" }",
    ] {
        manifest(dependency);
        good(&folder, &import);
        let call = [
            "exec",
            "invoke",
            "plan.json",
            "demo:app/app#seven()",
            "--trust",
        ];
        assert_eq!(good(&folder, &call), "7\n", "{dependency}");
    }
    for (dependency, place, says) in [
        (
            "\"demo:else/numbers\" = { path = \"deps/demo/numbers.wasm\" }",
            "5:",
            "no import is one of",
        ),
        (
            "\"demo:numbers\" = { path = \"deps/demo/app.wasm\" }",
            "5:",
            "does not export `demo:numbers/numbers`",
        ),
        (
            "\"demo:numbers\" = { component = \"nobody\" }",
            "5:",
            "no component `nobody`",
        ),
        (
            "\"demo:numbers\" = { path = \"deps/none.wasm\" }",
            "5:",
            "there is no file `deps/none.wasm`",
        ),
        ("\"demo:none\" = \"1.0.0\"", "5:", "wkg get demo:none"),
        (
            "\"demo:numbers\" = { url = \"https://example.com/a.wasm\", digest = \"sha256:00\" }",
            "5:",
            "nothing is downloaded",
        ),
        (
            "\"demo:numbers\" = { path = \"deps/demo/numbers.wasm\" }\n\"demo:numbers/numbers\" = { path = \"deps/demo/one.wasm\" }",
            "6:",
            "two dependencies",
        ),
        (
            "\"demo:numbers\" = { path = \"deps/demo/numbers.wasm\"",
            "6:",
            "",
        ),
    ] {
        manifest(dependency);
        let said = bad(&folder, 1, &import);
        assert!(
            said.contains(&format!("spin.toml:{place}")),
            "{dependency}: {said}"
        );
        assert!(said.contains(says), "{dependency}: {said}");
    }
    // What is fetched is held to its digest.
    let right = super::fixture::digest(component(PROVIDER));
    for (digest, status) in [(right.as_str(), 0), ("sha256:00", 1)] {
        manifest(&format!(
            "\"demo:numbers\" = {{ url = \"https://example.com/a.wasm\", digest = \"{digest}\" }}"
        ));
        let dep = [
            &import[..],
            &["--dep", "demo:numbers=deps/demo/numbers.wasm"],
        ]
        .concat();
        assert_eq!(composectl(folder.path(), dep).status, status, "{digest}");
    }
    // Which component is meant.
    manifest("");
    let said = bad(&folder, 2, &["plan", "import", "spin.toml", "--force"]);
    assert!(
        said.contains("--component NAME") && said.contains("`app`, `other`"),
        "{said}"
    );
    bad(
        &folder,
        2,
        &[
            "plan",
            "import",
            "spin.toml",
            "--force",
            "--component",
            "none",
        ],
    );
    folder.write(
        "spin.toml",
        "spin_version = \"1\"\n[[component]]\nid = \"a\"\n",
    );
    let said = bad(&folder, 1, &["plan", "import", "spin.toml", "--force"]);
    assert!(said.contains("spin doctor"), "{said}");
}

/// A dependency that inherits nothing may do nothing, and hosts are granted together or
/// not at all.
#[test]
fn what_spin_lets_components_do() {
    let folder = Temp::new();
    let http = "wasi:http/outgoing-handler@0.2.0";
    let app = |name: &str| APP.replace("demo:numbers/numbers", name);
    folder.write("app.wasm", component(&app(http)));
    let decided = |fields: &str| {
        let text = format!(
            "spin_manifest_version = 2\n[component.app]\nsource = \"app.wasm\"\n{fields}\n"
        );
        folder.write("spin.toml", text);
        good(&folder, &["plan", "import", "spin.toml", "--force"]);
        let said = json(&folder, 0, &["plan", "info", "plan.json"]);
        said["imports"][0]["decision"]
            .as_str()
            .unwrap_or_default()
            .to_string()
    };
    assert_eq!(decided(""), "denied");
    assert_eq!(decided("allowed_outbound_hosts = []"), "denied");
    assert_eq!(
        decided("allowed_outbound_hosts = [\"https://example.com\"]"),
        "denied"
    );
    assert_eq!(
        decided("allowed_outbound_hosts = [\"https://*:*\"]"),
        "granted"
    );
    assert_eq!(decided("allowed_outbound_hosts = [\"*://*:*\"]"), "granted");
    assert_eq!(
        decided("allowed_outbound_hosts = [\"redis://*:*\"]"),
        "denied"
    );
}
