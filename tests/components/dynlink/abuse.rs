//! What limits are there to end, each a step that can be done without end.

use std::hint::black_box;

use wasip2::cli::stdout::get_stdout;
use wasip2::clocks::monotonic_clock;

/// How much [`alloc`] takes.
pub const ALLOC_BYTES: usize = 1 << 20;

/// How much [`output`] writes.
pub const OUTPUT_BYTES: usize = 4096;

/// Uses the processor.
pub fn spin() -> ! {
    let mut turns = 0u64;
    loop {
        turns = black_box(turns).wrapping_add(1);
    }
}

/// Waits, which uses nothing.
pub fn sleep(ms: u64) {
    monotonic_clock::subscribe_duration(ms * 1_000_000).block();
}

/// Takes memory and uses it.
pub fn alloc() {
    std::mem::forget(black_box(vec![1u8; ALLOC_BYTES]));
}

/// Calls the host.
pub fn io() {
    black_box(monotonic_clock::now());
}

/// Takes a handle and keeps it.
pub fn handle() {
    std::mem::forget(monotonic_clock::subscribe_duration(0));
}

/// Writes to stdout.
pub fn output() {
    // A closed stdout is for whoever closed it to explain.
    let _ = get_stdout().blocking_write_and_flush(&[b'x'; OUTPUT_BYTES]);
}
