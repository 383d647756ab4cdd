//! A request's line in the log: one event, when all is done with it. Until then
//! it is also how the request is told apart from others, and ended.

use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use http::{Request, StatusCode};
use tokio::sync::Notify;

use super::connections::{Connection, Peer};
use super::patience::Patience;
use super::{ServeError, Service};

/// What is known of a request. Dropping the last reference writes it down.
pub struct Entry {
    service: Arc<dyn Service>,
    connection: Arc<Connection>,
    number: u64,
    /// All requests of the server.
    requests: Arc<AtomicUsize>,
    method: String,
    path: String,
    begun: Instant,
    /// 0 as long as there is none.
    status: AtomicU16,
    bytes: AtomicU64,
    error: OnceLock<ServeError>,
    /// Whether a guest runs for it.
    has_guest: AtomicBool,
    /// Whether the client has all of its answer.
    is_whole: AtomicBool,
    waits: Mutex<Waits>,
    revoked: Notify,
}

/// How long the client has let it wait.
#[derive(Default)]
struct Waits {
    /// For bytes of the request's body.
    reading: Patience,
    /// Until it takes what is there of the answer.
    sending: Patience,
    /// Until there is room for what its guest answers.
    blocked: Patience,
}

impl Entry {
    pub fn new<B>(
        service: Arc<dyn Service>,
        connection: Arc<Connection>,
        requests: Arc<AtomicUsize>,
        request: &Request<B>,
    ) -> Arc<Self> {
        requests.fetch_add(1, Relaxed);
        Arc::new_cyclic(|entry| Self {
            service,
            number: connection.begin(entry),
            connection,
            requests,
            method: request.method().to_string(),
            path: request.uri().path().to_string(),
            begun: Instant::now(),
            status: AtomicU16::new(0),
            bytes: AtomicU64::new(0),
            error: OnceLock::new(),
            has_guest: AtomicBool::new(false),
            is_whole: AtomicBool::new(false),
            waits: Mutex::default(),
            revoked: Notify::new(),
        })
    }

    /// Who asks, and over which connection.
    pub fn origin(&self) -> (Peer, u64) {
        (self.connection.peer, self.connection.id)
    }

    /// When it began.
    pub fn begun(&self) -> Instant {
        self.begun
    }

    /// A guest begins or ends to run for it.
    pub fn runs(&self, has_guest: bool) {
        self.has_guest.store(has_guest, Relaxed);
    }

    pub fn has_guest(&self) -> bool {
        self.has_guest.load(Relaxed)
    }

    /// The head of its answer is there for the client.
    pub fn answered(&self, status: StatusCode) {
        self.status.store(status.as_u16(), Relaxed);
        self.waits().sending.begin();
    }

    /// The client is waited for, which is to send more of the body.
    pub fn reads(&self) {
        self.waits().reading.begin();
    }

    /// The client sent more of the body, or nobody waits for it any more.
    pub fn read(&self, bytes: u64) {
        if bytes > 0 {
            self.connection.meant();
        }
        self.waits().reading.end(bytes);
    }

    /// The client has taken what was there of the answer.
    pub fn taken(&self, bytes: u64) {
        self.connection.meant();
        self.waits().sending.end(bytes);
    }

    /// There is more of the answer for the client.
    pub fn sends(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Relaxed);
        self.waits().sending.begin();
    }

    /// There is no room for what its guest answers.
    pub fn blocks(&self) {
        self.waits().blocked.begin();
    }

    /// There is room again.
    pub fn goes_on(&self) {
        self.waits().blocked.end(0);
    }

    /// Bytes of the answer so far.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Relaxed)
    }

    /// The client has all of its answer.
    pub fn is_whole(&self) {
        self.is_whole.store(true, Relaxed);
    }

    /// Keeps the first error, which later ones follow from.
    pub fn failed(&self, error: &ServeError) {
        let _ = self.error.set(error.clone());
    }

    pub fn error(&self) -> Option<&ServeError> {
        self.error.get()
    }

    /// Ends its guest, if there is one, for a reason of the server's.
    pub fn revoke(&self, why: &ServeError) {
        if self.has_guest() {
            self.failed(why);
            self.revoked.notify_one();
        }
    }

    /// Waits until its guest is to end.
    pub async fn revoked(&self) {
        self.revoked.notified().await;
    }

    /// How long its guest has waited for its client in all, when it waits now.
    pub fn idle(&self) -> Option<Duration> {
        let waits = self.waits();
        let both = [&waits.reading, &waits.blocked];
        let is_idle = both.iter().any(|wait| wait.since().is_some());
        is_idle.then(|| both.iter().map(|wait| wait.waited()).sum())
    }

    /// Bytes that its client sends or takes in a second of waiting.
    pub fn pace(&self) -> u64 {
        let waits = self.waits();
        let waited = waits.reading.waited() + waits.blocked.waited();
        let bytes = waits.reading.bytes() + waits.sending.bytes();
        bytes.saturating_mul(1000) / (waited.as_millis() as u64).max(1)
    }

    /// For how long its client has had no time left; zero while it has.
    pub fn overdrawn(&self) -> Duration {
        let waits = self.waits();
        waits.reading.overdrawn().max(waits.sending.overdrawn())
    }

    fn waits(&self) -> MutexGuard<'_, Waits> {
        self.waits.lock().unwrap_or_else(PoisonError::into_inner)
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
        // What failed for a reason of ours is not the client's doing.
        let is_answered = *self.is_whole.get_mut() || self.error.get().is_some();
        self.connection.end(self.number, is_answered);
        self.requests.fetch_sub(1, Relaxed);
    }
}
