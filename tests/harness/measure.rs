//! What a program takes: time, of the clock and of processors, and memory.

use std::fs;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crate::command::Output;
use crate::process::start;

/// How a program ended, and what it took.
#[derive(Debug)]
pub struct Measured {
    /// What it printed, and its exit status.
    pub output: Output,
    /// From its start to its end.
    pub time: Duration,
    /// Of processors, in all its threads: what other programs do at the same
    /// time is not in it.
    pub processor: Duration,
    /// Bytes that it had in memory at once, at the most; none when it ended
    /// before it could be looked at.
    pub memory: Option<u64>,
}

/// Runs a program to its end and watches what it takes.
///
/// The kernel tells both numbers of a process that has not been waited for. It
/// is looked at every millisecond: memory that is taken in the last one may be
/// missed, which is a few MiB.
///
/// # Panics
///
/// When it cannot be started, or does not end.
pub fn measured(command: &mut Command) -> Measured {
    let started = Instant::now();
    let running = start(command);
    let id = running.id();
    let watch = thread::spawn(move || {
        let (mut processor, mut memory) = (Duration::ZERO, None);
        loop {
            processor = processor_of(id).unwrap_or(processor).max(processor);
            // One that has ended, and waits for us, has no memory.
            match memory_of(id) {
                Some(now) => memory = memory.max(Some(now)),
                None => return (processor, memory),
            }
            thread::sleep(Duration::from_millis(1));
        }
    });
    let output = running.end();
    let time = started.elapsed();
    let (processor, memory) = watch.join().expect("the watch ends");
    Measured {
        output,
        time,
        processor,
        memory,
    }
}

/// The most that a process had in memory.
fn memory_of(id: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kib << 10)
}

/// The time that processors spent on a process, and for it in the kernel.
fn processor_of(id: u32) -> Option<Duration> {
    // The kernel's unit for programs, whatever its own clock.
    const TICK: Duration = Duration::from_millis(10);
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name before may have spaces; the fields behind it are numbered from 3.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |field: usize| fields.get(field - 3)?.parse::<u32>().ok();
    Some(TICK * (ticks(14)? + ticks(15)?))
}
