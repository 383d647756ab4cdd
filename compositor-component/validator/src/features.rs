//! WebAssembly's proposals by name, and those that bytes need.

use wasmparser::WasmFeatures;

/// What a component may use. Composing refuses nothing that has a type; what
/// the host that is meant lacks is told by its name.
pub const FEATURES: WasmFeatures = WasmFeatures::all();

/// What every runtime has that runs components, and is not told of:
/// WebAssembly 2.0, constants that are sums, and several memories, of which a
/// parser cannot say that it is they that are missing.
pub const BASELINE: WasmFeatures = WasmFeatures::WASM2
    .union(WasmFeatures::EXTENDED_CONST)
    .union(WasmFeatures::MULTI_MEMORY)
    .union(WasmFeatures::COMPONENT_MODEL);

/// Memories that several threads share: with the proposal `threads`, but
/// runtimes that have its instructions need not make such memories.
pub const SHARED_MEMORIES: WasmFeatures = WasmFeatures::from_bits_retain(1 << 63);

/// Proposals beyond [`BASELINE`], by the names that people give them.
pub const PROPOSALS: &[(WasmFeatures, &str)] = &[
    (WasmFeatures::MULTI_MEMORY, "several memories"),
    (WasmFeatures::TAIL_CALL, "tail calls"),
    (WasmFeatures::RELAXED_SIMD, "relaxed SIMD"),
    (WasmFeatures::WIDE_ARITHMETIC, "wide arithmetic"),
    (WasmFeatures::MEMORY64, "64-bit memories"),
    (WasmFeatures::THREADS, "threads"),
    (SHARED_MEMORIES, "shared memories"),
    (WasmFeatures::EXCEPTIONS, "exceptions"),
    (WasmFeatures::LEGACY_EXCEPTIONS, "legacy exceptions"),
    (WasmFeatures::FUNCTION_REFERENCES, "function references"),
    (WasmFeatures::GC, "garbage collection"),
    (WasmFeatures::CUSTOM_DESCRIPTORS, "custom descriptors"),
    (WasmFeatures::CUSTOM_PAGE_SIZES, "custom page sizes"),
    (WasmFeatures::MEMORY_CONTROL, "memory control"),
    (WasmFeatures::STACK_SWITCHING, "stack switching"),
    (
        WasmFeatures::SHARED_EVERYTHING_THREADS,
        "shared-everything threads",
    ),
    (WasmFeatures::COMPACT_IMPORTS, "compact imports"),
    (
        WasmFeatures::CM_ASYNC,
        "async functions, streams and futures",
    ),
    (WasmFeatures::CM_ASYNC_STACKFUL, "async without callbacks"),
    (WasmFeatures::CM_MORE_ASYNC_BUILTINS, "more async built-ins"),
    (WasmFeatures::CM_FORWARD, "forwarding of streams"),
    (WasmFeatures::CM_THREADING, "threads of components"),
    (WasmFeatures::CM_ERROR_CONTEXT, "error contexts"),
    (WasmFeatures::CM_MAP, "maps"),
    (WasmFeatures::CM_FIXED_LENGTH_LISTS, "fixed-length lists"),
    (WasmFeatures::CM_IMPLEMENTS, "`implements`"),
    (WasmFeatures::CM_CANON_NAMES, "canonical versions"),
    (WasmFeatures::CM_NESTED_NAMES, "nested package names"),
    (WasmFeatures::CM_ACCESSORS, "accessors"),
    (WasmFeatures::CM_VALUES, "values as imports and exports"),
    (WasmFeatures::CM_GC, "references in component functions"),
    (WasmFeatures::CM64, "64-bit components"),
];

/// The names of proposals, in the order of [`PROPOSALS`].
pub fn names(proposals: WasmFeatures) -> impl Iterator<Item = &'static str> {
    let named = PROPOSALS.iter();
    named
        .filter(move |(proposal, _)| proposals.contains(*proposal))
        .map(|(_, name)| *name)
}

/// The proposal of a name.
pub fn named(name: &str) -> Option<WasmFeatures> {
    let found = PROPOSALS.iter().find(|(_, other)| *other == name);
    found.map(|(proposal, _)| *proposal)
}

/// Tries with [`BASELINE`], and then with what is missing as well, until it is
/// enough: proposals that were needed beyond the baseline, and what came of it.
/// Where a parser does not say what is missing, it is all.
///
/// # Errors
/// The last, when all is not enough either.
pub fn needed<T, E>(
    mut attempt: impl FnMut(WasmFeatures) -> Result<T, E>,
    missing: impl Fn(&E) -> Option<WasmFeatures>,
) -> Result<(T, WasmFeatures), E> {
    let all = WasmFeatures::all();
    let mut features = BASELINE;
    loop {
        match attempt(features) {
            Ok(done) => return Ok((done, features.difference(BASELINE))),
            Err(error) if features == all => return Err(error),
            Err(error) => {
                let more = missing(&error).filter(|more| !features.contains(*more));
                features = more.map_or(all, |more| features | more);
            }
        }
    }
}
