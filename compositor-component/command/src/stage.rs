//! Puts files into the store, part by part.

use sha2::{Digest as _, Sha256};

use crate::answer::Failure;
use crate::bindings::sys::compose::blobs::{self, Digest, Writer};
use crate::bindings::sys::compose::store;
use crate::input::Input;
use crate::sources::Source;

/// Bytes that pass through memory at once.
const PART: u64 = crate::files::PART;

/// Puts what the user named into the store, whatever it is; `-` is stdin.
pub fn file(path: &str) -> Result<Digest, Failure> {
    let mut input = Input::open(path)?;
    stage(None, || input.read(PART))
}

/// Puts a source into the store, unless it is not what is expected; answers what it
/// hashes to.
pub fn source(mut source: Source, expected: Option<&Digest>) -> Result<Digest, Failure> {
    stage(expected, || source.read(PART))
}

/// What a source hashes to, which is not put anywhere. The store hashes it where it can
/// find it: natively, on most hosts.
pub fn digest_of(mut source: Source) -> Result<Digest, Failure> {
    if let Some((folder, path)) = source.place() {
        let file = (folder.to_string(), path.to_string());
        if let Some(digest) = store::file_digests(&[file]).pop() {
            return Ok(digest?);
        }
    }
    let mut hash = Sha256::new();
    loop {
        let part = source.read(PART)?;
        if part.is_empty() {
            return Ok(hash.finalize().to_vec());
        }
        hash.update(&part);
    }
}

fn stage(
    expected: Option<&Digest>,
    mut next: impl FnMut() -> Result<Vec<u8>, Failure>,
) -> Result<Digest, Failure> {
    let writer = blobs::create(false)?;
    let mut hash = expected.map(|_| Sha256::new());
    loop {
        let part = next()?;
        if part.is_empty() {
            break;
        }
        if let Some(hash) = &mut hash {
            hash.update(&part);
        }
        writer.write(&part)?;
    }
    // The store's own hash comes when the blob is there for all to see.
    if let (Some(expected), Some(hash)) = (expected, hash) {
        let digest = hash.finalize().to_vec();
        if digest != *expected {
            return Ok(digest);
        }
    }
    Ok(Writer::finish(writer)?)
}
