//! What the store keeps under a key, to save making it again.
//!
//! Each starts with a mark that says what it was made of, so that a key that
//! leads to something else is no hit.

use crate::digest::Digest;
use crate::error::Error;
use crate::host::Blobs;
use crate::limits;

/// What is kept under a key, without its mark, if it is at most that long. What
/// is gone, damaged or of another mark is made anew.
pub fn kept(blobs: &dyn Blobs, key: &Digest, mark: &[u8], most: usize) -> Option<Vec<u8>> {
    let blob = blobs.find_key(key).ok()??;
    let size = blobs.stat(&blob).ok()??;
    if size > most.saturating_add(mark.len()) as u64 {
        return None;
    }
    let mut bytes = Vec::with_capacity(size as usize);
    while (bytes.len() as u64) < size {
        let length = (size - bytes.len() as u64).min(limits::READ_BYTES);
        let piece = blobs.read(&blob, bytes.len() as u64, length).ok()?;
        if piece.is_empty() {
            return None;
        }
        bytes.extend(piece);
    }
    Some(bytes.strip_prefix(mark)?.to_vec())
}

/// Keeps bytes under a key.
pub fn keep(blobs: &dyn Blobs, key: &Digest, mark: &[u8], bytes: &[u8]) -> Result<(), Error> {
    let mut writer = blobs.derive()?;
    writer.write(mark)?;
    writer.write(bytes)?;
    let blob = writer.finish()?;
    blobs.record_key(key, &blob)
}
