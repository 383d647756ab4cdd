//! The programs that this crate is: what each does with its command line.

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;

use composectl_runtime::{own_component, precompile, say};
use wasmtime::component::Component;
use wasmtime::error::Context as _;
use wasmtime::{Engine, Result, bail, format_err};

use crate::command::{Command, Opened};
use crate::watch;

/// A compiled component as a constant: as its code is mapped, on pages that it shares
/// with nothing.
#[repr(C, align(65536))]
pub struct Compiled<T: ?Sized>(pub T);

/// Runs the command line that the process was given; `compositor` is the
/// compiled compositor, empty when it was not built before this program.
pub fn main(compositor: &'static Compiled<[u8]>) -> ExitCode {
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

fn run(args: Vec<String>, compositor: &'static Compiled<[u8]>) -> Result<i32> {
    if compositor.0.is_empty() {
        bail!("this program was built without the compositor; `cargo xtask dist` builds both")
    }
    // SAFETY: the caller's bytes are a part of this program, which the build
    // made with `precompile`; they were never in reach of anyone else, and lie as they
    // have to.
    let component = unsafe { own_component(&compositor.0)? };
    run_on(&component, &args, Opened::Everything)
}

fn run_on(component: &Component, args: &[String], opened: Opened) -> Result<i32> {
    let command = Arc::new(Command::new(component, opened)?);
    // One thread does for composing and for a program; a server has others.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let status = runtime.block_on(watch::run(&command, args));
    // A guest's read of stdin may never end, and nobody waits for it.
    runtime.shutdown_background();
    // The process ends with it: to take it apart would be for nothing.
    std::mem::forget(command);
    status
}

/// What the build and the tests do, in a program that is not handed out:
/// `precompile FILE.wasm OUT` compiles the compositor for this kind of machine,
/// which is what the build puts into `composectl`; `run FILE.wasm [ARGS]` runs a
/// command component over the current folder, as `wasmtime run --dir .` does,
/// whoever made it.
pub fn bench() -> ExitCode {
    let args: Vec<String> = std::env::args().collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match words[..] {
        [_, "precompile", from, to] => precompile(from, to).map(|()| 0),
        [_, "run", path, ..] => {
            command_at(path).and_then(|component| run_on(&component, &args[2..], Opened::Here))
        }
        _ => Err(format_err!(
            "it takes `precompile FILE.wasm OUT` or `run FILE.wasm [ARGS]`"
        )),
    };
    match done {
        Ok(status) => ExitCode::from(status as u8),
        Err(error) => {
            say(&format!("bench-host: {error:#}\n"));
            ExitCode::FAILURE
        }
    }
}

fn command_at(path: &str) -> Result<Component> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read `{path}`"))?;
    Component::new(&Engine::default(), bytes).with_context(|| format!("cannot run `{path}`"))
}
