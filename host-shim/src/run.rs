//! A run: a program that is ready to be instantiated.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use composectl_runtime::{Guest, Process, Progress, Purpose, Tenant};
use wasmtime::component::InstancePre;
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;

use crate::bindings::sys::compose::runner::{Configuration, Output, Program};
use crate::closed::Lent;
use crate::code::ProgramCode;
use crate::error::Error;
use crate::events::Events;
use crate::host::Host;
use crate::imports::Outside;
use crate::load::{Loaded, Role, load};
use crate::program::id_of;

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
    /// What all of this process share.
    pub host: Arc<Host>,
    /// Whose engine and compiled code it uses.
    pub tenant: Arc<Tenant<Outside>>,
    /// The root, as it was asked for.
    pub root: Program,
    /// Whose the code of each program is, by its id.
    pub codes: Mutex<HashMap<String, Arc<ProgramCode>>>,
    /// How many instances of it there may be at once.
    pub guests: usize,
    /// Bytes that an instance of the root takes beside memories and tables.
    pub footprint: u64,
    /// The folders that are lent, in the configuration's order.
    pub folders: Vec<io::Result<Lent>>,
    /// How many instances were made.
    pub instances: AtomicU64,
    /// What all guests of the process use together.
    pub process: Arc<Process>,
    /// Stdout and stderr, where what is written there is kept.
    pub captured: Option<[MemoryOutputPipe; 2]>,
}

impl Run {
    /// What was written, where that is kept.
    pub fn output(&self) -> Output {
        let contents = |pipe: &MemoryOutputPipe| pipe.contents().to_vec();
        let [stdout, stderr] = self
            .captured
            .as_ref()
            .map_or_else(Default::default, |pipes| pipes.each_ref().map(contents));
        Output { stdout, stderr }
    }

    /// Loads a program that a guest resolves.
    pub async fn resolve(&self, program: &Program) -> Result<Loaded, Error> {
        load(&self.host, &self.tenant, program, Role::Provider).await
    }

    /// Whose the code of a program is.
    pub fn code(&self, program: &Program) -> Arc<ProgramCode> {
        let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        let code = || ProgramCode::new(&self.host, &self.tenant, program);
        codes.entry(id_of(program)).or_insert_with(code).clone()
    }

    /// A number for an instance.
    pub fn instance_number(&self) -> u64 {
        self.instances.fetch_add(1, Relaxed)
    }
}
