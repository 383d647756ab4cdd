//! A request's line in the log: one event, when all is done with it. Until then
//! it is also how the request is told apart from others.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU64, AtomicUsize, Ordering::Relaxed};

use http::{Request, StatusCode};

use super::connections::Connection;
use super::in_flight::InFlight;
use super::peer::Peer;
use super::service::{Log, Logged, Service};

/// What is known of a request. Dropping the last reference writes it down.
pub struct Entry {
    /// Who is told of it; nobody of what the server answers itself.
    log: Option<Arc<dyn Log>>,
    /// What it is for; nothing when no route takes it.
    root: Option<Arc<dyn Service>>,
    /// Its number in the server, by which the log and its guest's output name it.
    pub id: u64,
    connection: Arc<Connection>,
    number: u64,
    /// All requests of the server.
    requests: Arc<AtomicUsize>,
    method: String,
    path: String,
    /// What others may ask of it meanwhile.
    pub in_flight: Arc<InFlight>,
    /// 0 as long as there is none.
    status: AtomicU16,
    bytes: AtomicU64,
    /// Whether the client has all of its answer.
    is_whole: AtomicBool,
}

impl Entry {
    pub fn new<B>(
        log: Option<Arc<dyn Log>>,
        root: Option<Arc<dyn Service>>,
        connection: Arc<Connection>,
        requests: Arc<AtomicUsize>,
        id: u64,
        request: &Request<B>,
    ) -> Arc<Self> {
        requests.fetch_add(1, Relaxed);
        let in_flight = Arc::new(InFlight::new());
        Arc::new(Self {
            log,
            root,
            id,
            number: connection.begin(&in_flight),
            connection,
            requests,
            method: request.method().to_string(),
            path: request.uri().path().to_string(),
            in_flight,
            status: AtomicU16::new(0),
            bytes: AtomicU64::new(0),
            is_whole: AtomicBool::new(false),
        })
    }

    /// Who asks, and over which connection.
    pub fn origin(&self) -> (Peer, u64) {
        (self.connection.peer, self.connection.id)
    }

    /// Whether its connection speaks TLS.
    pub fn is_tls(&self) -> bool {
        self.connection.is_tls.load(Relaxed)
    }

    /// The head of its answer is there for the client.
    pub fn answered(&self, status: StatusCode) {
        self.status.store(status.as_u16(), Relaxed);
        self.in_flight.sends();
    }

    /// The client sent more of the body, or nobody waits for it any more.
    pub fn read(&self, bytes: u64) {
        if bytes > 0 {
            self.connection.meant();
        }
        self.in_flight.read(bytes);
    }

    /// The client has taken what was there of the answer.
    pub fn taken(&self, bytes: u64) {
        self.connection.meant();
        self.in_flight.taken(bytes);
    }

    /// There is more of the answer for the client.
    pub fn sends(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Relaxed);
        self.in_flight.sends();
    }

    /// Bytes of the answer so far.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Relaxed)
    }

    /// The client has all of its answer.
    pub fn is_whole(&self) {
        self.is_whole.store(true, Relaxed);
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let error = self.in_flight.error();
        if let Some(log) = self.log.take() {
            log.log(&Logged {
                id: self.id,
                root: self.root.as_deref().map(Service::name),
                method: &self.method,
                path: &self.path,
                // A client that left before has got no answer.
                status: Some(*self.status.get_mut()).filter(|status| *status != 0),
                bytes: *self.bytes.get_mut(),
                duration: self.in_flight.begun().elapsed(),
                error,
            });
        }
        // What failed for a reason of ours is not the client's doing.
        let is_answered = *self.is_whole.get_mut() || error.is_some();
        self.connection.end(self.number, is_answered);
        self.requests.fetch_sub(1, Relaxed);
    }
}
