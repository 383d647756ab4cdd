//! Whether a blob is made of given bytes and of given blobs, in their order.

use crate::blobs::unchecked;
use crate::digest::Digest;
use crate::error::{Error, ErrorCode};
use crate::open::Store;
use crate::piece::Piece;
use crate::platform::Hash;
use crate::proven::Proven;

/// A part of what a blob should be.
pub enum Segment {
    /// These bytes.
    Bytes(Vec<u8>),
    /// All of another blob, of that many bytes.
    Blob(Digest, u64),
}

impl Segment {
    fn size(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Blob(_, size) => *size,
        }
    }
}

impl Store {
    /// Whether a blob is there, has its digest, and is these segments, one behind
    /// the other. The blobs that they name are not looked at.
    ///
    /// # Errors
    /// `blob-io-error` when it is no file, or cannot be read.
    pub fn holds(&self, blob: &Digest, segments: &[Segment]) -> Result<bool, Error> {
        holds(self, blob, segments)
    }
}

/// One pass: the bytes of segments are compared, and each range of a blob is hashed
/// to that blob's digest. That alone proves the blob to be what it should be. All
/// of it is hashed beside, from the same memory, because it is used by its own
/// digest from now on.
fn holds(store: &Store, blob: &Digest, segments: &[Segment]) -> Result<bool, Error> {
    let file = match unchecked(store, blob) {
        Err(error) if error.code == ErrorCode::BlobNotFound => return Ok(false),
        file => file?,
    };
    let size = segments.iter().map(Segment::size);
    let size = size.fold(0, u64::saturating_add);
    if file.size()? != size {
        return Ok(false);
    }
    let mut whole = Hash::default();
    let mut at = 0;
    for segment in segments {
        let end = at + segment.size();
        let mut each = |seen: &mut dyn FnMut(&Piece)| {
            let ended = file.each(at, end, &mut |piece| {
                store.watcher.bytes(piece.len());
                whole.update(piece);
                seen(piece);
                Ok(())
            });
            Ok::<_, Error>(ended? == end)
        };
        let is_held = match segment {
            Segment::Bytes(bytes) => {
                let (mut rest, mut is_same) = (&bytes[..], true);
                each(&mut |piece| {
                    let (now, later) = rest.split_at(piece.len().min(rest.len()));
                    is_same &= now == &piece[..];
                    rest = later;
                })? && is_same
            }
            Segment::Blob(digest, _) => {
                let mut hash = Hash::default();
                each(&mut |piece| hash.update(piece))? && hash.finish() == *digest
            }
        };
        if !is_held {
            return Ok(false);
        }
        at = end;
    }
    let proof = whole.prove();
    let is_held = proof.digest == *blob;
    if is_held {
        // What is made again from its parts is in use.
        file.touch();
        store.checked.keep(Proven::new(file, proof, None));
    }
    Ok(is_held)
}
