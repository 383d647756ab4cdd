//! In a sandbox: descriptors of wasi:filesystem, below the folders that the
//! host opened.

use wasip2::filesystem::preopens::get_directories;
use wasip2::filesystem::types::{
    Descriptor, DescriptorFlags, DescriptorStat, DescriptorType, ErrorCode, NewTimestamp,
    OpenFlags, PathFlags,
};

use super::cause::Cause;
use super::stat::{Kind, Lock, Shared, Stat};
use super::{path, words};
use crate::error::{Error, ErrorCode as Code};

/// A folder that the host opened.
pub struct Base(Descriptor);

/// A folder that is open.
pub struct Directory(Descriptor);

/// A file that is open.
pub struct Handle(Descriptor);

impl Base {
    /// The open folder that a path is in, and the path from there.
    pub fn locate(path: &str) -> Result<(Self, String), Error> {
        let mut open = get_directories();
        let names: Vec<&str> = open.iter().map(|(_, name)| name.as_str()).collect();
        if let Some((index, from_base)) = path::locate(path, &names) {
            return Ok((Self(open.swap_remove(index).0), from_base));
        }
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let names = match names.is_empty() {
            true => "none".to_string(),
            false => names.join(", "),
        };
        Err(Error {
            code: Code::InvalidInput,
            message: format!(
                "the folder `{path}` is in no folder that the host opened ({names}): \
                 the host must open it, as `wasmtime run --dir` does"
            ),
            context: Some(path.to_string()),
        })
    }

    /// Opens a folder, through links if need be.
    pub fn folder(&self, path: &str) -> Result<Directory, Cause> {
        folder_at(&self.0, PathFlags::SYMLINK_FOLLOW, path)
    }

    /// Makes a folder. Whom it is for is the host's to say.
    pub fn create_folder(&self, path: &str, _is_private: bool) -> Result<(), Cause> {
        Ok(self.0.create_directory_at(path)?)
    }

    /// Opens a file to write to it, and no link to one.
    pub fn file_in(folder: &str, path: &str) -> Result<Handle, Cause> {
        let mut open = get_directories().into_iter();
        let (folder, _) = open
            .find(|(_, name)| name == folder)
            .ok_or(Cause::NoEntry)?;
        let (create, write) = (OpenFlags::empty(), DescriptorFlags::WRITE);
        let file = folder.open_at(PathFlags::empty(), path, create, write)?;
        Ok(Handle(file))
    }

    /// Opens a file to read it, also where links in the folder lead.
    pub fn file_to_read(folder: &str, path: &str) -> Result<Handle, Cause> {
        let mut open = get_directories().into_iter();
        let (folder, _) = open
            .find(|(_, name)| name == folder)
            .ok_or(Cause::NoEntry)?;
        let (create, read) = (OpenFlags::empty(), DescriptorFlags::READ);
        let file = folder.open_at(PathFlags::SYMLINK_FOLLOW, path, create, read)?;
        Ok(Handle(file))
    }
}

/// The path of the folder that a path is in, from the same folder. Paths from
/// there have no `.` and `..`.
pub fn above(path: &str) -> Option<&str> {
    match path.rsplit_once('/') {
        Some((above, _)) => Some(above),
        None => (path != ".").then_some("."),
    }
}

impl Directory {
    /// Opens a folder in it, and no link to one.
    pub fn folder(&self, name: &str) -> Result<Self, Cause> {
        folder_at(&self.0, PathFlags::empty(), name)
    }

    /// Opens what a name stands for to be read, and no link. What it is shows
    /// then.
    pub fn file(&self, name: &str) -> Result<Handle, Cause> {
        let (create, read) = (OpenFlags::empty(), DescriptorFlags::READ);
        let file = self.0.open_at(PathFlags::empty(), name, create, read)?;
        Ok(Handle(file))
    }

    /// Makes a file that must not be there yet. Whom it is for is the host's to say.
    pub fn create_file(&self, name: &str, _is_private: bool) -> Result<Handle, Cause> {
        let create = OpenFlags::CREATE | OpenFlags::EXCLUSIVE;
        let flags = DescriptorFlags::READ | DescriptorFlags::WRITE;
        let file = self.0.open_at(PathFlags::empty(), name, create, flags)?;
        Ok(Handle(file))
    }

    /// Makes a folder in it. Whom it is for is the host's to say.
    pub fn create_folder(&self, name: &str, _is_private: bool) -> Result<(), Cause> {
        Ok(self.0.create_directory_at(name)?)
    }

    /// What a name stands for, itself and not what it links to.
    pub fn look(&self, name: &str) -> Result<Stat, Cause> {
        Ok(self.0.stat_at(PathFlags::empty(), name)?.into())
    }

    /// What is known of the folder itself.
    pub fn stat(&self) -> Result<Stat, Cause> {
        Ok(self.0.stat()?.into())
    }

    /// All names in it that are text, in no order.
    pub fn names(&self) -> Result<Vec<String>, Cause> {
        let entries = self.0.read_directory()?;
        let mut names = Vec::new();
        loop {
            match entries.read_directory_entry() {
                Ok(Some(entry)) => names.push(entry.name),
                Ok(None) => return Ok(names),
                // It was removed while the folder was read, or its name is no
                // text and so no name of ours.
                Err(ErrorCode::NoEntry | ErrorCode::IllegalByteSequence) => {}
                Err(cause) => return Err(cause.into()),
            }
        }
    }

