//! Blobs that are open and were hashed, so that a blob is hashed once and not
//! at each read.
//!
//! A file stays what it was when it is replaced under its name, because it is
//! open. When it is written in place instead, its stamp changes, and it is
//! hashed again.

use std::cell::RefCell;
use std::rc::Rc;

use crate::bindings::sys::compose::types::Error;
use crate::digest::Digest;
use crate::file::{File, Stamp};
use crate::limits;

/// Checked blobs, the least recently used first.
#[derive(Default)]
pub struct Checked(RefCell<Vec<Entry>>);

struct Entry {
    digest: Digest,
    file: Rc<File>,
    stamp: Stamp,
}

impl Checked {
    /// A blob that was checked and has not changed since.
    pub fn get(&self, digest: &Digest) -> Result<Option<Rc<File>>, Error> {
        let Some(entry) = self.take(digest) else {
            return Ok(None);
        };
        if entry.file.stamp()? != entry.stamp {
            return Ok(None);
        }
        let file = entry.file.clone();
        self.0.borrow_mut().push(entry);
        Ok(Some(file))
    }

    /// Keeps a blob that was found good. The stamp is of before its bytes were
    /// looked at, so that no change in between goes unseen.
    pub fn keep(&self, digest: &Digest, file: Rc<File>, stamp: Stamp) {
        drop(self.take(digest));
        let mut entries = self.0.borrow_mut();
        if entries.len() == limits::OPEN_BLOBS {
            entries.remove(0);
        }
        entries.push(Entry {
            digest: *digest,
            file,
            stamp,
        });
    }

    /// Forgets a blob, because its name now stands for something else.
    pub fn forget(&self, digest: &Digest) {
        drop(self.take(digest));
    }

    fn take(&self, digest: &Digest) -> Option<Entry> {
        let mut entries = self.0.borrow_mut();
        let index = entries.iter().position(|entry| entry.digest == *digest)?;
        Some(entries.remove(index))
    }
}
