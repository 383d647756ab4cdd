//! A blob in the making.

use std::sync::Arc;

use crate::checked::Good;
use crate::digest::Digest;
use crate::errors::{self, Error};
use crate::file::File;
use crate::folder::Folder;
use crate::open::Store;
use crate::piece::Piece;
use crate::platform::{self, Hash};
use crate::temporary::Temporary;
use crate::{blobs, limits};

/// A writer of one blob: the bytes so far are in a temporary file, then in a
/// buffer. Nothing is visible until `finish`, and dropping it leaves nothing
/// behind.
pub struct Writer {
    store: Arc<Store>,
    folder: Arc<Folder>,
    file: Arc<File>,
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
        let (temporary, file) = Temporary::create(&folder)?;
        Ok(Writer {
            store: self.clone(),
            folder,
            file: Arc::new(file),
            is_derived,
            temporary,
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

    /// Appends a range of a stored blob. One that is not known to be good is
    /// hashed: a splice of all of it, while it is copied.
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
        let digest = self.hash.finish();
        let name = digest.hex();
        // What it replaces may be durable, and stays so.
        let is_durable = !self.is_derived || self.folder.look(&name)?.is_some();
        if is_durable {
            self.file.sync()?;
        }
        let written = self.file.stamp()?;
        // A file of that name that is open may be a bad one that this heals,
        // and some systems do not replace a file while it is open.
        self.store.checked.forget(&digest);
        self.temporary.rename(&name)?;
        if is_durable {
            self.folder.sync()?;
        }
        // Its bytes were hashed on their way, and nobody else has written to it
        // since: whoever reads it next need not hash it again.
        let stamp = self.file.stamp()?;
        if stamp.is_of_same_bytes(&written) && stamp.size == self.written {
            let file = self.file;
            self.store.checked.keep(&digest, Good { file, stamp });
        }
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
        let known = store.checked.get(digest)?;
        // What is copied whole is hashed on the way, so it need not be hashed
        // before; a part is believed only as a part of a checked blob.
        let source = match &known {
            Some(good) => good.file.clone(),
            None => blobs::unchecked(&store, digest)?,
        };
        let is_whole = (offset, length) == (0, source.size()?);
        if is_whole && !(known.is_some() && platform::STAMPS_TELL) {
            let append = &mut |piece: &Piece| self.pass(piece);
            return blobs::whole(&store, digest, source, append).map(drop);
        }
        let good = blobs::checked(&store, digest)?;
        let size = good.file.size()?;
        let Some(end) = offset.checked_add(length).filter(|end| *end <= size) else {
            return Err(errors::invalid(
                format!("{length} bytes from {offset} of {digest}, which has {size}"),
                Some(digest.to_string()),
            ));
        };
        let start = self.written + self.buffer.len() as u64;
        self.copy_known(digest, &good, offset, end)?;
        // A link or another owner changes a stamp too. Of a whole blob, what
        // was written tells whether it was more than that.
        if good.is_unchanged()? || (is_whole && self.holds(start, digest)?) {
            return Ok(());
        }
        let found = "it changed while it was copied";
        Err(errors::mismatch(digest, good.file.path(), found))
    }

    /// Copies from a checked blob. What is hashed is what is written: bytes
    /// that were read once. So whatever happens to the source, the new blob is
    /// that of its digest; and the source's stamp, looked at when the bytes
    /// have been read, tells whether they are those that were checked.
    ///
    /// Bytes are written from memory and not by the system from file to file,
    /// because hashing needs them there anyway; and a file system shares blocks
    /// of two files only where both ranges start at a block.
    fn copy_known(
        &mut self,
        digest: &Digest,
        good: &Good,
        offset: u64,
        end: u64,
    ) -> Result<(), Error> {
        let store = self.store.clone();
        let ended = good.file.each(offset, end, &mut |piece| {
            store.watcher.bytes(piece.len());
            self.pass(piece)
        })?;
        match ended < end {
            true => Err(blobs::cut_short(digest, &good.file)),
            false => Ok(()),
        }
    }

    /// Whether what was written last, from an offset, has a digest.
    fn holds(&mut self, start: u64, digest: &Digest) -> Result<bool, Error> {
        self.flush()?;
        let mut hash = Hash::default();
        self.file.each(start, self.written, &mut |piece| {
            hash.update(piece);
            Ok(())
        })?;
        Ok(hash.finish() == *digest)
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
        self.file.append(piece, &mut self.written)
    }
}
