//! What names blobs to other tools: `index.json`, which they write too, and a file for
//! each name that was given here, from which its entries can be made again.
//!
//! There is no lock: two processes that each read the index, add and rename would lose
//! one's name. Each gives a name by a file of its own first, and then writes the index
//! until it has all of them.

use crate::digest::Digest;
use crate::error::Error;
use crate::errors;
use crate::file::File;
use crate::limits;
use crate::open::Store;
use crate::temporary;

const INDEX: &str = "index.json";

impl Store {
    /// `index.json`; empty when it is not there.
    ///
    /// # Errors
    /// `blob-io-error` when it cannot be read, or is larger than any index.
    pub fn index(&self) -> Result<Vec<u8>, Error> {
        match self.readable(&self.top)? {
            Some(top) => top.file(INDEX)?.map_or(Ok(Vec::new()), |file| whole(&file)),
            None => Ok(Vec::new()),
        }
    }

    /// Writes `index.json`, whole or not at all.
    ///
    /// # Errors
    /// `blob-io-error` when there is no store, or it cannot be written.
    pub fn set_index(&self, bytes: &[u8]) -> Result<(), Error> {
        let top = self.writable(&self.top)?;
        temporary::write(&top, &self.writable(&self.temporary)?, INDEX, bytes)
    }

    /// What was kept of names, each by its key, ascending.
    ///
    /// # Errors
    /// `blob-io-error` when it cannot be read.
    pub fn tags(&self) -> Result<Vec<Vec<u8>>, Error> {
        let Some(tags) = self.readable(&self.tags)? else {
            return Ok(Vec::new());
        };
        let mut names = tags.names()?;
        names.sort();
        let mut found = Vec::new();
        // Whatever else is there is no name.
        for name in names.iter().filter(|name| Digest::from_hex(name).is_some()) {
            if let Some(file) = tags.file(name)? {
                found.push(whole(&file)?);
            }
        }
        Ok(found)
    }

    /// Keeps something of a name, in place of what was kept.
    ///
    /// # Errors
    /// `blob-io-error` when there is no store, or it cannot be written.
    pub fn put_tag(&self, key: &Digest, value: &[u8]) -> Result<(), Error> {
        let tags = self.writable(&self.tags)?;
        let made_in = self.writable(&self.temporary)?;
        temporary::write(&tags, &made_in, &key.hex(), value)
    }
}

fn whole(file: &File) -> Result<Vec<u8>, Error> {
    let size = file.size()?;
    if size > limits::INDEX {
        let message = format!("`{}` has {size} bytes, more than any index", file.path());
        return Err(errors::about_path(message, file.path()));
    }
    // Not more than the limit, which fits.
    let mut bytes = Vec::with_capacity(size as usize);
    file.each(0, size, &mut |piece| {
        bytes.extend_from_slice(piece);
        Ok(())
    })?;
    Ok(bytes)
}
