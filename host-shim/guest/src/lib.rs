//! Guests of wasmtime: engines and compiled code for each tenant, a store with
//! WASI 0.2 and 0.3, accounts of what the guest uses, limits that end it, calls
//! in WAVE, HTTP, and a line of progress meanwhile. It knows nothing of plans.
//!
//! There is one type of store data, and not one for each embedder, so that
//! WASI is compiled once: what an embedder adds is in [`Guest::data`].

mod audit;
mod budget;
mod call;
mod code_cache;
mod command;
mod deterministic;
mod engine;
mod failure;
mod handles;
mod http;
mod meter;
mod output;
mod progress;
mod serve;

use std::any::Any;
use std::sync::Arc;

use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Engine, Result, Store, UpdateDeadline};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use handles::Handles;

pub use audit::{Audit, Record, Unrecorded, Use};
pub use budget::{Budget, Process};
pub use call::{Call, NoCall};
pub use code_cache::CodeCache;
pub use command::run_command;
pub use deterministic::WholeStdin;
pub use engine::{GUESTS, Purpose, TABLE, Tenant, own_engine, pooled, precompile};
pub use failure::Failure;
pub use meter::{Exceeded, Limits, Meter, Metered, metered};
pub use output::Watched;
pub use progress::{Progress, say};
pub use serve::{ServeCode, ServeError, Service, serve};

/// The data of a guest's store.
pub struct Guest {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    hooks: http::Hooks,
    /// Handles that the guest holds.
    pub table: ResourceTable,
    /// What it has used.
    pub meter: Arc<Meter>,
    space: meter::Space,
    audit: Arc<Audit>,
    told: deterministic::Told,
    data: Box<dyn Any + Send>,
}

/// What a guest is given.
pub struct Given {
    /// Everything of WASI but HTTP.
    pub wasi: WasiCtx,
    /// Whether it may send HTTP requests.
    pub http: bool,
    /// How many handles of host resources it may hold.
    pub handles: u64,
    /// What keeps the calls that it says it makes.
    pub audit: Arc<Audit>,
}

impl Guest {
    /// A store. The engine must have epoch interruption, if the limits of time,
    /// calls and output are to hold, and somebody must tick it.
    pub fn store<T: Any + Send>(
        engine: &Engine,
        meter: Arc<Meter>,
        given: Given,
        data: T,
    ) -> Store<Self> {
        let copied = meter.limits().memory_bytes;
        let handles = Handles::new(given.handles, copied);
        let mut table = ResourceTable::new();
        table.set_max_capacity(handles.count);
        let mut http = WasiHttpCtx::new();
        http.set_field_size_limit(handles.fields);
        let guest = Self {
            wasi: given.wasi,
            http,
            hooks: http::Hooks {
                granted: given.http,
                chunk: handles.chunk,
            },
            table,
            space: meter::Space(meter.clone()),
            meter: meter.clone(),
            audit: given.audit,
            told: deterministic::Told::default(),
            data: Box::new(data),
        };
        let mut store = Store::new(engine, guest);
        // What one call copies is held in the host's memory meanwhile.
        store.set_hostcall_fuel(usize::try_from(copied).unwrap_or(usize::MAX));
        store.limiter(|guest| &mut guest.space);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(move |_| {
            meter.check()?;
            // Whoever else is to run on this thread gets a turn.
            Ok(UpdateDeadline::Yield(1))
        });
        store
    }

    /// What the embedder keeps with the guest.
    ///
    /// # Panics
    ///
    /// When that is of another type: stores of different embedders are not to
    /// be mixed up.
    pub fn data<T: Any>(&self) -> &T {
        self.data
            .downcast_ref()
            .expect("a store has the data that it was made with")
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

/// Everything of WASI, and what audited guests import. What is deterministic has
/// folders that say nothing of when and where they are.
///
/// # Errors
/// When the engine lacks what these take.
pub fn linker(engine: &Engine, is_deterministic: bool) -> Result<Linker<Guest>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi::p3::add_to_linker(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    wasmtime_wasi_http::p3::add_to_linker(&mut linker)?;
    audit::add_to_linker(&mut linker)?;
    if is_deterministic {
        deterministic::add_to_linker(&mut linker)?;
    }
    Ok(linker)
}

/// Names of a component's exports.
pub fn exports(component: &Component) -> Vec<String> {
    let ty = component.component_type();
    let exports = ty.exports(component.engine());
    exports.map(|(name, _)| name.to_string()).collect()
}
