//! Stdin that is read to its end before any of it is there: how much of a pipe
//! has come so far is a clock.

use std::io::{self, Read as _};
use std::pin::Pin;
use std::sync::{Arc, OnceLock, mpsc};
use std::task::{Context, Poll};
use std::thread;
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, ReadBuf};
use wasmtime_wasi::cli::{IsTerminal, StdinStream};
use wasmtime_wasi::p2::InputStream;
use wasmtime_wasi::p2::pipe::{AsyncReadStream, MemoryInputPipe};

use crate::exceeded::Exceeded;
use crate::meter::Meter;

/// The process's stdin, as one piece; it is no terminal, whatever it is.
pub struct WholeStdin {
    made: Instant,
    meter: Arc<Meter>,
    read: OnceLock<Result<MemoryInputPipe, String>>,
}

impl WholeStdin {
    /// At most as many bytes as the guest may have in memory; more is an error of the
    /// stream. A guest whose time by the clock is limited ends when it is over, from now
    /// on, and nothing more came.
    pub fn new(meter: Arc<Meter>) -> Self {
        Self {
            made: Instant::now(),
            meter,
            read: OnceLock::new(),
        }
    }

    /// Reads it, when it is asked for first; this waits for whoever writes it. That
    /// it is there later and not now would be a clock.
    fn pipe(&self) -> &Result<MemoryInputPipe, String> {
        self.read.get_or_init(|| {
            let limits = self.meter.limits();
            let (most, wall_ms) = (limits.memory_bytes, limits.wall_ms);
            if wall_ms == u64::MAX {
                return whole(most);
            }
            let (sender, read) = mpsc::channel();
            // Where nobody writes, it stays behind until the process ends.
            thread::spawn(move || drop(sender.send(whole(most))));
            let time = Duration::from_millis(wall_ms);
            let left = time.saturating_sub(self.made.elapsed());
            read.recv_timeout(left).unwrap_or_else(|_| {
                let over = Exceeded::Wall(wall_ms);
                self.meter.stop(over);
                Err(over.to_string())
            })
        })
    }
}

/// All of stdin, if it has no more bytes than that.
fn whole(most: u64) -> Result<MemoryInputPipe, String> {
    let mut bytes = Vec::new();
    let some = most.saturating_add(1);
    let length = io::stdin().lock().take(some).read_to_end(&mut bytes);
    match length.map_err(|error| error.to_string())? as u64 > most {
        true => Err(format!(
            "stdin has more than {most} bytes (limit memory-bytes)"
        )),
        false => Ok(MemoryInputPipe::new(bytes)),
    }
}

impl IsTerminal for WholeStdin {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdinStream for WholeStdin {
    fn async_stream(&self) -> Box<dyn AsyncRead + Send + Sync> {
        match self.pipe() {
            Ok(pipe) => pipe.async_stream(),
            Err(why) => Box::new(Broken(why.clone())),
        }
    }

    fn p2_stream(&self) -> Box<dyn InputStream> {
        match self.pipe() {
            Ok(pipe) => pipe.p2_stream(),
            Err(why) => Box::new(AsyncReadStream::new(Broken(why.clone()))),
        }
    }
}

/// A stream that fails.
struct Broken(String);

impl AsyncRead for Broken {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Poll::Ready(Err(io::Error::other(self.0.clone())))
    }
}
