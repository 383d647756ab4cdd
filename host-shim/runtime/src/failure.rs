//! Why a guest ended.

use std::fmt;

use wasmtime::{Trap, WasmBacktrace};
use wasmtime_wasi::I32Exit;

use crate::audit::Unrecorded;
use crate::backtrace::{Backtrace, Code};
use crate::exceeded::Exceeded;
use crate::meter::Meter;

/// Why a guest ended that did not return.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The limit that it ran into, if it was that.
    pub limit: Option<Exceeded>,
    /// The trap, or whatever else ended it.
    cause: String,
    /// The function that it called and was denied, if that ended it.
    pub denied: Option<String>,
    /// Whether it ended because a call of it could not be recorded.
    pub is_unrecorded: bool,
    /// Where it was.
    pub backtrace: Backtrace,
}

/// What a function is called that a policy denies, before what it denies.
const DENIED: &str = "policy denies ";

impl Failure {
    /// Reads it from what wasmtime says of a guest with such code.
    pub fn of(meter: &Meter, code: &dyn Code, error: &wasmtime::Error) -> Self {
        let unrecorded = error.downcast_ref::<Unrecorded>();
        let limit = match unrecorded {
            Some(_) => None,
            None => Exceeded::of(error).or_else(|| meter.check().err()),
        };
        let trap = error.downcast_ref::<Trap>();
        let exit = error.downcast_ref::<I32Exit>();
        let cause = match (limit, trap, exit) {
            _ if let Some(unrecorded) = unrecorded => format!("was stopped: {unrecorded}"),
            (Some(limit), ..) => format!("was stopped: {limit}"),
            (_, Some(trap), _) => format!("trapped: {trap}"),
            (.., Some(I32Exit(status))) => {
                format!("exited with status {status}, where it was to return")
            }
            _ => format!("ended: {:#}", error.root_cause()),
        };
        let backtrace = error.downcast_ref::<WasmBacktrace>();
        let innermost = backtrace.and_then(|backtrace| backtrace.frames().first()?.func_name());
        let denied = innermost.filter(|_| trap == Some(&Trap::UnreachableCodeReached));
        let denied = denied.and_then(|name| name.strip_prefix(DENIED));
        let backtrace = backtrace.map(|backtrace| Backtrace::of(backtrace, code));
        Self {
            limit,
            cause: match denied {
                Some(denied) => format!("called what is denied to it, {denied}"),
                None => cause,
            },
            denied: denied.map(str::to_string),
            is_unrecorded: unrecorded.is_some(),
            backtrace: backtrace.unwrap_or_default(),
        }
    }
}

/// One sentence: whose doing it was, what happened, and who had called it.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.backtrace.component() {
            Some(component) => write!(f, "component {component} {}", self.cause)?,
            None => write!(f, "the guest {}", self.cause)?,
        }
        match self.backtrace.calls() {
            Some(calls) => write!(f, ", {calls}"),
            None => Ok(()),
        }
    }
}
