//! Errors as the interfaces have them.

use std::fmt::Display;

pub use crate::bindings::sys::compose::types::{Error, ErrorCode};

/// A defect of the host.
pub fn internal(cause: impl Display) -> Error {
    error(ErrorCode::InternalError, format!("{cause:#}"))
}

/// An error that the message says all of.
pub fn error(code: ErrorCode, message: String) -> Error {
    Error {
        code,
        message,
        context: None,
    }
}

/// A code as people know it, such as `Exec.Trap`.
pub fn code_name(code: ErrorCode) -> String {
    let name = format!("{code:?}");
    let name = name.rsplit("::").next().unwrap_or_default();
    let phases = ["Plan", "Emit", "Exec", "Blob", "Trust", "Secret"];
    let split = phases
        .iter()
        .find_map(|phase| Some((phase, name.strip_prefix(phase)?)));
    match split {
        Some((phase, rest)) => format!("{phase}.{rest}"),
        None => name.to_string(),
    }
}

impl From<compositor_store::Error> for Error {
    fn from(error: compositor_store::Error) -> Self {
        use compositor_store::ErrorCode as Code;
        let code = match error.code {
            Code::EmitInvalidDigest => ErrorCode::EmitInvalidDigest,
            Code::BlobNotFound => ErrorCode::BlobNotFound,
            Code::BlobDigestMismatch => ErrorCode::BlobDigestMismatch,
            Code::BlobIoError => ErrorCode::BlobIoError,
            Code::TrustVerificationFailed => ErrorCode::TrustVerificationFailed,
            Code::TrustUntrustedSource => ErrorCode::TrustUntrustedSource,
            Code::InvalidInput => ErrorCode::InvalidInput,
            Code::NotImplemented => ErrorCode::NotImplemented,
        };
        Self {
            code,
            message: error.message,
            context: error.context,
        }
    }
}
