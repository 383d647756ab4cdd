//! Engines: one for components that the embedder trusts as itself, and one for
//! the guests of each tenant, with the tenant's own compiled code.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use wasmtime::component::Component;
use wasmtime::error::Context as _;
use wasmtime::{Cache, CacheConfig, Config, Engine, PoolingAllocationConfig, Result};

/// How often guests are looked at while they run: limits of time are held to
/// this, and guests of one thread take turns after it.
const TICK: Duration = Duration::from_millis(1);

/// Memories, tables and stacks that a pool holds, and how much of each stays
/// resident when it is given back.
const POOL: u32 = 1000;
const RESIDENT: usize = 64 << 10;

/// Elements of a table of a pool.
pub const TABLE: usize = 100_000;

/// Bytes of what an instance is beside memories and tables.
const INSTANCE: usize = 16 << 20;

/// Guests of a server that run at once, at the most.
pub const GUESTS: usize = 256;

/// What guests are instantiated for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// One, or a few that resolve each other, of any size.
    Run,
    /// Many, one after the other: what they are made of comes from a pool.
    Serve,
}

/// An engine without limits, for what is a part of the embedder.
///
/// # Errors
/// When the machine is none that code is made for.
pub fn own_engine() -> Result<Engine> {
    Engine::new(&own())
}

/// What is a part of the embedder is instantiated once: its memories are cheaper
/// to fill than to make images of, and nobody looks up where in it a trap was.
fn own() -> Config {
    let mut config = Config::new();
    config.memory_init_cow(false).generate_address_map(false);
    config
}

/// Compiles a component's file to a file for [`own_engine`], on every machine of
/// this kind and not only on this one.
///
/// # Errors
/// When a file cannot be read or written, and when it is no component.
pub fn precompile(from: &str, to: &str) -> Result<()> {
    let (architecture, system) = (std::env::consts::ARCH, std::env::consts::OS);
    let mut config = own();
    config.target(&format!("{architecture}-unknown-{system}"))?;
    let bytes = std::fs::read(from).with_context(|| format!("cannot read `{from}`"))?;
    let compiled = Engine::new(&config)?.precompile_component(&bytes)?;
    std::fs::write(to, compiled).with_context(|| format!("cannot write `{to}`"))
}

/// Compiled code and the engine that runs it, which tenants do not share.
pub struct Tenant {
    engine: Engine,
    compiled: Mutex<HashMap<[u8; 32], Component>>,
}

impl Tenant {
    /// The engine of a tenant, or of those who name none; it is ticked. Compiled code is kept
    /// in the user's cache folder, if there is one, and never in the store,
    /// which others may write to.
    ///
    /// # Errors
    /// When the machine is none that code is made for.
    pub fn new(name: Option<&str>, purpose: Purpose) -> Result<Self> {
        let mut config = Config::new();
        config.epoch_interruption(true).cache(cache(name));
        if purpose == Purpose::Serve {
            config.allocation_strategy(pool());
        }
        let engine = Engine::new(&config)?;
        let ticking = engine.weak();
        std::thread::spawn(move || {
            while let Some(engine) = ticking.upgrade() {
                engine.increment_epoch();
                drop(engine);
                std::thread::sleep(TICK);
            }
        });
        let compiled = Mutex::default();
        Ok(Self { engine, compiled })
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// What was compiled before in this process.
    pub fn compiled(&self, digest: &[u8; 32]) -> Option<Component> {
        let compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        compiled.get(digest).cloned()
    }

    /// Keeps what was compiled.
    pub fn keep(&self, digest: [u8; 32], component: &Component) {
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        compiled.insert(digest, component.clone());
    }
}

/// A pool; what a component may take of it is all of it.
fn pool() -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::default();
    pool.total_component_instances(u32::MAX)
        .total_core_instances(u32::MAX)
        .total_memories(POOL)
        .total_tables(POOL)
        .total_stacks(POOL)
        .max_memories_per_component(POOL)
        .max_tables_per_component(POOL)
        .max_component_instance_size(INSTANCE)
        .max_core_instance_size(INSTANCE)
        .table_elements(TABLE)
        .linear_memory_keep_resident(RESIDENT)
        .table_keep_resident(RESIDENT);
    pool
}

/// How many instances of a component may live at once: as many as a pool holds,
/// if that is enough to be worth it.
pub fn pooled(component: &Component) -> Option<usize> {
    let required = component.resources_required()?;
    let most = required.num_memories.max(required.num_tables).max(1);
    let held = (POOL / most) as usize;
    (held >= GUESTS / 8).then_some(held.min(GUESTS))
}

/// The runtime's own cache, in a folder of the tenant's.
fn cache(tenant: Option<&str>) -> Option<Cache> {
    let shared = Cache::from_file(None).ok()?;
    let Some(tenant) = tenant else {
        return Some(shared);
    };
    let name: String = Sha256::digest(tenant)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let mut config = CacheConfig::new();
    config.with_directory(shared.directory().with_file_name(format!("tenant-{name}")));
    Cache::new(config).ok()
}
