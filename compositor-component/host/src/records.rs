//! What is computed once, and believed when it is needed again: only where this
//! user's own key vouches for it, which is the host's to check.

use crate::host::Blobs;
use compositor_diagnostic::Digest;

/// What this user kept under a key, if it is at most that long.
pub fn read_record(blobs: &dyn Blobs, key: &Digest, most: usize) -> Option<Vec<u8>> {
    let bytes = blobs.get_record(key).ok()??;
    (bytes.len() <= most).then_some(bytes)
}

/// Keeps bytes under a key. Where they cannot be kept they are made again; who may
/// write to the store may see to that, and to no more.
pub fn write_record(blobs: &dyn Blobs, key: &Digest, bytes: &[u8]) {
    let _ = blobs.put_record(key, bytes);
}
