//! Small components and plans that the tests of the command line share.

use std::process::{Command, Stdio};

use compositor_tests::{Output, Temp, composectl, composectl_in, run};
use serde_json::Value;

/// Exports `demo:numbers/numbers`, whose `seven` gives a number.
pub const PROVIDER: &str = r#"(component
  (core module $m (func (export "f") (result i32) i32.const 7))
  (core instance $i (instantiate $m))
  (func $f (result u32) (canon lift (core func $i "f")))
  (instance $e (export "seven" (func $f)))
  (export "demo:numbers/numbers" (instance $e)))"#;

/// Imports `demo:numbers/numbers` and exports it as `demo:app/app`.
pub const APP: &str = r#"(component
  (import "demo:numbers/numbers" (instance $n (export "seven" (func (result u32)))))
  (alias export $n "seven" (func $f))
  (instance $e (export "seven" (func $f)))
  (export "demo:app/app" (instance $e)))"#;

/// A plan of both, by their sources.
pub const PLAN: &str = r#"{
  "version": "1",
  "root": "app",
  "components": [
    { "id": "app", "source": "file:app.wasm" },
    { "id": "numbers", "source": "file:lib/numbers.wasm" }
  ],
  "bindings": [
    {
      "import_name": "demo:numbers/numbers",
      "provider_id": "numbers",
      "export_name": "demo:numbers/numbers"
    }
  ]
}
"#;

/// A folder with the plan and its components.
pub fn folder() -> Temp {
    let temp = Temp::new();
    temp.write("app.wasm", component(APP));
    temp.write("lib/numbers.wasm", component(PROVIDER));
    temp.write("plan.json", PLAN);
    temp
}

/// A component of its text.
pub fn component(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("the test's component")
}

/// `sha256:<hex>` of bytes.
pub fn digest(bytes: impl AsRef<[u8]>) -> String {
    compositor_core::Digest::of(bytes.as_ref()).to_string()
}

/// Runs a command that has to succeed; returns what it printed.
pub fn good(folder: &Temp, args: &[&str]) -> String {
    composectl(folder.path(), args).success()
}

/// Runs a command that has to end with a status; returns what it said.
pub fn bad(folder: &Temp, status: i32, args: &[&str]) -> String {
    let output = composectl(folder.path(), args);
    assert_eq!(output.status, status, "{args:?}\n{output:?}");
    assert_eq!(output.stdout, "", "{args:?}");
    output.stderr
}

/// What an error of ours exits with: commands that exit with a guest's own status have
/// one that says whose it is.
pub fn status_of_errors(args: &[&str]) -> i32 {
    match args {
        ["run", ..] | ["exec", "run" | "invoke", ..] => 125,
        _ => 1,
    }
}

/// Runs a command that has to fail with a part of its work done; returns what
/// it printed and what it said.
pub fn partly(folder: &Temp, args: &[&str]) -> (String, String) {
    let output = composectl(folder.path(), args);
    assert_eq!(
        output.status,
        status_of_errors(args),
        "{args:?}\n{output:?}"
    );
    (output.stdout, output.stderr)
}

/// Makes a FIFO in a folder.
pub fn fifo(folder: &Temp, name: &str) {
    run(Command::new("mkfifo").arg(folder.join(name))).success();
}

/// Runs a command with `--format json`; returns the one object it printed.
pub fn json(folder: &Temp, status: i32, args: &[&str]) -> Value {
    let output = composectl(folder.path(), ["--format", "json"].iter().chain(args));
    assert_eq!(output.status, status, "{args:?}\n{output:?}");
    assert_eq!(output.stdout.lines().count(), 1, "{args:?}\n{output:?}");
    let object: Value = serde_json::from_str(&output.stdout).expect("JSON");
    assert_eq!(object["ok"], status == 0, "{object}");
    object
}

/// Runs a command with something on stdin.
pub fn piped(folder: &Temp, stdin: impl Into<Stdio>, args: &[&str]) -> Output {
    run(composectl_in(folder.path()).args(args).stdin(stdin))
}

/// The names in a folder, sorted.
pub fn names(folder: &Temp) -> Vec<String> {
    let entries = std::fs::read_dir(folder.path()).expect("a folder");
    let mut names: Vec<String> = entries
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

/// The files of a folder and of those in it, by their paths, but for the store.
pub fn files(folder: &Temp) -> std::collections::BTreeMap<std::path::PathBuf, Vec<u8>> {
    let mut files = std::collections::BTreeMap::new();
    let mut next = vec![folder.path().to_path_buf()];
    while let Some(at) = next.pop() {
        for entry in std::fs::read_dir(at).expect("a folder") {
            let entry = entry.expect("an entry");
            let kind = entry.file_type().expect("its type");
            if kind.is_dir() && entry.file_name() != ".compose" {
                next.push(entry.path());
            } else if kind.is_file() {
                files.insert(entry.path(), std::fs::read(entry.path()).expect("a file"));
            }
        }
    }
    files
}

/// As much of a digest as tables have.
pub fn short(digest: &str) -> &str {
    &digest[.."sha256:".len() + 12]
}

/// The digests of a store's blobs.
pub fn blobs(folder: &Temp) -> Vec<String> {
    let listed = good(folder, &["blob", "list"]);
    let digests = listed.lines().filter(|line| line.starts_with("sha256:"));
    digests.map(str::to_string).collect()
}

/// What `blob list` says of a blob, on the line below its digest.
pub fn listed<'a>(list: &'a str, digest: &str) -> &'a str {
    let below = list
        .split_once(&format!("{digest}\n"))
        .map(|(_, below)| below);
    let below = below.unwrap_or_else(|| panic!("{digest}: {list}"));
    below.lines().next().unwrap_or_default()
}
