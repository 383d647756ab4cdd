//! Why bytes that are read again are those that were hashed.
//!
//! Whoever may write to a file may change it at any time, and through a mapped
//! page also without a change of its times. So nothing that is known of a file
//! outlives the look at it, except what can be looked at again: while a blob is
//! hashed, the state of the hash is kept at the start of each chunk. A chunk that
//! is read later is hashed from that state, in the memory that it was read into,
//! and has to arrive at the state that the next chunk starts from. That is as
//! hard to forge as the digest itself, takes no second pass over the blob, and
//! about a thousandth of its size in memory.

use sha2::{Digest as _, Sha256};

use crate::digest::Digest;
use crate::limits;

/// Bytes of a chunk: whole blocks of the hash, so that a state is no more than
/// its words.
pub const CHUNK: u64 = limits::CHUNK as u64;

/// A hash of bytes that come in order, which can tell later whether some of
/// them are still the same.
#[derive(Clone, Default)]
pub struct Prover {
    hash: Sha256,
    seen: u64,
    /// At the start of each chunk.
    states: Vec<Sha256>,
}

/// What was hashed, chunk by chunk.
pub struct Proof {
    /// The digest of all of it.
    pub digest: Digest,
    /// How many bytes it was.
    pub size: u64,
    states: Vec<Sha256>,
}

impl Prover {
    /// Takes the next bytes.
    pub fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let left = CHUNK - self.seen % CHUNK;
            // A blob of more chunks is spliced and copied, and never read by range.
            if left == CHUNK && self.states.len() < limits::PROOF_CHUNKS {
                self.states.push(self.hash.clone());
            }
            // Not more than a chunk, which fits.
            let (now, rest) = bytes.split_at(bytes.len().min(left as usize));
            self.hash.update(now);
            self.seen += now.len() as u64;
            bytes = rest;
        }
    }

    /// The digest of all bytes, and the proof.
    pub fn finish(self) -> Proof {
        Proof {
            digest: Digest::of(self.hash),
            size: self.seen,
            states: self.states,
        }
    }
}

impl Proof {
    /// What it takes of memory, in states of a hash.
    pub fn states(&self) -> usize {
        self.states.len()
    }

    /// Whether bytes are those that were hashed as a chunk.
    pub fn holds(&self, index: usize, bytes: &[u8]) -> bool {
        let Some(state) = self.states.get(index) else {
            return false;
        };
        let mut hash = state.clone();
        hash.update(bytes);
        let found = Digest::of(hash);
        match self.states.get(index + 1) {
            Some(next) => found == Digest::of(next.clone()),
            None => found == self.digest,
        }
    }
}
