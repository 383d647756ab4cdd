//! Runs a command component: arguments, environment and standard streams as
//! they are, and folders opened.

use wasmtime::Result;
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::error::Context as _;
use wasmtime::{Cache, Config, Engine, Store};
use wasmtime_wasi::p2::bindings::sync::Command;
use wasmtime_wasi::{FsPerms, I32Exit, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

/// Which folders the component may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opened {
    /// The current folder, as `.`.
    Here,
    /// The current folder as `.`, and the whole file system as `/`: the
    /// compositor is a part of this program, and its users name files as in
    /// any other. The initial folder is told, so that `..` finds its way.
    Everything,
}

struct State {
    wasi: WasiCtx,
    table: ResourceTable,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

/// Runs a command component to its end; returns its exit status.
pub fn run(bytes: &[u8], args: &[String], opened: Opened) -> Result<i32> {
    let engine = engine()?;
    let component = Component::new(&engine, bytes)?;
    let mut linker = Linker::new(&engine);
    wasmtime_wasi::p2::add_to_linker_sync(&mut linker)?;
    let state = State {
        wasi: wasi(args, opened)?,
        table: ResourceTable::new(),
    };
    let mut store = Store::new(&engine, state);
    let command = Command::instantiate(&mut store, &component, &linker)?;
    match command.wasi_cli_run().call_run(&mut store) {
        Ok(Ok(())) => Ok(0),
        Ok(Err(())) => Ok(1),
        Err(error) => match error.downcast_ref::<I32Exit>() {
            Some(I32Exit(status)) => Ok(*status),
            None => Err(error),
        },
    }
}

/// The runtime's defaults; compiled code is kept in the user's cache folder,
/// when there is one, so that only the first run compiles.
fn engine() -> Result<Engine> {
    let mut config = Config::new();
    config.cache(Cache::from_file(None).ok());
    Engine::new(&config)
}

fn wasi(args: &[String], opened: Opened) -> Result<WasiCtx> {
    let mut wasi = WasiCtxBuilder::new();
    wasi.inherit_stdio()
        .envs(&environment())
        .args(args)
        .allow_blocking_current_thread(true);
    open(&mut wasi, ".")?;
    if opened == Opened::Everything {
        open(&mut wasi, "/")?;
        let folder = std::env::current_dir().context("cannot tell the current folder")?;
        wasi.initial_cwd(folder.to_string_lossy());
    }
    Ok(wasi.build())
}

/// The variables that are text, which is all that a component can be told; the
/// others are none of its business.
fn environment() -> Vec<(String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

fn open(wasi: &mut WasiCtxBuilder, folder: &str) -> Result<()> {
    wasi.preopened_dir(folder, folder, FsPerms::ReadWrite)
        .with_context(|| format!("cannot open the folder `{folder}`"))?;
    Ok(())
}
