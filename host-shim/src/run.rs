//! Runs a program: its artifact, instantiated with what was decided for it.
//!
//! One file because a run has one state, which each of its steps changes.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, Once, PoisonError, Weak};
use std::time::Instant;

use wasi_guest::{
    Budget, Call, Exceeded, Failure, GUESTS, Guest, Meter, NoCall, Process, Progress, Purpose,
    ServeCode, ServeError, Service, TABLE, Tenant, Unrecorded, exports, metered, pooled,
    run_command, say,
};
use wasmtime::component::{Component, InstancePre, Linker};
use wasmtime::{Engine, Store};
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;

use crate::bindings::sys::compose::runner::{Configuration, Output, Program};
use crate::closed::Lent;
use crate::events::{Events, code_name};
use crate::host::Host;
use crate::imports::Outside;
use crate::load::{Role, id_of, load, trusted};
use crate::types::{Error, ErrorCode};
use crate::{dynlink, guest};

/// Characters of a line that a server says.
const LINE: usize = 500;

/// Bytes of a stream that are kept.
const CAPTURED: u64 = 64 << 20;

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
    /// What it is for.
    pub purpose: Purpose,
    host: Arc<Host>,
    tenant: Arc<Tenant<Outside>>,
    linker: Linker<Guest>,
    root: Program,
    guests: usize,
    /// Bytes that an instance of the root takes beside memories and tables.
    footprint: u64,
    /// The folders that are lent, in the configuration's order.
    pub folders: Vec<io::Result<Lent>>,
    instances: AtomicU64,
    process: Arc<Process>,
    /// Stdout and stderr, where what is written there is kept.
    pub captured: Option<[MemoryOutputPipe; 2]>,
}

/// What the instances of one run, or of one request, have together.
pub struct Session {
    /// The program.
    pub run: Arc<Run>,
    /// What they may use together.
    pub budget: Arc<Budget>,
    times: Mutex<HashMap<String, Arc<AtomicU64>>>,
    providers: AtomicU64,
    /// Those that live.
    meters: Mutex<Vec<Weak<Meter>>>,
}

impl Run {
    /// Loads a program.
    pub async fn new(
        host: &Arc<Host>,
        root: &Program,
        configuration: Configuration,
        purpose: Purpose,
    ) -> Result<Arc<Self>, Error> {
        let name = configuration.tenant.as_deref();
        let deterministic = configuration.deterministic;
        // What resolves others takes more of a pool than can be told before.
        let poolable = purpose == Purpose::Serve
            && configuration.links.is_empty()
            && configuration.limits.table_elements <= TABLE as u64;
        // Too large for a pool, and no room for one, are no errors: the other
        // engine says what is.
        let (tenant, (component, footprint), guests) = if poolable
            && let Ok(pool) = host.tenant(name, Purpose::Serve, deterministic)
            && let Ok(loaded) = load(host, &pool, root, Role::Root).await
            && let Some(held) = pooled(&loaded.0)
        {
            (pool, loaded, held)
        } else {
            let tenant = host.tenant(name, Purpose::Run, deterministic)?;
            let loaded = load(host, &tenant, root, Role::Root).await?;
            (tenant, loaded, GUESTS)
        };
        let mut linker = wasi_guest::linker(tenant.engine(), deterministic).map_err(internal)?;
        dynlink::add_to_linker(&mut linker).map_err(internal)?;
        Ok(Arc::new(Self {
            pre: prepare(&linker, &component)?,
            captured: configuration.capture.then(|| {
                let most = configuration.limits.output_bytes.min(CAPTURED);
                [(); 2].map(|()| MemoryOutputPipe::new(most as usize))
            }),
            footprint,
            folders: configuration.folders.iter().map(Lent::open).collect(),
            process: Process::new(configuration.limits.process_memory_bytes),
            configuration,
            events: host.events.clone(),
            progress: host.progress.clone(),
            purpose,
            host: host.clone(),
            tenant,
            linker,
            root: root.clone(),
            guests,
            instances: AtomicU64::new(0),
        }))
    }

    /// What was written, where that is kept.
    pub fn output(&self) -> Output {
        let contents = |pipe: &MemoryOutputPipe| pipe.contents().to_vec();
        let [stdout, stderr] = self
            .captured
            .as_ref()
            .map_or_else(Default::default, |pipes| pipes.each_ref().map(contents));
        Output { stdout, stderr }
    }

