//! Which blob was recorded under a key, such as an emit key: a file named by
//! the key that holds the blob's digest.

use crate::bindings::sys::compose::types::Error;
use crate::digest::Digest;
use crate::limits;
use crate::open::Store;

/// The blob that was recorded under a key.
///
/// A file that holds no digest counts as none: it is only a shortcut, and the
/// next record replaces it.
pub fn find_key(store: &Store, key: &Digest) -> Result<Option<Digest>, Error> {
    let Some(cache) = store.readable(&store.cache)? else {
        return Ok(None);
    };
    let Some(file) = cache.file(&key.hex())? else {
        return Ok(None);
    };
    let bytes = file.read(0, limits::RECORD)?;
    Ok(std::str::from_utf8(&bytes)
        .ok()
        .and_then(|text| text.trim_end().strip_prefix("sha256:"))
        .and_then(Digest::from_hex))
}

/// Records a blob under a key, in place of what was recorded.
pub fn record(store: &Store, key: &Digest, blob: &Digest) -> Result<(), Error> {
    let cache = store.writable(&store.cache)?;
    cache.write(&key.hex(), format!("{blob}\n").as_bytes())
}
