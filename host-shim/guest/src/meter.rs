//! What a guest has used, and what it may use.
//!
//! Processor time is measured where it is spent: around each poll of a future
//! that runs a guest, by the clock of the thread. A guest that waits uses none,
//! and neither does one whose thread another process holds. Guests call each
//! other, so a poll may be inside another one: what the inner one used is not
//! the outer one's.

use std::cell::Cell;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use wasmtime::component::ResourceTableError;
use wasmtime::{Engine, ResourceLimiter};

/// Core instances of one store: composed components have thousands, and what
/// each costs is not counted as memory.
const CORE_INSTANCES: usize = 100_000;

thread_local! {
    /// Time of inner polls in the poll that is going on.
    static INNER: Cell<u64> = const { Cell::new(0) };
}

/// What one instance may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Processor time in milliseconds.
    pub cpu_ms: u64,
    /// Bytes over all memories.
    pub memory_bytes: u64,
    /// Elements over all tables.
    pub table_elements: u64,
    /// Calls of the host.
    pub calls: u64,
    /// Bytes of output.
    pub output_bytes: u64,
}

/// A limit that a guest ran into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exceeded {
    /// Its processor time, in milliseconds.
    Time(u64),
    /// Bytes of its memories.
    Memory(u64),
    /// Elements of its tables.
    Tables(u64),
    /// Calls of the host.
    Calls(u64),
    /// Bytes of output.
    Output(u64),
    /// Handles of host resources.
    Handles,
    /// Bytes of one call of the host, which memory bounds.
    Copied,
}

/// Whether an error that has no type of its own is the one that says so.
fn says(error: &wasmtime::Error, words: &str) -> bool {
    error.chain().any(|cause| cause.to_string().contains(words))
}

impl fmt::Display for Exceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time(limit) => write!(f, "it ran longer than {limit} ms (limit cpu-ms)"),
            Self::Memory(limit) => {
                write!(
                    f,
                    "it asked for more than {limit} bytes of memory (limit memory-bytes)"
                )
            }
            Self::Tables(limit) => {
                write!(
                    f,
                    "its tables have more than {limit} elements (limit table-elements)"
                )
            }
            Self::Calls(limit) => {
                write!(
                    f,
                    "it called the host more than {limit} times (limit io-ops)"
                )
            }
            Self::Output(limit) => {
                write!(f, "it wrote more than {limit} bytes (limit output-bytes)")
            }
            Self::Handles => write!(f, "it holds too many handles (limit handles)"),
            Self::Copied => {
                write!(
                    f,
                    "one call passes more than its memory may have (limit memory-bytes)"
                )
            }
        }
    }
}

impl std::error::Error for Exceeded {}

impl Exceeded {
    /// The limit that an error is about, if it is.
    pub fn of(error: &wasmtime::Error) -> Option<Self> {
        match error.downcast_ref::<Self>() {
            Some(exceeded) => Some(*exceeded),
            None => match error.downcast_ref::<ResourceTableError>() {
                Some(ResourceTableError::Full) => Some(Self::Handles),
                _ if says(error, "handle limit exceeded") => Some(Self::Handles),
                _ if says(error, "fuel allocated for hostcalls") => Some(Self::Copied),
                _ => None,
            },
        }
    }
}

/// The accounts of one instance.
pub struct Meter {
    limits: Limits,
    /// Nanoseconds; all instances that a run makes of one component share it.
    time: Arc<AtomicU64>,
    /// Of these, the ones of this instance.
    own: AtomicU64,
    /// The thread's clock when the poll that is going on began; 0 when none is.
    began: AtomicU64,
    /// The limit of memory or tables that it ran into.
    refused: OnceLock<Exceeded>,
    calls: AtomicU64,
    output: AtomicU64,
    memory: AtomicU64,
    elements: AtomicU64,
    engine: Engine,
}

impl Meter {
    /// Accounts under some limits; `time` is what was used before.
    pub fn new(engine: &Engine, limits: Limits, time: Arc<AtomicU64>) -> Arc<Self> {
        Arc::new(Self {
            limits,
            time,
            own: AtomicU64::new(0),
            began: AtomicU64::new(0),
            refused: OnceLock::new(),
            calls: AtomicU64::new(0),
            output: AtomicU64::new(0),
            memory: AtomicU64::new(0),
            elements: AtomicU64::new(0),
            engine: engine.clone(),
        })
    }

    /// Its limits.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Processor time of this instance, in microseconds.
    pub fn micros(&self) -> u64 {
        (self.own.load(Relaxed) + self.running()) / 1000
    }

