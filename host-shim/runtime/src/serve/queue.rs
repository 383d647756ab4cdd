//! Who gets a guest next: peers in turn, and the connections of a peer in turn,
//! so that whoever asks for much waits for it by himself. Requests that wait for
//! their clients come last. Where a peer has as many that wait as it may, the connection
//! with the most of them gives way to others.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

use super::entry::Entry;
use super::error::{ServeCode, ServeError};
use super::limits::{
    CONNECTION_GUESTS, IDLE_GUEST, LATE_TURN, PRESSED, PRESSED_COMING, PRESSED_LATE, QUEUE, QUEUED,
};
use super::peer::Peer;
use super::turns::Turns;

/// The guests of a server, and the requests that wait for one.
pub struct Queue {
    state: Mutex<State>,
}

struct State {
    free: usize,
    /// Tells permits and those who wait for one apart.
    next: u64,
    /// Guests that were given.
    given: u64,
    running: HashMap<u64, Arc<Entry>>,
    running_of_peer: Counts<Peer>,
    running_of_connection: Counts<u64>,
    waiting: usize,
    waiting_of_peer: Counts<Peer>,
    waiting_of_connection: Counts<u64>,
    /// Requests by what is there of them.
    turns: [Turns<Peer, u64, Waiter>; 3],
}

/// What is there of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// All.
    Whole,
    /// The start of a body that comes quickly.
    Coming,
    /// Less: its client is waited for.
    Late,
}

impl Readiness {
    /// How long it waits before a guest is ended for it.
    fn patience(self) -> Duration {
        match self {
            Self::Whole => PRESSED,
            Self::Coming => PRESSED_COMING,
            Self::Late => PRESSED_LATE,
        }
    }
}

struct Waiter {
    ticket: u64,
    entry: Arc<Entry>,
    granted: oneshot::Sender<Permit>,
}

/// How many of each there are; of most there are none.
struct Counts<K>(HashMap<K, usize>);

/// Allows one guest; gives that back when it goes.
pub struct Permit {
    queue: Arc<Queue>,
    ticket: u64,
}

/// A place in the queue, which is left when it goes.
struct Place<'a> {
    queue: &'a Queue,
    entry: &'a Entry,
    readiness: Readiness,
    ticket: u64,
}

impl Queue {
    pub fn new(guests: usize) -> Arc<Self> {
        let state = Mutex::new(State {
            free: guests,
            next: 0,
            given: 0,
            running: HashMap::new(),
            running_of_peer: Counts::default(),
            running_of_connection: Counts::default(),
            waiting: 0,
            waiting_of_peer: Counts::default(),
            waiting_of_connection: Counts::default(),
            turns: Default::default(),
        });
        Arc::new(Self { state })
    }

    /// Waits for its turn.
    ///
    /// # Errors
    /// When the queue is full, or the wait was too long.
    pub async fn permit(
        self: &Arc<Self>,
        entry: &Arc<Entry>,
        readiness: Readiness,
    ) -> Result<Permit, ServeError> {
        let (ticket, mut granted) = self.enqueue(entry, readiness)?;
        let place = Place {
            queue: self,
            entry,
            readiness,
            ticket,
        };
        let wait = async {
            loop {
                match timeout(readiness.patience(), &mut granted).await {
                    // None when it gave way.
                    Ok(permit) => break permit.ok(),
                    Err(_) => self.press(entry),
                }
            }
        };
        let permit = timeout(QUEUED, wait).await;
        drop(place);
        let permit = permit.map_err(|_| busy("no guest was free in time"))?;
        permit.ok_or_else(|| busy(TOO_MANY))
    }

    fn enqueue(
        self: &Arc<Self>,
        entry: &Arc<Entry>,
        readiness: Readiness,
    ) -> Result<(u64, oneshot::Receiver<Permit>), ServeError> {
        let mut state = self.state();
        let (peer, connection) = entry.origin();
        // As many may wait as are left for others, so one peer has half at the most.
        let is_full = state.waiting_of_peer.of(&peer) >= QUEUE - state.waiting;
        if is_full && !state.make_room(peer, connection) {
            return Err(busy(TOO_MANY));
        }
        let (sender, granted) = oneshot::channel();
        let ticket = state.next;
        state.next += 1;
        state.waits(peer, connection);
        let waiter = Waiter {
            ticket,
            entry: entry.clone(),
            granted: sender,
        };
        state.turns[readiness as usize].push(peer, connection, waiter);
        self.dispatch(state);
        Ok((ticket, granted))
    }

    /// Gives free guests to those who wait, in turn.
    fn dispatch(self: &Arc<Self>, mut state: MutexGuard<'_, State>) {
        let mut granted = Vec::new();
        while state.free > 0
            && let Some(waiter) = state.take()
        {
            let permit = Permit {
                queue: self.clone(),
                ticket: waiter.ticket,
            };
            granted.push((waiter.granted, permit));
        }
        drop(state);
        for (sender, permit) in granted {
            // Whoever left meanwhile gives it back, by dropping it.
            drop(sender.send(permit));
        }
    }

