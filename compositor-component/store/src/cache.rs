//! `cache/`: what saves time. A file named by a key holds a digest that the caller
//! proves, or a record under a MAC (`records`). Of too much of it, what was not
//! used for the longest time goes.

use std::sync::Arc;

use crate::digest::Digest;
use crate::error::Error;
use crate::folder::Folder;
use crate::limits;
use crate::open::Store;
use crate::platform::Kind;
use crate::temporary::Temporary;

impl Store {
    /// The blob that somebody recorded under a key. It is not believed: whoever may
    /// write to the store may have recorded it, so the caller proves what it is.
    ///
    /// A file that holds no digest counts as none: it is only a shortcut, and the
    /// next record replaces it.
    ///
    /// # Errors
    /// `blob-io-error` when the file is no file, or cannot be read.
    pub fn find_key(&self, key: &Digest) -> Result<Option<Digest>, Error> {
        let found = self.cached(&key.hex(), limits::KEY_FILE)?;
        Ok(found
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .and_then(|text| Digest::from_hex(text.trim_end().strip_prefix("sha256:")?)))
    }

    /// Records a blob under a key, in place of what was recorded; not durably,
    /// for it is a shortcut.
    ///
    /// # Errors
    /// `blob-io-error` when there is no store, or it cannot be written.
    pub fn record_key(&self, key: &Digest, blob: &Digest) -> Result<(), Error> {
        self.cache(&key.hex(), &[format!("{blob}\n").as_bytes()])
    }

    /// A file of the cache, if it has at most so many bytes.
    pub(crate) fn cached(&self, name: &str, most: u64) -> Result<Option<Vec<u8>>, Error> {
        let Some(cache) = self.readable(&self.cache)? else {
            return Ok(None);
        };
        let Some(file) = cache.file(name)? else {
            return Ok(None);
        };
        let size = file.size()?;
        if size > most {
            return Ok(None);
        }
        // Not more than the limit, which fits.
        let mut bytes = Vec::with_capacity(size as usize);
        file.each(0, size, &mut |piece| {
            bytes.extend_from_slice(piece);
            Ok(())
        })?;
        file.touch();
        Ok(Some(bytes))
    }

    /// Puts a file into the cache.
    pub(crate) fn cache(&self, name: &str, parts: &[&[u8]]) -> Result<(), Error> {
        let cache = self.writable(&self.cache)?;
        let temporary = Temporary::create(&self.writable(&self.temporary)?, false)?;
        let mut written = 0;
        for part in parts {
            temporary.file().append(part, &mut written)?;
        }
        temporary.rename(&cache, name)?;
        if cache.swept.set(()).is_ok() {
            evict(&cache)?;
        }
        Ok(())
    }
}

/// Removes what was not used for the longest time, when the cache is too large:
/// until a quarter of what is allowed is free, so that it is not looked for each
/// time.
fn evict(cache: &Arc<Folder>) -> Result<(), Error> {
    let mut files = Vec::new();
    let mut bytes = 0u64;
    for name in cache.names()? {
        if let Some(stat) = cache.look(&name)?
            && stat.kind == Kind::File
        {
            bytes = bytes.saturating_add(stat.size);
            files.push((stat.modified, name, stat.size));
        }
    }
    let mut count = files.len();
    if bytes <= limits::CACHE && count <= limits::CACHE_FILES {
        return Ok(());
    }
    files.sort_unstable();
    for (_, name, size) in files {
        if bytes <= limits::CACHE / 4 * 3 && count <= limits::CACHE_FILES / 4 * 3 {
            break;
        }
        // Another user's files may resist.
        if cache.remove(&name).is_ok() {
            bytes -= size;
            count -= 1;
        }
    }
    Ok(())
}
