//! Content-addressed bytes in files.

use std::sync::Arc;

use compositor_validator::Validated;

use crate::digest::{Digest, ascending};
use crate::error::{Error, ErrorCode};
use crate::errors;
use crate::file::File;
use crate::limits;
use crate::open::Store;
use crate::piece::Piece;
use crate::platform::{self, Hash, Kind, Stat};
use crate::proven::{Chunks, Proven};

/// What the store has under a digest.
pub struct Entry {
    /// sha-256 of its bytes, by its name.
    pub digest: Digest,
    /// Its size in bytes; none when it is no blob at all, such as a symbolic
    /// link, which `verify` refuses and `remove` removes.
    pub size: Option<u64>,
}

impl Store {
    /// The size in bytes of a blob, or none when the store lacks it.
    ///
    /// # Errors
    /// `blob-io-error` when something else has its name.
    pub fn stat(&self, digest: &Digest) -> Result<Option<u64>, Error> {
        size(self, &digest.hex())
    }

    /// Up to `length` bytes from `offset`; fewer only at the blob's end. The
    /// whole blob is hashed before the first read of it is answered, and what is
    /// answered is proven to be a part of what was hashed.
    ///
    /// # Errors
    /// `blob-not-found`, `blob-digest-mismatch`, `blob-io-error`, and
    /// `invalid-input` for more bytes than one answer may have.
    pub fn read(&self, digest: &Digest, offset: u64, length: u64) -> Result<Vec<u8>, Error> {
        read(self, digest, offset, length)
    }

    /// The first of the core modules in ranges of a blob, each a start and an end,
    /// that is invalid. What is validated is proven as it is when it is read.
    ///
    /// # Errors
    /// `blob-not-found`, `blob-digest-mismatch`, `blob-io-error`.
    pub fn validate_modules(
        &self,
        digest: &Digest,
        ranges: &[(u64, u64)],
    ) -> Result<Validated, Error> {
        validate_modules(self, digest, ranges)
    }

    /// The whole blob, which is hashed while it is read.
    ///
    /// # Errors
    /// `blob-not-found`, `blob-digest-mismatch`, and `blob-io-error`, also when
    /// it does not fit into memory.
    #[cfg(not(target_family = "wasm"))]
    pub fn bytes(&self, digest: &Digest) -> Result<Vec<u8>, Error> {
        bytes(self, digest)
    }

    /// Hashes each whole blob that the names stand for now, and compares; in the
    /// order of the digests.
    ///
    /// # Errors
    /// Of each: `emit-invalid-digest`, `blob-not-found`, `blob-digest-mismatch`,
    /// `blob-io-error`.
    pub fn verify(&self, digests: &[impl AsRef<[u8]> + Sync]) -> Vec<Result<(), Error>> {
        let size = |digest| self.stat(&Digest::new(digest).ok()?).ok()?;
        let sizes = digests.iter().filter_map(|digest| size(digest.as_ref()));
        let bytes = sizes.fold(0, u64::saturating_add);
        platform::each(digests, bytes, |digest| {
            check(self, &Digest::new(digest.as_ref())?).map(drop)
        })
    }

    /// Writes a blob into a file that the caller made, which is empty; answers its
    /// size. `path` leads on from a folder that the host opened under that name.
    ///
    /// # Errors
    /// `blob-not-found`, `blob-digest-mismatch`, `blob-io-error`; what was written
    /// until then stays.
    pub fn copy_out(&self, digest: &Digest, folder: &str, path: &str) -> Result<u64, Error> {
        copy_out(self, digest, &File::to_fill(folder, path)?)
    }

    /// Whatever has a digest's name, by ascending digest. One that is no blob
    /// does not keep the others from being listed.
    ///
    /// # Errors
    /// `blob-io-error` when the store cannot be read.
    pub fn list(&self) -> Result<Vec<Entry>, Error> {
        list(self)
    }

    /// When what has a digest's name was last written or found by a cache's key, in seconds
    /// since 1970; none when that is not known, or nothing is there.
    ///
    /// # Errors
    /// `blob-io-error` when the store cannot be read.
    pub fn used(&self, digest: &Digest) -> Result<Option<u64>, Error> {
        let Some(blobs) = self.readable(&self.blobs)? else {
            return Ok(None);
        };
        let stat = blobs.look(&digest.hex())?;
        let time = stat.and_then(|stat| stat.modified);
        Ok(time.map(|(seconds, _)| seconds))
    }

