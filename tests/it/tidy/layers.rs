//! Arrows that only point down: between crates, and between the modules of one.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use compositor_tests::root;
use serde_json::Value;

use super::files::{File, ending};
use super::modules::{arrows, circles};

/// The crates that are shipped, each with those of ours that it may depend on. Those
/// of the compositor's library come first, from the ground up.
const MAY: &[(&str, &[&str])] = &[
    ("compositor-validator", &[]),
    ("compositor-diagnostic", &[]),
    (
        "compositor-host",
        &["compositor-diagnostic", "compositor-validator"],
    ),
    ("compositor-plan", &["compositor-diagnostic"]),
    (
        "compositor-wasm",
        &[
            "compositor-diagnostic",
            "compositor-host",
            "compositor-plan",
            "compositor-validator",
        ],
    ),
    (
        "compositor-adapter",
        &[
            "compositor-diagnostic",
            "compositor-plan",
            "compositor-wasm",
        ],
    ),
    (
        "compositor-core",
        &[
            "compositor-adapter",
            "compositor-diagnostic",
            "compositor-host",
            "compositor-plan",
            "compositor-validator",
            "compositor-wasm",
        ],
    ),
    ("compositor-core-component", &["compositor-core"]),
    ("compositor-store", &["compositor-validator"]),
    ("compositor-command", &["compositor-diagnostic"]),
    ("compositor-standalone", &[]),
    ("compositor-wit", &[]),
    // The host shim knows no plan and no pipeline: it has those compiled, as a component.
    ("composectl-runtime", &[]),
    ("composectl", &["compositor-store", "composectl-runtime"]),
];

/// The parser of WebAssembly, whose types change with each of its versions.
const PARSER: &str = "wasmparser";

/// The crates that are shipped and know the parser: what validates code, what reads and
/// writes components, and what looks at compiled ones and compiles them in parts. Everybody
/// else has types from `compositor-wasm`.
const KNOW_THE_PARSER: &[&str] = &[
    "compositor-validator",
    "compositor-wasm",
    "composectl",
    "composectl-runtime",
];

/// A crate of the workspace.
struct Package {
    name: String,
    /// Its folder, from the checkout's.
    folder: String,
    /// The crates of ours that it depends on, other than for its tests.
    needs: BTreeSet<String>,
    /// Whether it depends on the parser, other than for its tests.
    knows_the_parser: bool,
}

fn packages() -> Vec<Package> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--no-deps",
            "--format-version",
            "1",
            "--offline",
        ])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let text = |value: &Value| value.as_str().expect("a text").to_string();
    let package = |package: &Value| {
        let needs = package["dependencies"].as_array().expect("dependencies");
        let shipped = needs.iter().filter(|need| need["kind"].is_null());
        let knows_the_parser = shipped.clone().any(|need| need["name"] == PARSER);
        let needs = shipped.filter(|need| need["path"].is_string());
        let manifest = text(&package["manifest_path"]);
        let folder = manifest.trim_end_matches("/Cargo.toml");
        let inside = folder.strip_prefix(&*root().to_string_lossy());
        Package {
            name: text(&package["name"]),
            folder: inside.expect("it is in the checkout")[1..].to_string(),
            needs: needs.map(|need| text(&need["name"])).collect(),
            knows_the_parser,
        }
    };
    packages.iter().map(package).collect()
}

/// The sources of a crate by the names of their modules.
fn modules(files: &[File], folder: &str) -> BTreeMap<String, String> {
    let source = format!("{folder}/src/");
    let modules = files.iter().filter_map(|file| {
        let path = file.path.strip_prefix(&source)?.strip_suffix(".rs")?;
        let path = path.strip_suffix("/mod").unwrap_or(path);
        let module = match path {
            "lib" | "main" => String::new(),
            path => path.replace('/', "::"),
        };
        Some((module, file.text.clone()))
    });
    modules.collect()
}

/// What a crate depends on and may not.
fn arrows_up(packages: &[Package], may: &[(&str, &[&str])]) -> Vec<String> {
    let mut up = Vec::new();
    for package in packages {
        let Some((_, may)) = may.iter().find(|(name, _)| *name == package.name) else {
            continue;
        };
        let needs = package.needs.iter();
        let needs = needs.filter(|need| !may.contains(&need.as_str()));
        up.extend(needs.map(|need| format!("{} depends on {need}", package.name)));
    }
    up
}

