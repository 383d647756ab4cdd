//! The table of targets.
//!
//! Limits are those of the validators that the hosts have, features those that
//! their defaults turn on, interfaces those that their command lines give. Each
//! row was read in the host's sources and tried.

use compositor_validator::SHARED_MEMORIES;
use compositor_wasm::WasmFeatures;

use super::description::Target;

/// Names, each with its target; one without a version is the newest.
pub static BY_NAME: &[(&str, &Target)] = &[
    ("any", &ANY),
    ("composectl", &COMPOSECTL),
    ("jco", &JCO_1),
    ("jco@1", &JCO_1),
    ("stock", &STOCK),
    ("wasmtime", &WASMTIME_50),
    ("wasmtime@48", &WASMTIME_48),
    ("wasmtime@49", &WASMTIME_49),
    ("wasmtime@50", &WASMTIME_50),
];

/// The names.
pub fn names() -> Vec<&'static str> {
    BY_NAME.iter().map(|(name, _)| *name).collect()
}

/// Embedders turn on what they like.
pub static ANY: Target = Target {
    name: "any",
    features: WasmFeatures::all().union(SHARED_MEMORIES),
    warned: WasmFeatures::empty(),
    modules_and_components: usize::MAX,
    instances: usize::MAX,
    gives: None,
    is_simd_deterministic: false,
};

/// WebAssembly 3.0, threads without memories to share, and WASI 0.3's async.
const WASMTIME: WasmFeatures = WasmFeatures::WASM3.union(WasmFeatures::CM_ASYNC);

/// What its command line gives, with `-S http` or `serve`.
const WASI: &[&str] = &[
    "wasi:cli/environment@0.2.12",
    "wasi:cli/exit@0.2.12",
    "wasi:cli/stderr@0.2.12",
    "wasi:cli/stdin@0.2.12",
    "wasi:cli/stdout@0.2.12",
    "wasi:cli/terminal-input@0.2.12",
    "wasi:cli/terminal-output@0.2.12",
    "wasi:cli/terminal-stderr@0.2.12",
    "wasi:cli/terminal-stdin@0.2.12",
    "wasi:cli/terminal-stdout@0.2.12",
    "wasi:clocks/monotonic-clock@0.2.12",
    "wasi:clocks/wall-clock@0.2.12",
    "wasi:filesystem/preopens@0.2.12",
    "wasi:filesystem/types@0.2.12",
    "wasi:http/outgoing-handler@0.2.12",
    "wasi:http/types@0.2.12",
    "wasi:io/error@0.2.12",
    "wasi:io/poll@0.2.12",
    "wasi:io/streams@0.2.12",
    "wasi:random/insecure-seed@0.2.12",
    "wasi:random/insecure@0.2.12",
    "wasi:random/random@0.2.12",
    "wasi:sockets/instance-network@0.2.12",
    "wasi:sockets/ip-name-lookup@0.2.12",
    "wasi:sockets/network@0.2.12",
    "wasi:sockets/tcp-create-socket@0.2.12",
    "wasi:sockets/tcp@0.2.12",
    "wasi:sockets/udp-create-socket@0.2.12",
    "wasi:sockets/udp@0.2.12",
    "wasi:cli/environment@0.3.0",
    "wasi:cli/exit@0.3.0",
    "wasi:cli/stderr@0.3.0",
    "wasi:cli/stdin@0.3.0",
    "wasi:cli/stdout@0.3.0",
    "wasi:cli/terminal-input@0.3.0",
    "wasi:cli/terminal-output@0.3.0",
    "wasi:cli/terminal-stderr@0.3.0",
    "wasi:cli/terminal-stdin@0.3.0",
    "wasi:cli/terminal-stdout@0.3.0",
    "wasi:cli/types@0.3.0",
    "wasi:clocks/monotonic-clock@0.3.0",
    "wasi:clocks/system-clock@0.3.0",
    "wasi:clocks/types@0.3.0",
    "wasi:filesystem/preopens@0.3.0",
    "wasi:filesystem/types@0.3.0",
    "wasi:http/client@0.3.0",
    "wasi:http/types@0.3.0",
    "wasi:random/insecure-seed@0.3.0",
    "wasi:random/insecure@0.3.0",
    "wasi:random/random@0.3.0",
    "wasi:sockets/ip-name-lookup@0.3.0",
    "wasi:sockets/types@0.3.0",
];

/// wasmparser 0.254.
pub static WASMTIME_48: Target = Target {
    name: "wasmtime@48",
    features: WASMTIME,
    warned: WasmFeatures::empty(),
    modules_and_components: usize::MAX,
    instances: 1_000,
    gives: Some(WASI),
    is_simd_deterministic: false,
};

/// The same limits.
pub static WASMTIME_49: Target = Target {
    name: "wasmtime@49",
    features: WASMTIME.union(WasmFeatures::WIDE_ARITHMETIC),
    ..WASMTIME_48
};

/// wasmparser 0.261.
pub static WASMTIME_50: Target = Target {
    name: "wasmtime@50",
    features: WASMTIME_49.features,
    warned: WasmFeatures::empty(),
    modules_and_components: 1_000,
    instances: 4_096,
    gives: Some(WASI),
    is_simd_deterministic: false,
};

/// What nobody named: an embedder turns on by one switch what names alone need,
/// so that it is worth a warning and no error.
pub static STOCK: Target = Target {
    warned: WasmFeatures::CM_IMPLEMENTS.union(WasmFeatures::CM_CANON_NAMES),
    ..WASMTIME_50
};

/// wasmtime 50, with maps.
pub static COMPOSECTL: Target = Target {
    name: "composectl",
    features: WASMTIME_50.features.union(WasmFeatures::CM_MAP),
    gives: Some(WITH_OWN),
    is_simd_deterministic: true,
    ..WASMTIME_50
};

/// What only this compositor's host gives, behind what all give.
const WITH_OWN: &[&str] = &{
    let mut all = [""; WASI.len() + 2];
    let mut index = 0;
    while index < WASI.len() {
        all[index] = WASI[index];
        index += 1;
    }
    all[index] = "compose:dynlink/linker@0.1.0";
    all[index + 1] = "sys:compose/audit@1.0.0";
    all
};

/// jco-transpile 0.15 on Node 20: what its validator and that engine have.
pub static JCO_1: Target = Target {
    name: "jco@1",
    features: WasmFeatures::TAIL_CALL
        .union(WasmFeatures::THREADS)
        .union(SHARED_MEMORIES)
        .union(WasmFeatures::CM_ASYNC)
        .union(WasmFeatures::CM_ERROR_CONTEXT)
        .union(WasmFeatures::CM_MAP)
        .union(WasmFeatures::CM_FIXED_LENGTH_LISTS)
        .union(WasmFeatures::CM_IMPLEMENTS),
    warned: WasmFeatures::empty(),
    modules_and_components: usize::MAX,
    instances: 1_000,
    gives: Some(WASI),
    is_simd_deterministic: false,
};
