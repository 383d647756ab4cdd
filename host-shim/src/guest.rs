//! What a guest's store holds: what WASI may do for it, and its accounts.

use std::sync::Arc;

use guest_meter::{Limits, Meter, Space, Watched};
use http::{Request, Response};
use http_body_util::BodyExt;
use wasmtime::component::ResourceTable;
use wasmtime::{Store, UpdateDeadline};
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi_http::{
    Error as HttpError, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks,
    WasiHttpView, default_send_request,
};

use crate::bindings::sys::compose::runner::{Configuration, Grants};
use crate::run::{Run, Session};
use crate::types::{Error, ErrorCode};

/// The data of a guest's store.
pub struct Guest {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    hooks: Hooks,
    /// Handles that the guest holds.
    pub table: ResourceTable,
    space: Space,
    /// What it has used.
    pub meter: Arc<Meter>,
    /// The run that it belongs to.
    pub session: Arc<Session>,
    /// Ids from the root's to its own, each resolved by the one before.
    pub chain: Vec<String>,
    /// Tells instances of one component apart, in events.
    number: u64,
}

impl Guest {
    /// A store for an instance of the last of a chain of ids.
    pub fn store(session: &Arc<Session>, chain: Vec<String>) -> Result<Store<Self>, Error> {
        let run = &session.run;
        let limits = run.configuration.limits;
        let space = Limits {
            cpu_ms: limits.cpu_ms,
            memory_bytes: limits.memory_bytes,
            table_elements: limits.table_elements,
            calls: limits.io_ops,
            output_bytes: limits.output_bytes,
        };
        let id = chain.last().cloned().unwrap_or_default();
        let meter = Meter::new(run.engine(), space, session.time_of(&id));
        let mut table = ResourceTable::new();
        table.set_max_capacity(usize::try_from(limits.handles).unwrap_or(usize::MAX));
        session.instance_made(chain.len() == 1)?;
        let number = run.instance_number();
        let number_text = number.to_string();
        run.events
            .emit("instance.created", &[("id", id), ("instance", number_text)]);
        let guest = Self {
            wasi: wasi(run, &meter, chain.len() == 1)?,
            http: WasiHttpCtx::new(),
            hooks: Hooks {
                granted: run.configuration.grants.contains(Grants::HTTP),
            },
            table,
            space: Space::new(space),
            meter: meter.clone(),
            session: session.clone(),
            chain,
            number,
        };
        let mut store = Store::new(run.engine(), guest);
        store.limiter(|guest| &mut guest.space);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(move |_| {
            meter.check()?;
            // Whoever else is to run on this thread gets a turn.
            Ok(UpdateDeadline::Yield(1))
        });
        Ok(store)
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let fields = [
            ("id", self.chain.last().cloned().unwrap_or_default()),
            ("instance", self.number.to_string()),
            ("cpu_us", self.meter.micros().to_string()),
            ("memory_bytes", self.space.memory().to_string()),
            ("calls", self.meter.calls().to_string()),
        ];
        self.session.run.events.emit("instance.dropped", &fields);
        self.session.instance_gone(self.chain.len() == 1);
    }
}

impl WasiView for Guest {
    // Every call of a WASI function comes through here.
    fn ctx(&mut self) -> WasiCtxView<'_> {
        self.meter.call();
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for Guest {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        self.meter.call();
        WasiHttpCtxView {
            ctx: &mut self.http,
            hooks: &mut self.hooks,
            table: &mut self.table,
        }
    }
}

/// What the plan grants. Interfaces that are not granted are there, because
/// programs name what they may never use, and refuse.
fn wasi(run: &Run, meter: &Arc<Meter>, is_root: bool) -> Result<WasiCtx, Error> {
    let Configuration {
        arguments,
        environment,
        folders,
        grants,
        ..
    } = &run.configuration;
    let mut wasi = WasiCtxBuilder::new();
    wasi.args(arguments).envs(environment);
    for folder in folders {
        let permissions = match folder.read_only {
            true => FsPerms::ReadOnly,
            false => FsPerms::ReadWrite,
        };
        wasi.preopened_dir(&folder.host, &folder.guest, permissions)
            .map_err(|error| Error {
                code: ErrorCode::InvalidInput,
                message: format!("cannot open the folder `{}`: {error:#}", folder.host),
                context: Some(folder.host.clone()),
            })?;
    }
    let tcp = grants.contains(Grants::TCP);
    let udp = grants.contains(Grants::UDP);
    if tcp || udp {
        wasi.inherit_network();
    }
    wasi.allow_tcp(tcp)
        .allow_udp(udp)
        .allow_ip_name_lookup(grants.contains(Grants::NAME_LOOKUP));
    // The root alone reads what the user gives; all may say something.
    if is_root {
        wasi.inherit_stdin();
    }
    let ask = || {
        let (progress, meter) = (run.progress.clone(), meter.clone());
        move |bytes| {
            progress.end();
            Ok(meter.output(bytes)?)
        }
    };
    wasi.stdout(Watched::new(std::io::stdout(), ask()))
        .stderr(Watched::new(std::io::stderr(), ask()));
    Ok(wasi.build())
}

/// Outgoing requests, when they are granted.
struct Hooks {
    granted: bool,
}

type Sent = (Response<WasiBody>, Processing);
type Processing = Box<dyn Future<Output = Result<(), HttpError>> + Send>;

impl WasiHttpHooks for Hooks {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Processing,
    ) -> Box<dyn Future<Output = Result<Sent, HttpError>> + Send> {
        let granted = self.granted;
        Box::new(async move {
            if !granted {
                return Err(HttpError::HttpRequestDenied);
            }
            let (response, io) = default_send_request(request, options).await?;
            let io: Processing = Box::new(io);
            Ok((response.map(BodyExt::boxed_unsync), io))
        })
    }
}
