//! Files whose bytes were hashed, read again: each chunk is proved to be what it
//! was in the memory that it is used from.

use std::sync::Arc;

use crate::error::Error;
use crate::errors;
use crate::file::File;
use crate::limits;
use crate::piece::Piece;
use crate::proof::{CHUNK, Proof};

/// An open file whose bytes were those of a digest when they were hashed, and
/// what tells whether those that are read of it now still are.
#[derive(Clone)]
pub struct Proven {
    /// The file.
    pub file: Arc<File>,
    /// Of all its bytes.
    pub proof: Arc<Proof>,
    /// The bytes themselves, of a blob of one chunk: they stay what was hashed, and most
    /// that is read is read again.
    pub bytes: Option<Piece>,
}

impl Proven {
    /// A file of so many bytes, and the only piece of it, where there is only one.
    pub fn new(file: Arc<File>, proof: Proof, only: Option<Piece>) -> Self {
        let is_whole = |piece: &Piece| piece.len() as u64 == proof.size && proof.size <= CHUNK;
        Self {
            file,
            bytes: only.filter(is_whole),
            proof: Arc::new(proof),
        }
    }

    /// Hands out the bytes from an offset to an end, which is not behind the last
    /// byte, each part proven in the memory that it is handed out from.
    pub fn each(
        &self,
        offset: u64,
        end: u64,
        seen: &mut dyn FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        Chunks::new(self).each(offset, end, seen)
    }
}

/// Chunks of a file, of which the last that was read is kept: who reads on does
/// not have it hashed again.
pub struct Chunks<'a> {
    proven: &'a Proven,
    last: Option<(u64, Vec<u8>)>,
}

impl<'a> Chunks<'a> {
    /// None was read yet.
    pub fn new(proven: &'a Proven) -> Self {
        Self { proven, last: None }
    }

    /// That of [`Proven::each`].
    pub fn each(
        &mut self,
        mut offset: u64,
        end: u64,
        seen: &mut dyn FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if let Some(bytes) = &self.proven.bytes {
            // Both are in the bytes, which are not more than fit.
            return seen(&bytes[offset as usize..end as usize]);
        }
        while offset < end {
            let start = offset - offset % CHUNK;
            let chunk = self.chunk(start)?;
            let until = end.min(start + chunk.len() as u64);
            // Both are in the chunk.
            seen(&chunk[(offset - start) as usize..(until - start) as usize])?;
            offset = until;
        }
        Ok(())
    }

    fn chunk(&mut self, start: u64) -> Result<&[u8], Error> {
        let bytes = match self.last.take() {
            Some((at, bytes)) if at == start => bytes,
            used => self.read(start, used.map_or_else(Vec::new, |(_, bytes)| bytes))?,
        };
        Ok(&self.last.insert((start, bytes)).1)
    }

    fn read(&self, start: u64, mut bytes: Vec<u8>) -> Result<Vec<u8>, Error> {
        let Proven { file, proof, .. } = self.proven;
        if proof.size > limits::PROOF_CHUNKS as u64 * CHUNK {
            return Err(errors::about_path(
                format!(
                    "`{}` has {} bytes, which is too large to be read by range",
                    file.path(),
                    proof.size
                ),
                file.path(),
            ));
        }
        let end = proof.size.min(start.saturating_add(CHUNK));
        bytes.clear();
        file.each(start, end, &mut |piece| {
            bytes.extend_from_slice(piece);
            Ok(())
        })?;
        let index = usize::try_from(start / CHUNK).unwrap_or(usize::MAX);
        match proof.holds(index, &bytes) && start < end {
            true => Ok(bytes),
            false => {
                let found = "it changed since it was hashed";
                Err(errors::mismatch(&proof.digest, file.path(), found))
            }
        }
    }
}
