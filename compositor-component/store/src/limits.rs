//! Every limit of the store, in one place.

/// How much is asked of a file, or given to one, at a time. Hosts may answer
/// with less. Whatever the size of a blob, this is what a copy of it costs.
pub const CHUNK: usize = 128 << 10;

/// The most bytes that one `read` answers: the answer is held in memory whole.
pub const ANSWER: u64 = 16 << 20;

/// How many checked blobs stay open. More than the model case of seventy
/// components; less than the 256 files that some hosts allow a process.
pub const OPEN_BLOBS: usize = 128;

/// The most chunks whose proofs are held, of one blob and of all that are open
/// together: of 8 GiB, in 8 MiB of memory.
pub const PROOF_CHUNKS: usize = 64 << 10;

/// How many names are tried for a temporary file.
pub const TEMPORARY_NAMES: u32 = 4096;

/// After this many seconds without a write, a temporary file belongs to nobody,
/// where no lock tells. Who writes does so many times a second.
pub const STALE_AFTER: u64 = 60 * 60;

/// The most bytes of `index.json`, and of what is kept of a name.
pub const INDEX: u64 = 4 << 20;

/// The most bytes of a file that holds a digest: `sha256:`, 64 digits, and
/// a line's end.
pub const KEY_FILE: u64 = 128;

/// The most bytes of a record's value, which is held in memory whole.
pub const RECORD: u64 = 64 << 20;

/// The most bytes of all files in `cache/`, looked at when something is kept
/// there; then the least recently used go.
pub const CACHE: u64 = 1 << 30;

/// The most files in `cache/`.
pub const CACHE_FILES: usize = 100_000;

/// The most digests of a `trust/` of an earlier version that are told.
pub const OLD_TRUST: usize = 10_000;
