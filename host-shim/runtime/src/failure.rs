//! Why a guest ended.

use std::fmt;

use wasmtime::{Trap, WasmBacktrace};
use wasmtime_wasi::I32Exit;

use crate::audit::Unrecorded;
use crate::exceeded::Exceeded;
use crate::meter::Meter;

/// Functions of a backtrace that are worth telling.
const FRAMES: usize = 8;

/// Characters of each: names of functions have no end.
const NAME: usize = 120;

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
    /// Where it was, the innermost function first.
    pub frames: Option<String>,
}

/// What a function is called that a policy denies, before what it denies.
const DENIED: &str = "policy denies ";

impl Failure {
    /// Reads it from what wasmtime says.
    pub fn of(meter: &Meter, error: &wasmtime::Error) -> Self {
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
        let frames = backtrace.map(|backtrace| {
            let frames = backtrace.frames().iter().take(FRAMES);
            let names = frames.map(|frame| frame.func_name().unwrap_or("?"));
            let names = names.map(|name| name.chars().take(NAME).collect::<String>());
            names.collect::<Vec<_>>().join(" < ")
        });
        Self {
            limit,
            cause: match denied {
                Some(denied) => format!("called what is denied to it, {denied}"),
                None => cause,
            },
            denied: denied.map(str::to_string),
            is_unrecorded: unrecorded.is_some(),
            frames: frames.filter(|frames| !frames.is_empty()),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the guest {}", self.cause)
    }
}
