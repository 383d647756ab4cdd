//! An error and its code.

use std::fmt;

/// An error with its code, a sentence, and what it is about.
#[derive(Clone, Debug)]
pub struct Error {
    /// The code.
    pub code: ErrorCode,
    /// A sentence for people.
    pub message: String,
    /// What it is about: a path, a digest.
    pub context: Option<String>,
}

/// What went wrong: those codes of `sys:compose/types` that a store has use
/// for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// A digest is not a sha-256 digest.
    EmitInvalidDigest,
    /// The store has no such blob.
    BlobNotFound,
    /// The stored bytes are not those of the digest.
    BlobDigestMismatch,
    /// The store's files could not be read or written.
    BlobIoError,
    /// What tells whether a digest is trusted could not be read.
    TrustVerificationFailed,
    /// Nothing vouches for the digest.
    TrustUntrustedSource,
    /// An argument is not acceptable.
    InvalidInput,
    /// There is no state folder, and what was asked for is kept there.
    NotImplemented,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
