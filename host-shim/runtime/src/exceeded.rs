//! The limits that a guest may run into, and what is said of each.

use std::fmt;

use wasmtime::component::ResourceTableError;

/// A limit that a guest ran into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exceeded {
    /// Its processor time, in milliseconds.
    Time(u64),
    /// The processor time of all instances of its run, in milliseconds.
    TotalTime(u64),
    /// Time by the clock, in milliseconds.
    Wall(u64),
    /// Bytes of its memories.
    Memory(u64),
    /// Bytes of its memories, for the time that it has.
    Touched(u64),
    /// Bytes of the memories of all instances of its run.
    TotalMemory(u64),
    /// Bytes of the memories of all instances of the process.
    ProcessMemory(u64),
    /// Elements of its tables.
    Tables(u64),
    /// Calls of the host.
    Calls(u64),
    /// Bytes of output.
    Output(u64),
    /// Handles of host resources.
    Handles,
    /// Bytes of one call of the host, which memory bounds.
    Copied,
}

/// Whether an error that has no type of its own is the one that says so.
fn says(error: &wasmtime::Error, words: &str) -> bool {
    error.chain().any(|cause| cause.to_string().contains(words))
}

impl fmt::Display for Exceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time(limit) => write!(f, "it ran longer than {limit} ms (limit cpu-ms)"),
            Self::TotalTime(limit) => write!(
                f,
                "its run used a processor for longer than {limit} ms (limit total-cpu-ms)"
            ),
            Self::Wall(limit) => {
                write!(
                    f,
                    "it took longer than {limit} ms by the clock (limit wall-ms)"
                )
            }
            Self::Touched(limit) => write!(
                f,
                "it asked for more than {limit} bytes of memory, which are all that it could \
                 touch in its time (limit cpu-ms)"
            ),
            Self::TotalMemory(limit) => write!(
                f,
                "the instances of its run asked for more than {limit} bytes of memory (limit \
                 total-memory-bytes)"
            ),
            Self::ProcessMemory(limit) => write!(
                f,
                "all guests together asked for more than {limit} bytes of memory (limit \
                 process-memory-bytes)"
            ),
            Self::Memory(limit) => {
                write!(
                    f,
                    "it asked for more than {limit} bytes of memory (limit memory-bytes)"
                )
            }
            Self::Tables(limit) => {
                write!(
                    f,
                    "its tables have more than {limit} elements (limit table-elements)"
                )
            }
            Self::Calls(limit) => {
                write!(
                    f,
                    "it called the host more than {limit} times (limit io-ops)"
                )
            }
            Self::Output(limit) => {
                write!(f, "it wrote more than {limit} bytes (limit output-bytes)")
            }
            Self::Handles => write!(f, "it holds too many handles (limit handles)"),
            Self::Copied => {
                write!(
                    f,
                    "one call passes more than its memory may have (limit memory-bytes)"
                )
            }
        }
    }
}

impl std::error::Error for Exceeded {}

impl Exceeded {
    /// The limit that an error is about, if it is.
    pub(crate) fn of(error: &wasmtime::Error) -> Option<Self> {
        match error.downcast_ref::<Self>() {
            Some(exceeded) => Some(*exceeded),
            None => match error.downcast_ref::<ResourceTableError>() {
                Some(ResourceTableError::Full) => Some(Self::Handles),
                _ if says(error, "handle limit exceeded") => Some(Self::Handles),
                _ if says(error, "fuel allocated for hostcalls") => Some(Self::Copied),
                _ => None,
            },
        }
    }
}
