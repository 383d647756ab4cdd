//! What lies between guests and clients, so that guests wait less for clients:
//! the start of a request's body is there before a guest is asked for, and a
//! short answer's guest is done before the client has taken it.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use wasmtime_wasi_http::{Error, WasiBody};

use super::body::{Received, length};
use super::entry::Entry;
use super::limits::{BUFFERED, FRAME, PROMPT};
use super::queue::Readiness;

type Polled = Option<Result<Frame<Bytes>, Error>>;

/// A frame, and the room that it takes until it is taken.
type Piece = (Result<Frame<Bytes>, Error>, Option<OwnedSemaphorePermit>);

/// A request's body, of which the start is there.
pub struct Started {
    start: VecDeque<Result<Frame<Bytes>, Error>>,
    rest: Received,
    is_ended: bool,
}

impl Started {
    /// Waits a moment for the start of a body; returns also what is there.
    pub async fn new(rest: Received) -> (Self, Readiness) {
        let is_ended = rest.is_end_stream();
        let mut started = Self {
            start: VecDeque::new(),
            rest,
            is_ended,
        };
        if is_ended {
            return (started, Readiness::Whole);
        }
        let is_prompt = timeout(PROMPT, started.fill()).await.is_ok();
        started.rest.pause();
        let readiness = match (started.is_ended, is_prompt) {
            (true, _) => Readiness::Whole,
            (false, true) => Readiness::Coming,
            (false, false) => Readiness::Late,
        };
        (started, readiness)
    }

    async fn fill(&mut self) {
        let mut bytes = 0;
        while bytes < BUFFERED {
            match self.rest.frame().await {
                Some(Ok(frame)) => {
                    bytes += length(&frame) + FRAME;
                    self.start.push_back(Ok(frame));
                }
                end => {
                    self.start.extend(end);
                    self.is_ended = true;
                    return;
                }
            }
        }
    }
}

impl Body for Started {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Polled> {
        match self.start.pop_front() {
            Some(frame) => Poll::Ready(Some(frame)),
            None if self.is_ended => Poll::Ready(None),
            None => Pin::new(&mut self.rest).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.start.is_empty() && (self.is_ended || self.rest.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        let start = self.start.iter().flatten().map(length).sum();
        if self.is_ended {
            return SizeHint::with_exact(start);
        }
        let rest = self.rest.size_hint();
        let mut hint = SizeHint::new();
        hint.set_lower(rest.lower() + start);
        if let Some(upper) = rest.upper() {
            hint.set_upper(upper + start);
        }
        hint
    }
}

/// An answer's body, of which some is taken from its guest before the client
/// asks for it.
struct Ahead {
    frames: UnboundedReceiver<Piece>,
    /// What is known of its length, until some of it is taken.
    hint: SizeHint,
}

/// Takes some of an answer's body before the client asks for it.
pub fn ahead(body: WasiBody, entry: Arc<Entry>) -> WasiBody {
    if body.is_end_stream() {
        return body;
    }
    let (sender, frames) = unbounded_channel();
    let hint = body.size_hint();
    tokio::spawn(take(body, sender, entry));
    Ahead { frames, hint }.boxed_unsync()
}

/// Takes frames as long as there is room for their bytes.
async fn take(mut body: WasiBody, to: UnboundedSender<Piece>, entry: Arc<Entry>) {
    let room = Arc::new(Semaphore::new(BUFFERED as usize));
    loop {
        let frame = tokio::select! {
            frame = body.frame() => frame,
            () = to.closed() => return,
        };
        let Some(frame) = frame else {
            return;
        };
        // One that is larger than all the room takes all of it.
        let bytes = frame.as_ref().map_or(0, length) + FRAME;
        let bytes = bytes.min(BUFFERED) as u32;
        entry.in_flight.blocks();
        let permit = tokio::select! {
            permit = room.clone().acquire_many_owned(bytes) => permit.ok(),
            () = to.closed() => return,
        };
        entry.in_flight.goes_on();
        if to.send((frame, permit)).is_err() {
            return;
        }
    }
}

impl Body for Ahead {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Polled> {
        let taken = ready!(self.frames.poll_recv(context));
        self.hint = SizeHint::new();
        Poll::Ready(taken.map(|(frame, _)| frame))
    }

    fn size_hint(&self) -> SizeHint {
        self.hint
    }
}
