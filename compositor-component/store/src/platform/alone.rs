//! Work where there are no threads.

use crate::digest::Digest;
use crate::piece::Piece;
use crate::proof::{Proof, Prover};

/// The digest of bytes that come in pieces.
#[derive(Default)]
pub struct Hash(Prover);

impl Hash {
    /// Takes the next piece.
    pub fn update(&mut self, piece: &Piece) {
        self.0.update(piece);
    }

    /// The digest of all pieces.
    pub fn finish(self) -> Digest {
        self.prove().digest
    }

    /// The same, with what proves parts of them later.
    pub fn prove(self) -> Proof {
        self.0.finish()
    }
}

/// Does work for each item.
pub fn each<T, R>(items: &[T], _bytes: u64, work: impl Fn(&T) -> R) -> Vec<R> {
    items.iter().map(work).collect()
}
