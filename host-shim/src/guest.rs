//! A guest of a run: its store, with what the plan gives it.

use std::fmt::Display;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use composectl_runtime::{
    Audit, Given, Guest, Limits, Lines, Meter, Purpose, Standard, Watched, WholeStdin,
};
use wasmtime::{Engine, Store};
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxBuilder};

use crate::audit::Recorder;
use crate::bindings::sys::compose::runner::{Configuration, Grants};
use crate::code::ProgramCode;
use crate::error::{Error, ErrorCode, error};
use crate::program::id_of;
use crate::run::Run;
use crate::session::Session;
use crate::streams::Streams;

/// An instance of a run, which tells when it is gone.
pub struct Member {
    /// The run that it belongs to.
    pub session: Arc<Session>,
    /// Ids from the root's to its own, each resolved by the one before.
    pub chain: Vec<String>,
    /// What its program is granted.
    pub grants: Grants,
    meter: Arc<Meter>,
    audit: Arc<Audit>,
    /// Tells instances of one component apart, in events.
    number: u64,
    /// Whether it has written to stderr.
    has_spoken: Arc<AtomicBool>,
}

impl Member {
    /// Whether it has written nothing to stderr.
    pub fn is_silent(&self) -> bool {
        !self.has_spoken.load(Relaxed)
    }
}

/// A store for the root of a run, with accounts of its own.
pub fn root_store(run: &Arc<Run>) -> Result<Store<Guest>, Error> {
    let streams = match &run.captured {
        Some([stdout, stderr]) => Streams::new(stdout.clone(), stderr.clone()),
        None if run.configuration.redirect => Streams::new(io::stderr(), io::stderr()),
        None => Streams::new(io::stdout(), io::stderr()),
    };
    store_of_root(run, streams)
}

/// A store for the root, for a request of that number: what is written for it, is
/// written in lines that say so.
pub fn request_store(run: &Arc<Run>, request: u64) -> Result<Store<Guest>, Error> {
    let lines = |to| Lines::new(format!("[{request}] "), to);
    let stdout = match run.configuration.redirect {
        true => Standard::Err,
        false => Standard::Out,
    };
    store_of_root(run, Streams::new(lines(stdout), lines(Standard::Err)))
}

/// A store for the root, in a session of its own.
fn store_of_root(run: &Arc<Run>, streams: Streams) -> Result<Store<Guest>, Error> {
    store(
        run.pre.engine(),
        &Session::new(run, streams),
        vec![id_of(&run.root)],
        run.root.grants,
        run.footprint,
        run.code(&run.root),
    )
}

/// A store in an engine for an instance of the last of a chain of ids, whose program is
/// granted this and has this code, and which takes so many bytes beside memories and
/// tables.
pub fn store(
    engine: &Engine,
    session: &Arc<Session>,
    chain: Vec<String>,
    grants: Grants,
    footprint: u64,
    code: Arc<ProgramCode>,
) -> Result<Store<Guest>, Error> {
    let run = &session.run;
    let Configuration { limits, .. } = run.configuration;
    let id = chain.last().cloned().unwrap_or_default();
    let accounts = Limits {
        cpu_ms: limits.cpu_ms,
        wall_ms: limits.wall_ms,
        memory_bytes: limits.memory_bytes,
        table_elements: limits.table_elements,
        calls: limits.io_ops,
        output_bytes: limits.output_bytes,
    };
    let meter = Meter::new(
        engine,
        accounts,
        session.time_of(&id),
        session.budget.clone(),
    );
    let is_root = chain.len() == 1;
    let has_spoken = Arc::new(AtomicBool::new(false));
    let wasi = wasi(session, &meter, grants, is_root, &has_spoken)?;
    session.instance_made(is_root)?;
    // Nothing fails from here on: what is taken is given back by whom is made.
    meter.take(footprint).map_err(|exceeded| {
        session.instance_gone(is_root);
        let message = format!("`{id}` was not instantiated: {exceeded}");
        error(ErrorCode::ExecResourceExhausted, message)
    })?;
    session.keep(&meter);
    let number = run.instance_number();
    let fields = [("id", id), ("instance", number.to_string())];
    run.events.emit("instance.created", &fields);
    let member = Member {
        session: session.clone(),
        chain,
        grants,
        meter: meter.clone(),
        audit: Audit::new(Recorder {
            events: run.events.clone(),
            instance: number,
        }),
        number,
        has_spoken,
    };
    let given = Given {
        wasi,
        http: grants.contains(Grants::HTTP),
        handles: limits.handles,
        code,
        audit: member.audit.clone(),
    };
    Ok(Guest::store(engine, meter, given, member))
}

