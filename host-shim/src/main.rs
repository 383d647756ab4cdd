//! `composectl`: the compositor component with its native host around it.
//!
//! The command line lives in the component; arguments pass through unchanged.
//! `composectl --component FILE.wasm [ARGS]` runs another command component
//! over the current folder instead, as `wasmtime run --dir . FILE.wasm` does.

mod command;

use std::process::ExitCode;

use wasmtime::error::Context as _;
use wasmtime::{Result, bail};

use command::Opened;

/// The composed compositor; empty when it was not built before this program.
const COMPOSITOR: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/compositor.wasm"));

fn main() -> ExitCode {
    match run(std::env::args().collect()) {
        // The low byte is all that a process can pass on.
        Ok(status) => ExitCode::from(status as u8),
        Err(error) => {
            eprintln!("composectl: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(mut args: Vec<String>) -> Result<i32> {
    if args.get(1).is_some_and(|arg| arg == "--component") {
        let Some(path) = args.get(2).cloned() else {
            bail!("`--component` needs the path of a command component");
        };
        let bytes = std::fs::read(&path).with_context(|| format!("cannot read `{path}`"))?;
        return command::run(&bytes, &args.split_off(2), Opened::Here)
            .with_context(|| format!("cannot run `{path}`"));
    }
    if COMPOSITOR.is_empty() {
        bail!("this program was built without the compositor; `cargo xtask dist` builds both");
    }
    command::run(COMPOSITOR, &args, Opened::Everything)
}
