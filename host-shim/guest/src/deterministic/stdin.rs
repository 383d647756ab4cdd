//! Stdin that is read to its end before any of it is there: how much of a pipe
//! has come so far is a clock.

use std::io::{self, Read as _};
use std::pin::Pin;
use std::sync::OnceLock;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, ReadBuf};
use wasmtime_wasi::cli::{IsTerminal, StdinStream};
use wasmtime_wasi::p2::InputStream;
use wasmtime_wasi::p2::pipe::{AsyncReadStream, MemoryInputPipe};

/// The process's stdin, as one piece; it is no terminal, whatever it is.
pub struct WholeStdin {
    most: u64,
    read: OnceLock<Result<MemoryInputPipe, String>>,
}

impl WholeStdin {
    /// At most so many bytes; more is an error of the stream.
    pub fn new(most: u64) -> Self {
        let read = OnceLock::new();
        Self { most, read }
    }

    /// Reads it, when it is asked for first; this waits for whoever writes it.
    fn pipe(&self) -> &Result<MemoryInputPipe, String> {
        self.read.get_or_init(|| {
            let mut bytes = Vec::new();
            let most = self.most.saturating_add(1);
            let read = io::stdin().lock().take(most).read_to_end(&mut bytes);
            match read {
                Err(error) => Err(error.to_string()),
                Ok(length) if length as u64 > self.most => Err(format!(
                    "stdin has more than {} bytes (limit memory-bytes)",
                    self.most
                )),
                Ok(_) => Ok(MemoryInputPipe::new(bytes)),
            }
        })
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
