//! Where guests write to.

use std::sync::Arc;

use wasmtime_wasi::cli::StdoutStream;

/// Where the instances of a run, or of a request, write to.
#[derive(Clone)]
pub struct Streams {
    /// Stdout.
    pub stdout: Stream,
    /// Stderr.
    pub stderr: Stream,
}

/// A stream of any kind.
pub type Stream = Arc<dyn StdoutStream + Sync>;

impl Streams {
    /// Such streams.
    pub fn new(
        stdout: impl StdoutStream + Sync + 'static,
        stderr: impl StdoutStream + Sync + 'static,
    ) -> Self {
        Self {
            stdout: Arc::new(stdout),
            stderr: Arc::new(stderr),
        }
    }
}
