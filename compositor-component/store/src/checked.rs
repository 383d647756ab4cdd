//! Blobs that are open and were hashed, so that a blob is hashed once and not
//! at each read.
//!
//! A file stays what it was when it is replaced under its name, because it is
//! open. When it is written in place instead, its proof tells, at the part that
//! is read.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::digest::Digest;
use crate::limits;
use crate::proven::Proven;

/// Checked blobs, the least recently used first.
#[derive(Default)]
pub struct Checked(Mutex<Vec<(Digest, Proven)>>);

impl Checked {
    /// A blob that was checked.
    pub fn get(&self, digest: &Digest) -> Option<Proven> {
        let mut entries = self.entries();
        // In one go: other threads that look for it meanwhile find it too.
        let entry = take(&mut entries, digest)?;
        let proven = entry.1.clone();
        entries.push(entry);
        Some(proven)
    }

    /// Keeps a blob that was found good.
    pub fn keep(&self, proven: Proven) {
        let digest = proven.proof.digest;
        let mut entries = self.entries();
        take(&mut entries, &digest);
        entries.push((digest, proven));
        let states = |entries: &[(Digest, Proven)]| -> usize {
            let of = entries.iter().map(|(_, proven)| proven.proof.states());
            of.sum()
        };
        while entries.len() > limits::OPEN_BLOBS
            || (entries.len() > 1 && states(&entries) > limits::PROOF_CHUNKS)
        {
            entries.remove(0);
        }
    }

    /// Forgets a blob, because its name or its file now stands for something else.
    pub fn forget(&self, digest: &Digest) {
        take(&mut self.entries(), digest);
    }

    /// Whatever a thread did that panicked, the list is whole.
    fn entries(&self) -> MutexGuard<'_, Vec<(Digest, Proven)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn take(entries: &mut Vec<(Digest, Proven)>, digest: &Digest) -> Option<(Digest, Proven)> {
    let index = entries.iter().position(|(known, _)| known == digest)?;
    Some(entries.remove(index))
}
