//! Bytes that are read once, and held by several meanwhile.

use std::sync::Arc;

/// Bytes that several may hold: whoever hashes them, and whoever writes them.
pub type Piece = Arc<Vec<u8>>;

/// Buffers for pieces, each used again when nobody else holds it any more.
#[derive(Default)]
pub struct Buffers(Vec<Piece>);

impl Buffers {
    /// A piece that was filled.
    pub fn filled<E>(
        &mut self,
        fill: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<&Piece, E> {
        let free = |piece: &mut Piece| Arc::get_mut(piece).is_some();
        let index = self.0.iter_mut().position(free).unwrap_or_else(|| {
            self.0.push(Piece::default());
            self.0.len() - 1
        });
        // It was free a moment ago, and nobody else could take it.
        if let Some(bytes) = Arc::get_mut(&mut self.0[index]) {
            fill(bytes)?;
        }
        Ok(&self.0[index])
    }
}
