//! `composectl`: the compositor, compiled, and the host that runs it.

use std::process::ExitCode;

/// The compositor, compiled; empty when it was not built before this program.
const COMPOSITOR: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/compositor.cwasm"));

fn main() -> ExitCode {
    composectl::main(COMPOSITOR)
}
