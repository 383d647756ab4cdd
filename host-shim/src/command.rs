//! Runs a command component: the compositor, with what this host gives it, or
//! another one.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use composectl_runtime::{
    Budget, Given, Guest, Limits, Meter, Process, Reach, Unknown, Watched, run_command,
};
use wasmtime::Result;
use wasmtime::component::{Component, InstancePre};
use wasmtime::error::Context as _;
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxBuilder};

use crate::host::Host;
use crate::sys_compose;
use crate::turn::Turn;

/// The compositor is a part of this program, and the other component is what
/// the user runs in place of a program: neither is limited.
const UNLIMITED: Limits = Limits {
    cpu_ms: u64::MAX,
    wall_ms: u64::MAX,
    memory_bytes: u64::MAX,
    table_elements: u64::MAX,
    calls: u64::MAX,
    output_bytes: u64::MAX,
};

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

/// A command component that is linked, and what it may use.
pub struct Command {
    pre: InstancePre<Guest>,
    opened: Opened,
}

impl Command {
    /// Looks up and checks what the component imports, once for all times that it is run.
    ///
    /// # Errors
    /// When it imports what is not given.
    pub fn new(component: &Component, opened: Opened) -> Result<Self> {
        let reach = Reach::of(component);
        let mut linker = composectl_runtime::linker(component.engine(), false, reach)?;
        if opened == Opened::Everything {
            sys_compose::add_to_linker(&mut linker)?;
        }
        let pre = linker.instantiate_pre(component)?;
        Ok(Self { pre, opened })
    }
}

/// Runs a command component to its end, one of the times that it is done; returns its
/// exit status.
pub async fn run(command: &Command, args: &[String], turn: Arc<Turn>) -> Result<i32> {
    let engine = command.pre.engine();
    let host = Host::new(args, turn);
    let budget = Budget::new(u64::MAX, u64::MAX, u64::MAX, &Process::new());
    let meter = Meter::new(engine, UNLIMITED, Arc::new(AtomicU64::new(0)), budget);
    let given = Given {
        wasi: wasi(&host, args, command.opened)?,
        http: false,
        handles: u64::MAX,
        code: Arc::new(Unknown),
        audit: Arc::default(),
    };
    let mut store = Guest::store(engine, meter, given, host.clone());
    let ended = run_command(&command.pre, &mut store).await;
    host.progress.end();
    let ended = ended?.context("it is no program: it does not export `wasi:cli/run`")?;
    Ok(ended.status)
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
        .args(args)
        // Nobody else waits for this thread, and another would cost more than
        // most reads of a file take.
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
