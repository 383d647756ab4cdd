//! Errors that name the path, the operation and the cause.

use wasip2::filesystem::types::{DescriptorType, ErrorCode as Cause};

use crate::bindings::sys::compose::types::{Error, ErrorCode};
use crate::digest::Digest;

/// A file operation that the host refused.
pub fn failed(operation: &str, path: &str, cause: Cause) -> Error {
    about_path(
        format!("cannot {operation} `{path}`: {}", words(cause)),
        path,
    )
}

/// Something at a path that is not what belongs there.
pub fn refused(path: &str, expected: &str, found: DescriptorType) -> Error {
    let found = match found {
        DescriptorType::Directory => "a folder",
        DescriptorType::RegularFile => "a file",
        DescriptorType::SymbolicLink => "a symbolic link",
        DescriptorType::Fifo => "a FIFO",
        DescriptorType::Socket => "a socket",
        DescriptorType::BlockDevice | DescriptorType::CharacterDevice => "a device",
        // Hosts do not tell FIFOs and sockets apart.
        DescriptorType::Unknown => "a FIFO, a socket or the like",
    };
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

fn words(cause: Cause) -> &'static str {
    match cause {
        Cause::Access => "access denied",
        Cause::NotPermitted => {
            "not permitted; the host may have opened the folder for reading only"
        }
        Cause::ReadOnly => "the file system is read-only",
        Cause::NoEntry => "there is no such file or folder",
        Cause::Exist => "it is already there",
        Cause::IsDirectory => "a folder of that name is in the way",
        Cause::NotDirectory => "a part of the path is not a folder",
        Cause::NotEmpty => "a folder of that name is in the way, and is not empty",
        Cause::Loop => "a symbolic link is in the way",
        Cause::InsufficientSpace => "no space is left",
        Cause::Quota => "the quota is used up",
        Cause::FileTooLarge => "the file would be too large",
        Cause::Io => "an input or output error",
        Cause::Busy => "it is busy",
        Cause::NameTooLong => "the name is too long",
        Cause::Unsupported => "the host does not support that",
        // The host's own word is better than a vague sentence.
        other => other.name(),
    }
}