    /// A store for the root, with accounts of its own.
    pub fn store(self: &Arc<Self>) -> Result<Store<Guest>, Error> {
        let limits = &self.configuration.limits;
        let session = Session {
            run: self.clone(),
            budget: Budget::new(
                limits.total_cpu_ms,
                limits.total_memory_bytes,
                &self.process,
            ),
            times: Mutex::default(),
            meters: Mutex::default(),
            providers: AtomicU64::new(0),
        };
        guest::store(
            &Arc::new(session),
            vec![id_of(&self.root)],
            self.root.grants,
            self.footprint,
        )
    }

    /// Loads a program that a guest resolves.
    pub async fn resolve(&self, program: &Program) -> Result<(InstancePre<Guest>, u64), Error> {
        let loaded = load(&self.host, &self.tenant, program, Role::Provider).await?;
        let (component, footprint) = loaded;
        Ok((prepare(&self.linker, &component)?, footprint))
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
        let status = self.call(async |store| run_command(&self.pre, store).await);
        let status = status.await.and_then(|status| match status {
            Some(status) => Ok(status as u32),
            None => Err(error(
                ErrorCode::ExecMissingExport,
                format!(
                    "the artifact does not export `wasi:cli/run`; it exports {}",
                    exports(self.pre.component()).join(", ")
                ),
            )),
        });
        self.finished(started, status, |status| *status)
    }

    /// Calls an export, arguments and result in WAVE.
    pub async fn invoke(self: &Arc<Self>, call: &str) -> Result<String, Error> {
        let started = Instant::now();
        let result = match Call::find(call, self.pre.component()) {
            Ok(call) => {
                self.call(async |store| call.run(&self.pre, store).await)
                    .await
            }
            Err(why) => Err(error(
                match why {
                    NoCall::Missing(_) => ErrorCode::ExecMissingExport,
                    NoCall::Invalid(_) => ErrorCode::InvalidInput,
                    NoCall::Untellable(_) => ErrorCode::NotImplemented,
                },
                why.to_string(),
            )),
        };
        let limit = self.configuration.limits.output_bytes;
        let result = result.and_then(|result| match result.len() as u64 > limit {
            true => {
                let limit = Exceeded::Output(limit);
                Err(error(code(limit), format!("the result: {limit}")))
            }
            false => Ok(result),
        });
        self.finished(started, result, |_| 0)
    }

    /// Serves HTTP at an address until the process is told to stop.
    pub async fn serve(self: &Arc<Self>, address: &str) -> Result<(), Error> {
        let service = Arc::new(Served {
            run: self.clone(),
            unrecorded: Once::new(),
        });
        let served = wasi_guest::serve(service, address).await;
        self.events.settle();
        served.map_err(|cause| {
            let code = match cause.code {
                ServeCode::Invalid => ErrorCode::InvalidInput,
                ServeCode::MissingExport => ErrorCode::ExecMissingExport,
                ServeCode::Timeout | ServeCode::Slow => ErrorCode::ExecTimeout,
                ServeCode::Exhausted | ServeCode::Busy => ErrorCode::ExecResourceExhausted,
                ServeCode::Denied => ErrorCode::ExecCapabilityDenied,
                ServeCode::Unrecorded => ErrorCode::BlobIoError,
                ServeCode::Trap => ErrorCode::ExecTrap,
                ServeCode::Internal => ErrorCode::InternalError,
            };
            error(code, cause.message)
        })
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

    fn finished<R>(
        &self,
        started: Instant,
        result: Result<R, Error>,
        status: impl FnOnce(&R) -> u32,
    ) -> Result<R, Error> {
        // What the guest printed comes before what is said of it.
        let _ = io::Write::flush(&mut io::stdout());
        self.events.settle();
        let recorded = self
            .events
            .check()
            .map_err(|unrecorded| unrecordable(&unrecorded));
        let result = result.and_then(|result| recorded.map(|()| result));
        let ended = match &result {
            Ok(result) => ("status", status(result).to_string()),
            Err(error) => ("code", code_name(error.code)),
        };
        let duration = started.elapsed().as_micros().to_string();
        let fields = [ended, ("duration_us", duration)];
        self.events.emit("exec.finished", &fields);
        result
    }
}

/// A program that answers requests.
struct Served {
    run: Arc<Run>,
    /// That nothing is recorded any more is said once.
    unrecorded: Once,
}

impl Service for Served {
    fn pre(&self) -> &InstancePre<Guest> {
        &self.run.pre
    }