#[test]
fn crates_depend_on_those_below_them() {
    let packages = packages();
    let names: BTreeSet<&str> = packages.iter().map(|p| p.name.as_str()).collect();
    for (name, may) in MAY {
        for name in [name].into_iter().chain(*may) {
            assert!(names.contains(name), "there is no crate {name}");
        }
    }
    let shipped = packages.iter().filter(|p| !p.folder.starts_with("tests"));
    for package in shipped.filter(|package| package.name != "xtask") {
        let is_known = MAY.iter().any(|(name, _)| *name == package.name);
        assert!(is_known, "say what {} may depend on", package.name);
    }
    let up = arrows_up(&packages, MAY);
    assert!(up.is_empty(), "\n{}", up.join("\n"));
}

/// Shipped crates that depend on the parser and may not.
fn parser_seen(packages: &[Package]) -> Vec<&str> {
    let shipped = packages.iter().filter(|package| {
        let is_shipped = MAY.iter().any(|(name, _)| *name == package.name);
        is_shipped && package.knows_the_parser
    });
    let names = shipped.map(|package| package.name.as_str());
    names
        .filter(|name| !KNOW_THE_PARSER.contains(name))
        .collect()
}

#[test]
fn the_parser_stays_where_components_are_read() {
    let mut packages = packages();
    assert_eq!(parser_seen(&packages), [""; 0]);
    let core = packages.iter_mut().find(|p| p.name == "compositor-core");
    core.expect("the core").knows_the_parser = true;
    assert_eq!(parser_seen(&packages), ["compositor-core"]);
}

#[test]
fn no_modules_depend_on_each_other() {
    let (files, mut found) = (ending(".rs"), Vec::new());
    for package in packages() {
        for circle in circles(&arrows(&modules(&files, &package.folder))) {
            found.push(format!("{}: {}", package.name, circle.join(", ")));
        }
    }
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn an_arrow_up_is_found() {
    let mut packages = packages();
    let lowest = packages.iter_mut().find(|p| p.name == MAY[0].0);
    let lowest = lowest.expect("the lowest crate");
    lowest.needs.insert("compositor-core".to_string());
    let up = arrows_up(&packages, MAY);
    assert_eq!(up, [format!("{} depends on compositor-core", MAY[0].0)]);
}

/// Each way in which a module can name another's definitions ties a circle.
#[test]
fn a_circle_is_found() {
    let low = "pub struct Low;";
    let ways = [
        "use crate::high::High;",
        "use super::high::High;",
        "use super::high::{self};\nfn f() { high::make() }",
        "use crate::high;\nfn f() { high::make() }",
        "fn f() -> crate::high::High { todo() }",
        "fn f() { println!(\"{}\", crate::high::make()) }",
        "use crate::{high::{High as Other}};",
        "use crate::High;",
        "pub use super::high::High;\nfn f(_: High) {}",
        "use super::high::*;\nfn f(_: High) {}",
        "use super::*;\nfn f(_: High) {}",
        "use crate::{self as this};\nfn f() { this::high::make() }",
        "use super::high as other;\nfn f() { other::make() }",
        "macro_rules! make { () => { $crate::high::make() } }",
        "extern crate self as this;\nfn f() { this::high::make() }",
        "extern crate self as this;\nuse this::high::High;",
        "extern crate self as this;\nuse crate::this::high as other;\nfn f() { other::make() }",
        "pub(in crate::high) fn f() {}",
        "pub(in super::high) use std::fmt;",
        "struct Both(pub (crate::high::High, u8));",
        "struct One(pub (crate::high::High));",
        "struct Seen(pub(crate) crate::high::High);",
    ];
    for way in ways {
        let sources = |low: &str| {
            let modules = [
                ("", "mod high;\nmod low;\npub use high::High;"),
                ("high", "use crate::low::Low;\npub struct High(Low);"),
                ("low", low),
            ];
            let modules = modules.map(|(module, text)| (module.to_string(), text.to_string()));
            BTreeMap::from(modules)
        };
        assert!(circles(&arrows(&sources(low))).is_empty());
        let tied = sources(&format!("{way}\n{low}"));
        assert_eq!(circles(&arrows(&tied)), [["high", "low"]], "{way}");
        let of_tests = sources(&format!("{low}\n#[cfg(test)]\nmod tests {{\n{way}\n}}"));
        assert!(circles(&arrows(&of_tests)).is_empty(), "{way}");
    }
}
