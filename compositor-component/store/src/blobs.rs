//! Content-addressed bytes in files (`sys:compose/blobs`).

use std::rc::Rc;

use wasip2::filesystem::types::{DescriptorStat, DescriptorType};

use crate::bindings::exports::sys::compose::blobs::{self, Entry, Guest};
use crate::bindings::sys::compose::types::{Digest as Bytes, Error};
use crate::digest::Digest;
use crate::file::File;
use crate::open::{self, Store};
use crate::writer::Writer;
use crate::{FolderStore, cache, errors, limits};

impl Guest for FolderStore {
    type Writer = Writer;

    fn stat(digest: Bytes) -> Result<Option<u64>, Error> {
        let (store, digest) = (open::current()?, Digest::new(&digest)?);
        size(&store, &digest.hex())
    }

    fn read(digest: Bytes, offset: u64, length: u64) -> Result<Vec<u8>, Error> {
        let (store, digest) = (open::current()?, Digest::new(&digest)?);
        read(&store, &digest, offset, length)
    }

    fn verify(digest: Bytes) -> Result<(), Error> {
        let (store, digest) = (open::current()?, Digest::new(&digest)?);
        check(&store, &digest).map(drop)
    }

    fn list() -> Result<Vec<Entry>, Error> {
        list(&*open::current()?)
    }

    fn remove(digest: Bytes) -> Result<bool, Error> {
        let (store, digest) = (open::current()?, Digest::new(&digest)?);
        remove(&store, &digest)
    }

    fn create() -> Result<blobs::Writer, Error> {
        Ok(blobs::Writer::new(Writer::create(open::current()?)?))
    }

    fn find_key(key: Bytes) -> Result<Option<Bytes>, Error> {
        let (store, key) = (open::current()?, Digest::new(&key)?);
        Ok(cache::find_key(&store, &key)?.map(Digest::to_vec))
    }

    fn record_key(key: Bytes, blob: Bytes) -> Result<(), Error> {
        let (key, blob) = (Digest::new(&key)?, Digest::new(&blob)?);
        cache::record(&*open::current()?, &key, &blob)
    }
}

/// A blob whose bytes are known to be good.
pub fn checked(store: &Store, digest: &Digest) -> Result<Rc<File>, Error> {
    match store.checked.get(digest)? {
        Some(file) => Ok(file),
        None => check(store, digest),
    }
}

/// A blob whose bytes are not known to be good.
pub fn unchecked(store: &Store, digest: &Digest) -> Result<File, Error> {
    let file = match store.readable(&store.blobs)? {
        Some(blobs) => blobs.file(&digest.hex())?,
        None => None,
    };
    file.ok_or_else(|| errors::not_found(digest, &store.path))
}

fn check(store: &Store, digest: &Digest) -> Result<Rc<File>, Error> {
    store.checked.forget(digest);
    let file = Rc::new(unchecked(store, digest)?);
    let stamp = file.stamp()?;
    let found = file.digest()?;
    if found != *digest {
        let found = format!("their digest is {found}");
        return Err(errors::mismatch(digest, file.path(), &found));
    }
    store.checked.keep(digest, file.clone(), stamp);
    Ok(file)
}

fn read(store: &Store, digest: &Digest, offset: u64, length: u64) -> Result<Vec<u8>, Error> {
    let file = checked(store, digest)?;
    let length = length.min(file.size()?.saturating_sub(offset));
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
    while (answer.len() as u64) < length {
        let done = answer.len() as u64;
        let bytes = file.read(offset + done, length - done)?;
        if bytes.is_empty() {
            return Err(cut_short(digest, &file));
        }
        answer.extend_from_slice(&bytes);
    }
    Ok(answer)
}

/// A blob that ended before the size that it had when it was opened.
pub fn cut_short(digest: &Digest, file: &File) -> Error {
    errors::mismatch(digest, file.path(), "it was cut short while it was read")
}

fn size(store: &Store, name: &str) -> Result<Option<u64>, Error> {
    let Some(blobs) = store.readable(&store.blobs)? else {
        return Ok(None);
    };
    match blobs.look(name)? {
        None => Ok(None),
        Some(stat) => match file_size(&stat) {
            Some(size) => Ok(Some(size)),
            None => Err(errors::refused(&blobs.path_of(name), "a blob", stat.type_)),
        },
    }
}

fn file_size(stat: &DescriptorStat) -> Option<u64> {
    (stat.type_ == DescriptorType::RegularFile).then_some(stat.size)
}

fn list(store: &Store) -> Result<Vec<Entry>, Error> {
    let Some(blobs) = store.readable(&store.blobs)? else {
        return Ok(Vec::new());
    };
    let mut names = blobs.names()?;
    // Digests sort as their names do.
    names.sort();
    let mut entries = Vec::new();
    for name in names {
        // Whatever else is there, such as temporary files, is no blob; and a
        // blob may be removed by now.
        if let Some(digest) = Digest::from_hex(&name)
            && let Some(stat) = blobs.look(&name)?
        {
            let (digest, size) = (digest.to_vec(), file_size(&stat));
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
        && stat.type_ == DescriptorType::Directory
    {
        return Err(errors::refused(&blobs.path_of(&name), "a blob", stat.type_));
    }
    let removed = blobs.remove(&name)?;
    if removed {
        blobs.sync()?;
    }
    Ok(removed)
}