    fn store(&self) -> Result<Store<Guest>, ServeError> {
        let recorded = self.run.events.check();
        recorded.map_err(|why| ServeError::new(ServeCode::Unrecorded, why.to_string()))?;
        // Trust may have been taken back since the last request.
        let trusted = trusted(&self.run.host, &self.run.root);
        let store = trusted.and_then(|()| self.run.store());
        store.map_err(|cause| {
            let code = match cause.code {
                ErrorCode::ExecResourceExhausted => ServeCode::Exhausted,
                _ => ServeCode::Internal,
            };
            ServeError::new(code, cause.message)
        })
    }

    fn guests(&self) -> usize {
        self.run.guests
    }

    fn event(&self, kind: &str, fields: &[(&str, String)]) {
        if let ("serve.listening", [(_, address)]) = (kind, fields) {
            say(&format!("composectl: serving on http://{address}\n"));
        }
        self.run.events.emit(kind, fields);
        if let Err(why) = self.run.events.check() {
            self.unrecorded.call_once(|| {
                self.say(&format!("no request is answered any more: {why}"));
            });
        }
    }

    fn say(&self, text: &str) {
        // Guests choose some of it.
        let line: String = text.chars().take(LINE).map(shown).collect();
        say(&format!("composectl: {line}\n"));
    }
}

impl Session {
    /// What the instances of a component used of the processor, together.
    pub fn time_of(&self, id: &str) -> Arc<AtomicU64> {
        let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        times.entry(id.to_string()).or_default().clone()
    }

    /// Keeps an instance's accounts, by which it can be stopped.
    pub fn keep(&self, meter: &Arc<Meter>) {
        let mut meters = self.meters.lock().unwrap_or_else(PoisonError::into_inner);
        meters.retain(|meter| meter.strong_count() > 0);
        meters.push(Arc::downgrade(meter));
    }

    /// Stops all instances, because one of them ran into a limit.
    pub fn stop(&self, limit: Exceeded) {
        let meters = self.meters.lock().unwrap_or_else(PoisonError::into_inner);
        for meter in meters.iter().filter_map(Weak::upgrade) {
            meter.stop(limit);
        }
    }

    /// Counts an instance; too many providers are refused.
    pub fn instance_made(&self, is_root: bool) -> Result<(), Error> {
        let limit = self.run.configuration.limits.instances;
        if is_root || self.providers.fetch_add(1, Relaxed) < limit {
            return Ok(());
        }
        self.instance_gone(is_root);
        Err(error(
            ErrorCode::ExecResourceExhausted,
            format!("more than {limit} providers live at once (limit instances)"),
        ))
    }

    /// An instance is gone.
    pub fn instance_gone(&self, is_root: bool) {
        if !is_root {
            self.providers.fetch_sub(1, Relaxed);
        }
    }
}

fn prepare(linker: &Linker<Guest>, component: &Component) -> Result<InstancePre<Guest>, Error> {
    linker.instantiate_pre(component).map_err(|cause| {
        let message = format!("this host does not give what the artifact imports: {cause:#}");
        error(ErrorCode::EmitLinkError, message)
    })
}

/// Why a guest ended, by the limit that it ran into or the trap.
pub fn failure(meter: &Meter, cause: wasmtime::Error) -> Error {
    let failure = Failure::of(meter, &cause);
    Error {
        code: match (failure.limit, &failure.denied) {
            _ if failure.is_unrecorded => ErrorCode::BlobIoError,
            (Some(limit), _) => code(limit),
            (None, Some(_)) => ErrorCode::ExecCapabilityDenied,
            (None, None) => ErrorCode::ExecTrap,
        },
        message: failure.to_string(),
        context: failure.frames.map(|frames| format!("in {frames}")),
    }
}

fn code(limit: Exceeded) -> ErrorCode {
    match limit {
        Exceeded::Time(_) | Exceeded::TotalTime(_) | Exceeded::Wall(_) => ErrorCode::ExecTimeout,
        _ => ErrorCode::ExecResourceExhausted,
    }
}

/// What was called could not be written down.
fn unrecordable(why: &Unrecorded) -> Error {
    error(
        ErrorCode::BlobIoError,
        format!("the run is not audited as its plan asks: {why}"),
    )
}

/// A character, where it cannot move the cursor or hide what is beside it.
fn shown(character: char) -> char {
    match character.is_control() {
        true => '\u{fffd}',
        false => character,
    }
}

/// A defect of the host.
pub fn internal(cause: impl std::fmt::Display) -> Error {
    error(ErrorCode::InternalError, format!("{cause:#}"))
}

/// An error that the message says all of.
pub fn error(code: ErrorCode, message: String) -> Error {
    Error {
        code,
        message,
        context: None,
    }
}
