//! From a program to a run that is ready to be instantiated.

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};

use composectl_runtime::{GUESTS, Process, Purpose, TABLE, pooled};
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;

use crate::bindings::sys::compose::runner::{Configuration, Program};
use crate::dynlink;
use crate::error::Error;
use crate::host::Host;
use crate::load::{Role, load};
use crate::run::Run;

/// Bytes of a stream that are kept.
const CAPTURED: u64 = 64 << 20;

/// Loads a program of a process, and links what it imports.
pub async fn start(
    host: &Arc<Host>,
    root: &Program,
    configuration: Configuration,
    purpose: Purpose,
    process: &Arc<Process>,
) -> Result<Arc<Run>, Error> {
    let folders = host.lend(&configuration)?;
    let name = configuration.tenant.as_deref();
    let deterministic = configuration.deterministic;
    let tenant = |purpose| host.tenant(name, purpose, deterministic, dynlink::add_to_linker);
    // What resolves others takes more of a pool than can be told before.
    let poolable = purpose == Purpose::Serve
        && configuration.links.is_empty()
        && configuration.limits.table_elements <= TABLE as u64;
    // Too large for a pool, and no room for one, are no errors: the other
    // engine says what is.
    let (tenant, (pre, footprint), guests) = if poolable
        && let Ok(pool) = tenant(Purpose::Serve)
        && let Ok(loaded) = load(host, &pool, root, Role::Root).await
        && let Some(held) = pooled(loaded.1.memories, loaded.1.tables)
    {
        (pool, loaded, held)
    } else {
        let tenant = tenant(Purpose::Run)?;
        let loaded = load(host, &tenant, root, Role::Root).await?;
        (tenant, loaded, GUESTS)
    };
    Ok(Arc::new(Run {
        pre,
        captured: configuration.capture.then(|| {
            let most = configuration.limits.output_bytes.min(CAPTURED);
            [(); 2].map(|()| MemoryOutputPipe::new(most as usize))
        }),
        footprint: footprint.bytes,
        folders,
        process: process.clone(),
        configuration,
        events: host.events.clone(),
        progress: host.progress.clone(),
        purpose,
        host: host.clone(),
        tenant,
        root: root.clone(),
        codes: Mutex::default(),
        guests,
        instances: AtomicU64::new(0),
    }))
}
