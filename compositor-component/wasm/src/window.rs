//! A blob seen through a window, so that it is never whole in memory.

use crate::scan_error::ScanError;
use compositor_diagnostic::limits::{Limits, READ_BYTES};
use compositor_diagnostic::{Code, Digest, Error};
use compositor_host::{Blobs, Host};

/// Reads a blob by ranges, buffered.
pub struct Window<'a> {
    blobs: &'a dyn Blobs,
    pub(super) digest: &'a Digest,
    size: u64,
    start: u64,
    buffer: Vec<u8>,
    pub(super) limits: &'a Limits,
    /// The core modules so far, each its start and its end.
    pub(super) modules: Vec<(u64, u64)>,
}

impl<'a> Window<'a> {
    /// Over a blob of that many bytes.
    pub fn new(host: Host<'a>, digest: &'a Digest, size: u64) -> Self {
        Self {
            blobs: host.blobs,
            limits: host.limits,
            digest,
            size,
            start: 0,
            buffer: Vec::new(),
            modules: Vec::new(),
        }
    }

    /// The bytes from `at`, at least `least` of them unless the blob ends.
    pub fn peek(&mut self, at: u64, least: usize) -> Result<&[u8], ScanError> {
        let have = self.start..self.start + self.buffer.len() as u64;
        let need = at + (least as u64).min(self.size.saturating_sub(at));
        if at < have.start || need > have.end {
            let length = READ_BYTES
                .max(least as u64)
                .min(self.size.saturating_sub(at));
            self.buffer = self.read(at, length)?;
            self.start = at;
        }
        Ok(&self.buffer[(at - self.start) as usize..])
    }

    /// Exactly the bytes of a range.
    pub fn bytes(&mut self, at: u64, length: u64) -> Result<Vec<u8>, ScanError> {
        if at.checked_add(length).is_none_or(|end| end > self.size) {
            return Err(ScanError::Truncated { at });
        }
        if length > READ_BYTES {
            return self.read(at, length);
        }
        let bytes = self.peek(at, length as usize)?;
        Ok(bytes[..length as usize].to_vec())
    }

    /// Reads past the buffer, in as many pieces as the store gives.
    fn read(&self, at: u64, length: u64) -> Result<Vec<u8>, ScanError> {
        let mut bytes = Vec::new();
        while (bytes.len() as u64) < length {
            let offset = at + bytes.len() as u64;
            let most = (length - bytes.len() as u64).min(READ_BYTES);
            let piece = self.blobs.read(self.digest, offset, most)?;
            if piece.is_empty() || piece.len() as u64 > most {
                return Err(ScanError::Blob(Error {
                    code: Code::BlobIoError,
                    message: format!("the store answered {} of {most} bytes", piece.len()),
                    context: Some(self.digest.to_string()),
                }));
            }
            match bytes.is_empty() {
                true => bytes = piece,
                false => bytes.extend_from_slice(&piece),
            }
        }
        Ok(bytes)
    }
}
