//! Where things are.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// The folder of the checkout.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask is a folder of the checkout")
}

/// What is built for users and tests.
pub fn dist() -> PathBuf {
    root().join("dist")
}

/// Cargo's folder for native builds.
pub fn target_folder() -> PathBuf {
    match env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => root().join("target"),
    }
}

/// Tools that are installed once, for all checkouts.
pub fn tools() -> Result<PathBuf> {
    let cache = match env::var_os("XDG_CACHE_HOME") {
        Some(cache) => PathBuf::from(cache),
        None => home()?.join(".cache"),
    };
    Ok(cache.join("compositor/tools"))
}

/// Where cargo keeps the sources of dependencies.
pub fn cargo_home() -> Result<PathBuf> {
    match env::var_os("CARGO_HOME") {
        Some(folder) => Ok(folder.into()),
        None => Ok(home()?.join(".cargo")),
    }
}

fn home() -> Result<PathBuf> {
    env::home_dir().context("no home folder: set HOME")
}
