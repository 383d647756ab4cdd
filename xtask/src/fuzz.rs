//! Fuzzing: libfuzzer over the properties of `tests/properties`, with the
//! corpora that are committed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use anyhow::{Result, bail, ensure};

use crate::paths::{root, target_folder};
use crate::shell::{run, say};
use crate::tools;

/// The targets: the properties of `tests/properties`.
pub const TARGETS: [&str; 10] = [
    "plan_json",
    "plan_cbor",
    "canonical_cbor",
    "skeleton",
    "compose",
    "grants",
    "names",
    "store",
    "cache",
    "worlds",
];

/// How long each target runs when nothing else is said.
const SECONDS: u64 = 600;

/// How many run at a time.
const AT_ONCE: usize = 2;

/// Runs all targets, or one, for so many seconds each. What does not hold stops
/// its target, and its input is left in `target/fuzz/artifacts`.
pub fn fuzz(args: &[&str]) -> Result<()> {
    let (target, rest) = match args {
        [name, rest @ ..] if !name.starts_with("--") => (Some(*name), rest),
        rest => (None, rest),
    };
    let seconds = match rest {
        [] => SECONDS,
        ["--seconds", seconds] => seconds.parse()?,
        _ => bail!("usage: cargo xtask fuzz [TARGET] [--seconds N]"),
    };
    if let Some(name) = target {
        ensure!(
            TARGETS.contains(&name),
            "there is no target {name:?}; there are {}",
            TARGETS.join(", ")
        );
    }
    let targets: Vec<&str> = TARGETS
        .into_iter()
        .filter(|name| target.is_none_or(|target| target == *name))
        .collect();
    tools::install_cargo_fuzz()?;
    for name in &targets {
        build(name)?;
    }
    for some in targets.chunks(AT_ONCE) {
        thread::scope(|scope| {
            let start = |name: &&'static str| {
                let name = *name;
                scope.spawn(move || one(name, seconds))
            };
            let runs: Vec<_> = some.iter().map(start).collect();
            runs.into_iter().try_for_each(|run| match run.join() {
                Ok(result) => result,
                Err(_) => bail!("a run panicked"),
            })
        })?;
    }
    Ok(())
}

fn build(name: &str) -> Result<()> {
    say(&format!("fuzz target {name}"));
    run(cargo_fuzz("build")?.arg(name))
}

/// Runs a target from its corpus; what is new is kept beside the build, and
/// `cargo fuzz cmin` says what of it is worth committing.
fn one(name: &str, seconds: u64) -> Result<()> {
    say(&format!("fuzz {name} for {seconds} s"));
    let found = folder("found", name)?;
    let artifacts = folder("artifacts", name)?;
    run(cargo_fuzz("run")?
        .args([name])
        .args([&found, &root().join("fuzz/corpus").join(name)])
        .arg("--")
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        .arg(format!("-max_total_time={seconds}"))
        .args(["-timeout=20", "-rss_limit_mb=2500", "-verbosity=1"]))
}

fn folder(kind: &str, name: &str) -> Result<PathBuf> {
    let folder = build_folder().join(kind).join(name);
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn build_folder() -> PathBuf {
    target_folder().join("fuzz")
}

/// cargo-fuzz on a nightly compiler, which libfuzzer takes. It is run by rustup,
/// because a cargo that runs this one has chosen a compiler.
fn cargo_fuzz(command: &str) -> Result<Command> {
    let program: PathBuf = tools::cargo_fuzz()?;
    let folder: &Path = program.parent().unwrap_or(&program);
    let path = std::env::var("PATH").unwrap_or_default();
    let mut cargo = Command::new("rustup");
    cargo
        .args(["run", "nightly", "cargo", "fuzz", command])
        // The core and the store have no unsafe code for a sanitizer to watch, and
        // without one ten times as many plans are composed.
        .args(["--sanitizer", "none"])
        .arg("--target-dir")
        .arg(build_folder())
        .env("PATH", format!("{}:{path}", folder.display()))
        .env_remove("RUSTUP_TOOLCHAIN")
        .env_remove("CARGO")
        .current_dir(root());
    Ok(cargo)
}