    /// Renames into a folder of the same file system, in place of what has the new
    /// name there.
    pub fn rename(&self, from: &str, folder: &Self, to: &str) -> Result<(), Cause> {
        Ok(self.0.rename_at(from, &folder.0, to)?)
    }

    /// WASI tells neither owners nor permissions.
    pub fn shared_because(&self, _mask: u32) -> Result<Option<Shared>, Cause> {
        Ok(None)
    }

    /// Removes a name that is not a folder's.
    pub fn remove(&self, name: &str) -> Result<(), Cause> {
        Ok(self.0.unlink_file_at(name)?)
    }

    /// Waits until its names are on the disk.
    pub fn sync(&self) -> Result<(), Cause> {
        Ok(self.0.sync()?)
    }
}

impl Handle {
    /// What is known of it.
    pub fn stat(&self) -> Result<Stat, Cause> {
        Ok(self.0.stat()?.into())
    }

    /// A sandbox does not tell files apart.
    pub fn identity(&self) -> Result<Option<[u64; 2]>, Cause> {
        Ok(None)
    }

    /// Fills a piece with some bytes from an offset; with none at the end,
    /// and only there. The host may answer with less than was asked.
    pub fn read(&self, offset: u64, length: usize, piece: &mut Vec<u8>) -> Result<(), Cause> {
        // Whether the end is told with the last bytes or after them differs
        // between hosts, so only the bytes count.
        let (bytes, _) = self.0.read(length as u64, offset)?;
        *piece = bytes;
        Ok(())
    }

    /// Writes some of the bytes at an offset; says how many.
    pub fn write(&self, bytes: &[u8], offset: u64) -> Result<u64, Cause> {
        Ok(self.0.write(bytes, offset)?)
    }

    /// Waits until its bytes are on the disk.
    pub fn sync(&self) -> Result<(), Cause> {
        Ok(self.0.sync()?)
    }

    /// WASI has no locks.
    pub fn lock(&self) -> Lock {
        Lock::Untold
    }

    /// WASI has no locks.
    pub fn unlock(&self) {}

    /// Sets the time of its last write to now, if that is permitted.
    pub fn touch(&self) {
        // It says what is to be kept longest, and nothing else.
        let _ = self.0.set_times(NewTimestamp::NoChange, NewTimestamp::Now);
    }

    /// WASI tells neither owners nor permissions.
    pub fn shared_because(&self, _mask: u32) -> Result<Option<Shared>, Cause> {
        Ok(None)
    }
}

/// Fills bytes with what nobody can guess.
pub fn random(bytes: &mut [u8]) -> Result<(), Cause> {
    let given = wasip2::random::random::get_random_bytes(bytes.len() as u64);
    match given.len() == bytes.len() {
        true => {
            bytes.copy_from_slice(&given);
            Ok(())
        }
        false => Err(Cause::Other("the host gave no randomness")),
    }
}

/// Opened for reading only: what may change is decided by the folder that the
/// host opened, and some hosts refuse the flag that says so again.
fn folder_at(base: &Descriptor, follow: PathFlags, name: &str) -> Result<Directory, Cause> {
    let (folder, read) = (OpenFlags::DIRECTORY, DescriptorFlags::READ);
    Ok(Directory(base.open_at(follow, name, folder, read)?))
}

impl From<DescriptorStat> for Stat {
    fn from(stat: DescriptorStat) -> Self {
        let modified = stat.data_modification_timestamp;
        Self {
            kind: match stat.type_ {
                DescriptorType::Directory => Kind::Folder,
                DescriptorType::RegularFile => Kind::File,
                DescriptorType::SymbolicLink => Kind::Link,
                DescriptorType::Fifo => Kind::Fifo,
                DescriptorType::Socket => Kind::Socket,
                DescriptorType::BlockDevice | DescriptorType::CharacterDevice => Kind::Device,
                DescriptorType::Unknown => Kind::Other,
            },
            size: stat.size,
            modified: modified.map(|time| (time.seconds, time.nanoseconds)),
            // Some hosts say here when the file was made.
            changed: None,
        }
    }
}

impl From<ErrorCode> for Cause {
    fn from(code: ErrorCode) -> Self {
        Self::Other(match code {
            ErrorCode::NoEntry => return Self::NoEntry,
            ErrorCode::Exist => return Self::Exist,
            ErrorCode::Access => words::ACCESS,
            ErrorCode::NotPermitted => {
                "not permitted; the host may have opened the folder for reading only"
            }
            ErrorCode::ReadOnly => words::READ_ONLY,
            ErrorCode::IsDirectory => words::IS_FOLDER,
            ErrorCode::NotDirectory => words::NOT_FOLDER,
            ErrorCode::NotEmpty => words::NOT_EMPTY,
            ErrorCode::Loop => "a symbolic link is in the way",
            ErrorCode::InsufficientSpace => words::NO_SPACE,
            ErrorCode::Quota => words::QUOTA,
            ErrorCode::FileTooLarge => words::TOO_LARGE,
            ErrorCode::Io => "an input or output error",
            ErrorCode::Busy => words::BUSY,
            ErrorCode::NameTooLong => "the name is too long",
            ErrorCode::Unsupported => words::UNSUPPORTED,
            // The host's own word is better than a vague sentence.
            other => other.name(),
        })
    }
}
