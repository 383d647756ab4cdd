//! What must be installed beside cargo: targets of the toolchain, the stock
//! wasmtime CLI, the part of jco that runs components on Node, what makes components of
//! JavaScript and Python, and an older wasmtime in Python; for benches, the peer and a
//! compiler of C.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::paths::{dist, root, tools};
use crate::shell::{cargo, output, read, run, say, write};

/// The target of the compositor's components: it has no system interface of
/// its own, so a component imports what it names and no more.
pub const WASM: &str = "wasm32-unknown-unknown";

/// The target of guests that are ordinary programs.
pub const WASI: &str = "wasm32-wasip2";

/// The version of the wasmtime CLI that tests run.
const WASMTIME: &str = "50.0.1";

/// The version of the peer that benches measure against.
const WAC: &str = "0.12.0";

/// The version of componentize-py that makes guests of tests.
const COMPONENTIZE_PY: &str = "0.25.1";

/// The version of Zig, whose compiler of C the benches have.
const ZIG: &str = "0.16.0";

/// The version of wasmtime that Python runs components with: the oldest that
/// artifacts are for.
const PYTHON_WASMTIME: &str = "48.0.0";

/// The version of cargo-fuzz that runs the fuzz targets.
const CARGO_FUZZ: &str = "0.13.2";

/// The folder of the toolchain.
pub fn sysroot() -> Result<PathBuf> {
    let mut rustc = Command::new("rustc");
    let printed = output(rustc.args(["--print", "sysroot"]).current_dir(root()))?;
    Ok(printed.trim().into())
}

/// Adds the targets that the toolchain lacks; asks nobody when it has them.
pub fn add_targets() -> Result<()> {
    let libraries = sysroot()?.join("lib/rustlib");
    for target in [WASM, WASI] {
        if libraries.join(target).join("lib").exists() {
            continue;
        }
        say(&format!("rustup target add {target}"));
        run(Command::new("rustup")
            .args(["target", "add", target])
            .current_dir(root()))
        .with_context(|| format!("the toolchain lacks {target}"))?;
    }
    Ok(())
}

/// The wasmtime CLI that tests run, as `dist/tools/wasmtime`.
pub fn install_wasmtime() -> Result<()> {
    install("wasmtime", WASMTIME)
}

/// The peer of the benches, as `dist/tools/wac`.
pub fn install_wac() -> Result<()> {
    install("wac", WAC)
}

/// A command line of a crate that is named after it, as `dist/tools/NAME`. It
/// is built once for all checkouts.
fn install(name: &str, version: &str) -> Result<()> {
    let folder = tools()?.join(format!("{name}-{version}"));
    let program = folder.join("bin").join(name);
    if !program.exists() {
        let package = format!("{name}-cli@{version}");
        say(&format!("cargo install {package}"));
        let mut install = cargo(["install", "--locked", "--root"]);
        run(install.arg(&folder).arg(package))?;
    }
    let link = dist().join("tools").join(name);
    link_to(&program, &link).with_context(|| format!("cannot make {}", link.display()))
}

/// Where cargo-fuzz is.
pub fn cargo_fuzz() -> Result<PathBuf> {
    let folder = tools()?.join(format!("cargo-fuzz-{CARGO_FUZZ}"));
    Ok(folder.join("bin/cargo-fuzz"))
}

/// What runs fuzz targets, and the compiler that it takes.
pub fn install_cargo_fuzz() -> Result<()> {
    let toolchains = output(Command::new("rustup").args(["toolchain", "list"]))?;
    if !toolchains.lines().any(|name| name.starts_with("nightly")) {
        say("rustup toolchain install nightly");
        let mut install = Command::new("rustup");
        run(install.args(["toolchain", "install", "nightly", "--profile", "minimal"]))?;
    }
    let program = cargo_fuzz()?;
    if !program.exists() {
        say(&format!("cargo install cargo-fuzz@{CARGO_FUZZ}"));
        let folder = tools()?.join(format!("cargo-fuzz-{CARGO_FUZZ}"));
        let mut install = cargo(["install", "--locked", "--root"]);
        run(install.arg(folder).arg(format!("cargo-fuzz@{CARGO_FUZZ}")))?;
    }
    Ok(())
}

/// Folders of the tests whose locks say what npm installs there.
const NODE: [&str; 2] = ["tests/node", "tests/languages"];

/// `node_modules` in the folders of the tests, as the locks beside them say.
pub fn install_node_packages() -> Result<()> {
    for name in NODE {
        let folder = root().join(name);
        let lock = read(&folder.join("package-lock.json"))?;
        let installed = folder.join("node_modules/.installed-lock.json");
        if fs::read(&installed).is_ok_and(|old| old == lock) {
            continue;
        }
        say(&format!("npm ci, in {name}"));
        run(Command::new("npm")
            .args(["ci", "--prefer-offline"])
            .current_dir(&folder))?;
        write(&installed, &lock)?;
    }
    Ok(())
}

/// What the tests have of Python: what makes components of it, as
/// `dist/tools/componentize-py`, and a Python with an older wasmtime, as
/// `dist/tools/python-wasmtime`; false where there is no Python to run them.
pub fn install_python_packages() -> Result<bool> {
    let mut python = Command::new("python3");
    // Debian has these in a package of their own.
    python.args(["-c", "import ensurepip, venv"]);
    if !python.output().is_ok_and(|output| output.status.success()) {
        say("no python3 with venv: tests with Python are left out");
        return Ok(false);
    }
    for (package, version, program, name) in [
        (
            "componentize-py",
            COMPONENTIZE_PY,
            "componentize-py",
            "componentize-py",
        ),
        ("wasmtime", PYTHON_WASMTIME, "python", "python-wasmtime"),
    ] {
        let program = install_python_package(package, version)?.join(program);
        let link = dist().join("tools").join(name);
        link_to(&program, &link).with_context(|| format!("cannot make {}", link.display()))?;
    }
    Ok(true)
}

/// What compiles a program in C for the benches, a package of Python as well, as
/// `dist/tools/python-zig`.
pub fn install_zig() -> Result<()> {
    let program = install_python_package("ziglang", ZIG)?.join("python-zig");
    let link = dist().join("tools/python-zig");
    link_to(&program, &link).with_context(|| format!("cannot make {}", link.display()))
}

/// The programs of a package of Python, in a folder of its own. It is installed
/// once for all checkouts.
fn install_python_package(package: &str, version: &str) -> Result<PathBuf> {
    let folder = tools()?.join(format!("{package}-py-{version}"));
    let done = folder.join("installed");
    if !done.exists() {
        say(&format!("pip install {package}=={version}"));
        let mut venv = Command::new("python3");
        run(venv.args(["-m", "venv", "--clear"]).arg(&folder))?;
        run(Command::new(folder.join("bin/python"))
            .args(["-m", "pip", "install", "--quiet"])
            .arg("--disable-pip-version-check")
            .arg(format!("{package}=={version}")))?;
        write(&done, b"")?;
    }
    Ok(folder.join("bin"))
}

/// A symbolic link, in place of an older one.
fn link_to(file: &Path, link: &Path) -> std::io::Result<()> {
    if fs::read_link(link).is_ok_and(|old| old == file) {
        return Ok(());
    }
    link.parent().map_or(Ok(()), fs::create_dir_all)?;
    if fs::symlink_metadata(link).is_ok() {
        fs::remove_file(link)?;
    }
    std::os::unix::fs::symlink(file, link)
}
