//! The user's key, which authenticates what this program writes for itself: 32
//! bytes in the user's state folder, made when they are first needed.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::process::geteuid;
use rustix::rand::{GetRandomFlags, getrandom};

/// The user's key; none where the user has no folders.
///
/// # Errors
/// When the folder or the file is another user's, open to others, or cannot be
/// read or made.
pub fn key() -> io::Result<Option<[u8; 32]>> {
    let Some(folder) = user_folder("XDG_STATE_HOME", ".local/state") else {
        return Ok(None);
    };
    let folder = folder.join("compositor");
    let named = |error: io::Error| {
        let message = format!("`{}`: {error}", folder.display());
        io::Error::new(error.kind(), message)
    };
    key_in(&folder).map(Some).map_err(named)
}

/// A folder of the user's by its variable, or by its place in the home folder.
pub fn user_folder(variable: &str, place: &str) -> Option<PathBuf> {
    let path = |name: &str| {
        let path = std::env::var_os(name).map(PathBuf::from);
        // What is relative is to be ignored.
        path.filter(|path| path.is_absolute())
    };
    path(variable).or_else(|| path("HOME").map(|home| home.join(place)))
}

fn key_in(folder: &Path) -> io::Result<[u8; 32]> {
    let mut builder = DirBuilder::new();
    builder.recursive(true).mode(0o700).create(folder)?;
    let found = fs::symlink_metadata(folder)?;
    if !found.is_dir() || found.uid() != geteuid().as_raw() || found.mode() & 0o022 != 0 {
        return Err(io::Error::other(
            "the folder has to be yours, and writable for nobody else: remove it, or `chmod 700` it",
        ));
    }
    let path = folder.join("key");
    if fs::symlink_metadata(&path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
        make(folder, &path)?;
    }
    read(&path)
}

fn read(path: &Path) -> io::Result<[u8; 32]> {
    let wrong = || {
        let message = "`key` has to be a file of 32 bytes that is yours and that nobody else can \
                       read: remove it, and another is made";
        io::Error::other(message)
    };
    if !fs::symlink_metadata(path)?.is_file() {
        return Err(wrong());
    }
    let file = File::open(path)?;
    let found = file.metadata()?;
    let mut key = Vec::new();
    file.take(33).read_to_end(&mut key)?;
    let is_private = found.uid() == geteuid().as_raw() && found.mode() & 0o077 == 0;
    match <[u8; 32]>::try_from(key) {
        Ok(key) if is_private => Ok(key),
        _ => Err(wrong()),
    }
}

/// Makes the file appear whole; one that another process made first is as good.
fn make(folder: &Path, path: &Path) -> io::Result<()> {
    let new = folder.join(format!(".key-{}", std::process::id()));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    // Of a process of this number that was ended.
    let _ = fs::remove_file(&new);
    let made = || {
        let mut key = [0; 32];
        // So few bytes come at once.
        getrandom(&mut key, GetRandomFlags::empty())?;
        let mut file = options.open(&new)?;
        file.write_all(&key)?;
        file.sync_all()?;
        match fs::hard_link(&new, path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            linked => linked,
        }
    };
    let made = made();
    let _ = fs::remove_file(&new);
    made
}
