//! `composectl`: the compositor component with its native host around it.
//!
//! The command line lives in the component; arguments pass through unchanged.
//! `composectl --component FILE.wasm [ARGS]` runs another command component
//! over the current folder instead, as `wasmtime run --dir . FILE.wasm` does.

mod command;

use std::ffi::OsString;
use std::process::ExitCode;

use wasmtime::error::Context as _;
use wasmtime::{Result, bail};

use command::Opened;

/// The composed compositor; empty when it was not built before this program.
const COMPOSITOR: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/compositor.wasm"));

fn main() -> ExitCode {
    let args = match std::env::args_os().map(OsString::into_string).collect() {
        Ok(args) => args,
        Err(arg) => {
            eprintln!(
                "composectl: the argument {arg:?} is not UTF-8, and components take nothing else: \
                 rename what it names"
            );
            return ExitCode::from(2);
        }
    };
    match run(args) {
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
