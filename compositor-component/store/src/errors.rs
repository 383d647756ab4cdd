//! What errors say: each names the path, the operation and the cause.

use crate::digest::Digest;
use crate::error::{Error, ErrorCode};
use crate::platform::{Cause, Kind, Shared};

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
