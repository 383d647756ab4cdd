//! What is known of a file or folder, and of its lock.

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
    /// When anything of it last changed, also that time: nobody can set it.
    pub changed: Option<Time>,
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
