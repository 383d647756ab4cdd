//! A blob in the making.

use std::sync::Arc;

use crate::digest::Digest;
use crate::error::Error;
use crate::errors;
use crate::folder::Folder;
use crate::open::Store;
use crate::piece::Piece;
use crate::platform::Hash;
use crate::proven::Proven;
use crate::temporary::Temporary;
use crate::{blobs, limits};

/// A writer of one blob: the bytes so far are in a temporary file, then in a
/// buffer. Nothing is visible until `finish`, and dropping it leaves nothing
/// behind.
pub struct Writer {
    store: Arc<Store>,
    folder: Arc<Folder>,
    is_derived: bool,
    temporary: Temporary,
    hash: Hash,
    written: u64,
    buffer: Vec<u8>,
    /// The error after which the bytes are not what the caller meant.
    failed: Option<Error>,
}

impl Store {
    /// Starts a blob. For one that is derived, that is, can be made again from
    /// others, nobody waits for the disk: after a loss of power it may be gone or
    /// damaged, which its digest tells.
    ///
    /// # Errors
    /// `blob-io-error` when there is no store, or it cannot be written.
    pub fn create(self: &Arc<Self>, is_derived: bool) -> Result<Writer, Error> {
        let folder = self.writable(&self.blobs)?;
        let made_in = self.writable(&self.temporary)?;
        Ok(Writer {
            store: self.clone(),
            folder,
            is_derived,
            temporary: Temporary::create(&made_in, false)?,
            hash: Hash::default(),
            written: 0,
            buffer: Vec::new(),
            failed: None,
        })
    }
}

impl Writer {
    /// Appends bytes.
    ///
    /// # Errors
    /// `blob-io-error`, or that of an earlier step.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.attempt(|writer| {
            bytes.chunks(limits::CHUNK).try_for_each(|part| {
                writer.store.watcher.bytes(part.len());
                writer.append(part)
            })
        })
    }

    /// Appends a range of a stored blob. Of all of it, what is written is hashed on
    /// its way and has to have the digest, or was, in the memory that it is written from; a
    /// part is proven to be a part of what was hashed.
    ///
    /// # Errors
    /// `blob-not-found`, `blob-io-error`, `blob-digest-mismatch`, also when its
    /// bytes change meanwhile, and `invalid-input` for a range that is not in
    /// it; or that of an earlier step.
    pub fn splice(&mut self, digest: &Digest, offset: u64, length: u64) -> Result<(), Error> {
        self.attempt(|writer| writer.copy(digest, offset, length))
    }

    /// Makes the blob visible under its digest: durably, unless it is derived.
    ///
    /// # Errors
    /// `blob-io-error`, or that of an earlier step.
    pub fn finish(mut self) -> Result<Digest, Error> {
        self.attempt(Self::flush)?;
        let proof = self.hash.prove();
        let digest = proof.digest;
        let name = digest.hex();
        // What it replaces may be durable, and stays so.
        let is_durable = !self.is_derived || self.folder.look(&name)?.is_some();
        if is_durable {
            self.temporary.file().sync()?;
        }
        // A file of that name that is open may be a bad one that this heals,
        // and some systems do not replace a file while it is open.
        self.store.checked.forget(&digest);
        let file = self.temporary.rename(&self.folder, &name)?;
        if is_durable {
            self.folder.sync()?;
        }
        // Its bytes were hashed on their way: whoever reads it next need not hash
        // all of it again.
        self.store.checked.keep(Proven::new(file, proof, None));
        Ok(digest)
    }

    /// Does a step, unless one failed before: a blob with a gap must not be
    /// finished.
    fn attempt(&mut self, step: impl FnOnce(&mut Self) -> Result<(), Error>) -> Result<(), Error> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        step(self).inspect_err(|error| self.failed = Some(error.clone()))
    }

    fn copy(&mut self, digest: &Digest, offset: u64, length: u64) -> Result<(), Error> {
        let store = self.store.clone();
        if let Some(Proven {
            bytes: Some(bytes), ..
        }) = store.checked.get(digest)
            && (offset, length) == (0, bytes.len() as u64)
        {
            store.watcher.bytes(bytes.len());
            return self.pass(&bytes);
        }
        let source = blobs::unchecked(&store, digest)?;
        if (offset, length) == (0, source.size()?) {
            let append = &mut |piece: &Piece| self.pass(piece);
            return blobs::whole(&store, digest, source, append).map(drop);
        }
        let part = blobs::checked(&store, digest)?;
        let size = part.proof.size;
        let Some(end) = offset.checked_add(length).filter(|end| *end <= size) else {
            return Err(errors::invalid(
                format!("{length} bytes from {offset} of {digest}, which has {size}"),
                Some(digest.to_string()),
            ));
        };
        // Bytes are written from memory and not by the system from file to file,
        // because hashing needs them there anyway, and what is hashed is then what
        // is written; and a file system shares blocks of two files only where both
        // ranges start at a block.
        let done = part.each(offset, end, &mut |bytes| {
            store.watcher.bytes(bytes.len());
            self.append(bytes)
        });
        if done.is_err() {
            store.checked.forget(digest);
        }
        done
    }

    /// Appends bytes, by way of the buffer.
    fn append(&mut self, mut bytes: &[u8]) -> Result<(), Error> {
        while !bytes.is_empty() {
            let free = limits::CHUNK - self.buffer.len();
            let (now, rest) = bytes.split_at(free.min(bytes.len()));
            self.buffer.extend_from_slice(now);
            if self.buffer.len() == limits::CHUNK {
                self.flush()?;
            }
            bytes = rest;
        }
        Ok(())
    }

    /// Appends a piece, which is not copied when it is large.
    fn pass(&mut self, piece: &Piece) -> Result<(), Error> {
        if piece.len() < limits::CHUNK {
            return self.append(piece);
        }
        self.flush()?;
        self.put(piece)
    }

    fn flush(&mut self) -> Result<(), Error> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let buffer = Piece::new(std::mem::take(&mut self.buffer));
        self.put(&buffer)?;
        // Used again, unless it is still being hashed.
        self.buffer = Piece::into_inner(buffer).unwrap_or_default();
        self.buffer.clear();
        Ok(())
    }

    fn put(&mut self, piece: &Piece) -> Result<(), Error> {
        self.hash.update(piece);
        self.temporary.file().append(piece, &mut self.written)
    }
}
