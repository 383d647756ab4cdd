//! Why a server or a request failed.

use http::StatusCode;

use crate::exceeded::Exceeded;
use crate::failure::Failure;

/// What kind of failure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServeCode {
    /// The address or the request is not acceptable.
    Invalid,
    /// The component handles no HTTP.
    MissingExport,
    /// The guest ran longer than its limit, or went on for too long.
    Timeout,
    /// The client let its request wait for too long.
    Slow,
    /// The guest asked for more than a limit allows.
    Exhausted,
    /// Others wait, and there is no guest for this request.
    Busy,
    /// The guest called what its policy denies.
    Denied,
    /// What the guest does cannot be recorded, and must be.
    Unrecorded,
    /// The guest trapped, or returned without an answer.
    Trap,
    /// A defect of the host.
    Internal,
}

/// A failure and a sentence about it.
#[derive(Clone, Debug)]
pub struct ServeError {
    /// Its kind.
    pub code: ServeCode,
    /// A sentence for whoever runs the server; clients get the kind alone.
    pub message: String,
}

impl ServeError {
    /// A failure.
    pub fn new(code: ServeCode, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { code, message }
    }

    /// Why a guest ended.
    pub fn of(failure: &Failure) -> Self {
        let code = match (failure.limit, &failure.denied) {
            (Some(Exceeded::Time(_) | Exceeded::TotalTime(_) | Exceeded::Wall(_)), _) => {
                ServeCode::Timeout
            }
            (Some(_), _) => ServeCode::Exhausted,
            (None, Some(_)) => ServeCode::Denied,
            (None, None) if failure.is_unrecorded => ServeCode::Unrecorded,
            (None, None) => ServeCode::Trap,
        };
        let frames = failure.frames.as_ref();
        let place = frames.map_or(String::new(), |frames| format!(" (in {frames})"));
        Self::new(code, format!("{failure}{place}"))
    }
}

impl ServeCode {
    /// Its name, which clients and logs get.
    pub fn name(self) -> &'static str {
        match self {
            Self::Invalid => "InvalidInput",
            Self::MissingExport => "Exec.MissingExport",
            Self::Timeout | Self::Slow => "Exec.Timeout",
            Self::Exhausted | Self::Busy => "Exec.ResourceExhausted",
            Self::Denied => "Exec.CapabilityDenied",
            Self::Unrecorded => "Blob.IoError",
            Self::Trap => "Exec.Trap",
            Self::Internal => "InternalError",
        }
    }

    /// The status of a response about it.
    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::Invalid => StatusCode::BAD_REQUEST,
            Self::Slow => StatusCode::REQUEST_TIMEOUT,
            Self::Timeout => StatusCode::GATEWAY_TIMEOUT,
            Self::Exhausted | Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::MissingExport | Self::Denied | Self::Unrecorded | Self::Trap | Self::Internal => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    }
}
