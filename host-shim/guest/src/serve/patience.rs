//! Clients that stop: a connection that takes no bytes, and a request whose
//! body does not go on, end after a while. Both hold a guest, and there are
//! only so many.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep};
use wasmtime_wasi_http::Error;

/// How long a client may take for its next byte, either way.
pub const STALLED: Duration = Duration::from_secs(30);

/// How long something has been waited for.
struct Patience {
    until: Pin<Box<Sleep>>,
    waiting: bool,
}

impl Patience {
    fn new() -> Self {
        Self {
            until: Box::pin(sleep(STALLED)),
            waiting: false,
        }
    }

    /// What was waited for, or that it did not come.
    fn or<T>(
        &mut self,
        context: &mut Context<'_>,
        polled: Poll<T>,
        none: impl FnOnce() -> T,
    ) -> Poll<T> {
        if polled.is_ready() {
            self.waiting = false;
            return polled;
        }
        if !std::mem::replace(&mut self.waiting, true) {
            self.until.as_mut().reset(Instant::now() + STALLED);
        }
        self.until.as_mut().poll(context).map(|()| none())
    }
}

/// A connection that is written to only as long as the client takes it.
pub struct Connection {
    stream: TcpStream,
    patience: Patience,
}

impl Connection {
    pub fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            patience: Patience::new(),
        }
    }
}

fn stalled() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "the client takes no bytes")
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.patience.or(context, polled, || Err(stalled()))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.patience.or(context, polled, || Err(stalled()))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// The body of a request, as long as it goes on.
pub struct Received {
    body: Incoming,
    patience: Patience,
}

impl Received {
    pub fn new(body: Incoming) -> Self {
        Self {
            body,
            patience: Patience::new(),
        }
    }
}

impl Body for Received {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        let polled = polled.map(|frame| frame.map(|frame| frame.map_err(Into::into)));
        let none = || Some(Err(Error::ConnectionReadTimeout));
        self.patience.or(context, polled, none)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
