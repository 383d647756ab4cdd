//! Errors that name the path, the operation and the cause.

use std::fmt;

use crate::digest::Digest;
use crate::platform::{Cause, Kind, Shared};

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

/// What is believed must be in nobody's hands but the user's.
pub fn shared(path: &str, what: &str, shared: &Shared) -> Error {
    let why = match shared {
        Shared::Owner { owner, user } => format!(
            "belongs to user {owner}, and this runs as user {user}: name another state folder, \
             or take it over with `chown {user}`"
        ),
        Shared::Mode(mode) => format!(
            "is not the user's alone (its mode is {mode:04o}): look at what is in it, and then \
             `chmod go-rwx {path}`"
        ),
    };
    invalid(
        format!("what is in the {what} `{path}` is believed, but it {why}"),
        Some(path.to_string()),
    )
}

/// What is kept in a state folder, where there is none.
pub fn stateless() -> Error {
    Error {
        code: ErrorCode::NotImplemented,
        message: "trust is kept in a state folder of the user's, and none is open: name one with \
                  `--state DIR`, or let the host open it, as `wasmtime run --dir . \
                  --dir ~/.local/state/compositor::/state` does"
            .to_string(),
        context: None,
    }
}
