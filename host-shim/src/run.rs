//! Runs a program: its artifact, instantiated with what was decided for it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use wasi_guest::{Exceeded, Failure, Guest, Meter, metered};
use wasmtime::component::{Component, InstancePre, Linker};
use wasmtime::{Engine, Store};
use wasmtime_wasi::I32Exit;
use wasmtime_wasi::{p2, p3};

use crate::bindings::sys::compose::runner::{Configuration, Program};
use crate::engine::Tenant;
use crate::events::{Events, code_name};
use crate::host::Host;
use crate::load::load;
use crate::progress::Progress;
use crate::types::{Error, ErrorCode};
use crate::{dynlink, guest, invoke};

/// A program that is ready to be instantiated, once or for each request.
pub struct Run {
    /// The root.
    pub pre: InstancePre<Guest>,
    /// What was decided for it.
    pub configuration: Configuration,
    /// Who watches.
    pub events: Arc<Events>,
    /// What the user sees meanwhile.
    pub progress: Arc<Progress>,
    host: Arc<Host>,
    tenant: Arc<Tenant>,
    linker: Linker<Guest>,
    root: String,
    instances: AtomicU64,
}

/// What the instances of one run, or of one request, have together.
pub struct Session {
    /// The program.
    pub run: Arc<Run>,
    times: Mutex<HashMap<String, Arc<AtomicU64>>>,
    providers: AtomicU64,
}

impl Run {
    /// Loads a program.
    pub async fn new(
        host: &Arc<Host>,
        root: &Program,
        configuration: Configuration,
    ) -> Result<Arc<Self>, Error> {
        let tenant = host.tenant(configuration.tenant.as_deref())?;
        let mut linker = wasi_guest::linker(tenant.engine()).map_err(internal)?;
        dynlink::add_to_linker(&mut linker).map_err(internal)?;
        let component = load(host, &tenant, root).await?;
        Ok(Arc::new(Self {
            pre: prepare(&linker, &component)?,
            configuration,
            events: host.events.clone(),
            progress: host.progress.clone(),
            host: host.clone(),
            tenant,
            linker,
            root: root
                .parts
                .first()
                .map(|part| part.id.clone())
                .unwrap_or_default(),
            instances: AtomicU64::new(0),
        }))
    }

    /// A store for the root, with accounts of its own.
    pub fn store(self: &Arc<Self>) -> Result<Store<Guest>, Error> {
        let session = Session {
            run: self.clone(),
            times: Mutex::default(),
            providers: AtomicU64::new(0),
        };
        guest::store(&Arc::new(session), vec![self.root.clone()])
    }

    /// Loads a program that a guest resolves.
    pub async fn resolve(&self, program: &Program) -> Result<InstancePre<Guest>, Error> {
        let component = load(&self.host, &self.tenant, program).await?;
        prepare(&self.linker, &component)
    }

    /// The engine of its tenant.
    pub fn engine(&self) -> &Engine {
        self.tenant.engine()
    }

    /// A number for an instance.
    pub fn instance_number(&self) -> u64 {
        self.instances.fetch_add(1, Relaxed)
    }

    /// Runs `wasi:cli/run`; returns the guest's exit status.
    pub async fn command(self: &Arc<Self>) -> Result<u32, Error> {
        let started = Instant::now();
        let status = self.call(async |store| {
            let instance = self.pre.instantiate_async(&mut *store).await?;
            let ended = match p3::bindings::Command::new(&mut *store, &instance) {
                Ok(command) => {
                    let run = async |store: &_| command.wasi_cli_run().call_run(store).await;
                    store.run_concurrent(run).await?
                }
                Err(_) => {
                    let command = p2::bindings::Command::new(&mut *store, &instance)?;
                    command.wasi_cli_run().call_run(store).await
                }
            };
            match ended {
                Ok(result) => Ok(u32::from(result.is_err())),
                Err(error) => match error.downcast_ref::<I32Exit>() {
                    Some(I32Exit(status)) => Ok(*status as u32),
                    None => Err(error),
                },
            }
        });
        let exported = |name: &str| name.starts_with("wasi:cli/run@");
        let status = match self.exports().any(|name| exported(&name)) {
            true => status.await,
            false => Err(self.lacks("wasi:cli/run")),
        };
        self.finished(started, status.as_ref().map(|status| *status))
            .map(|()| status)?
    }

