//! Whose turn it is: peers one after the other, and the connections of each one
//! after the other.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// What waits, by who it is of: nobody is in it twice, or for nothing.
struct Round<K, V> {
    order: VecDeque<K>,
    of: HashMap<K, V>,
}

/// What waits, of peers and of their connections.
pub struct Turns<P, C, T> {
    peers: Round<P, Round<C, VecDeque<T>>>,
}

impl<K, V> Default for Round<K, V> {
    fn default() -> Self {
        Self {
            order: VecDeque::new(),
            of: HashMap::new(),
        }
    }
}

impl<P, C, T> Default for Turns<P, C, T> {
    fn default() -> Self {
        Self {
            peers: Round::default(),
        }
    }
}

impl<K: Copy + Eq + Hash, V: Default> Round<K, V> {
    fn enter(&mut self, key: K) -> &mut V {
        let order = &mut self.order;
        self.of.entry(key).or_insert_with(|| {
            order.push_back(key);
            V::default()
        })
    }

    fn leave(&mut self, key: K) {
        self.of.remove(&key);
        self.order.retain(|other| *other != key);
    }

    /// Takes from the first from whom something can be taken, whose next turn
    /// comes after all others'.
    fn take<T>(
        &mut self,
        mut take: impl FnMut(K, &mut V) -> Option<T>,
        is_empty: impl Fn(&V) -> bool,
    ) -> Option<T> {
        for _ in 0..self.order.len() {
            let key = self.order.pop_front()?;
            let value = self.of.get_mut(&key)?;
            let taken = take(key, value);
            match is_empty(value) {
                true => drop(self.of.remove(&key)),
                false => self.order.push_back(key),
            }
            if taken.is_some() {
                return taken;
            }
        }
        None
    }
}

impl<P: Copy + Eq + Hash, C: Copy + Eq + Hash, T> Turns<P, C, T> {
    /// Waits behind what there is of the same connection.
    pub fn push(&mut self, peer: P, connection: C, waiter: T) {
        let connections = self.peers.enter(peer);
        connections.enter(connection).push_back(waiter);
    }

    /// Takes the next of those whose peers and connections may have it.
    pub fn take(
        &mut self,
        may: impl Fn(P) -> bool,
        may_connection: impl Fn(C) -> bool,
    ) -> Option<(P, C, T)> {
        let of_peer = |peer: P, connections: &mut Round<C, VecDeque<T>>| {
            if !may(peer) {
                return None;
            }
            let of_connection = |connection: C, waiting: &mut VecDeque<T>| {
                let may = may_connection(connection);
                may.then(|| waiting.pop_front().map(|waiter| (peer, connection, waiter)))?
            };
            connections.take(of_connection, VecDeque::is_empty)
        };
        self.peers
            .take(of_peer, |connections| connections.of.is_empty())
    }

    /// The connections of a peer of which something waits.
    pub fn connections(&self, peer: P) -> impl Iterator<Item = C> {
        let connections = self.peers.of.get(&peer).into_iter();
        connections.flat_map(|connections| connections.order.iter().copied())
    }

    /// Takes out what waits last of a connection.
    pub fn take_newest(&mut self, peer: P, connection: C) -> Option<T> {
        self.take_out(peer, connection, VecDeque::pop_back)
    }

    /// Takes one out that waits no more, if it does.
    pub fn remove(&mut self, peer: P, connection: C, is_it: impl Fn(&T) -> bool) -> Option<T> {
        self.take_out(peer, connection, |waiting| {
            let position = waiting.iter().position(is_it)?;
            waiting.remove(position)
        })
    }

    fn take_out(
        &mut self,
        peer: P,
        connection: C,
        take: impl FnOnce(&mut VecDeque<T>) -> Option<T>,
    ) -> Option<T> {
        let connections = self.peers.of.get_mut(&peer)?;
        let waiting = connections.of.get_mut(&connection)?;
        let removed = take(waiting);
        if waiting.is_empty() {
            connections.leave(connection);
        }
        if connections.of.is_empty() {
            self.peers.leave(peer);
        }
        removed
    }
}
