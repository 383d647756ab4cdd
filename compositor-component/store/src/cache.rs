//! Which blob was recorded under a key, such as an emit key: a file named by
//! the key that holds the blob's digest.

use crate::digest::Digest;
use crate::errors::Error;
use crate::limits;
use crate::open::Store;
use crate::temporary::Temporary;

impl Store {
    /// The blob that was recorded under a key. The caller checks that it still
    /// exists.
    ///
    /// A file that holds no digest counts as none: it is only a shortcut, and the
    /// next record replaces it.
    ///
    /// # Errors
    /// `blob-io-error` when the file is no file, or cannot be read.
    pub fn find_key(&self, key: &Digest) -> Result<Option<Digest>, Error> {
        let Some(cache) = self.readable(&self.cache)? else {
            return Ok(None);
        };
        let Some(file) = cache.file(&key.hex())? else {
            return Ok(None);
        };
        let mut record = Vec::new();
        file.each(0, limits::RECORD, &mut |bytes| {
            record.extend_from_slice(bytes);
            Ok(())
        })?;
        Ok(std::str::from_utf8(&record)
            .ok()
            .and_then(|text| text.trim_end().strip_prefix("sha256:"))
            .and_then(Digest::from_hex))
    }

    /// Records a blob under a key, in place of what was recorded; not durably,
    /// for it is a shortcut.
    ///
    /// # Errors
    /// `blob-io-error` when there is no store, or it cannot be written.
    pub fn record_key(&self, key: &Digest, blob: &Digest) -> Result<(), Error> {
        let cache = self.writable(&self.cache)?;
        let (temporary, file) = Temporary::create(&cache)?;
        file.write(format!("{blob}\n").as_bytes(), 0)?;
        temporary.rename(&key.hex())
    }
}
