//! Digests as the interfaces have them, and as the store has.

use compositor_store::Digest;

use crate::error::Error;

/// A digest of the interfaces as the store's.
pub fn digest(bytes: &[u8]) -> Result<Digest, Error> {
    Ok(Digest::new(bytes)?)
}

/// Several of them.
pub fn digests(digests: &[Vec<u8>]) -> Result<Vec<Digest>, Error> {
    digests.iter().map(|bytes| digest(bytes)).collect()
}

/// A digest of the store as the interfaces have it.
pub fn bytes(digest: Digest) -> Vec<u8> {
    digest.as_bytes().to_vec()
}
