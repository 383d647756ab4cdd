//! Builds the components and the guests of the tests.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::componentize::componentize;
use crate::paths::{cargo_home, dist, root, target_folder};
use crate::shell::{cargo, output, read, say, write};
use crate::tools::{WASI, WASM, add_targets, sysroot};

/// The parts of the compositor: package, name and profile.
const PARTS: [(&str, &str, &str); 5] = [
    ("compositor-core-component", "core", "component-core"),
    ("compositor-command", "command", SMALL),
    ("compositor-store", "store", "component-fast"),
    ("compositor-standalone", "standalone", SMALL),
    ("compositor-wit", "wit", SMALL),
];

/// The profile of most components.
const SMALL: &str = "component";

/// The parts and the guests, or those of them that are named.
pub fn build(names: &[&str]) -> Result<()> {
    let known = |name: &&str| *name == "guests" || PARTS.iter().any(|(_, part, _)| part == name);
    if let Some(name) = names.iter().find(|name| !known(name)) {
        bail!("`{name}` is neither a part of the compositor nor `guests`");
    }
    let wanted = |name| names.is_empty() || names.contains(&name);
    let parts = PARTS.into_iter().filter(|(_, name, _)| wanted(*name));
    parts_of(&parts.collect::<Vec<_>>())?;
    if wanted("guests") {
        guests()?;
    }
    Ok(())
}

/// `dist/parts/*.wasm`.
pub fn parts() -> Result<()> {
    parts_of(&PARTS)
}

fn parts_of(parts: &[(&str, &str, &str)]) -> Result<()> {
    if parts.is_empty() {
        return Ok(());
    }
    add_targets()?;
    say("the compositor's components");
    for (package, name, profile) in parts {
        // One at a time: packages that are built together share the features
        // of what they depend on, and with them change each other's bytes.
        // As components alone: cargo does not optimize a whole crate that is a
        // library as well.
        let what = ["--package", package, "--lib", "--crate-type", "cdylib"];
        let modules = wasm("rustc", profile, WASM, what)?;
        let (_, module) = modules
            .first()
            .with_context(|| format!("cargo built no module of {package}"))?;
        let path = dist().join("parts").join(format!("{name}.wasm"));
        write(&path, &componentize(module)?)?;
    }
    Ok(())
}

/// `dist/guests/*.wasm`, and nothing else there.
pub fn guests() -> Result<()> {
    add_targets()?;
    say("the guests of the tests");
    let folder = dist().join("guests");
    let mut names = BTreeSet::new();
    for (name, module) in wasm(
        "build",
        SMALL,
        WASM,
        ["--package", "test-components", "--examples"],
    )? {
        let name = format!("{name}.wasm");
        write(&folder.join(&name), &componentize(&module)?)?;
        names.insert(OsString::from(name));
    }
    // The linker of this target makes components by itself.
    for (name, component) in wasm(
        "build",
        SMALL,
        WASI,
        ["--package", "test-components-std", "--bins"],
    )? {
        let name = format!("{name}.wasm");
        write(&folder.join(&name), &read(&component)?)?;
        names.insert(OsString::from(name));
    }
    remove_others(&folder, &names)
}

/// Builds packages for a wasm target, with a command of cargo, by a profile; returns the name
/// and the file of each module.
fn wasm<'a>(
    command: &str,
    profile: &str,
    target: &str,
    what: impl IntoIterator<Item = &'a str>,
) -> Result<Vec<(String, PathBuf)>> {
    let mut command = cargo([command, "--profile", profile, "--target", target]);
    command
        .args(["--message-format", "json-render-diagnostics"])
        // Its flags differ, and need not throw native builds away.
        .arg("--target-dir")
        .arg(target_folder().join("wasm"))
        .args(what)
        .env("CARGO_ENCODED_RUSTFLAGS", flags(target)?);
    let messages = output(&mut command)?;
    let mut modules = Vec::new();
    for message in messages.lines() {
        let message: Value = serde_json::from_str(message).context("cargo's messages")?;
        let files = message["filenames"].as_array().into_iter().flatten();
        let mut files = files.filter_map(Value::as_str);
        let file = files.find(|file| file.ends_with(".wasm"));
        if let (Some(name), Some(file)) = (message["target"]["name"].as_str(), file) {
            modules.push((name.to_string(), PathBuf::from(file)));
        }
    }
    Ok(modules)
}

/// Panic messages hold paths of sources: the same bytes on every machine need
/// the same paths.
fn flags(target: &str) -> Result<String> {
    let remap = |from: &Path, to| format!("--remap-path-prefix={}={to}", from.display());
    let mut flags = vec![
        remap(&cargo_home()?, "/cargo"),
        remap(&sysroot()?, "/rust"),
        // Last: the last that fits wins, and the others may be inside it.
        remap(root(), "/compositor"),
    ];
    if target == WASM {
        // Else the linker leaves five bytes for each index and address that it
        // fills in, most of which fit in one to three.
        flags.push("-Clink-arg=--compress-relocations".to_string());
    }
    Ok(flags.join("\x1f"))
}

fn remove_others(folder: &Path, keep: &BTreeSet<OsString>) -> Result<()> {
    let shown = || format!("cannot tidy {}", folder.display());
    if !folder.exists() {
        return Ok(());
    }
    for entry in fs::read_dir(folder).with_context(shown)? {
        let entry = entry.with_context(shown)?;
        if !keep.contains(&entry.file_name()) {
            fs::remove_file(entry.path()).with_context(shown)?;
        }
    }
    Ok(())
}
