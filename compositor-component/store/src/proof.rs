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

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::digest::Digest;
use crate::errors::{self, Error};
use crate::file::File;
use crate::limits;

/// Bytes of a chunk: whole blocks of the hash, so that a state is no more than
/// its words.
const CHUNK: u64 = limits::CHUNK as u64;

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

/// An open file whose bytes were those of a digest when they were hashed, and
/// what tells whether those that are read of it now still are.
#[derive(Clone)]
pub struct Proven {
    /// The file.
    pub file: Arc<File>,
    /// Of all its bytes.
    pub proof: Arc<Proof>,
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
    fn holds(&self, index: usize, bytes: &[u8]) -> bool {
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

impl Proven {
    /// Hands out the bytes from an offset to an end, which is not behind the last
    /// byte, each part proven in the memory that it is handed out from.
    pub fn each(
        &self,
        offset: u64,
        end: u64,
        seen: &mut dyn FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        Chunks::new(self).each(offset, end, seen)
    }
}

/// Chunks of a file, of which the last that was read is kept: who reads on does
/// not have it hashed again.
pub struct Chunks<'a> {
    proven: &'a Proven,
    last: Option<(u64, Vec<u8>)>,
}

impl<'a> Chunks<'a> {
    /// None was read yet.
    pub fn new(proven: &'a Proven) -> Self {
        Self { proven, last: None }
    }

    /// That of [`Proven::each`].
    pub fn each(
        &mut self,
        mut offset: u64,
        end: u64,
        seen: &mut dyn FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        while offset < end {
            let start = offset - offset % CHUNK;
            let chunk = self.chunk(start)?;
            let until = end.min(start + chunk.len() as u64);
            // Both are in the chunk.
            seen(&chunk[(offset - start) as usize..(until - start) as usize])?;
            offset = until;
        }
        Ok(())
    }

    fn chunk(&mut self, start: u64) -> Result<&[u8], Error> {
        let bytes = match self.last.take() {
            Some((at, bytes)) if at == start => bytes,
            used => self.read(start, used.map_or_else(Vec::new, |(_, bytes)| bytes))?,
        };
        Ok(&self.last.insert((start, bytes)).1)
    }

    fn read(&self, start: u64, mut bytes: Vec<u8>) -> Result<Vec<u8>, Error> {
        let Proven { file, proof } = self.proven;
        if proof.size > limits::PROOF_CHUNKS as u64 * CHUNK {
            return Err(errors::about_path(
                format!(
                    "`{}` has {} bytes, which is too large to be read by range",
                    file.path(),
                    proof.size
                ),
                file.path(),
            ));
        }
        let end = proof.size.min(start.saturating_add(CHUNK));
        bytes.clear();
        file.each(start, end, &mut |piece| {
            bytes.extend_from_slice(piece);
            Ok(())
        })?;
        let index = usize::try_from(start / CHUNK).unwrap_or(usize::MAX);
        match proof.holds(index, &bytes) && start < end {
            true => Ok(bytes),
            false => {
                let found = "it changed since it was hashed";
                Err(errors::mismatch(&proof.digest, file.path(), found))
            }
        }
    }
}
