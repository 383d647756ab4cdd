//! Clocks and randomness that are the same in every run.
//!
//! One component of an artifact is the source: a clock that starts at a fixed
//! instant and goes on by a fixed step with each look at it, and ChaCha20 (RFC
//! 8439) with a key made of the plan's id. Each interface of a clock or of
//! randomness asks it.

use wasm_encoder::{
    BlockType, ComponentExportKind, ComponentValType, ExportKind, PrimitiveValType, ValType,
};

use super::behavior::Deterministic;
use super::code::{Body, Core, FuncType, at};
use compositor_diagnostic::Digest;
use compositor_wasm::write::builder::Builder;

/// The clock starts here: 2000-01-01T00:00:00Z, in seconds since 1970.
const START: i64 = 946_684_800;

/// Waits lead no further than here, in nanoseconds since the start.
const END: i64 = i64::MAX;

/// Each look at the clock is this much later than the one before.
const STEP_NANOSECONDS: i64 = 1_000_000;

const SECOND: i64 = 1_000_000_000;

/// The functions that an answer calls.
pub fn calls(asked: Deterministic) -> &'static [&'static str] {
    match asked {
        Deterministic::Now | Deterministic::Date => &["now"],
        Deterministic::Resolution | Deterministic::DateResolution => &[],
        Deterministic::Wait {
            until: true,
            pollable: true,
        } => &["now", "advance", "get-stderr", "subscribe"],
        Deterministic::Wait {
            until: false,
            pollable: true,
        } => &["advance", "get-stderr", "subscribe"],
        Deterministic::Wait {
            until: true,
            pollable: false,
        } => &["now", "advance"],
        Deterministic::Wait {
            until: false,
            pollable: false,
        } => &["advance"],
        Deterministic::Bytes | Deterministic::Number | Deterministic::Pair => &["random"],
    }
}

