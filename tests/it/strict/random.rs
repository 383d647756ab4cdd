//! Random numbers, against ChaCha20 as RFC 8439 has it.

use sha2::{Digest as _, Sha256};

use super::super::exec::fixture::{Runs as _, bytes, plan};
use super::{built, stock};

/// As many as make more than 17 blocks, so that the counter is more than one
/// digit of hexadecimal.
const NUMBERS: usize = 140;

/// A block of the key stream: the counter and the nonce are the last four words
/// of the state.
fn block(key: [u8; 32], last: [u32; 4]) -> [u8; 64] {
    let word = |bytes: &[u8]| u32::from_le_bytes(bytes.try_into().expect("four bytes"));
    let mut first = [0; 16];
    for (at, bytes) in b"expand 32-byte k".chunks(4).enumerate() {
        first[at] = word(bytes);
    }
    for (at, bytes) in key.chunks(4).enumerate() {
        first[4 + at] = word(bytes);
    }
    first[12..].copy_from_slice(&last);
    let mut state = first;
    for _ in 0..10 {
        for column in 0..4 {
            quarter(&mut state, [column, column + 4, column + 8, column + 12]);
        }
        for diagonal in 0..4 {
            let at = |row: usize| 4 * row + (diagonal + row) % 4;
            quarter(&mut state, [at(0), at(1), at(2), at(3)]);
        }
    }
    let mut bytes = [0; 64];
    for (at, (word, first)) in state.iter().zip(first).enumerate() {
        let sum = word.wrapping_add(first);
        bytes[4 * at..][..4].copy_from_slice(&sum.to_le_bytes());
    }
    bytes
}

/// RFC 8439, 2.1.
fn quarter(state: &mut [u32; 16], [a, b, c, d]: [usize; 4]) {
    let mut mix = |into: usize, from: usize, onto: usize, by: u32| {
        state[into] = state[into].wrapping_add(state[from]);
        state[onto] = (state[onto] ^ state[into]).rotate_left(by);
    };
    mix(a, b, d, 16);
    mix(c, d, b, 12);
    mix(a, b, d, 8);
    mix(c, d, b, 7);
}

/// The numbers of a plan.
fn expected(plan: [u8; 32]) -> Vec<u64> {
    let key = Sha256::new().chain_update("random:v1").chain_update(plan);
    let key: [u8; 32] = key.finalize().into();
    let blocks = (0..).flat_map(|counter| block(key, [counter, 0, 0, 0]));
    let stream: Vec<u8> = blocks.take(8 * NUMBERS).collect();
    let number = |bytes: &[u8]| u64::from_le_bytes(bytes.try_into().expect("eight bytes"));
    stream.chunks(8).map(number).collect()
}

/// RFC 8439, 2.3.2.
#[test]
fn the_reference_is_chacha20() {
    let key = std::array::from_fn(|at| at as u8);
    let block = block(key, [1, 0x0900_0000, 0x4a00_0000, 0]);
    let start = [
        0x10, 0xf1, 0xe7, 0xe4, 0xd1, 0x3b, 0x59, 0x15, 0x50, 0x0f, 0xdd, 0x1f, 0xa3, 0x20, 0x71,
        0xc4,
    ];
    let end = [
        0xb5, 0x12, 0x9c, 0xd1, 0xde, 0x16, 0x4e, 0xb9, 0xcb, 0xd0, 0x83, 0xe8, 0xa2, 0x50, 0x3c,
        0x4e,
    ];
    assert_eq!((&block[..16], &block[48..]), (&start[..], &end[..]));
}

#[test]
fn numbers_are_chacha20_keyed_with_the_plan() {
    // Stock wasmtime gives arguments only where the artifact asks for them.
    let plan = plan(bytes("deterministic")).determinism("strict");
    let folder = built(plan.capabilities(&["wasi:cli/environment"]).trusted());
    let build = ["emit", "build", "plan.json", "-o", "artifact.wasm"];
    let said = folder.good(&[&build[..], &["--format", "json"]].concat());
    let said: serde_json::Value = serde_json::from_str(&said).expect("an object");
    let id = said["plan_id"].as_str().expect("a digest");
    let digits = id.strip_prefix("sha256:").expect("its algorithm");
    let id = std::array::from_fn(|at| {
        u8::from_str_radix(&digits[2 * at..][..2], 16).expect("hexadecimal")
    });
    let expected: String = expected(id).iter().map(|n| format!("{n}\n")).collect();

    let args = ["numbers", &NUMBERS.to_string()];
    assert_eq!(folder.run(&[], &args).success(), expected);
    assert_eq!(stock(&folder, &[], &args), expected);
}
