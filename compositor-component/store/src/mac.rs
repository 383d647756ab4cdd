//! HMAC-SHA256 under the user's key: tells what this user kept from what somebody
//! else put in its place.

use sha2::{Digest as _, Sha256};

/// The user's key.
pub struct Key([u8; Self::BYTES]);

/// What a MAC is.
pub type Tag = [u8; 32];

impl Key {
    /// How many bytes a key has.
    pub const BYTES: usize = 32;

    /// A key of exactly that many bytes.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        Some(Self(bytes.try_into().ok()?))
    }

    /// The MAC of parts, each with its length before it: no two lists of parts
    /// have the same bytes.
    pub fn mac(&self, parts: &[&[u8]]) -> Tag {
        let block = |pad: u8| {
            let mut block = [pad; 64];
            block.iter_mut().zip(&self.0).for_each(|(b, k)| *b ^= k);
            block
        };
        let mut inner = Sha256::new_with_prefix(block(0x36));
        for part in parts {
            inner.update((part.len() as u64).to_le_bytes());
            inner.update(part);
        }
        let outer = Sha256::new_with_prefix(block(0x5c));
        outer.chain_update(inner.finalize()).finalize().into()
    }
}

/// Whether two MACs are the same, in a time that does not tell where they differ.
pub fn is_same(one: &Tag, other: &[u8]) -> bool {
    let differs = one.iter().zip(other).fold(0, |all, (a, b)| all | (a ^ b));
    one.len() == other.len() && std::hint::black_box(differs) == 0
}