impl Drop for Member {
    fn drop(&mut self) {
        let events = &self.session.run.events;
        // What cannot be written is kept, and whoever waits for the run is told.
        let _ = self.audit.flush();
        let fields = [
            ("id", self.chain.last().cloned().unwrap_or_default()),
            ("instance", self.number.to_string()),
            ("cpu_us", self.meter.micros().to_string()),
            ("memory_bytes", self.meter.memory().to_string()),
            ("calls", self.meter.calls().to_string()),
        ];
        events.emit("instance.dropped", &fields);
        self.session.instance_gone(self.chain.len() == 1);
    }
}

/// What the plan grants. Interfaces that are not granted are there, because
/// programs name what they may never use, and refuse.
fn wasi(
    session: &Session,
    meter: &Arc<Meter>,
    grants: Grants,
    is_root: bool,
    has_spoken: &Arc<AtomicBool>,
) -> Result<WasiCtx, Error> {
    let run = &session.run;
    let Configuration {
        arguments,
        environment,
        folders,
        ..
    } = &run.configuration;
    let given = |flag| grants.contains(flag);
    let environment = environment.iter().filter(|_| given(Grants::VARIABLES));
    let folders = folders.iter().zip(&run.folders);
    let folders = folders.filter(|_| given(Grants::FOLDERS));
    let mut wasi = WasiCtxBuilder::new();
    wasi.args(arguments)
        .envs(&environment.cloned().collect::<Vec<_>>())
        // Where requests share the threads, files must not hold them up; nor a
        // clock that ends the guest.
        .allow_blocking_current_thread(
            run.purpose == Purpose::Run && run.configuration.limits.wall_ms == u64::MAX,
        );
    for (folder, opened) in folders {
        let permissions = match folder.read_only {
            true => FsPerms::ReadOnly,
            false => FsPerms::ReadWrite,
        };
        let refused = |why: &dyn Display| Error {
            code: ErrorCode::InvalidInput,
            message: format!("cannot open the folder `{}`: {why:#}", folder.host),
            context: Some(folder.host.clone()),
        };
        let path = opened.as_ref().map_err(|error| refused(error))?.path();
        wasi.preopened_dir(path, &folder.guest, permissions)
            .map_err(|error| refused(&error))?;
    }
    let tcp = grants.contains(Grants::TCP);
    let udp = grants.contains(Grants::UDP);
    if tcp || udp {
        wasi.inherit_network();
    }
    wasi.allow_tcp(tcp)
        .allow_udp(udp)
        .allow_ip_name_lookup(grants.contains(Grants::NAME_LOOKUP));
    // The root alone reads what the user gives, and no request does; all may
    // say something.
    let deterministic = run.configuration.deterministic;
    if is_root && run.purpose == Purpose::Run && run.captured.is_none() {
        match deterministic {
            true => wasi.stdin(WholeStdin::new(meter.clone())),
            false => wasi.inherit_stdin(),
        };
    }
    let ask = || {
        let (progress, meter) = (run.progress.clone(), meter.clone());
        move |bytes| {
            progress.end();
            Ok(meter.output(bytes)?)
        }
    };
    let (count, spoken) = (ask(), has_spoken.clone());
    let speak = move |bytes| {
        if bytes > 0 {
            spoken.store(true, Relaxed);
        }
        count(bytes)
    };
    let Streams { stdout, stderr } = session.streams.clone();
    wasi.stdout(Watched::new(stdout, ask()).plain(deterministic))
        .stderr(Watched::new(stderr, speak).plain(deterministic));
    Ok(wasi.build())
}
