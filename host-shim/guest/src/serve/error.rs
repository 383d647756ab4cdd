//! Why a server or a request failed.

use http::StatusCode;

use crate::{Exceeded, Failure};

/// What kind of failure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServeCode {
    /// The address or the request is not acceptable.
    Invalid,
    /// The component handles no HTTP.
    MissingExport,
    /// The guest ran longer than its limit, or went on for too long.
    Timeout,
    /// The guest asked for more than a limit allows.
    Exhausted,
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
    pub fn new(code: ServeCode, message: String) -> Self {
        Self { code, message }
    }

    /// Why a guest ended.
    pub fn of(failure: &Failure) -> Self {
        let code = match failure.limit {
            Some(Exceeded::Time(_) | Exceeded::TotalTime(_) | Exceeded::Wall(_)) => {
                ServeCode::Timeout
            }
            Some(_) => ServeCode::Exhausted,
            None => ServeCode::Trap,
        };
        let frames = failure.frames.as_ref();
        let place = frames.map_or(String::new(), |frames| format!(" (in {frames})"));
        Self::new(code, format!("{failure}{place}"))
    }
}

impl From<Exceeded> for ServeError {
    fn from(exceeded: Exceeded) -> Self {
        Self::of(&Failure::of_limit(exceeded))
    }
}

impl ServeCode {
    /// Its name, which clients and logs get.
    pub fn name(self) -> &'static str {
        match self {
            Self::Invalid => "InvalidInput",
            Self::MissingExport => "Exec.MissingExport",
            Self::Timeout => "Exec.Timeout",
            Self::Exhausted => "Exec.ResourceExhausted",
            Self::Trap => "Exec.Trap",
            Self::Internal => "InternalError",
        }
    }

    /// The status of a response about it.
    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::Invalid => StatusCode::BAD_REQUEST,
            Self::Timeout => StatusCode::GATEWAY_TIMEOUT,
            Self::Exhausted => StatusCode::SERVICE_UNAVAILABLE,
            Self::MissingExport | Self::Trap | Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}