    /// Nanoseconds of the poll that is going on, on this thread.
    fn running(&self) -> u64 {
        match self.began.load(Relaxed) {
            0 => 0,
            began => thread_time()
                .saturating_sub(began)
                .saturating_sub(INNER.get()),
        }
    }

    /// Calls of the host.
    pub fn calls(&self) -> u64 {
        self.calls.load(Relaxed)
    }

    /// Bytes of all memories. They never shrink, so this is also the most.
    pub fn memory(&self) -> u64 {
        self.memory.load(Relaxed)
    }

    /// Counts a call of the host.
    pub fn call(&self) {
        if self.calls.fetch_add(1, Relaxed) >= self.limits.calls {
            // It is stopped where it looks at the epoch, which is at the next
            // function or loop.
            self.engine.increment_epoch();
        }
    }

    /// Counts output, and refuses what is too much.
    pub fn output(&self, bytes: usize) -> Result<(), Exceeded> {
        let before = self.output.fetch_add(bytes as u64, Relaxed);
        if before.saturating_add(bytes as u64) <= self.limits.output_bytes {
            return Ok(());
        }
        // Where the error only reaches the guest, as one of a stream.
        self.engine.increment_epoch();
        Err(Exceeded::Output(self.limits.output_bytes))
    }

    /// Looked at while the guest runs.
    ///
    /// # Errors
    /// When it ran into a limit.
    pub fn check(&self) -> Result<(), Exceeded> {
        let limits = &self.limits;
        if let Some(refused) = self.refused.get() {
            return Err(*refused);
        }
        if self.calls() > limits.calls {
            return Err(Exceeded::Calls(limits.calls));
        }
        if self.output.load(Relaxed) > limits.output_bytes {
            return Err(Exceeded::Output(limits.output_bytes));
        }
        match (self.time.load(Relaxed) + self.running()) / 1_000_000 >= limits.cpu_ms {
            true => Err(Exceeded::Time(limits.cpu_ms)),
            false => Ok(()),
        }
    }

    /// Adds to memory or tables, or keeps which limit that would exceed. What
    /// follows from a refusal, such as a full heap, may hide it.
    fn grow(
        &self,
        account: &AtomicU64,
        limit: u64,
        exceeded: fn(u64) -> Exceeded,
        (current, desired, maximum): (usize, usize, Option<usize>),
    ) -> wasmtime::Result<bool> {
        // Beyond its own maximum it does not grow whatever is said here.
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        let more = desired.saturating_sub(current) as u64;
        if account.fetch_add(more, Relaxed).saturating_add(more) <= limit {
            return Ok(true);
        }
        account.fetch_sub(more, Relaxed);
        // The first says it.
        let _ = self.refused.set(exceeded(limit));
        Err(exceeded(limit).into())
    }
}

/// Runs a future of a guest on its account.
pub fn metered<F: Future>(meter: &Arc<Meter>, future: F) -> Metered<F> {
    Metered {
        meter: meter.clone(),
        future: Box::pin(future),
    }
}

/// See [`metered`].
pub struct Metered<F> {
    meter: Arc<Meter>,
    future: Pin<Box<F>>,
}

impl<F: Future> Future for Metered<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let outer = INNER.replace(0);
        let began = thread_time();
        self.meter.began.store(began, Relaxed);
        let result = self.future.as_mut().poll(context);
        let elapsed = thread_time().saturating_sub(began);
        let own = elapsed.saturating_sub(INNER.get());
        self.meter.time.fetch_add(own, Relaxed);
        self.meter.own.fetch_add(own, Relaxed);
        self.meter.began.store(0, Relaxed);
        INNER.set(outer + elapsed);
        result
    }
}

/// Processor time of this thread, in nanoseconds.
#[cfg(unix)]
fn thread_time() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// Time, where the system does not tell the processor's.
#[cfg(not(unix))]
fn thread_time() -> u64 {
    use std::sync::LazyLock;
    use std::time::Instant;
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed().as_nanos() as u64
}

/// Memory and tables of a store on its account. What is too much stops the
/// guest: one that was only told so would report whatever it makes of that.
pub(crate) struct Space(pub(crate) Arc<Meter>);

impl ResourceLimiter for Space {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let (meter, size) = (&self.0, (current, desired, maximum));
        meter.grow(
            &meter.memory,
            meter.limits.memory_bytes,
            Exceeded::Memory,
            size,
        )
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let (meter, size) = (&self.0, (current, desired, maximum));
        meter.grow(
            &meter.elements,
            meter.limits.table_elements,
            Exceeded::Tables,
            size,
        )
    }

    fn instances(&self) -> usize {
        CORE_INSTANCES
    }

    fn tables(&self) -> usize {
        CORE_INSTANCES
    }

    fn memories(&self) -> usize {
        CORE_INSTANCES
    }
}
