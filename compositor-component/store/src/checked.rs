//! Blobs that are open and were hashed, so that a blob is hashed once and not
//! at each read.
//!
//! A file stays what it was when it is replaced under its name, because it is
//! open. When it is written in place instead, its stamp changes, and it is
//! hashed again.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::digest::Digest;
use crate::errors::Error;
use crate::file::{File, Stamp};
use crate::limits;

/// Checked blobs, the least recently used first.
#[derive(Default)]
pub struct Checked(Mutex<Vec<(Digest, Good)>>);

/// An open file that held the bytes of its digest under a stamp.
#[derive(Clone)]
pub struct Good {
    /// The file.
    pub file: Arc<File>,
    /// Of before its bytes were looked at, so that no change in between goes
    /// unseen.
    pub stamp: Stamp,
}

impl Good {
    /// Whether its bytes are still those that were looked at, as far as the
    /// system tells.
    pub fn is_unchanged(&self) -> Result<bool, Error> {
        Ok(self.file.stamp()?.follows(&self.stamp))
    }
}

impl Checked {
    /// A blob that was checked and has not changed since.
    pub fn get(&self, digest: &Digest) -> Result<Option<Good>, Error> {
        let mut entries = self.entries();
        // In one go: other threads that look for it meanwhile find it too.
        let Some(entry) = take(&mut entries, digest) else {
            return Ok(None);
        };
        if !entry.1.is_unchanged()? {
            return Ok(None);
        }
        let good = entry.1.clone();
        entries.push(entry);
        Ok(Some(good))
    }

    /// Keeps a blob that was found good.
    pub fn keep(&self, digest: &Digest, good: Good) {
        let mut entries = self.entries();
        take(&mut entries, digest);
        if entries.len() == limits::OPEN_BLOBS {
            entries.remove(0);
        }
        entries.push((*digest, good));
    }

    /// Forgets a blob, because its name now stands for something else.
    pub fn forget(&self, digest: &Digest) {
        take(&mut self.entries(), digest);
    }

    /// Whatever a thread did that panicked, the list is whole.
    fn entries(&self) -> MutexGuard<'_, Vec<(Digest, Good)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn take(entries: &mut Vec<(Digest, Good)>, digest: &Digest) -> Option<(Digest, Good)> {
    let index = entries.iter().position(|(known, _)| known == digest)?;
    Some(entries.remove(index))
}
