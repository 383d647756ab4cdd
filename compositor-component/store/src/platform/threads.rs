//! Work that is spread over threads.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use crate::digest::Digest;
use crate::piece::Piece;
use crate::proof::{Proof, Prover};

/// Bytes that are hashed in less time than threads take to start.
const SMALL: u64 = 1 << 20;

/// How many pieces wait for a thread: that bounds memory.
const WAITING: usize = 8;

/// The digest of bytes that come in pieces. Many are hashed by a thread of their
/// own, beside whoever reads and writes them.
#[derive(Default)]
pub struct Hash {
    here: Prover,
    seen: u64,
    beside: Option<Beside>,
}

impl Hash {
    /// Takes the next piece.
    pub fn update(&mut self, piece: &Piece) {
        self.seen += piece.len() as u64;
        if self.seen > SMALL && self.beside.is_none() {
            self.beside = Beside::new(&self.here);
        }
        match &self.beside {
            Some(beside) => beside.update(piece),
            None => self.here.update(piece),
        }
    }

    /// The digest of all pieces.
    pub fn finish(self) -> Digest {
        self.prove().digest
    }

    /// The same, with what proves parts of them later.
    pub fn prove(self) -> Proof {
        let hash = match self.beside {
            Some(beside) => beside.finish(),
            None => self.here,
        };
        hash.finish()
    }
}

/// A thread that hashes.
struct Beside {
    pieces: SyncSender<Piece>,
    thread: JoinHandle<Prover>,
}

impl Beside {
    /// Goes on from what was hashed so far; none when the system has no thread
    /// for it.
    fn new(so_far: &Prover) -> Option<Self> {
        let (pieces, next) = sync_channel::<Piece>(WAITING);
        let mut hash = so_far.clone();
        let thread = thread::Builder::new().spawn(move || {
            for piece in next {
                hash.update(&piece);
            }
            hash
        });
        let thread = thread.ok()?;
        Some(Self { pieces, thread })
    }

    fn update(&self, piece: &Piece) {
        let sent = self.pieces.send(piece.clone());
        sent.expect("the thread takes pieces until there are no more");
    }

    fn finish(self) -> Prover {
        drop(self.pieces);
        self.thread.join().expect("hashing does not panic")
    }
}

/// Does work for each item, on so many bytes together; answers in their order.
pub fn each<T: Sync, R: Send>(items: &[T], bytes: u64, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    if items.len() < 2 || bytes <= SMALL {
        return items.iter().map(work).collect();
    }
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(items.len()));
    thread::scope(|scope| {
        for _ in 0..threads.min(items.len()) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { break };
                    let result = work(item);
                    let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                    done.push((index, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}
