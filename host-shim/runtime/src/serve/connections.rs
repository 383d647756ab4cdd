//! The connections of a server: how many there are, whose they are, and which
//! of them end because their clients do nothing, or too much.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use tokio::io::Interest;
use tokio::sync::watch;
use tokio::time::sleep;

use super::error::{ServeCode, ServeError};
use super::in_flight::InFlight;
use super::limits::{BROKEN_OFF, LINGER, LOOK, MEANINGLESS, PATIENCE};
use super::listener::Stream;
use super::patience::Patience;
use super::peer::Peer;

/// How a connection is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Closing {
    /// It is not.
    Not,
    /// What is in flight is finished.
    Gently,
    Now,
}

/// A connection.
pub struct Connection {
    pub id: u64,
    pub peer: Peer,
    pub stream: Stream,
    /// Whether it speaks TLS.
    pub is_tls: AtomicBool,
    state: Mutex<State>,
    /// Bytes that came since the last ones that meant something.
    meaningless: AtomicU64,
    closing: watch::Sender<Closing>,
}

struct State {
    requests: HashMap<u64, Weak<InFlight>>,
    next: u64,
    answered: u64,
    broken_off: u64,
    /// What is left of the time for the next request.
    idle: Patience,
    /// Whether some of the last answer may still have to be sent.
    is_sending: bool,
}

impl Connection {
    fn new(id: u64, peer: Peer, stream: Stream) -> Self {
        let mut idle = Patience::default();
        idle.begin();
        Self {
            id,
            peer,
            stream,
            is_tls: AtomicBool::new(false),
            state: Mutex::new(State {
                requests: HashMap::new(),
                next: 0,
                answered: 0,
                broken_off: 0,
                idle,
                is_sending: false,
            }),
            meaningless: AtomicU64::new(0),
            closing: watch::Sender::new(Closing::Not),
        }
    }

    /// A request begins; returns its number.
    pub fn begin(&self, request: &Arc<InFlight>) -> u64 {
        self.meant();
        let mut state = self.state();
        let number = state.next;
        state.next += 1;
        state.requests.insert(number, Arc::downgrade(request));
        state.idle = Patience::default();
        number
    }

    /// A request is done with, or the client broke it off.
    pub fn end(&self, number: u64, is_answered: bool) {
        let mut state = self.state();
        state.requests.remove(&number);
        match is_answered {
            true => state.answered += 1,
            false => state.broken_off += 1,
        }
        if state.requests.is_empty() {
            state.idle = Patience::default();
            state.idle.begin();
            state.is_sending = true;
        }
        if state.broken_off > BROKEN_OFF + state.answered {
            self.close(Closing::Now);
        }
    }

    /// What came last meant something.
    pub fn meant(&self) {
        self.meaningless.store(0, Relaxed);
    }

    /// Bytes came.
    pub fn received(&self, bytes: usize) {
        let bytes = bytes as u64;
        if self.meaningless.fetch_add(bytes, Relaxed) + bytes > MEANINGLESS {
            self.close(Closing::Now);
        }
    }

    /// The client took bytes: those of the last answer count for the time that
    /// it has for its next request.
    pub fn sent(&self, bytes: usize) {
        let mut state = self.state();
        if state.requests.is_empty() && state.is_sending {
            state.idle.end(bytes as u64);
            state.idle.begin();
        }
    }

    /// The client took everything.
    pub fn flushed(&self) {
        let mut state = self.state();
        if state.requests.is_empty() {
            state.is_sending = false;
        }
    }

    /// Tells it how to end.
    pub fn close(&self, how: Closing) {
        self.closing.send_if_modified(|closing| {
            let is_more = how > *closing;
            *closing = how.max(*closing);
            is_more
        });
    }

    /// How it is to end, when that changes.
    pub fn closing(&self) -> watch::Receiver<Closing> {
        let mut receiver = self.closing.subscribe();
        receiver.mark_changed();
        receiver
    }

    /// Whether the client has closed its side.
    fn is_left(&self) -> bool {
        // This waits for nothing: what is known is asked for.
        let ready = pin!(self.stream.ready(Interest::READABLE));
        let mut context = Context::from_waker(Waker::noop());
        matches!(ready.poll(&mut context), Poll::Ready(Ok(ready)) if ready.is_read_closed())
    }