    /// Ends the guest that has the slowest of the clients that guests wait for, if
    /// that lets the request go on.
    fn press(&self, entry: &Entry) {
        let state = self.state();
        let (peer, connection) = entry.origin();
        let own_connection = state.running_of_connection.of(&connection) >= CONNECTION_GUESTS;
        let own_peer = state.free > 0;
        let idle = state.running.values().filter_map(|running| {
            let origin = running.origin();
            let helps = match (own_connection, own_peer) {
                (true, _) => origin.1 == connection,
                (false, true) => origin.0 == peer,
                (false, false) => true,
            };
            let guest = &running.in_flight;
            let waited = guest.idle().filter(|waited| *waited >= IDLE_GUEST)?;
            helps.then(|| (guest.pace(), Reverse(waited), guest))
        });
        if let Some((.., guest)) = idle.min_by_key(|(pace, waited, _)| (*pace, *waited)) {
            guest.revoke(&busy("others wait, and the guest waited for its client"));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn waits(&mut self, peer: Peer, connection: u64) {
        self.waiting += 1;
        self.waiting_of_peer.add(peer);
        self.waiting_of_connection.add(connection);
    }

    fn waits_no_more(&mut self, peer: Peer, connection: u64) {
        self.waiting -= 1;
        self.waiting_of_peer.subtract(peer);
        self.waiting_of_connection.subtract(connection);
    }

    /// Lets the newest of what waits of a peer's connections give way to another
    /// connection, of the one that has the most; whether there is one that has more.
    fn make_room(&mut self, peer: Peer, connection: u64) -> bool {
        let counts = &self.waiting_of_connection;
        let connections = self.turns.iter().flat_map(|turns| turns.connections(peer));
        let Some(most) = connections.max_by_key(|other| (counts.of(other), *other)) else {
            return false;
        };
        // With one more here and one less there, the other still has as many.
        if counts.of(&most) < counts.of(&connection) + 2 {
            return false;
        }
        // Those that wait for their clients first.
        let mut turns = self.turns.iter_mut().rev();
        let newest = turns.find_map(|turns| turns.take_newest(peer, most));
        if newest.is_some() {
            self.waits_no_more(peer, most);
        }
        newest.is_some()
    }

    /// The next request that may have a guest, which it gets.
    fn take(&mut self) -> Option<Waiter> {
        let (free, of_peer, of_connection) = (
            self.free,
            &self.running_of_peer,
            &self.running_of_connection,
        );
        // As many may run as are left for others, so one peer has half at the most.
        let may = |peer| of_peer.of(&peer) < free;
        let may_connection = |connection| of_connection.of(&connection) < CONNECTION_GUESTS;
        // Now and then those come first that else come last.
        let order = match self.given % LATE_TURN {
            0 => [2, 1, 0],
            _ => [0, 1, 2],
        };
        let mut order = order.into_iter();
        let taken = order.find_map(|turns| self.turns[turns].take(may, may_connection));
        let (peer, connection, waiter) = taken?;
        self.given += 1;
        self.free -= 1;
        self.waits_no_more(peer, connection);
        self.running_of_peer.add(peer);
        self.running_of_connection.add(connection);
        waiter.entry.in_flight.runs(true);
        self.running.insert(waiter.ticket, waiter.entry.clone());
        Some(waiter)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut state = self.queue.state();
        let Some(entry) = state.running.remove(&self.ticket) else {
            return;
        };
        entry.in_flight.runs(false);
        let (peer, connection) = entry.origin();
        state.free += 1;
        state.running_of_peer.subtract(peer);
        state.running_of_connection.subtract(connection);
        self.queue.dispatch(state);
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut state = self.queue.state();
        let (peer, connection) = self.entry.origin();
        let is_it = |waiter: &Waiter| waiter.ticket == self.ticket;
        let turns = &mut state.turns[self.readiness as usize];
        let removed = turns.remove(peer, connection, is_it);
        // Else it has got its permit.
        if removed.is_some() {
            state.waits_no_more(peer, connection);
        }
        drop(state);
    }
}

impl<K> Default for Counts<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Eq + Hash> Counts<K> {
    fn of(&self, key: &K) -> usize {
        self.0.get(key).copied().unwrap_or_default()
    }

    fn add(&mut self, key: K) {
        *self.0.entry(key).or_default() += 1;
    }

    fn subtract(&mut self, key: K) {
        if let Some(count) = self.0.get_mut(&key) {
            *count -= 1;
            if *count == 0 {
                self.0.remove(&key);
            }
        }
    }
}

/// Why a request does not wait.
const TOO_MANY: &str = "too many requests wait already";

fn busy(why: &str) -> ServeError {
    ServeError::new(ServeCode::Busy, why)
}
