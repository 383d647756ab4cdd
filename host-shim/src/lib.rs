//! `composectl`: the compositor component with its native host around it.
//!
//! The command line lives in the component; arguments pass through unchanged.
//! `composectl --component FILE.wasm [ARGS]` runs another command component
//! over the current folder instead, as `wasmtime run --dir . FILE.wasm` does.
//! `composectl --precompile FILE.wasm OUT` compiles the compositor for this
//! kind of machine: what the build puts into this program.

mod bindings;
mod closed;
mod command;
mod dynlink;
mod events;
mod guest;
mod host;
mod load;
mod run;

use std::ffi::OsString;
use std::process::ExitCode;

use bindings::sys::compose::types;
use wasi_guest::{own_engine, precompile, say};
use wasmtime::component::Component;
use wasmtime::error::Context as _;
use wasmtime::{Engine, Result, bail};

use command::Opened;

/// Runs the command line that the process was given; `compositor` is the
/// compiled compositor, empty when it was not built before this program.
pub fn main(compositor: &[u8]) -> ExitCode {
    let args = match std::env::args_os().map(OsString::into_string).collect() {
        Ok(args) => args,
        Err(arg) => {
            say(&format!(
                "composectl: the argument {arg:?} is not UTF-8, and components take nothing else: \
                 rename what it names\n"
            ));
            return ExitCode::from(2);
        }
    };
    match run(args, compositor) {
        // The low byte is all that a process can pass on.
        Ok(status) => ExitCode::from(status as u8),
        Err(error) => {
            say(&format!("composectl: {error:#}\n"));
            ExitCode::FAILURE
        }
    }
}

fn run(mut args: Vec<String>, compositor: &[u8]) -> Result<i32> {
    let (component, args, opened) = match args.get(1).map(String::as_str) {
        Some("--precompile") => {
            let [_, _, from, to] = &args[..] else {
                bail!("`--precompile` needs a component and a file to write");
            };
            precompile(from, to)?;
            return Ok(0);
        }
        Some("--component") => {
            let Some(path) = args.get(2).cloned() else {
                bail!("`--component` needs the path of a command component");
            };
            let bytes = std::fs::read(&path).with_context(|| format!("cannot read `{path}`"))?;
            let component = Component::new(&Engine::default(), bytes)
                .with_context(|| format!("cannot run `{path}`"))?;
            (component, args.split_off(2), Opened::Here)
        }
        _ if compositor.is_empty() => {
            bail!("this program was built without the compositor; `cargo xtask dist` builds both")
        }
        _ => {
            let engine = own_engine()?;
            // SAFETY: the caller's bytes are a part of this program, which the build
            // made with `precompile`; they were never in reach of anyone else.
            let component = unsafe { Component::deserialize(&engine, compositor)? };
            (component, args, Opened::Everything)
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let status = runtime.block_on(command::run(&component, &args, opened));
    // A guest's read of stdin may never end, and nobody waits for it.
    runtime.shutdown_background();
    status
}