/// Writes the body of an answer; `call` has the index of each function.
pub fn write(
    asked: Deterministic,
    core: &mut Core,
    call: &dyn Fn(&'static str) -> u32,
    body: &mut Body,
) {
    match asked {
        Deterministic::Now => drop(body.code().call(call("now"))),
        Deterministic::Resolution => drop(body.code().i64_const(STEP_NANOSECONDS)),
        Deterministic::Number => drop(body.code().call(call("random"))),
        Deterministic::Date => {
            let now = body.local(ValType::I64);
            let place = room(core);
            let mut code = body.code();
            code.call(call("now")).local_set(now);
            code.i32_const(place)
                .local_get(now)
                .i64_const(SECOND)
                .i64_div_u();
            code.i64_const(START).i64_add().i64_store(at(0, 3));
            code.i32_const(place)
                .local_get(now)
                .i64_const(SECOND)
                .i64_rem_u();
            code.i32_wrap_i64().i32_store(at(8, 2)).i32_const(place);
        }
        Deterministic::DateResolution => {
            let place = room(core);
            let mut code = body.code();
            code.i32_const(place)
                .i32_const(STEP_NANOSECONDS as i32)
                .i32_store(at(8, 2));
            code.i32_const(place);
        }
        Deterministic::Pair => {
            let place = room(core);
            let mut code = body.code();
            for offset in [0, 8] {
                code.i32_const(place)
                    .call(call("random"))
                    .i64_store(at(offset, 3));
            }
            code.i32_const(place);
        }
        Deterministic::Wait { until, pollable } => {
            wait(until, call, body);
            if pollable {
                ready(core, call, body);
            }
        }
        Deterministic::Bytes => bytes(core, call, body),
    }
}

/// Room for 16 bytes of a result.
fn room(core: &mut Core) -> i32 {
    core.data
        .resize(core.data.len().next_multiple_of(16) + 16, 0);
    (Core::base() + core.data.len() as u64 - 16) as i32
}

/// Moves the clock on by the parameter, or to it.
fn wait(until: bool, call: &dyn Fn(&'static str) -> u32, body: &mut Body) {
    if !until {
        body.code().local_get(0).call(call("advance"));
        return;
    }
    let now = body.local(ValType::I64);
    let mut code = body.code();
    code.call(call("now"))
        .local_tee(now)
        .local_get(0)
        .i64_lt_u()
        .if_(BlockType::Empty);
    code.local_get(0)
        .local_get(now)
        .i64_sub()
        .call(call("advance"))
        .end();
}

/// A pollable that is ready: only the host makes pollables, and stderr has one
/// that is. The stream stays, since its pollables are its children.
fn ready(core: &mut Core, call: &dyn Fn(&'static str) -> u32, body: &mut Body) {
    let stream = core.global(ValType::I32, -1);
    let mut code = body.code();
    code.global_get(stream)
        .i32_const(-1)
        .i32_eq()
        .if_(BlockType::Empty);
    code.call(call("get-stderr")).global_set(stream).end();
    code.global_get(stream).call(call("subscribe"));
}

/// As many random bytes as the parameter says.
fn bytes(core: &mut Core, call: &dyn Fn(&'static str) -> u32, body: &mut Body) {
    let place = room(core);
    let bump = core.bump();
    let (start, end, next) = (
        body.local(ValType::I32),
        body.local(ValType::I32),
        body.local(ValType::I32),
    );
    body.reset(bump);
    let mut code = body.code();
    code.local_get(0)
        .i64_const(0x7fff_0000)
        .i64_gt_u()
        .if_(BlockType::Empty)
        .unreachable()
        .end();
    // Whole numbers are written, so there is room for the last one.
    code.i32_const(0).i32_const(0).i32_const(8);
    code.local_get(0)
        .i32_wrap_i64()
        .i32_const(8)
        .i32_add()
        .call(bump.function);
    code.local_tee(start)
        .local_tee(next)
        .local_get(0)
        .i32_wrap_i64()
        .i32_add()
        .local_set(end);
    code.block(BlockType::Empty).loop_(BlockType::Empty);
    code.local_get(next).local_get(end).i32_ge_u().br_if(1);
    code.local_get(next)
        .call(call("random"))
        .i64_store(at(0, 3));
    code.local_get(next).i32_const(8).i32_add().local_set(next);
    code.br(0).end().end();
    code.i32_const(place).local_get(start).i32_store(at(0, 2));
    code.i32_const(place)
        .local_get(0)
        .i32_wrap_i64()
        .i32_store(at(4, 2))
        .i32_const(place);
}

/// The source: `now: func() -> u64` and `advance: func(by: u64)` in
/// nanoseconds, `random: func() -> u64`.
pub fn source(plan: &Digest) -> Vec<u8> {
    let mut core = Core::default();
    let number: FuncType = (vec![], Some(ValType::I64));
    let clock = core.global(ValType::I64, 0);
    let mut now = Body::new(0);
    let mut code = now.code();
    code.global_get(clock)
        .i64_const(STEP_NANOSECONDS)
        .i64_add()
        .global_set(clock);
    code.global_get(clock);
    core.function("now", Some("now".to_string()), number.clone(), now);
    let mut advance = Body::new(1);
    let mut code = advance.code();
    // A wait for ever ends at the end of time, from where looks alone go on:
    // the clock never goes back.
    code.global_get(clock)
        .i64_const(END)
        .i64_lt_u()
        .if_(BlockType::Empty);
    code.i64_const(END)
        .global_get(clock)
        .local_get(0)
        .i64_add()
        .i64_const(END)
        .global_get(clock)
        .i64_sub()
        .local_get(0)
        .i64_lt_u();
    code.select().global_set(clock).end();
    let ty = (vec![ValType::I64], None);
    core.function("advance", Some("advance".to_string()), ty, advance);
    random(&mut core, plan, number);

    let mut builder = Builder::default();
    let module = builder.core_module(&core.finish());
    let instance = builder.core_instantiate(module, None);
    let u64 = ComponentValType::Primitive(PrimitiveValType::U64);
    for (name, param, result) in [
        ("now", None, Some(u64)),
        ("advance", Some(("by", u64)), None),
        ("random", None, Some(u64)),
    ] {
        let (ty, encoder) = builder.ty();
        encoder
            .function()
            .params(param.into_iter().collect::<Vec<_>>())
            .result(result);
        let core = builder.core_alias(instance, ExportKind::Func, name);
        let function = builder.lift(core, ty, Vec::new());
        builder.export(name.into(), ComponentExportKind::Func, function);
    }
    builder.finish()
}

/// ChaCha20: the state is 64 bytes from [`Core::base`] on, the block behind it.
fn random(core: &mut Core, plan: &Digest, number: FuncType) {
    let state = Core::base();
    let block = state + 64;
    core.data.extend_from_slice(b"expand 32-byte k");
    core.data
        .extend_from_slice(Digest::of_domain("random:v1", plan.as_bytes()).as_bytes());
    // A counter of 64 bits and a nonce of zero, as the cipher first had it.
    core.data.resize(128, 0);
    let used = core.global(ValType::I32, 64);

    let mut quarter = Body::new(4);
    for (a, b, d, by) in [(0, 1, 3, 16), (2, 3, 1, 12), (0, 1, 3, 8), (2, 3, 1, 7)] {
        let mut code = quarter.code();
        // a += b; d ^= a; d <<<= by
        code.local_get(a).local_get(a).i32_load(at(0, 2));
        code.local_get(b)
            .i32_load(at(0, 2))
            .i32_add()
            .i32_store(at(0, 2));
        code.local_get(d).local_get(d).i32_load(at(0, 2));
        code.local_get(a).i32_load(at(0, 2)).i32_xor();
        code.i32_const(by).i32_rotl().i32_store(at(0, 2));
    }
    let quarter = core.function("quarter", None, (vec![ValType::I32; 4], None), quarter);

    let mut next = Body::new(0);
    let round = next.local(ValType::I32);
    let mut code = next.code();
    code.i32_const(block as i32)
        .i32_const(state as i32)
        .i32_const(64)
        .memory_copy(0, 0);
    code.i32_const(10).local_set(round).loop_(BlockType::Empty);
    for words in [
        [0, 4, 8, 12],
        [1, 5, 9, 13],
        [2, 6, 10, 14],
        [3, 7, 11, 15],
        [0, 5, 10, 15],
        [1, 6, 11, 12],
        [2, 7, 8, 13],
        [3, 4, 9, 14],
    ] {
        for word in words {
            code.i32_const(block as i32 + 4 * word);
        }
        code.call(quarter);
    }
    code.local_get(round)
        .i32_const(1)
        .i32_sub()
        .local_tee(round)
        .br_if(0)
        .end();
    code.loop_(BlockType::Empty);
    code.local_get(round)
        .local_get(round)
        .i32_load(at(block, 2));
    code.local_get(round)
        .i32_load(at(state, 2))
        .i32_add()
        .i32_store(at(block, 2));
    code.local_get(round)
        .i32_const(4)
        .i32_add()
        .local_tee(round);
    code.i32_const(64).i32_lt_u().br_if(0).end();
    let counter = state + 48;
    code.i32_const(0)
        .i32_const(0)
        .i64_load(at(counter, 3))
        .i64_const(1)
        .i64_add();
    code.i64_store(at(counter, 3));
    let next = core.function("block", None, (vec![], None), next);

    let mut random = Body::new(0);
    let mut code = random.code();
    code.global_get(used)
        .i32_const(64)
        .i32_eq()
        .if_(BlockType::Empty);
    code.call(next).i32_const(0).global_set(used).end();
    code.global_get(used).i64_load(at(block, 3));
    code.global_get(used)
        .i32_const(8)
        .i32_add()
        .global_set(used);
    core.function("random", Some("random".to_string()), number, random);
}
