//! Everything that has to hold before a change is accepted.

use std::process::Command;

use anyhow::Result;

use crate::shell::{cargo, run, say};
use crate::tools::{
    WASI, WASM, add_targets, install_node_packages, install_python_packages, install_wac,
    install_wasmtime, install_zig,
};
use crate::{build, dist};

/// Packages that are only ever built for wasm.
const WASM_ONLY: [&str; 4] = [
    "compositor-core-component",
    "compositor-standalone",
    "test-components",
    "test-components-std",
];

/// Modules of the end-to-end tests that need what is not ours: servers that listen,
/// stock wasmtime, Node, Python. A tidy test holds that no other does.
const SERVICES: [&str; 9] = [
    "conformance::",
    "exec::examples::",
    "exec::programs::",
    "hostile::limits::",
    "policy::samples::",
    "runtimes::",
    "serve::",
    "strict::",
    "tidy::documents::",
];

/// The variable that tells tests and benches that there is no Python.
const WITHOUT_PYTHON: &str = "COMPOSITOR_WITHOUT_PYTHON";

/// The end-to-end tests that need servers, or runtimes of others.
pub fn services() -> Result<()> {
    test(&SERVICES, false)
}

/// All checks; or, with names, only the end-to-end tests whose names hold one
/// of them. `bless` takes what they find as what is expected.
pub fn test(names: &[&str], bless: bool) -> Result<()> {
    add_targets()?;
    install_wasmtime()?;
    install_node_packages()?;
    let has_python = install_python_packages()?;
    if names.is_empty() {
        lint()?;
        unit()?;
    }
    dist::distribute()?;
    build::guests()?;
    say("end-to-end tests");
    let mut tests = dist::native("test");
    if bless {
        tests.env("COMPOSITOR_BLESS", "1");
    }
    if !has_python {
        tests.env(WITHOUT_PYTHON, "1");
    }
    run(tests.arg("--").args(names))
}

/// What is quick to tell: format, lints, and the tests of what does not stand on wasmtime.
pub fn check() -> Result<()> {
    format()?;
    say("lints");
    let mut lint = cargo(["clippy", "--workspace", "--all-targets"]);
    clippy(lint.args(exclude(beside())))?;
    unit()
}

/// Packages that are built for wasm alone, or stand on wasmtime.
fn beside() -> impl Iterator<Item = &'static &'static str> {
    WASM_ONLY.iter().chain(&dist::NATIVE)
}

fn unit() -> Result<()> {
    say("unit tests");
    let mut unit = cargo(["test", "--workspace"]);
    run(unit.args(exclude(beside())))
}

/// Composing and running, against peers; with arguments, what they say.
pub fn bench(args: &[&str]) -> Result<()> {
    install_wasmtime()?;
    install_wac()?;
    install_node_packages()?;
    let has_python = install_python_packages()?;
    if has_python {
        install_zig()?;
    }
    dist::distribute()?;
    build::guests()?;
    say("benches");
    let mut benches = dist::native("bench");
    if !has_python {
        benches.env(WITHOUT_PYTHON, "1");
    }
    run(benches.args(["--bench", "bench", "--"]).args(args))
}

fn format() -> Result<()> {
    say("format");
    run(&mut cargo(["fmt", "--all", "--check"]))
}

fn lint() -> Result<()> {
    format()?;
    say("lints");
    clippy(&mut cargo(["clippy", "--workspace", "--all-targets"]))?;
    let mut wasm = cargo(["clippy", "--target", WASM]);
    let packages = ["core-component", "command", "store", "standalone", "wit"];
    for package in packages {
        wasm.args(["--package", &format!("compositor-{package}")]);
    }
    clippy(&mut wasm)?;
    let mut guests = cargo(["clippy", "--target", WASM, "--package", "test-components"]);
    clippy(guests.arg("--examples"))?;
    let mut guests = cargo(["clippy", "--target", WASI]);
    clippy(guests.args(["--package", "test-components-std"]))
}

fn clippy(command: &mut Command) -> Result<()> {
    run(command.args(["--quiet", "--", "--deny", "warnings"]))
}

fn exclude<'a>(packages: impl Iterator<Item = &'a &'a str>) -> Vec<&'a str> {
    packages
        .flat_map(|package| ["--exclude", package])
        .collect()
}