    /// The first bytes of a blob, up to `length`, as they are: nothing is hashed.
    ///
    /// # Errors
    /// `blob-not-found`, `blob-io-error`, and `invalid-input` for more bytes than one
    /// answer may have.
    pub fn peek(&self, digest: &Digest, length: u64) -> Result<Vec<u8>, Error> {
        if length > limits::ANSWER {
            let message = format!(
                "a look at {length} bytes, where {} are shown",
                limits::ANSWER
            );
            return Err(errors::invalid(message, Some(digest.to_string())));
        }
        let file = unchecked(self, digest)?;
        let mut start = Vec::new();
        file.each(0, length.min(file.size()?), &mut |piece| {
            start.extend_from_slice(piece);
            Ok(())
        })?;
        Ok(start)
    }

    /// Removes a blob; says whether it was there.
    ///
    /// # Errors
    /// `blob-io-error` when a folder has its name, or the store cannot be
    /// written.
    pub fn remove(&self, digest: &Digest) -> Result<bool, Error> {
        remove(self, digest)
    }
}

/// Does something with a blob by its proof. When its open file changed, or another
/// took its name, it is tried once more, with what has the name now.
fn proven<T>(
    store: &Store,
    digest: &Digest,
    work: impl Fn(&Proven) -> Result<T, Error>,
) -> Result<T, Error> {
    if let Some(known) = store.checked.get(digest) {
        match work(&known) {
            Err(error) if error.code == ErrorCode::BlobDigestMismatch => {}
            done => return done,
        }
    }
    let done = work(&check(store, digest)?);
    if matches!(&done, Err(error) if error.code == ErrorCode::BlobDigestMismatch) {
        store.checked.forget(digest);
    }
    done
}

/// A blob whose bytes were hashed, and what proves parts of it.
pub fn checked(store: &Store, digest: &Digest) -> Result<Proven, Error> {
    match store.checked.get(digest) {
        Some(known) => Ok(known),
        None => check(store, digest),
    }
}

/// A blob whose bytes are not known to be good.
pub fn unchecked(store: &Store, digest: &Digest) -> Result<Arc<File>, Error> {
    let file = match store.readable(&store.blobs)? {
        Some(blobs) => blobs.file(&digest.hex())?,
        None => None,
    };
    file.map(Arc::new)
        .ok_or_else(|| errors::not_found(digest, &store.path))
}

/// Hands out all the bytes of an open blob, hashed on the way. They are not to
/// be believed until this succeeds.
pub fn whole(
    store: &Store,
    digest: &Digest,
    file: Arc<File>,
    seen: &mut dyn FnMut(&Piece) -> Result<(), Error>,
) -> Result<Proven, Error> {
    let size = file.size()?;
    let mut hash = Hash::default();
    let mut last = None;
    let end = file.each(0, size, &mut |piece| {
        hash.update(piece);
        store.watcher.bytes(piece.len());
        if piece.len() as u64 == size {
            last = Some(piece.clone());
        }
        seen(piece)
    })?;
    if end < size {
        return Err(cut_short(digest, &file));
    }
    let proof = hash.prove();
    if proof.digest != *digest {
        store.checked.forget(digest);
        let found = format!("their digest is {}", proof.digest);
        return Err(errors::mismatch(digest, file.path(), &found));
    }
    let proven = Proven::new(file, proof, last);
    store.checked.keep(proven.clone());
    Ok(proven)
}

/// A blob that ended before the size that it had when it was opened.
fn cut_short(digest: &Digest, file: &File) -> Error {
    errors::mismatch(digest, file.path(), "it was cut short while it was read")
}

fn check(store: &Store, digest: &Digest) -> Result<Proven, Error> {
    store.checked.forget(digest);
    let file = unchecked(store, digest)?;
    whole(store, digest, file, &mut |_| Ok(()))
}

