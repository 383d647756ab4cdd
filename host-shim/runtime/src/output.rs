//! Standard streams that something watches: the progress line makes way, and
//! what a guest writes is counted.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError, StreamResult};

/// Asked before bytes are written; says no with an error that ends the guest.
type Ask = Arc<dyn Fn(usize) -> wasmtime::Result<()> + Send + Sync>;

/// A stream with someone to ask.
pub struct Watched<S> {
    stream: S,
    ask: Ask,
    /// Whether it is no terminal, whatever it is.
    is_plain: bool,
}

impl<S> Watched<S> {
    /// Asks before each write.
    pub fn new(
        stream: S,
        ask: impl Fn(usize) -> wasmtime::Result<()> + Send + Sync + 'static,
    ) -> Self {
        Self {
            stream,
            ask: Arc::new(ask),
            is_plain: false,
        }
    }

    /// As a stream that is no terminal, whatever it is.
    pub fn plain(self, is_plain: bool) -> Self {
        Self { is_plain, ..self }
    }
}

impl<S: StdoutStream> IsTerminal for Watched<S> {
    fn is_terminal(&self) -> bool {
        !self.is_plain && self.stream.is_terminal()
    }
}

impl<S: StdoutStream> StdoutStream for Watched<S> {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(Watched {
            stream: Pin::from(self.stream.async_stream()),
            ask: self.ask.clone(),
            is_plain: self.is_plain,
        })
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(Watched {
            stream: self.stream.p2_stream(),
            ask: self.ask.clone(),
            is_plain: self.is_plain,
        })
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Watched<Box<dyn OutputStream>> {
    async fn ready(&mut self) {
        self.stream.ready().await;
    }
}

impl OutputStream for Watched<Box<dyn OutputStream>> {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        (self.ask)(bytes.len()).map_err(StreamError::Trap)?;
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> StreamResult<()> {
        self.stream.flush()
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        self.stream.check_write()
    }
}

impl AsyncWrite for Watched<Pin<Box<dyn AsyncWrite + Send + Sync>>> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        (self.ask)(0).map_err(std::io::Error::other)?;
        let polled = self.stream.as_mut().poll_write(context, bytes);
        // Whoever writes comes again with what was not taken.
        if let Poll::Ready(Ok(taken)) = &polled {
            (self.ask)(*taken).map_err(std::io::Error::other)?;
        }
        polled
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        self.stream.as_mut().poll_flush(context)
    }

    fn poll_shutdown(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        self.stream.as_mut().poll_shutdown(context)
    }
}
