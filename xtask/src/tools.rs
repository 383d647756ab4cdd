//! What must be installed beside cargo: targets of the toolchain.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::paths::root;
use crate::shell::{output, run, say};

/// The target of the compositor's components: it has no system interface of
/// its own, so a component imports what it names and no more.
pub const WASM: &str = "wasm32-unknown-unknown";

/// The target of guests that are ordinary programs.
pub const WASI: &str = "wasm32-wasip2";

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
