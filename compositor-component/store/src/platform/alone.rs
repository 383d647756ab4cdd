//! Work where there are no threads.

use sha2::{Digest as _, Sha256};

use crate::digest::Digest;
use crate::piece::Piece;

/// The digest of bytes that come in pieces.
#[derive(Default)]
pub struct Hash(Sha256);

impl Hash {
    /// Takes the next piece.
    pub fn update(&mut self, piece: &Piece) {
        self.0.update(&**piece);
    }

    /// The digest of all pieces.
    pub fn finish(self) -> Digest {
        Digest::of(self.0)
    }
}

/// Does work for each item.
pub fn each<T, R>(items: &[T], _bytes: u64, work: impl Fn(&T) -> R) -> Vec<R> {
    items.iter().map(work).collect()
}