    /// Calls an export, arguments and result in WAVE.
    pub async fn invoke(self: &Arc<Self>, call: &str) -> Result<String, Error> {
        let started = Instant::now();
        let call = invoke::Call::find(call, self);
        let result = match call {
            Ok(call) => {
                self.call(async |store| call.run(&self.pre, store).await)
                    .await
            }
            Err(error) => Err(error),
        };
        let limit = self.configuration.limits.output_bytes;
        let result = result.and_then(|result| match result.len() as u64 > limit {
            true => Err(exceeded(Exceeded::Output(limit))),
            false => Ok(result),
        });
        self.finished(started, result.as_ref().map(|_| 0))
            .map(|()| result)?
    }

    /// Names of the root's exports.
    pub fn exports(&self) -> impl Iterator<Item = String> {
        let exports = self.pre.component().component_type();
        let names = exports
            .exports(self.engine())
            .map(|(name, _)| name.to_string());
        names.collect::<Vec<_>>().into_iter()
    }

    /// An export that is not there.
    pub fn lacks(&self, name: &str) -> Error {
        let has: Vec<String> = self.exports().collect();
        Error {
            code: ErrorCode::ExecMissingExport,
            message: format!(
                "the artifact does not export `{name}`; it exports {}",
                has.join(", ")
            ),
            context: None,
        }
    }

    /// Does something with a fresh store, on the guest's account.
    async fn call<R>(
        self: &Arc<Self>,
        what: impl AsyncFnOnce(&mut Store<Guest>) -> wasmtime::Result<R>,
    ) -> Result<R, Error> {
        let mut store = self.store()?;
        let meter = store.data().meter.clone();
        let result = metered(&meter, what(&mut store)).await;
        result.map_err(|error| failure(&meter, error))
    }

    fn finished(&self, started: Instant, status: Result<u32, &Error>) -> Result<(), Error> {
        // What the guest printed comes before what is said of it.
        let _ = std::io::Write::flush(&mut std::io::stdout());
        let status = match status {
            Ok(status) => ("status", status.to_string()),
            Err(error) => ("code", code_name(error.code)),
        };
        let duration = started.elapsed().as_micros().to_string();
        let fields = [status, ("duration_us", duration)];
        self.events.emit("exec.finished", &fields);
        Ok(())
    }
}

impl Session {
    /// What the instances of a component used of the processor, together.
    pub fn time_of(&self, id: &str) -> Arc<AtomicU64> {
        let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        times.entry(id.to_string()).or_default().clone()
    }

    /// Counts an instance; too many providers are refused.
    pub fn instance_made(&self, is_root: bool) -> Result<(), Error> {
        let limit = self.run.configuration.limits.instances;
        if is_root || self.providers.fetch_add(1, Relaxed) < limit {
            return Ok(());
        }
        self.instance_gone(is_root);
        Err(Error {
            code: ErrorCode::ExecResourceExhausted,
            message: format!("more than {limit} providers live at once (limit instances)"),
            context: None,
        })
    }

    /// An instance is gone.
    pub fn instance_gone(&self, is_root: bool) {
        if !is_root {
            self.providers.fetch_sub(1, Relaxed);
        }
    }
}

fn prepare(linker: &Linker<Guest>, component: &Component) -> Result<InstancePre<Guest>, Error> {
    linker.instantiate_pre(component).map_err(|error| Error {
        code: ErrorCode::EmitLinkError,
        message: format!("this host does not give what the artifact imports: {error:#}"),
        context: None,
    })
}

/// Why a guest ended, by the limit that it ran into or the trap.
pub fn failure(meter: &Meter, error: wasmtime::Error) -> Error {
    let failure = Failure::of(meter, &error);
    Error {
        code: failure.limit.map_or(ErrorCode::ExecTrap, code),
        message: failure.to_string(),
        context: failure.frames.map(|frames| format!("in {frames}")),
    }
}

fn code(limit: Exceeded) -> ErrorCode {
    match limit {
        Exceeded::Time(_) => ErrorCode::ExecTimeout,
        _ => ErrorCode::ExecResourceExhausted,
    }
}

fn exceeded(limit: Exceeded) -> Error {
    Error {
        code: code(limit),
        message: format!("the result: {limit}"),
        context: None,
    }
}

/// A defect of the host.
pub fn internal(error: impl std::fmt::Display) -> Error {
    Error {
        code: ErrorCode::InternalError,
        message: format!("{error:#}"),
        context: None,
    }
}
