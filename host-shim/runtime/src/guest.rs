//! A guest: its store, with WASI, accounts of what it uses, and limits that end it.

use std::any::Any;
use std::sync::Arc;

use wasmtime::component::ResourceTable;
use wasmtime::{Engine, Store, UpdateDeadline};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::audit::Audit;
use crate::backtrace::Code;
use crate::deterministic::Told;
use crate::handles::Handles;
use crate::http::Hooks;
use crate::meter::{Meter, Space};

/// The data of a guest's store.
pub struct Guest {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    hooks: Hooks,
    /// Handles that the guest holds.
    pub table: ResourceTable,
    /// What it has used.
    pub meter: Arc<Meter>,
    /// Whose its code is.
    pub code: Arc<dyn Code>,
    space: Space,
    /// What keeps the calls that it says it makes.
    pub(crate) audit: Arc<Audit>,
    /// What it was told of files, where its runs must not differ.
    pub(crate) told: Told,
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
    /// Whose its code is.
    pub code: Arc<dyn Code>,
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
            hooks: Hooks {
                granted: given.http,
                chunk: handles.chunk,
            },
            table,
            code: given.code,
            space: Space(meter.clone()),
            meter: meter.clone(),
            audit: given.audit,
            told: Told::default(),
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
