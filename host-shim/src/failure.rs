//! Why a run failed, as the interfaces have it.

use composectl_runtime::{Code, Exceeded, Failure, Meter, Unrecorded};

use crate::error::{Error, ErrorCode, error};

/// Why a guest ended, by the limit that it ran into or the trap: one sentence.
pub fn sentence(failure: &Failure) -> Error {
    let code = match (failure.limit, &failure.denied) {
        _ if failure.is_unrecorded => ErrorCode::BlobIoError,
        (Some(limit), _) => code(limit),
        (None, Some(_)) => ErrorCode::ExecCapabilityDenied,
        (None, None) => ErrorCode::ExecTrap,
    };
    error(code, failure.to_string())
}

/// Why a guest ended, with the functions that it was in, a line for each component.
pub fn failure(meter: &Meter, code_of: &dyn Code, cause: &wasmtime::Error) -> Error {
    let failure = Failure::of(meter, code_of, cause);
    let mut error = sentence(&failure);
    let functions = failure.backtrace.to_string();
    if !functions.is_empty() {
        error.message += &format!("\n{functions}");
    }
    error
}

/// What kind of failure it is to run into a limit.
pub fn code(limit: Exceeded) -> ErrorCode {
    match limit {
        Exceeded::Time(_) | Exceeded::TotalTime(_) | Exceeded::Wall(_) => ErrorCode::ExecTimeout,
        _ => ErrorCode::ExecResourceExhausted,
    }
}

/// What was called could not be written down.
pub fn unrecordable(why: &Unrecorded) -> Error {
    error(
        ErrorCode::BlobIoError,
        format!("the run is not audited as its plan asks: {why}"),
    )
}
