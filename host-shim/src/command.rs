//! Runs a command component: the compositor, with what this host gives it, or
//! another one.

use std::sync::Arc;

use guest_meter::Watched;
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::error::Context as _;
use wasmtime::{Result, Store};
use wasmtime_wasi::p2::bindings::Command;
use wasmtime_wasi::{FsPerms, I32Exit, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

use crate::host::{self, Host};

/// The data of the compositor's store.
pub struct Compositor {
    /// What it is given.
    pub host: Arc<Host>,
    /// Its handles.
    pub table: ResourceTable,
    wasi: WasiCtx,
}

impl WasiView for Compositor {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

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

/// Runs a command component to its end; returns its exit status.
pub async fn run(component: &Component, args: &[String], opened: Opened) -> Result<i32> {
    let host = Host::new();
    let mut linker = Linker::new(component.engine());
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    if opened == Opened::Everything {
        host::add_to_linker(&mut linker)?;
    }
    let compositor = Compositor {
        wasi: wasi(&host, args, opened)?,
        table: ResourceTable::new(),
        host,
    };
    let mut store = Store::new(component.engine(), compositor);
    let command = Command::instantiate_async(&mut store, component, &linker).await?;
    let ended = command.wasi_cli_run().call_run(&mut store).await;
    store.data().host.progress.end();
    match ended {
        Ok(Ok(())) => Ok(0),
        Ok(Err(())) => Ok(1),
        Err(error) => match error.downcast_ref::<I32Exit>() {
            Some(I32Exit(status)) => Ok(*status),
            None => Err(error),
        },
    }
}

fn wasi(host: &Arc<Host>, args: &[String], opened: Opened) -> Result<WasiCtx> {
    let quiet = || {
        let progress = host.progress.clone();
        move |_| {
            progress.end();
            Ok(())
        }
    };
    let mut wasi = WasiCtxBuilder::new();
    wasi.inherit_stdin()
        .stdout(Watched::new(std::io::stdout(), quiet()))
        .stderr(Watched::new(std::io::stderr(), quiet()))
        .envs(&environment())
        .args(args);
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