    /// Ends it, or requests of it, when the client has waited for too long.
    fn look(&self) {
        let requests: Vec<_> = {
            let state = self.state();
            if state.requests.is_empty() {
                let overdrawn = state.idle.overdrawn();
                if overdrawn > LINGER {
                    self.close(Closing::Now);
                } else if !overdrawn.is_zero() {
                    self.close(Closing::Gently);
                }
                return;
            }
            state.requests.values().filter_map(Weak::upgrade).collect()
        };
        if self.is_left() {
            self.close(Closing::Now);
        }
        for request in requests {
            let overdrawn = request.overdrawn();
            if !overdrawn.is_zero() {
                let why = "the client let its request wait for too long";
                request.revoke(&ServeError::new(ServeCode::Slow, why));
            }
            // One stream's client cannot be told otherwise.
            if overdrawn > PATIENCE {
                self.close(Closing::Now);
            }
        }
    }

    /// What it is worth when there are too many; the least of all ends.
    fn worth(&self) -> (Worth, Instant) {
        let (requests, since): (Vec<_>, _) = {
            let state = self.state();
            let requests = state.requests.values().filter_map(Weak::upgrade);
            (requests.collect(), state.idle.since())
        };
        let worths = requests.iter().map(|request| {
            let worth = match (request.has_guest(), request.idle()) {
                (false, _) => Worth::Waiting,
                (true, Some(_)) => Worth::Slow,
                (true, None) => Worth::Running,
            };
            (worth, request.begun())
        });
        let idle = (Worth::Idle, since.unwrap_or_else(Instant::now));
        worths.max_by_key(|(worth, _)| *worth).unwrap_or(idle)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What goes on on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Worth {
    /// There is no request.
    Idle,
    /// Requests that have no guest yet.
    Waiting,
    /// A guest that waits for its client.
    Slow,
    Running,
}

/// All connections.
pub struct Connections {
    all: Mutex<HashMap<u64, Arc<Connection>>>,
    most: usize,
    next: AtomicU64,
}

impl Connections {
    pub fn new(most: usize) -> Self {
        Self {
            all: Mutex::default(),
            most,
            next: AtomicU64::new(0),
        }
    }

    /// Takes a connection, of a peer with an address or of this machine; none when all
    /// that there are are worth more.
    pub fn admit(&self, stream: Stream, peer: Option<Peer>) -> Option<Arc<Connection>> {
        let mut all = self.all();
        let id = self.next.fetch_add(1, Relaxed);
        let peer = peer.unwrap_or(Peer::Connection(id));
        if all.len() >= self.most && !evict(&mut all, peer) {
            return None;
        }
        let connection = Arc::new(Connection::new(id, peer, stream));
        all.insert(id, connection.clone());
        Some(connection)
    }

    /// Ends one, because there are too many open files, for one of a peer, if that has an
    /// address.
    pub fn shed(&self, peer: Option<Peer>) {
        let newcomer = peer.unwrap_or_else(|| Peer::Connection(self.next.load(Relaxed)));
        evict(&mut self.all(), newcomer);
    }

    pub fn forget(&self, connection: &Connection) {
        self.all().remove(&connection.id);
    }

    /// Lets all finish what is in flight; returns when there are none any more.
    pub async fn close(&self) {
        for connection in self.all().values() {
            connection.close(Closing::Gently);
        }
        while !self.all().is_empty() {
            sleep(LOOK / 4).await;
        }
    }

    /// Looks at all, again and again.
    pub async fn look(&self) {
        loop {
            sleep(LOOK).await;
            let all: Vec<_> = self.all().values().cloned().collect();
            for connection in all {
                connection.look();
            }
        }
    }

    fn all(&self) -> MutexGuard<'_, HashMap<u64, Arc<Connection>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends a connection of the peer that has most: the one that is worth the
/// least, and of those the oldest. For another one of the same peer, none ends
/// that has a guest at work.
fn evict(all: &mut HashMap<u64, Arc<Connection>>, newcomer: Peer) -> bool {
    let mut counts: HashMap<Peer, usize> = HashMap::new();
    for connection in all.values() {
        *counts.entry(connection.peer).or_default() += 1;
    }
    let most = counts
        .into_iter()
        .max_by_key(|(peer, count)| (*count, *peer == newcomer));
    let Some((most, _)) = most else {
        return false;
    };
    let of_most = all.values().filter(|connection| connection.peer == most);
    let worths = of_most.map(|connection| (connection.worth(), connection.id));
    match worths.min() {
        Some(((worth, _), id)) if worth < Worth::Running || most != newcomer => {
            if let Some(connection) = all.remove(&id) {
                connection.close(Closing::Now);
            }
            true
        }
        _ => false,
    }
}
