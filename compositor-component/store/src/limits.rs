//! Every limit of the store, in one place.

/// How much is asked of a file, or given to one, at a time. Hosts may answer
/// with less. Whatever the size of a blob, this is what a copy of it costs.
pub const CHUNK: usize = 128 << 10;

/// The most bytes that one `read` answers: the answer is held in memory whole.
pub const ANSWER: u64 = 16 << 20;

/// How many checked blobs stay open. More than the model case of seventy
/// components; less than the 256 files that some hosts allow a process.
pub const OPEN_BLOBS: usize = 128;

/// How many names are tried for a temporary file.
pub const TEMPORARY_NAMES: u32 = 4096;

/// After this many seconds without a write, a temporary file belongs to
/// nobody.
pub const STALE_AFTER: u64 = 24 * 60 * 60;

/// The most bytes of a file that records a digest: `sha256:`, 64 digits, and
/// a line's end.
pub const RECORD: u64 = 128;
