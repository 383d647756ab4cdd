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
/// Memory is looked at every millisecond, until it ends: what it takes in the
/// last one may be missed, which is a few MiB. What the kernel says at its end
/// would not do: that starts at what we had ourselves when we started it.
///
/// # Panics
///
/// When it cannot be started, or does not end.
pub fn measured(command: &mut Command) -> Measured {
    let started = Instant::now();
    let mut running = start(command);
    let id = running.id();
    let watch = thread::spawn(move || {
        let mut memory = None;
        // One that has ended, and waits for us, has no memory.
        while let Some(now) = memory_of(id) {
            memory = memory.max(Some(now));
            thread::sleep(Duration::from_millis(1));
        }
        memory
    });
    running.until_silent();
    let processor = processor_of(id);
    let time = started.elapsed();
    let output = running.end();
    let memory = watch.join().expect("the watch ends");
    Measured {
        output,
        time,
        processor,
        memory,
    }
}

/// The most bytes that a process has had in memory at once so far; none when it has
/// ended.
pub fn memory_of(id: u32) -> Option<u64> {
    let program = |of: &str| fs::read_link(format!("/proc/{of}/exe")).ok();
    // Who has just started it may see it as what it was before: a copy of this program.
    if program(&id.to_string())? == program("self")? {
        return Some(0);
    }
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kib << 10)
}

/// The time that processors spent on a process and for it in the kernel, and
/// on those that it waited for. Waits for its end, and leaves it to be waited
/// for.
fn processor_of(id: u32) -> Duration {
    let nothing = std::ptr::null_mut::<libc::siginfo_t>();
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    let flags = libc::WEXITED | libc::WNOWAIT;
    // The kernel's own call has one argument more than that of C's library.
    // SAFETY: the kernel writes to `usage` and nothing else, and zeros are a
    // sound value of it.
    let (result, usage) = unsafe {
        let usage_at = usage.as_mut_ptr();
        let call = libc::SYS_waitid;
        let result = libc::syscall(call, libc::P_PID, id, nothing, flags, usage_at);
        (result, usage.assume_init())
    };
    assert_eq!(result, 0, "{}", std::io::Error::last_os_error());
    let time = |value: libc::timeval| {
        Duration::from_secs(value.tv_sec as u64) + Duration::from_micros(value.tv_usec as u64)
    };
    time(usage.ru_utime) + time(usage.ru_stime)
}