fn read(store: &Store, digest: &Digest, offset: u64, length: u64) -> Result<Vec<u8>, Error> {
    proven(store, digest, |blob| {
        let size = blob.proof.size;
        let length = length.min(size.saturating_sub(offset));
        if length > limits::ANSWER {
            return Err(errors::invalid(
                format!(
                    "{length} bytes of {digest} at once, where one read answers at most {}",
                    limits::ANSWER
                ),
                Some(digest.to_string()),
            ));
        }
        // Not more than the limit, which fits.
        let mut answer = Vec::with_capacity(length as usize);
        if length > 0 {
            // Not more than the blob's size, if there is anything to read.
            blob.each(offset, offset + length, &mut |bytes| {
                answer.extend_from_slice(bytes);
                Ok(())
            })?;
        }
        Ok(answer)
    })
}

#[cfg(not(target_family = "wasm"))]
fn bytes(store: &Store, digest: &Digest) -> Result<Vec<u8>, Error> {
    let file = unchecked(store, digest)?;
    let size = file.size()?;
    let too_large = |_| {
        let message = format!("{digest} has {size} bytes, which do not fit into memory");
        errors::about_path(message, file.path())
    };
    let mut bytes = Vec::new();
    let length = usize::try_from(size).unwrap_or(usize::MAX);
    bytes.try_reserve_exact(length).map_err(too_large)?;
    whole(store, digest, file.clone(), &mut |piece| {
        bytes.extend_from_slice(piece);
        Ok(())
    })?;
    Ok(bytes)
}

fn copy_out(store: &Store, digest: &Digest, to: &File) -> Result<u64, Error> {
    let mut written = 0;
    let file = unchecked(store, digest)?;
    whole(store, digest, file, &mut |piece| {
        to.append(piece, &mut written)
    })?;
    Ok(written)
}

fn validate_modules(
    store: &Store,
    digest: &Digest,
    ranges: &[(u64, u64)],
) -> Result<Validated, Error> {
    proven(store, digest, |blob| {
        let mut chunks = Chunks::new(blob);
        let read = |offset: u64, length: u64| {
            let mut bytes = Vec::new();
            let end = offset.saturating_add(length).min(blob.proof.size);
            chunks.each(offset, end, &mut |piece| {
                store.watcher.bytes(piece.len());
                bytes.extend_from_slice(piece);
                Ok(())
            })?;
            Ok(bytes)
        };
        compositor_validator::modules(read, ranges)
    })
}

fn size(store: &Store, name: &str) -> Result<Option<u64>, Error> {
    let Some(blobs) = store.readable(&store.blobs)? else {
        return Ok(None);
    };
    match blobs.look(name)? {
        None => Ok(None),
        Some(stat) => match file_size(&stat) {
            Some(size) => Ok(Some(size)),
            None => Err(errors::refused(&blobs.path_of(name), "a blob", stat.kind)),
        },
    }
}

fn file_size(stat: &Stat) -> Option<u64> {
    (stat.kind == Kind::File).then_some(stat.size)
}

fn list(store: &Store) -> Result<Vec<Entry>, Error> {
    let Some(blobs) = store.readable(&store.blobs)? else {
        return Ok(Vec::new());
    };
    // Whatever else is there, such as temporary files, is no blob.
    let names = blobs.names()?;
    let digests = names.iter().filter_map(|name| Digest::from_hex(name));
    let mut entries = Vec::new();
    for digest in ascending(digests.collect()) {
        // It may be removed by now.
        if let Some(stat) = blobs.look(&digest.hex())? {
            let size = file_size(&stat);
            entries.push(Entry { digest, size });
        }
    }
    Ok(entries)
}

fn remove(store: &Store, digest: &Digest) -> Result<bool, Error> {
    store.checked.forget(digest);
    let Some(blobs) = store.readable(&store.blobs)? else {
        return Ok(false);
    };
    let name = digest.hex();
    if let Some(stat) = blobs.look(&name)?
        && stat.kind == Kind::Folder
    {
        return Err(errors::refused(&blobs.path_of(&name), "a blob", stat.kind));
    }
    let removed = blobs.remove(&name)?;
    if removed {
        blobs.sync()?;
    }
    Ok(removed)
}
