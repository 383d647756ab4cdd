//! Puts together what users get.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::componentize::imports;
use crate::paths::{dist, target_folder};
use crate::shell::{cargo, read, run, say, write};
use crate::{build, compositor};

/// Packages that stand on wasmtime.
pub const NATIVE: [&str; 3] = ["composectl", "composectl-runtime", "compositor-tests"];

/// `dist/compositor.wasm`, `dist/compositor-core.wasm`, `dist/composectl` and
/// `dist/conformance-runner`.
pub fn distribute() -> Result<()> {
    build::parts()?;
    let core = read(&dist().join("parts/core.wasm"))?;
    write(&dist().join("compositor-core.wasm"), &core)?;

    let stage_1 = compositor::stage_1()?;
    let path = dist().join("compositor.wasm");
    write(&path, &stage_1)?;
    let composectl = composectl()?;
    compositor::stage_2(&composectl, &stage_1)?;

    println!("dist/compositor-core.wasm: {} bytes", core.len());
    println!("dist/compositor.wasm: {} bytes", stage_1.len());
    check(&core, &stage_1)
}

/// Cargo, for the packages that stand on wasmtime. They are always built
/// together and optimized, so that they share one build of it.
pub fn native(command: &str) -> Command {
    let mut cargo = cargo([command, "--profile", "release"]);
    cargo
        .args(NATIVE.iter().flat_map(|package| ["--package", package]))
        .env("COMPOSITOR_CWASM", compiled());
    cargo
}

/// The compositor as it is put into `composectl`.
fn compiled() -> PathBuf {
    target_folder().join("composectl").join("compositor.cwasm")
}

/// Builds `composectl` and `bench-host`, lets that compile the compositor, and
/// builds them again with that in `composectl`, if that is new.
fn composectl() -> Result<PathBuf> {
    say("composectl, with the compositor in it");
    let component = compiled().with_extension("wasm");
    write(&component, &compositor::hosted()?)?;
    let build = || {
        let mut build = native("build");
        // The tests have it as a library; its program is built beside.
        build.args(["--package", "conformance-runner"]);
        run(build.args([
            "--bin",
            "composectl",
            "--bin",
            "bench-host",
            "--bin",
            "conformance-runner",
        ]))
    };
    build()?;
    let built = built("bench-host");
    // Beside the one that is in it: cargo takes a file that was written again
    // for one that changed.
    let fresh = compiled().with_extension("new");
    run(Command::new(&built)
        .arg("precompile")
        .args([&component, &fresh]))?;
    let fresh = read(&fresh)?;
    if std::fs::read(compiled()).ok().as_ref() != Some(&fresh) {
        write(&compiled(), &fresh)?;
        build()?;
    }
    // For the tests alone.
    hand_out("bench-host", "tools")?;
    hand_out("conformance-runner", "")?;
    hand_out("composectl", "")
}

/// A program as cargo built it.
fn built(name: &str) -> PathBuf {
    let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    target_folder().join("release").join(name)
}

/// Puts a program into a folder of `dist/`.
fn hand_out(name: &str, folder: &str) -> Result<PathBuf> {
    let built = built(name);
    let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let path = dist().join(folder).join(name);
    write(&path, &read(&built)?)?;
    let permissions = std::fs::metadata(&built).map(|built| built.permissions());
    permissions
        .and_then(|permissions| std::fs::set_permissions(&path, permissions))
        .with_context(|| format!("cannot make {} a program", path.display()))?;
    Ok(path)
}

fn check(core: &[u8], compositor: &[u8]) -> Result<()> {
    let is_wasi = |name: &String| name.starts_with("wasi:");
    let (wasi, _): (BTreeSet<_>, BTreeSet<_>) = imports(core)?.into_iter().partition(is_wasi);
    ensure!(wasi.is_empty(), "the core imports WASI: {wasi:?}");
    let (_, others): (BTreeSet<_>, BTreeSet<_>) =
        imports(compositor)?.into_iter().partition(is_wasi);
    ensure!(
        others.is_empty(),
        "the compositor imports more than WASI: {others:?}"
    );
    Ok(())
}
