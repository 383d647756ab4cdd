//! Errors that name the path, the operation and the cause.

use std::fmt;

use crate::digest::Digest;
use crate::platform::{Cause, Kind};

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
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// A file operation that the system refused.
pub fn failed(operation: &str, path: &str, cause: Cause) -> Error {
    about_path(format!("cannot {operation} `{path}`: {cause}"), path)
}

/// Something at a path that is not what belongs there.
pub fn refused(path: &str, expected: &str, found: Kind) -> Error {
    about_path(
        format!("`{path}` is {found}, where {expected} belongs"),
        path,
    )
}

/// The store's files in a state that a sentence describes.
pub fn about_path(message: String, path: &str) -> Error {
    Error {
        code: ErrorCode::BlobIoError,
        message,
        context: Some(path.to_string()),
    }
}

/// A blob that is not in the store.
pub fn not_found(digest: &Digest, store: &str) -> Error {
    Error {
        code: ErrorCode::BlobNotFound,
        message: format!("the store `{store}` has no blob {digest}"),
        context: Some(digest.to_string()),
    }
}

/// A blob whose bytes are not those of its digest.
pub fn mismatch(digest: &Digest, path: &str, found: &str) -> Error {
    Error {
        code: ErrorCode::BlobDigestMismatch,
        message: format!("`{path}` does not hold the bytes of {digest}: {found}"),
        context: Some(digest.to_string()),
    }
}

/// An argument that is not acceptable.
pub fn invalid(message: String, context: Option<String>) -> Error {
    Error {
        code: ErrorCode::InvalidInput,
        message,
        context,
    }
}
