//! A blob in the making (`sys:compose/blobs.writer`).

use std::cell::RefCell;
use std::rc::Rc;

use sha2::{Digest as _, Sha256};

use crate::bindings::exports::sys::compose::blobs::{self, GuestWriter};
use crate::bindings::sys::compose::types::{Digest as Bytes, Error};
use crate::digest::Digest;
use crate::file::File;
use crate::folder::Folder;
use crate::open::Store;
use crate::temporary::Temporary;
use crate::{blobs as stored, errors, limits};

/// A writer of one blob. Dropping it leaves nothing behind.
pub struct Writer(RefCell<Pending>);

/// The bytes so far: in a temporary file, then in a buffer.
struct Pending {
    store: Rc<Store>,
    folder: Rc<Folder>,
    file: File,
    temporary: Temporary,
    hash: Sha256,
    written: u64,
    buffer: Vec<u8>,
    /// The error after which the bytes are not what the caller meant.
    failed: Option<Error>,
}

impl Writer {
    /// Starts a blob.
    pub fn create(store: Rc<Store>) -> Result<Self, Error> {
        let folder = store.writable(&store.blobs)?;
        let (temporary, file) = Temporary::create(&folder)?;
        Ok(Self(RefCell::new(Pending {
            store,
            folder,
            file,
            temporary,
            hash: Sha256::new(),
            written: 0,
            buffer: Vec::new(),
            failed: None,
        })))
    }
}

impl GuestWriter for Writer {
    fn write(&self, bytes: Vec<u8>) -> Result<(), Error> {
        self.0
            .borrow_mut()
            .attempt(|pending| pending.append(&bytes))
    }

    fn splice(&self, digest: Bytes, offset: u64, length: u64) -> Result<(), Error> {
        let digest = Digest::new(&digest)?;
        let mut pending = self.0.borrow_mut();
        pending.attempt(|pending| pending.splice(&digest, offset, length))
    }

    fn finish(this: blobs::Writer) -> Result<Bytes, Error> {
        let Self(pending) = this.into_inner();
        Ok(pending.into_inner().finish()?.to_vec())
    }
}

impl Pending {
    /// Does a step, unless one failed before: a blob with a gap must not be
    /// finished.
    fn attempt(&mut self, step: impl FnOnce(&mut Self) -> Result<(), Error>) -> Result<(), Error> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        step(self).inspect_err(|error| self.failed = Some(error.clone()))
    }

    fn append(&mut self, mut bytes: &[u8]) -> Result<(), Error> {
        while !bytes.is_empty() {
            let room = limits::CHUNK - self.buffer.len();
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.buffer.extend_from_slice(now);
            bytes = later;
            if self.buffer.len() == limits::CHUNK {
                self.flush()?;
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Error> {
        self.hash.update(&self.buffer);
        self.file.write(&self.buffer, self.written)?;
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    fn splice(&mut self, digest: &Digest, offset: u64, length: u64) -> Result<(), Error> {
        // What is copied whole is hashed on the way, so it need not be hashed
        // before; a part is believed only as a part of a checked blob.
        let source = match self.store.checked.get(digest)? {
            Some(file) => file,
            None => Rc::new(stored::unchecked(&self.store, digest)?),
        };
        let size = source.size()?;
        if (offset, length) != (0, size) {
            return self.splice_part(digest, offset, length);
        }
        let stamp = source.stamp()?;
        let mut hash = Sha256::new();
        self.copy(digest, &source, 0, size, |bytes| hash.update(bytes))?;
        let found = Digest::of(hash);
        if found != *digest {
            self.store.checked.forget(digest);
            let found = format!("their digest is {found}");
            return Err(errors::mismatch(digest, source.path(), &found));
        }
        self.store.checked.keep(digest, source, stamp);
        Ok(())
    }

    fn splice_part(&mut self, digest: &Digest, offset: u64, length: u64) -> Result<(), Error> {
        let source = stored::checked(&self.store, digest)?;
        let size = source.size()?;
        match offset.checked_add(length) {
            Some(end) if end <= size => self.copy(digest, &source, offset, end, |_| {}),
            _ => Err(errors::invalid(
                format!("{length} bytes from {offset} of {digest}, which has {size}"),
                Some(digest.to_string()),
            )),
        }
    }

    fn copy(
        &mut self,
        digest: &Digest,
        source: &File,
        mut offset: u64,
        end: u64,
        mut seen: impl FnMut(&[u8]),
    ) -> Result<(), Error> {
        while offset < end {
            let bytes = source.read(offset, end - offset)?;
            if bytes.is_empty() {
                return Err(stored::cut_short(digest, source));
            }
            seen(&bytes);
            self.append(&bytes)?;
            offset += bytes.len() as u64;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Digest, Error> {
        self.attempt(Self::flush)?;
        self.file.sync()?;
        let digest = Digest::of(self.hash);
        // A file of that name that is open may be a bad one that this heals,
        // and some systems do not replace a file while it is open.
        self.store.checked.forget(&digest);
        self.temporary.rename(&digest.hex())?;
        self.folder.sync()?;
        Ok(digest)
    }
}
