//! On a system itself: folders as handles of cap-std, which opens names from
//! them and never through a link that leads elsewhere.

use std::borrow::Cow;
use std::fs::{File, TryLockError};
use std::io::{Error as Failure, ErrorKind};
#[cfg(unix)]
use std::os::unix::fs::FileExt;
#[cfg(windows)]
use std::os::windows::fs::FileExt;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use cap_fs_ext::{DirExt as _, FollowSymlinks, OpenOptionsFollowExt as _, OpenOptionsSyncExt as _};
use cap_std::ambient_authority;
use cap_std::fs::{Dir, DirBuilder, FileType, Metadata, OpenOptions};

use super::cause::Cause;
use super::stat::{Kind, Lock, Shared, Stat};
use super::words;
use crate::error::Error;

/// The system: any path of it can be reached.
pub struct Base;

/// A folder that is open.
pub struct Directory(Dir);

/// A file that is open.
pub struct Handle(File);

impl Base {
    /// A path, from the current folder.
    pub fn locate(path: &str) -> Result<(Self, String), Error> {
        Ok((Self, path.to_string()))
    }

    /// Opens a folder, through links if need be.
    pub fn folder(&self, path: &str) -> Result<Directory, Cause> {
        Ok(Directory(Dir::open_ambient_dir(path, ambient_authority())?))
    }

    /// Makes a folder; a private one is for nobody but its owner.
    pub fn create_folder(&self, path: &str, is_private: bool) -> Result<(), Cause> {
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        if is_private {
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        }
        #[cfg(not(unix))]
        let _ = is_private;
        Ok(builder.create(path)?)
    }

    /// Opens a file to write to it, and no link to one. What it is shows then: a
    /// FIFO must not block.
    pub fn file_in(folder: &str, path: &str) -> Result<Handle, Cause> {
        let mut options = OpenOptions::new();
        options
            .write(true)
            .follow(FollowSymlinks::No)
            .nonblock(true);
        let folder = Dir::open_ambient_dir(folder, ambient_authority())?;
        Ok(Handle(folder.open_with(path, &options)?.into_std()))
    }

    /// Opens a file to read it, also where links in the folder lead. What it is shows
    /// then.
    pub fn file_to_read(folder: &str, path: &str) -> Result<Handle, Cause> {
        let mut options = OpenOptions::new();
        options.read(true).nonblock(true);
        let folder = Dir::open_ambient_dir(folder, ambient_authority())?;
        Ok(Handle(folder.open_with(path, &options)?.into_std()))
    }
}

/// The path of the folder that a path is in.
pub fn above(path: &str) -> Option<&str> {
    match Path::new(path).parent()?.to_str()? {
        "" => (path != ".").then_some("."),
        above => Some(above),
    }
}

impl Directory {
    /// Opens a folder in it, and no link to one.
    pub fn folder(&self, name: &str) -> Result<Self, Cause> {
        Ok(Self(self.0.open_dir_nofollow(name)?))
    }

    /// Opens what a name stands for to be read, and no link. What it is shows
    /// then: it may be a FIFO by now, which must not block.
    pub fn file(&self, name: &str) -> Result<Handle, Cause> {
        let mut options = OpenOptions::new();
        options.read(true).follow(FollowSymlinks::No).nonblock(true);
        Ok(Handle(self.0.open_with(name, &options)?.into_std()))
    }

