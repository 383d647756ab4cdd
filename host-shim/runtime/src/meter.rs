//! What a guest has used, and what it may use.
//!
//! Processor time is measured where it is spent: around each poll of a future
//! that runs a guest, by the clock of the thread. A guest that waits uses none,
//! and neither does one whose thread another process holds. Guests call each
//! other, so a poll may be inside another one: what the inner one used is not
//! the outer one's.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};
use wasmtime::{Engine, ResourceLimiter};

use crate::budget::{Budget, add};
use crate::exceeded::Exceeded;

/// Core instances of one store: composed components have thousands, and what
/// each costs is not counted as memory.
const CORE_INSTANCES: usize = 100_000;

thread_local! {
    /// Time of inner polls in the poll that is going on.
    static INNER: Cell<u64> = const { Cell::new(0) };
}

/// Bytes of memory that a guest may have for each millisecond of its processor
/// time. It could not touch more of them in that time, and an instruction that
/// fills or copies a memory cannot be interrupted: so none takes longer than the
/// guest may run.
const TOUCHED: u64 = 4 << 20;

/// What one instance may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Processor time in milliseconds.
    pub cpu_ms: u64,
    /// Time by the clock, in milliseconds.
    pub wall_ms: u64,
    /// Bytes over all memories.
    pub memory_bytes: u64,
    /// Elements over all tables.
    pub table_elements: u64,
    /// Calls of the host.
    pub calls: u64,
    /// Bytes of output.
    pub output_bytes: u64,
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
    /// Microseconds by the clock in which it had something to do.
    wall: AtomicU64,
    engine: Engine,
    /// What it shares with the others of its run.
    budget: Arc<Budget>,
}

impl Meter {
    /// Accounts under some limits; `time` is what was used before, and `budget`
    /// what all instances of the run may use together.
    pub fn new(
        engine: &Engine,
        limits: Limits,
        time: Arc<AtomicU64>,
        budget: Arc<Budget>,
    ) -> Arc<Self> {
        Arc::new(Self {
            limits,
            time,
            wall: AtomicU64::new(0),
            budget,
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
    pub(crate) fn limits(&self) -> Limits {
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

    /// Looked at while the guest runs, and before it does.
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
        let running = self.running();
        if (self.time.load(Relaxed) + running) / 1_000_000 >= limits.cpu_ms {
            return Err(Exceeded::Time(limits.cpu_ms));
        }
        self.budget.check_time(running)
    }

    /// When its time by the clock is over, where what it does has begun then.
    fn deadline(&self, begun: Instant) -> Option<Instant> {
        let left = (self.limits.wall_ms.checked_mul(1000)?).saturating_sub(self.wall.load(Relaxed));
        // What is farther away than the clock can tell never comes.
        begun.checked_add(Duration::from_micros(left))
    }

    /// Polls a future, and takes the time of that from the account.
    fn poll<F: Future>(&self, future: Pin<&mut F>, context: &mut Context<'_>) -> Poll<F::Output> {
        let outer = INNER.replace(0);
        let began = thread_time();
        self.began.store(began, Relaxed);
        let result = future.poll(context);
        let elapsed = thread_time().saturating_sub(began);
        let own = elapsed.saturating_sub(INNER.get());
        self.time.fetch_add(own, Relaxed);
        self.own.fetch_add(own, Relaxed);
        self.budget.use_time(own);
        self.began.store(0, Relaxed);
        INNER.set(outer + elapsed);
        result
    }

    /// Counts bytes that an instance takes whatever it does, such as those of its
    /// globals.
    ///
    /// # Errors
    /// When they are more than is left.
    pub fn take(&self, bytes: u64) -> Result<(), Exceeded> {
        self.grow_memory(bytes)
    }

    fn grow_memory(&self, more: u64) -> Result<(), Exceeded> {
        let limits = &self.limits;
        let touched = limits.cpu_ms.max(1).saturating_mul(TOUCHED);
        let (most, exceeded): (_, fn(u64) -> Exceeded) = match touched < limits.memory_bytes {
            true => (touched, Exceeded::Touched),
            false => (limits.memory_bytes, Exceeded::Memory),
        };
        let taken = add(&self.memory, more, most).map_err(|()| exceeded(most));
        let taken = taken.and_then(|()| {
            let shared = self.budget.take_memory(more);
            shared.inspect_err(|_| {
                self.memory.fetch_sub(more, Relaxed);
            })
        });
        taken.inspect_err(|exceeded| self.refuse(*exceeded))
    }

    /// Stops it, because of a limit that another instance of its run ran into.
    pub fn stop(&self, exceeded: Exceeded) {
        self.refuse(exceeded);
        self.engine.increment_epoch();
    }

    /// Keeps which limit it ran into: what follows from a refusal, such as a full
    /// heap, may hide it. The first says it.
    fn refuse(&self, exceeded: Exceeded) {
        let _ = self.refused.set(exceeded);
    }

    /// Gives back what its memories took of what others share.
    fn release(&self) {
        self.budget.give_back(self.memory());
    }
}

/// How much more a memory or table asks for; none when it is more than it may ever
/// have: it does not grow then, whatever is said here.
fn more(current: usize, desired: usize, maximum: Option<usize>) -> Option<u64> {
    let is_possible = maximum.is_none_or(|maximum| desired <= maximum);
    is_possible.then(|| desired.saturating_sub(current) as u64)
}

/// Runs a future of a guest on its account. It ends when the guest's time by the
/// clock is over, also while it waits.
///
/// # Errors
/// The future's own, and the limit of time by the clock.
pub async fn metered<F, T, E>(meter: &Meter, future: F) -> Result<T, E>
where
    F: Future<Output = Result<T, E>>,
    E: From<Exceeded>,
{
    let wall = Wall {
        meter,
        begun: Instant::now(),
    };
    let mut future = pin!(future);
    // Most calls return at once, and need none.
    let mut over: Option<Option<Pin<Box<Sleep>>>> = None;
    poll_fn(|context| {
        let result = meter.poll(future.as_mut(), context);
        if result.is_ready() {
            return result;
        }
        let over = over.get_or_insert_with(|| {
            let deadline = meter.deadline(wall.begun);
            deadline.map(|at| Box::pin(sleep_until(at)))
        });
        let over = over.as_mut();
        match over.is_some_and(|over| over.as_mut().poll(context).is_ready()) {
            true => Poll::Ready(Err(Exceeded::Wall(meter.limits.wall_ms).into())),
            false => result,
        }
    })
    .await
}

/// Counts how long something took by the clock, however it ends.
struct Wall<'a> {
    meter: &'a Meter,
    begun: Instant,
}

impl Drop for Wall<'_> {
    fn drop(&mut self) {
        let elapsed = u64::try_from(self.begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.meter.wall.fetch_add(elapsed, Relaxed);
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
        let Some(more) = more(current, desired, maximum) else {
            return Ok(false);
        };
        self.0.grow_memory(more)?;
        Ok(true)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let Some(more) = more(current, desired, maximum) else {
            return Ok(false);
        };
        let (meter, most) = (&self.0, self.0.limits.table_elements);
        add(&meter.elements, more, most).map_err(|()| {
            let exceeded = Exceeded::Tables(most);
            meter.refuse(exceeded);
            exceeded
        })?;
        Ok(true)
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

impl Drop for Space {
    fn drop(&mut self) {
        self.0.release();
    }
}
