//! WASI in WIT, as the runtime's own package brings it.

use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use compositor_tests::{read, root, run};
use serde_json::Value;

use super::caller::guest;
use super::guest::Guest;

/// Interfaces that no host gives, or that a feature hides.
const ABSENT: &[&str] = &["run", "incoming-handler", "handler", HIDDEN];

/// The one that a feature hides.
const HIDDEN: &str = "timezone";

/// The source of the runtime's HTTP package, which has all of WASI in it.
static SOURCE: LazyLock<PathBuf> = LazyLock::new(|| {
    let version = run(Command::new("rustc").arg("-vV")).success();
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["metadata", "--format-version", "1", "--locked"])
        .args(["--filter-platform", host.expect("a host")])
        .current_dir(root());
    let metadata: Value = serde_json::from_str(&run(&mut cargo).success()).expect("JSON");
    let mut packages = metadata["packages"].as_array().into_iter().flatten();
    let package = packages.find(|package| package["name"] == "wasmtime-wasi-http");
    let manifest = package.and_then(|package| package["manifest_path"].as_str());
    let manifest = PathBuf::from(manifest.expect("the runtime's HTTP package"));
    manifest.parent().expect("a folder").to_path_buf()
});

/// The packages of a version of WASI, in WIT. Within 0.2 the texts are those of
/// the newest, less what is newer than the version.
pub fn packages(version: &str) -> Vec<String> {
    let folder = match version.starts_with("0.3") {
        true => SOURCE.join("src/p3/wit/deps"),
        false => SOURCE.join("wit/deps"),
    };
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("a file").path())
        .collect();
    files.sort();
    files.iter().map(|file| package(file, version)).collect()
}

fn package(file: &PathBuf, version: &str) -> String {
    let text = String::from_utf8(read(file)).expect("a text");
    let newest = text.split(['@', ';']).nth(1).expect("a version");
    let mut lines = text.lines().peekable();
    let mut made = String::new();
    while let Some(line) = lines.next() {
        let since = line.trim().strip_prefix("@since(version = ");
        let since = since.and_then(|rest| rest.strip_suffix(')'));
        let is_new = since.is_some_and(|since| patch(since) > patch(version));
        let is_name = lines
            .peek()
            .is_some_and(|next| next.trim().starts_with("type "));
        match (since, is_new) {
            // Another name for a type is in use all over.
            (Some(_), true) if is_name => {}
            (Some(_), true) => made.push_str("@unstable(feature = newer)"),
            (Some(_), false) => made.push_str(line),
            (None, _) => made.push_str(&line.replace(newest, version)),
        }
        made.push('\n');
    }
    made
}

fn patch(version: &str) -> u32 {
    let last = version.rsplit('.').next();
    last.and_then(|last| last.parse().ok()).expect("a version")
}

/// The interfaces of a version of WASI, by their names with the version. One that a
/// feature hides nobody can import.
pub fn interfaces(version: &str) -> Vec<String> {
    let mut all = Vec::new();
    for text in &packages(version) {
        let package = text.split([' ', '@']).nth(1).expect("a package");
        let names = text
            .lines()
            .filter_map(|line| line.strip_prefix("interface "));
        let names = names.filter_map(|rest| rest.split(' ').next());
        let names = names.filter(|name| *name != HIDDEN);
        all.extend(names.map(|name| format!("{package}/{name}@{version}")));
    }
    all
}

/// A guest that calls every function of one interface of WASI, as `call`.
pub fn caller_of(interface: &str) -> Guest {
    let (_, version) = interface.split_once('@').expect("a version");
    let world = format!(
        "package test:caller;\nworld caller {{\nimport {interface};\nexport call: {}func(index: \
         u32) -> list<u8>;\n}}\n",
        asynchronous(version)
    );
    guest(&world, &packages(version), None)
}

/// A guest that calls every function of a version of WASI; its export is named
/// after that, as `call-v0x2x12`.
pub fn caller(version: &str) -> Guest {
    made(version, "", None)
}

/// The same, whose `wasi:cli/run` calls one of them.
pub fn command(version: &str, runs: &str) -> Guest {
    let export = format!("export wasi:cli/run@{version};");
    made(version, &export, Some(runs))
}

fn made(version: &str, more: &str, runs: Option<&str>) -> Guest {
    let packages = packages(version);
    let mut world = format!("package test:caller;\nworld caller {{\n{more}\n");
    for text in &packages {
        let package = text.split([' ', '@']).nth(1).expect("a package");
        for line in text.lines() {
            let name = line.strip_prefix("interface ");
            let name = name.and_then(|rest| rest.split(' ').next());
            if let Some(name) = name.filter(|name| !ABSENT.contains(name)) {
                world += &format!("import {package}/{name}@{version};\n");
            }
        }
    }
    let is_async = asynchronous(version);
    let call = format!("call-v{}", version.replace('.', "x"));
    world += &format!("export {call}: {is_async}func(index: u32) -> list<u8>;\n}}\n");
    guest(&world, &packages, runs)
}

/// What a function that calls those of a version is.
fn asynchronous(version: &str) -> &'static str {
    match version.starts_with("0.3") {
        true => "async ",
        false => "",
    }
}
