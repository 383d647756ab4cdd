//! Engines for guests.

use std::num::NonZeroUsize;
use std::time::Duration;

use wasmtime::{Config, Engine, PoolingAllocationConfig, Result};

use crate::backtrace::FRAMES;

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

/// What an engine runs guests as.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    /// What they are instantiated for.
    pub purpose: Purpose,
    /// Whether they compute the same on every processor.
    pub is_deterministic: bool,
    /// Whether they may have several tasks at once. Where they may not, calls into them and
    /// out of them cost half as much.
    pub is_concurrent: bool,
}

/// An engine for guests; it is ticked. Maps are on beside what the runtime has on of
/// itself; what it calls incomplete is off.
pub(crate) fn engine(kind: Kind) -> Result<Engine> {
    let Kind {
        purpose,
        is_deterministic,
        is_concurrent,
    } = kind;
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .wasm_backtrace_max_frames(NonZeroUsize::new(FRAMES))
        .concurrency_support(is_concurrent)
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
    Ok(engine)
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

/// How many instances may live at once that have so many memories and tables each: as
/// many as a pool holds, if that is enough to be worth it.
pub fn pooled(memories: u64, tables: u64) -> Option<usize> {
    let most = memories.max(tables).max(1);
    let held = (u64::from(POOL) / most) as usize;
    (held >= GUESTS / 8).then_some(held.min(GUESTS))
}
