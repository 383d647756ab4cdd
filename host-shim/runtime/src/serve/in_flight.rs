//! A request in flight, as far as others have a say in it: how long its client has
//! let it wait, whether a guest runs for it, and how that guest is ended.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::error::ServeError;
use super::patience::Patience;

/// A request in flight.
pub struct InFlight {
    begun: Instant,
    error: OnceLock<ServeError>,
    /// Whether a guest runs for it.
    has_guest: AtomicBool,
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

impl InFlight {
    /// It begins now, and has no guest yet.
    pub fn new() -> Self {
        Self {
            begun: Instant::now(),
            error: OnceLock::new(),
            has_guest: AtomicBool::new(false),
            waits: Mutex::default(),
            revoked: Notify::new(),
        }
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

    /// The client is waited for, which is to send more of the body.
    pub fn reads(&self) {
        self.waits().reading.begin();
    }

    /// The client sent more of the body, or nobody waits for it any more.
    pub fn read(&self, bytes: u64) {
        self.waits().reading.end(bytes);
    }

    /// There is something of the answer for the client to take.
    pub fn sends(&self) {
        self.waits().sending.begin();
    }

    /// The client has taken what was there of the answer.
    pub fn taken(&self, bytes: u64) {
        self.waits().sending.end(bytes);
    }

    /// There is no room for what its guest answers.
    pub fn blocks(&self) {
        self.waits().blocked.begin();
    }

    /// There is room again.
    pub fn goes_on(&self) {
        self.waits().blocked.end(0);
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