    /// Makes a file that must not be there yet; a private one is for nobody but
    /// its owner.
    pub fn create_file(&self, name: &str, is_private: bool) -> Result<Handle, Cause> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        if is_private {
            cap_std::fs::OpenOptionsExt::mode(&mut options, 0o600);
        }
        #[cfg(not(unix))]
        let _ = is_private;
        options.follow(FollowSymlinks::No);
        Ok(Handle(self.0.open_with(name, &options)?.into_std()))
    }

    /// Makes a folder in it; a private one is for nobody but its owner.
    pub fn create_folder(&self, name: &str, is_private: bool) -> Result<(), Cause> {
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        if is_private {
            cap_std::fs::DirBuilderExt::mode(&mut builder, 0o700);
        }
        #[cfg(not(unix))]
        let _ = is_private;
        Ok(self.0.create_dir_with(name, &builder)?)
    }

    /// What a name stands for, itself and not what it links to.
    pub fn look(&self, name: &str) -> Result<Stat, Cause> {
        Ok(self.0.symlink_metadata(name)?.into())
    }

    /// What is known of the folder itself.
    pub fn stat(&self) -> Result<Stat, Cause> {
        Ok(self.0.dir_metadata()?.into())
    }

    /// All names in it that are text, in no order.
    pub fn names(&self) -> Result<Vec<String>, Cause> {
        let mut names = Vec::new();
        for entry in self.0.entries()? {
            match entry {
                // A name that is no text is no name of ours.
                Ok(entry) => names.extend(entry.file_name().into_string()),
                // It was removed while the folder was read.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(names)
    }

    /// Renames into a folder of the same file system, in place of what has the new
    /// name there.
    pub fn rename(&self, from: &str, folder: &Self, to: &str) -> Result<(), Cause> {
        Ok(self.0.rename(from, &folder.0, to)?)
    }

    /// Why others than the user who runs this may have permissions of a mask; none
    /// when they have none.
    #[cfg(unix)]
    pub fn shared_because(&self, mask: u32) -> Result<Option<Shared>, Cause> {
        Ok(shared(&self.0.dir_metadata()?, mask))
    }

    /// This system does not tell in a way that is known here.
    #[cfg(not(unix))]
    pub fn shared_because(&self, _mask: u32) -> Result<Option<Shared>, Cause> {
        Ok(None)
    }

    /// Removes a name that is not a folder's.
    pub fn remove(&self, name: &str) -> Result<(), Cause> {
        Ok(self.0.remove_file(name)?)
    }

    /// Waits until its names are on the disk. The handle itself may be one
    /// that only leads to the folder, which cannot be synced.
    #[cfg(unix)]
    pub fn sync(&self) -> Result<(), Cause> {
        Ok(self.0.open(".")?.sync_all()?)
    }

    /// Nothing to wait for: this system keeps its names by itself.
    #[cfg(not(unix))]
    pub fn sync(&self) -> Result<(), Cause> {
        Ok(())
    }
}

impl Handle {
    /// What is known of it.
    pub fn stat(&self) -> Result<Stat, Cause> {
        Ok(Metadata::from_file(&self.0)?.into())
    }

    /// What tells the file from all others that are there, by whatever name; none where
    /// the system does not tell, or not of every write that it changed the file: of those
    /// through a page that is mapped some file systems keep no time.
    #[cfg(target_os = "linux")]
    pub fn identity(&self) -> Result<Option<[u64; 2]>, Cause> {
        use cap_std::fs::MetadataExt as _;
        /// Ext4, XFS and Btrfs (`statfs(2)`).
        const TELL: [u64; 3] = [0xef53, 0x5846_5342, 0x9123_683e];
        let system = rustix::fs::fstatfs(&self.0).map_err(Failure::from)?;
        if !TELL.contains(&(system.f_type as u64)) {
            return Ok(None);
        }
        let metadata = Metadata::from_file(&self.0)?;
        Ok(Some([metadata.dev(), metadata.ino()]))
    }

    /// This system does not tell in a way that is known here.
    #[cfg(not(target_os = "linux"))]
    pub fn identity(&self) -> Result<Option<[u64; 2]>, Cause> {
        Ok(None)
    }

    /// Fills a piece with some bytes from an offset; with none at the end,
    /// and only there.
    pub fn read(&self, offset: u64, length: usize, piece: &mut Vec<u8>) -> Result<(), Cause> {
        piece.resize(length, 0);
        let length = uninterrupted(|| read_at(&self.0, piece, offset))?;
        piece.truncate(length);
        Ok(())
    }

    /// Writes some of the bytes at an offset; says how many.
    pub fn write(&self, bytes: &[u8], offset: u64) -> Result<u64, Cause> {
        Ok(uninterrupted(|| write_at(&self.0, bytes, offset))? as u64)
    }

    /// Waits until its bytes are on the disk.
    pub fn sync(&self) -> Result<(), Cause> {
        Ok(self.0.sync_all()?)
    }

    /// Takes its lock, which dies with the process, unless somebody has it.
    pub fn lock(&self) -> Lock {
        match self.0.try_lock() {
            Ok(()) => Lock::Taken,
            Err(TryLockError::WouldBlock) => Lock::Held,
            Err(TryLockError::Error(_)) => Lock::Untold,
        }
    }

    /// Gives its lock back: on some systems it keeps others from reading.
    pub fn unlock(&self) {
        // It dies with the file, too.
        let _ = self.0.unlock();
    }

    /// Sets the time of its last write to now, if that is permitted.
    pub fn touch(&self) {
        // It says what is to be kept longest, and nothing else.
        let _ = self.0.set_modified(SystemTime::now());
    }

    /// Why others than the user who runs this may have permissions of a mask; none
    /// when they have none.
    #[cfg(unix)]
    pub fn shared_because(&self, mask: u32) -> Result<Option<Shared>, Cause> {
        Ok(shared(&Metadata::from_file(&self.0)?, mask))
    }

    /// This system does not tell in a way that is known here.
    #[cfg(not(unix))]
    pub fn shared_because(&self, _mask: u32) -> Result<Option<Shared>, Cause> {
        Ok(None)
    }
}

#[cfg(unix)]
fn shared(metadata: &Metadata, mask: u32) -> Option<Shared> {
    use cap_std::fs::MetadataExt as _;
    let (owner, user) = (metadata.uid(), rustix::process::geteuid().as_raw());
    let mode = metadata.mode() & 0o7777;
    match () {
        () if owner != user => Some(Shared::Owner { owner, user }),
        () if mode & mask != 0 => Some(Shared::Mode(mode)),
        () => None,
    }
}

/// Fills bytes with what nobody can guess.
pub fn random(bytes: &mut [u8]) -> Result<(), Cause> {
    getrandom::fill(bytes).map_err(|error| Cause::Other(error.to_string().into()))
}

/// By offset, because threads that share a file would share a cursor.
fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> Result<usize, Failure> {
    #[cfg(unix)]
    return FileExt::read_at(file, bytes, offset);
    #[cfg(windows)]
    return FileExt::seek_read(file, bytes, offset);
}

fn write_at(file: &File, bytes: &[u8], offset: u64) -> Result<usize, Failure> {
    #[cfg(unix)]
    return FileExt::write_at(file, bytes, offset);
    #[cfg(windows)]
    return FileExt::seek_write(file, bytes, offset);
}

fn uninterrupted(mut step: impl FnMut() -> Result<usize, Failure>) -> Result<usize, Failure> {
    loop {
        match step() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}

impl From<Metadata> for Stat {
    fn from(metadata: Metadata) -> Self {
        let modified = metadata.modified().ok().and_then(|time| {
            let time = time.into_std().duration_since(UNIX_EPOCH).ok()?;
            Some((time.as_secs(), time.subsec_nanos()))
        });
        #[cfg(unix)]
        let changed = {
            use cap_std::fs::MetadataExt as _;
            let seconds = u64::try_from(metadata.ctime()).ok();
            let nanoseconds = u32::try_from(metadata.ctime_nsec()).ok();
            seconds.zip(nanoseconds)
        };
        #[cfg(not(unix))]
        let changed = None;
        Self {
            kind: kind(metadata.file_type()),
            size: metadata.len(),
            modified,
            changed,
        }
    }
}

fn kind(kind: FileType) -> Kind {
    #[cfg(unix)]
    {
        use cap_std::fs::FileTypeExt as _;
        if kind.is_fifo() {
            return Kind::Fifo;
        }
        if kind.is_socket() {
            return Kind::Socket;
        }
        if kind.is_block_device() || kind.is_char_device() {
            return Kind::Device;
        }
    }
    match () {
        () if kind.is_dir() => Kind::Folder,
        () if kind.is_file() => Kind::File,
        () if kind.is_symlink() => Kind::Link,
        () => Kind::Other,
    }
}

impl From<Failure> for Cause {
    fn from(error: Failure) -> Self {
        Self::Other(Cow::Borrowed(match error.kind() {
            ErrorKind::NotFound => return Self::NoEntry,
            ErrorKind::AlreadyExists => return Self::Exist,
            ErrorKind::PermissionDenied => words::ACCESS,
            ErrorKind::ReadOnlyFilesystem => words::READ_ONLY,
            ErrorKind::IsADirectory => words::IS_FOLDER,
            ErrorKind::NotADirectory => words::NOT_FOLDER,
            ErrorKind::DirectoryNotEmpty => words::NOT_EMPTY,
            ErrorKind::StorageFull => words::NO_SPACE,
            ErrorKind::QuotaExceeded => words::QUOTA,
            ErrorKind::FileTooLarge => words::TOO_LARGE,
            ErrorKind::ResourceBusy => words::BUSY,
            ErrorKind::Unsupported => words::UNSUPPORTED,
            // The system's own word is better than a vague sentence.
            _ => return Self::Other(error.to_string().into()),
        }))
    }
}
