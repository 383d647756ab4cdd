//! A request's line in the log: one event, when all is done with it.

use std::pin::Pin;
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body::{Body, Frame, SizeHint};
use tokio::sync::watch;
use wasmtime_wasi_http::WasiBody;

use super::{ServeError, Service};

/// What is known of a request. Dropping the last reference writes it down.
pub struct Entry {
    service: Arc<dyn Service>,
    method: String,
    path: String,
    begun: Instant,
    /// 0 as long as there is none.
    status: AtomicU16,
    bytes: AtomicU64,
    error: OnceLock<ServeError>,
    /// Since when the client has had bytes to take; none while it waits.
    taking: Mutex<Option<Instant>>,
}

impl Entry {
    pub fn new<B>(service: Arc<dyn Service>, request: &Request<B>) -> Self {
        Self {
            service,
            method: request.method().to_string(),
            path: request.uri().path().to_string(),
            begun: Instant::now(),
            status: AtomicU16::new(0),
            bytes: AtomicU64::new(0),
            error: OnceLock::new(),
            taking: Mutex::default(),
        }
    }

    pub fn answered(&self, status: StatusCode) {
        self.status.store(status.as_u16(), Ordering::Relaxed);
        self.take(Some(Instant::now()));
    }

    /// Keeps the first error, which later ones follow from.
    pub fn failed(&self, error: &ServeError) {
        let _ = self.error.set(error.clone());
    }

    /// How long the client has taken nothing of what is there for it: in HTTP/2
    /// it may do so and keep its connection busy.
    pub fn untaken(&self) -> Duration {
        let taking = self.taking.lock().unwrap_or_else(PoisonError::into_inner);
        taking.map_or(Duration::ZERO, |since| since.elapsed())
    }

    fn take(&self, since: Option<Instant>) {
        *self.taking.lock().unwrap_or_else(PoisonError::into_inner) = since;
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let mut fields = vec![
            ("method", std::mem::take(&mut self.method)),
            ("path", std::mem::take(&mut self.path)),
        ];
        // A client that left before has got no answer.
        let status = *self.status.get_mut();
        if status != 0 {
            fields.push(("status", status.to_string()));
        }
        fields.push(("bytes", self.bytes.get_mut().to_string()));
        let duration = self.begun.elapsed().as_micros();
        fields.push(("duration_us", duration.to_string()));
        if let Some(error) = self.error.get() {
            fields.push(("code", error.code.name().to_string()));
            fields.push(("message", error.message.clone()));
        }
        self.service.event("http.request", &fields);
    }
}

/// A response's body, which counts what is sent of it, and which breaks off
/// when its guest failed. The guest learns from its drop that nobody listens
/// any more.
pub struct Counted {
    body: WasiBody,
    entry: Arc<Entry>,
    /// None when there is no guest.
    listening: Option<watch::Sender<()>>,
    /// Whether what came before a failure had its turn to be sent.
    flushed: bool,
}

impl Counted {
    pub fn new(body: WasiBody, entry: Arc<Entry>, listening: Option<watch::Sender<()>>) -> Self {
        Self {
            body,
            entry,
            listening,
            flushed: false,
        }
    }

    /// Whether it is a guest's, which failed. What is sent in place of an
    /// answer is whole.
    fn is_broken(&self) -> bool {
        self.listening.is_some() && self.entry.error.get().is_some()
    }
}

impl Body for Counted {
    type Data = Bytes;
    type Error = wasmtime_wasi_http::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let mut polled = Pin::new(&mut self.body).poll_frame(context);
        // A body that is merely dropped, as by a trap, looks like one that has
        // ended; the client is not to take it for that.
        if matches!(polled, Poll::Ready(None)) && self.is_broken() {
            let error = wasmtime_wasi_http::Error::HttpResponseIncomplete;
            polled = Poll::Ready(Some(Err(error)));
        }
        // Connections that fail are closed with what they have not sent yet.
        if matches!(polled, Poll::Ready(Some(Err(_)))) && !self.flushed {
            self.flushed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let taking = matches!(polled, Poll::Ready(Some(Ok(_))));
        self.entry.take(taking.then(Instant::now));
        if let Poll::Ready(Some(Ok(frame))) = &polled {
            let length = frame.data_ref().map_or(0, Bytes::len);
            let bytes = &self.entry.bytes;
            bytes.fetch_add(length as u64, Ordering::Relaxed);
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
