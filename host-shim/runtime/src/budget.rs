//! What several instances may use together: those of a run or of a request, and
//! all of the process.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::exceeded::Exceeded;

/// What all guests of a process use together.
#[derive(Debug, Default)]
pub struct Process {
    memory: AtomicU64,
}

impl Process {
    /// Nothing is used yet.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }
}

/// What the instances of a run, or of a request, may use together.
#[derive(Debug)]
pub struct Budget {
    cpu_ms: u64,
    memory_bytes: u64,
    process_bytes: u64,
    /// Nanoseconds.
    time: AtomicU64,
    memory: AtomicU64,
    process: Arc<Process>,
}

impl Budget {
    /// Nothing is used yet, of so many milliseconds of a processor and so many
    /// bytes of memory; of that there may be so many in use in all of the process.
    pub fn new(
        cpu_ms: u64,
        memory_bytes: u64,
        process_bytes: u64,
        process: &Arc<Process>,
    ) -> Arc<Self> {
        Arc::new(Self {
            cpu_ms,
            memory_bytes,
            process_bytes,
            time: AtomicU64::new(0),
            memory: AtomicU64::new(0),
            process: process.clone(),
        })
    }

    /// Counts nanoseconds of a processor.
    pub(crate) fn use_time(&self, nanoseconds: u64) {
        self.time.fetch_add(nanoseconds, Relaxed);
    }

    /// Whether there is time left, beside nanoseconds that are not counted yet.
    pub(crate) fn check_time(&self, running: u64) -> Result<(), Exceeded> {
        let used = self.time.load(Relaxed).saturating_add(running);
        match used / 1_000_000 >= self.cpu_ms {
            true => Err(Exceeded::TotalTime(self.cpu_ms)),
            false => Ok(()),
        }
    }

    /// Counts bytes of a memory, unless they are more than is left.
    pub(crate) fn take_memory(&self, bytes: u64) -> Result<(), Exceeded> {
        let exceeded = |()| Exceeded::TotalMemory(self.memory_bytes);
        add(&self.memory, bytes, self.memory_bytes).map_err(exceeded)?;
        add(&self.process.memory, bytes, self.process_bytes).map_err(|()| {
            self.memory.fetch_sub(bytes, Relaxed);
            Exceeded::ProcessMemory(self.process_bytes)
        })
    }

    /// Gives back bytes of memories that are gone.
    pub(crate) fn give_back(&self, bytes: u64) {
        self.memory.fetch_sub(bytes, Relaxed);
        self.process.memory.fetch_sub(bytes, Relaxed);
    }
}

/// Adds to an account, unless that would be more than `most`.
pub(crate) fn add(account: &AtomicU64, more: u64, most: u64) -> Result<(), ()> {
    // What does not fit is not there for a moment either: others share it.
    let fits = |used: u64| used.checked_add(more).filter(|sum| *sum <= most);
    let added = account.try_update(Relaxed, Relaxed, fits);
    added.map(drop).map_err(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_is_not_counted() {
        let process = Process::new();
        let budget = |process_bytes| Budget::new(1, 80, process_bytes, &process);
        let (one, other, less) = (budget(100), budget(100), budget(50));
        assert_eq!(one.take_memory(60), Ok(()));
        assert_eq!(one.take_memory(30), Err(Exceeded::TotalMemory(80)));
        assert_eq!(other.take_memory(60), Err(Exceeded::ProcessMemory(100)));
        assert_eq!(less.take_memory(1), Err(Exceeded::ProcessMemory(50)));
        assert_eq!(other.take_memory(40), Ok(()));
        one.give_back(60);
        assert_eq!(other.take_memory(40), Ok(()));
        assert_eq!(one.take_memory(20), Ok(()));
        assert_eq!(one.take_memory(1), Err(Exceeded::ProcessMemory(100)));
    }

    #[test]
    fn time_is_over_at_its_end() {
        let budget = Budget::new(2, 0, 0, &Process::new());
        budget.use_time(1_500_000);
        assert_eq!(budget.check_time(0), Ok(()));
        assert_eq!(budget.check_time(500_000), Err(Exceeded::TotalTime(2)));
    }
}
