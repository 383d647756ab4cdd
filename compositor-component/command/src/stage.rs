//! Puts files into the store, part by part.

use crate::answer::Failure;
use crate::bindings::sys::compose::blobs::{self, Digest, Writer};
use crate::{files, stdio};

/// Puts a file into the store.
pub fn file(path: &str) -> Result<Digest, Failure> {
    let mut reader = files::open(path)?;
    stage(|| reader.read(files::PART))
}

/// Puts what comes from stdin into the store.
pub fn stdin() -> Result<Digest, Failure> {
    let stdin = stdio::Stdin::open();
    stage(|| stdin.read(files::PART))
}

fn stage(mut next: impl FnMut() -> Result<Vec<u8>, Failure>) -> Result<Digest, Failure> {
    let writer = blobs::create(false)?;
    loop {
        let part = next()?;
        if part.is_empty() {
            return Ok(Writer::finish(writer)?);
        }
        writer.write(&part)?;
    }
}
