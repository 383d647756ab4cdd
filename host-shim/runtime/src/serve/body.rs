//! Bodies: a request's, as long as it goes on, and an answer's, until the guest
//! or the client breaks off.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::sync::watch;
use tokio::task::AbortHandle;
use wasmtime_wasi_http::{Error, WasiBody};

use super::entry::Entry;

/// The body of a request. The entry knows how long it is waited for.
pub struct Received {
    body: Incoming,
    entry: Arc<Entry>,
}

impl Received {
    pub fn new(body: Incoming, entry: Arc<Entry>) -> Self {
        Self { body, entry }
    }

    /// Nobody waits for more of it, for now.
    pub fn pause(&self) {
        self.entry.read(0);
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
        match &polled {
            Poll::Pending => self.entry.in_flight.reads(),
            Poll::Ready(Some(Ok(frame))) => self.entry.read(length(frame)),
            Poll::Ready(_) => self.entry.read(0),
        }
        polled.map(|frame| frame.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Received {
    fn drop(&mut self) {
        self.entry.read(0);
    }
}

/// Bytes of data in a frame.
pub fn length(frame: &Frame<Bytes>) -> u64 {
    frame.data_ref().map_or(0, Bytes::len) as u64
}

/// A guest that works for an answer; it ends when this is dropped.
pub struct Task {
    task: AbortHandle,
    /// Dropping it tells the guest that nobody listens any more.
    _listening: watch::Sender<()>,
    /// Whether it may go on for a while.
    is_released: bool,
}

impl Task {
    pub fn new(task: AbortHandle, listening: watch::Sender<()>) -> Self {
        Self {
            task,
            _listening: listening,
            is_released: false,
        }
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        if !self.is_released {
            self.task.abort();
        }
    }
}

/// The body of an answer, which counts what is sent of it, and which breaks off
/// when its guest failed. When it is dropped before its end, because the client
/// went away, so is its guest.
pub struct Sent {
    body: WasiBody,
    entry: Arc<Entry>,
    /// None when there is no guest.
    guest: Option<Task>,
    /// After how many bytes the client has all; none when the body's end tells.
    length: Option<u64>,
    is_ended: bool,
    /// Bytes that the client was given last.
    given: u64,
    /// Whether what came before a failure had its turn to be sent.
    is_flushed: bool,
}

impl Sent {
    pub fn new(
        body: WasiBody,
        entry: Arc<Entry>,
        guest: Option<Task>,
        length: Option<u64>,
    ) -> Self {
        // What knows its own length is sent with that, and nobody asks for its end either.
        let length = length.or_else(|| body.size_hint().exact());
        Self {
            body,
            entry,
            guest,
            length,
            is_ended: false,
            given: 0,
            is_flushed: false,
        }
    }

    /// Whether it is a guest's, which failed. What is sent in place of an
    /// answer is whole.
    fn is_broken(&self) -> bool {
        self.guest.is_some() && self.entry.in_flight.error().is_some()
    }
}

impl Body for Sent {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        // It is asked for when the client has room.
        let taken = std::mem::take(&mut self.given);
        self.entry.taken(taken);
        let mut polled = Pin::new(&mut self.body).poll_frame(context);
        // A body that is merely dropped, as by a trap, looks like one that has
        // ended; the client is not to take it for that.
        if matches!(polled, Poll::Ready(None)) && self.is_broken() {
            polled = Poll::Ready(Some(Err(Error::HttpResponseIncomplete)));
        }
        // Connections that fail are closed with what they have not sent yet.
        if matches!(polled, Poll::Ready(Some(Err(_)))) && !self.is_flushed {
            self.is_flushed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                self.given = length(frame);
                self.entry.sends(self.given);
            }
            Poll::Ready(None) => self.is_ended = true,
            _ => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream() && !self.is_broken()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Sent {
    fn drop(&mut self) {
        // Where a length was told, nobody asks for the end.
        let has_all = self
            .length
            .is_some_and(|length| self.entry.bytes() >= length);
        self.entry.taken(0);
        if self.is_ended || has_all || self.is_end_stream() {
            self.entry.is_whole();
            if let Some(guest) = &mut self.guest {
                guest.is_released = true;
            }
        }
    }
}
