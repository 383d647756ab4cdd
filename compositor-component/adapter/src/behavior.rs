//! What each function of a virtualized import does.

use wasm_encoder::ValType;

use super::abi::{self, Signature};
use super::arguments::is_arguments;
use super::constant::{self, Constant};
use compositor_plan::names::covers;
use compositor_plan::{Decision, Mode};
use compositor_wasm::types::{DefinedType, FuncTypeId, Types, ValueType};

/// Interfaces whose every answer may be empty: what there is, is nothing.
const EMPTY: &[&str] = &[
    "wasi:cli/environment",
    "wasi:filesystem/preopens",
    "wasi:sockets/instance-network",
];

/// The one argument of an artifact that no host calls with arguments: programs
/// expect their name, and it must not be the host's.
const PROGRAM_NAME: &str = "program";

/// A constant that takes more bytes than this is not written.
const CONSTANT_BYTES: u64 = 1 << 16;

/// What a function does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Behavior {
    /// It traps.
    Trap,
    /// It returns nothing.
    Nothing,
    /// It returns always the same.
    Constant(Constant),
    /// It returns a new handle of a resource that does nothing.
    Handle,
    /// It asks the deterministic source.
    Deterministic(Deterministic),
}

/// What the deterministic source is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deterministic {
    /// Nanoseconds since the start.
    Now,
    /// Nanoseconds between two ticks.
    Resolution,
    /// Seconds and nanoseconds since 1970.
    Date,
    /// The same between two ticks.
    DateResolution,
    /// Moves the clock on, to a time or for a while; a pollable where one is
    /// returned, else it has waited.
    Wait { until: bool, pollable: bool },
    /// That many random bytes.
    Bytes,
    /// A random number.
    Number,
    /// Two of them.
    Pair,
}

/// What a function of an import does.
pub fn behavior(
    types: &Types,
    import: &str,
    function: &str,
    ty: FuncTypeId,
    decision: Decision,
) -> Behavior {
    let result = types.func(ty).result();
    if matches!(decision, Decision::Denied(_)) && is_arguments(types, import, function, ty) {
        let name = Constant::Word(PROGRAM_NAME);
        return Behavior::Constant(Constant::List(vec![name]));
    }
    match decision {
        Decision::Deterministic => {
            let known = deterministic(types, function, ty);
            let empty = result.and_then(|ty| empty(types, ty));
            known.map_or(empty.unwrap_or(Behavior::Trap), Behavior::Deterministic)
        }
        Decision::Denied(mode) => {
            // A constructor has no error to give: what is made does nothing, and
            // it is what is done with it that is refused.
            let is_empty = EMPTY.iter().any(|name| covers(name, import))
                || function.starts_with("[constructor]");
            let suits = match is_empty {
                true => Mode::Empty,
                false => Mode::Error,
            };
            denied(types, result, mode.unwrap_or(suits), mode.is_some())
        }
        // Nobody answers for what the host has.
        Decision::Types | Decision::Granted | Decision::Left | Decision::Recorded => Behavior::Trap,
    }
}

fn denied(types: &Types, result: Option<ValueType>, mode: Mode, asked: bool) -> Behavior {
    // Whether it returns what is empty where it has no error to return.
    let or_empty = match mode {
        Mode::Trap => return Behavior::Trap,
        Mode::Error => false,
        Mode::Empty => true,
    };
    let Some(ty) = result else {
        return match or_empty {
            true => Behavior::Nothing,
            false => Behavior::Trap,
        };
    };
    if abi::layout(types, ty).size > CONSTANT_BYTES {
        return Behavior::Trap;
    }
    let refusal = constant::refusal(types, ty, asked).map(Behavior::Constant);
    let empty = || or_empty.then(|| empty(types, ty)).flatten();
    refusal.or_else(empty).unwrap_or(Behavior::Trap)
}

/// The answer that there is nothing, where a type has one.
fn empty(types: &Types, ty: ValueType) -> Option<Behavior> {
    if let ValueType::Defined(id) = ty
        && let DefinedType::Own(_) = types.defined(id)
    {
        return Some(Behavior::Handle);
    }
    constant::is_container(types, ty).then_some(Behavior::Constant(Constant::Zero))
}

/// What a function of a clock or of a source of randomness asks for, by its
/// name and how it is called.
fn deterministic(types: &Types, function: &str, ty: FuncTypeId) -> Option<Deterministic> {
    let Signature {
        params,
        result,
        result_in_memory,
        ..
    } = abi::signature(types, ty);
    let until = ["subscribe-instant", "wait-until"].contains(&function);
    let is_list = || {
        let result = types.func(ty).result();
        result.is_some_and(|ty| matches!(abi::kind(types, ty), abi::Kind::List(_)))
    };
    Some(match (function, &params[..], result) {
        ("now", [], Some(ValType::I64)) => Deterministic::Now,
        ("now", [], Some(ValType::I32)) if result_in_memory => Deterministic::Date,
        ("resolution" | "get-resolution", [], Some(ValType::I64)) => Deterministic::Resolution,
        ("resolution" | "get-resolution", [], Some(ValType::I32)) if result_in_memory => {
            Deterministic::DateResolution
        }
        ("subscribe-instant" | "subscribe-duration", [ValType::I64], Some(ValType::I32))
            if !result_in_memory =>
        {
            Deterministic::Wait {
                until,
                pollable: true,
            }
        }
        ("wait-until" | "wait-for", [ValType::I64], None) => Deterministic::Wait {
            until,
            pollable: false,
        },
        ("get-random-bytes" | "get-insecure-random-bytes", [ValType::I64], Some(ValType::I32))
            if result_in_memory && is_list() =>
        {
            Deterministic::Bytes
        }
        ("get-random-u64" | "get-insecure-random-u64", [], Some(ValType::I64)) => {
            Deterministic::Number
        }
        ("insecure-seed" | "get-insecure-seed", [], Some(ValType::I32)) if result_in_memory => {
            Deterministic::Pair
        }
        _ => return None,
    })
}
