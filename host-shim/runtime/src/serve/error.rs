//! Why a server or a request failed.

use http::StatusCode;

use crate::exceeded::Exceeded;
use crate::failure::Failure;

/// What kind of failure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServeCode {
    /// The address or the request is not acceptable.
    Invalid,
    /// The request is for nothing that is served.
    NoRoute,
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
    /// The component of the plan whose doing it was, for people, where that is known.
    pub component: Option<String>,
    /// The functions that it was in, a line for each component.
    pub functions: Option<String>,
}

impl ServeError {
    /// A failure.
    pub fn new(code: ServeCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            component: None,
            functions: None,
        }
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
        let functions = failure.backtrace.to_string();
        Self {
            component: failure.backtrace.component(),
            functions: Some(functions).filter(|functions| !functions.is_empty()),
            ..Self::new(code, failure.to_string())
        }
    }
}

impl ServeCode {
    /// Its name, which clients and logs get.
    pub fn name(self) -> &'static str {
        match self {
            Self::Invalid | Self::NoRoute => "InvalidInput",
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
            Self::NoRoute => StatusCode::NOT_FOUND,
            Self::Slow => StatusCode::REQUEST_TIMEOUT,
            Self::Timeout => StatusCode::GATEWAY_TIMEOUT,
            Self::Exhausted | Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::MissingExport | Self::Denied | Self::Unrecorded | Self::Trap | Self::Internal => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    }
}
