//! What the store asks of a system: folders and files that are open, a step a
//! call. What the steps are for is decided by the rules, once for all systems.

#[cfg(target_family = "wasm")]
mod alone;
#[cfg(not(target_family = "wasm"))]
mod native;
#[cfg(target_family = "wasm")]
mod path;
#[cfg(not(target_family = "wasm"))]
mod threads;
#[cfg(target_family = "wasm")]
mod wasi;

#[cfg(target_family = "wasm")]
pub use alone::{Hash, each};
#[cfg(not(target_family = "wasm"))]
pub use native::{Base, Directory, Handle, Words, above, random};
#[cfg(not(target_family = "wasm"))]
pub use threads::{Hash, each};
#[cfg(target_family = "wasm")]
pub use wasi::{Base, Directory, Handle, Words, above, random};

use std::fmt;

/// Seconds and nanoseconds since 1970.
pub type Time = (u64, u32);

/// What is known of a file or folder without opening it.
pub struct Stat {
    /// What it is.
    pub kind: Kind,
    /// Its size in bytes.
    pub size: u64,
    /// When its bytes, or the names in it, were last written.
    pub modified: Option<Time>,
}

/// What a name stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A folder.
    Folder,
    /// A regular file.
    File,
    /// A symbolic link.
    Link,
    /// A FIFO.
    Fifo,
    /// A socket.
    Socket,
    /// A device.
    Device,
    /// None of these, or the system does not tell.
    Other,
}

/// Why others than the user who runs this have a say somewhere.
#[cfg_attr(
    target_family = "wasm",
    expect(dead_code, reason = "WASI tells neither owners nor modes")
)]
pub enum Shared {
    /// It is another user's.
    Owner {
        /// Whose it is.
        owner: u32,
        /// Who runs this.
        user: u32,
    },
    /// These permissions let a group, or everybody, do so.
    Mode(u32),
}

/// Whether a file's lock was taken.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// Yes: nobody else had it.
    #[cfg_attr(
        target_family = "wasm",
        expect(dead_code, reason = "WASI has no locks")
    )]
    Taken,
    /// No: a process that lives has it.
    Held,
    /// There are no locks here.
    Untold,
}

/// Why a step failed.
pub enum Cause {
    /// There is no such name.
    NoEntry,
    /// The name is there.
    Exist,
    /// For people to know.
    Other(Words),
}

/// What systems have a word of their own for, and people one.
mod words {
    pub const ACCESS: &str = "access denied";
    pub const READ_ONLY: &str = "the file system is read-only";
    pub const IS_FOLDER: &str = "a folder of that name is in the way";
    pub const NOT_FOLDER: &str = "a part of the path is not a folder";
    pub const NOT_EMPTY: &str = "a folder of that name is in the way, and is not empty";
    pub const NO_SPACE: &str = "no space is left";
    pub const QUOTA: &str = "the quota is used up";
    pub const TOO_LARGE: &str = "the file would be too large";
    pub const BUSY: &str = "it is busy";
    pub const UNSUPPORTED: &str = "the host does not support that";
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Folder => "a folder",
            Self::File => "a file",
            Self::Link => "a symbolic link",
            Self::Fifo => "a FIFO",
            Self::Socket => "a socket",
            Self::Device => "a device",
            // Not every system tells FIFOs and sockets apart.
            Self::Other => "a FIFO, a socket or the like",
        })
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoEntry => "there is no such file or folder",
            Self::Exist => "it is already there",
            Self::Other(words) => words,
        })
    }
}
