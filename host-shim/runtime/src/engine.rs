//! Engines: one for components that the embedder trusts as itself, and one for
//! the guests of each tenant, with the tenant's own compiled code.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use wasmtime::component::Component;
use wasmtime::error::Context as _;
use wasmtime::{Config, Engine, PoolingAllocationConfig, Result};

use crate::backtrace::FRAMES;
use crate::code_cache::{CodeCache, TenantCode};

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

/// Compiled code and the engine that runs it, which tenants do not share; with
/// each, what the embedder knows of it.
pub struct Tenant<T> {
    engine: Engine,
    code: Option<TenantCode>,
    compiled: Mutex<HashMap<[u8; 32], (Component, T)>>,
}

impl<T: Clone> Tenant<T> {
    /// The engine of a tenant, or of those who name none; it is ticked. Compiled code is kept
    /// in the user's cache, if there is one, and never in the store, which others
    /// may write to. Maps are on beside what the runtime has on of itself; what it
    /// calls incomplete is off. Code that is deterministic computes the same on
    /// every processor.
    ///
    /// # Errors
    /// When the machine is none that code is made for.
    pub fn new(
        name: Option<&str>,
        purpose: Purpose,
        is_deterministic: bool,
        cache: Option<&CodeCache>,
    ) -> Result<Self> {
        let mut config = Config::new();
        config
            .epoch_interruption(true)
            .wasm_backtrace_max_frames(NonZeroUsize::new(FRAMES))
            .wasm_component_model_map(true)
            .relaxed_simd_deterministic(is_deterministic)
            .cranelift_nan_canonicalization(is_deterministic);
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
        Ok(Self {
            engine,
            code: cache.map(|cache| cache.of(name)),
            compiled: Mutex::default(),
        })
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Compiles a blob, or takes what was made of it before.
    ///
    /// # Errors
    /// When it is no component that this engine takes.
    pub fn compile(&self, digest: &[u8; 32], bytes: &[u8]) -> Result<Component> {
        let kept = self.code.as_ref();
        if let Some(component) = kept.and_then(|code| code.load(&self.engine, digest)) {
            return Ok(component);
        }
        let component = Component::new(&self.engine, bytes)?;
        if let Some(code) = kept {
            code.keep(&self.engine, digest, &component);
        }
        Ok(component)
    }

    /// What was compiled before in this process.
    pub fn compiled(&self, digest: &[u8; 32]) -> Option<(Component, T)> {
        let compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        compiled.get(digest).cloned()
    }

    /// Keeps what was compiled for this process.
    pub fn keep(&self, digest: [u8; 32], component: &Component, known: T) {
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        compiled.insert(digest, (component.clone(), known));
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
