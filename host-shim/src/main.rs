//! `composectl`: the compositor, compiled, and the host that runs it.

use std::process::ExitCode;

use composectl::Compiled;

/// The compositor, compiled; empty when it was not built before this program.
static COMPOSITOR: &Compiled<[u8]> = &Compiled(*include_bytes!(concat!(
    env!("OUT_DIR"),
    "/compositor.cwasm"
)));

fn main() -> ExitCode {
    composectl::main(COMPOSITOR)
}
