//! Folders that no guest is lent: the store, the user's state, and the cache of
//! compiled code. What a guest writes there, or instead of them, must not decide
//! what runs next.

use std::collections::HashSet;
use std::ffi::OsString;
#[cfg(unix)]
use std::os::fd::AsRawFd as _;
use std::path::{Component, Path, PathBuf};
use std::{fs, io};

use crate::bindings::sys::compose::runner::Folder;
use crate::error::{Error, ErrorCode, error};

/// Links on the way to a folder, more than systems follow.
const LINKS: usize = 64;

/// A folder that is closed to guests, and what it is.
pub struct Closed {
    /// For people.
    pub what: &'static str,
    /// Its path; it need not be there yet.
    pub path: PathBuf,
}

/// Opens the folders that a guest is to be lent. What cannot be opened is an error only
/// where it is lent.
///
/// # Errors
/// When one that was opened is, is in, or holds a folder that is closed.
pub fn lend(closed: &[Closed], folders: &[Folder]) -> Result<Vec<io::Result<Lent>>, Error> {
    let lent: Vec<io::Result<Lent>> = folders.iter().map(Lent::open).collect();
    for (folder, lent) in folders.iter().zip(&lent) {
        if let Ok(lent) = lent {
            check(closed, folder, lent)?;
        }
    }
    Ok(lent)
}

/// Refuses a folder that is, is in, or holds one that is closed: the one that is open,
/// whatever its path leads to by now.
fn check(closed: &[Closed], folder: &Folder, lent: &Lent) -> Result<(), Error> {
    let above = lent.and_above();
    let Some(own) = above.first() else {
        return Ok(());
    };
    for Closed { what, path } in closed {
        let is_in = id(path).is_some_and(|id| above.contains(&id));
        if is_in || way_to(path).contains(own) {
            return Err(refused(&folder.host, what, path));
        }
    }
    Ok(())
}

/// A folder that guests are lent, opened once: its path leads elsewhere as soon as
/// a guest puts a link in the place of a folder on the way.
pub struct Lent {
    #[cfg(unix)]
    folder: fs::File,
    #[cfg(not(unix))]
    path: PathBuf,
}

impl Lent {
    /// Opens one.
    ///
    /// # Errors
    /// When it cannot be opened; a folder that is not lent to any guest need not be.
    pub fn open(folder: &Folder) -> io::Result<Self> {
        #[cfg(unix)]
        let lent = {
            use std::os::unix::fs::OpenOptionsExt as _;
            // What is no folder, such as a pipe that nobody writes to, is not waited for.
            let is_folder = rustix::fs::OFlags::DIRECTORY.bits() as i32;
            let mut options = fs::OpenOptions::new();
            let options = options.read(true).custom_flags(is_folder);
            Self {
                folder: options.open(&folder.host)?,
            }
        };
        #[cfg(not(unix))]
        let lent = Self {
            path: PathBuf::from(&folder.host),
        };
        Ok(lent)
    }

    /// A path that leads to it for as long as this lives.
    pub fn path(&self) -> PathBuf {
        #[cfg(unix)]
        let path = PathBuf::from(format!("/dev/fd/{}", self.folder.as_raw_fd()));
        #[cfg(not(unix))]
        let path = self.path.clone();
        path
    }
}

impl Lent {
    /// What it is, and the folders that it is in, the nearest first.
    #[cfg(unix)]
    fn and_above(&self) -> Vec<Id> {
        use rustix::fs::{AtFlags, statat};
        let mut above: Vec<Id> = Vec::new();
        let mut path = PathBuf::from(".");
        while let Ok(found) = statat(&self.folder, &path, AtFlags::empty()) {
            // The root is in itself.
            #[allow(clippy::unnecessary_cast, reason = "systems have other numbers")]
            let id = (found.st_dev as u64, found.st_ino as u64);
            if above.contains(&id) {
                break;
            }
            above.push(id);
            path.push("..");
        }
        above
    }

    /// What it is, and the folders that it is in, the nearest first.
    #[cfg(not(unix))]
    fn and_above(&self) -> Vec<Id> {
        let path = fs::canonicalize(&self.path);
        path.map_or_else(
            |_| Vec::new(),
            |path| path.ancestors().filter_map(id).collect(),
        )
    }
}

fn refused(folder: &str, what: &str, path: &Path) -> Error {
    let message = format!(
        "the folder `{folder}` cannot be lent to a guest: it is, is in, or holds the {what} `{}`, \
         which decides what runs: lend another folder, such as one beside it, or name another \
         {what}",
        path.display()
    );
    Error {
        context: Some(folder.to_string()),
        ..error(ErrorCode::InvalidInput, message)
    }
}

/// Every folder that is looked into on the way to a path, through links; whoever
/// writes to one of them says what the path is. Where there is nothing, whoever
/// makes it does.
fn way_to(path: &Path) -> HashSet<Id> {
    let mut seen = HashSet::new();
    let Ok(path) = std::path::absolute(path) else {
        return seen;
    };
    let mut at = PathBuf::new();
    let mut rest = names(&path);
    let mut links = 0;
    while let Some(name) = rest.pop() {
        if name == ".." {
            at.pop();
            continue;
        }
        at.push(&name);
        match fs::read_link(&at) {
            Ok(target) if links < LINKS => {
                links += 1;
                at.pop();
                rest.extend(names(&target));
            }
            _ => seen.extend(id(&at)),
        }
    }
    seen
}

/// The names of a path, the last one first; the root of an absolute one is a name.
fn names(path: &Path) -> Vec<OsString> {
    let names = path.components().rev();
    let names = names.filter(|name| *name != Component::CurDir);
    names.map(|name| name.as_os_str().to_os_string()).collect()
}

/// What a folder is, under whatever name.
#[cfg(unix)]
type Id = (u64, u64);

/// What a folder is, under whatever name.
#[cfg(not(unix))]
type Id = PathBuf;

#[cfg(unix)]
fn id(path: &Path) -> Option<Id> {
    use std::os::unix::fs::MetadataExt as _;
    let found = fs::metadata(path).ok()?;
    Some((found.dev(), found.ino()))
}

#[cfg(not(unix))]
fn id(path: &Path) -> Option<Id> {
    fs::canonicalize(path).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(path: &Path) -> Folder {
        let host = path.to_str().expect("a text").to_string();
        Folder {
            guest: host.clone(),
            host,
            read_only: true,
        }
    }

    /// A guest with a folder above may put a link in the place of one below.
    #[cfg(unix)]
    #[test]
    fn what_is_lent_stays_what_it_was() {
        use std::os::unix::fs::symlink;
        let base = std::env::temp_dir().join(format!("composectl-lent-{}", std::process::id()));
        let _ = fs::remove_dir_all(&base);
        for made in ["work/data", "secret"] {
            fs::create_dir_all(base.join(made)).expect("a folder");
        }
        fs::write(base.join("work/data/ours"), "").expect("a file");
        let lent = Lent::open(&folder(&base.join("work/data"))).expect("it is there");
        fs::rename(base.join("work/data"), base.join("work/moved")).expect("it moves");
        symlink(base.join("secret"), base.join("work/data")).expect("a link");
        // Also where what took its place may be lent, and what was opened may not.
        let closed = [Closed {
            what: "state",
            path: base.join("work/moved"),
        }];
        let opened = folder(&base.join("work/data"));
        assert!(check(&closed, &opened, &lent).is_err());
        assert!(lend(&closed, &[opened]).is_ok());
        let mut names = fs::read_dir(lent.path()).expect("it is there");
        let name = names
            .next()
            .map(|entry| entry.expect("an entry").file_name());
        assert_eq!(name, Some("ours".into()));
        // A pipe is refused, and not waited for.
        let pipe = base.join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.expect("it runs").success());
        for other in [pipe, base.join("absent")] {
            assert!(Lent::open(&folder(&other)).is_err(), "{other:?}");
        }
        fs::remove_dir_all(&base).expect("it goes");
    }

    #[cfg(unix)]
    #[test]
    fn over_in_and_under_a_closed_folder_by_any_name() {
        use std::os::unix::fs::symlink;
        let base = std::env::temp_dir().join(format!("composectl-closed-{}", std::process::id()));
        let _ = fs::remove_dir_all(&base);
        for made in ["home/real/state/trust", "home/beside", "data", "work"] {
            fs::create_dir_all(base.join(made)).expect("a folder");
        }
        symlink("real", base.join("home/link")).expect("a link");
        symlink(base.join("home"), base.join("work/home")).expect("a link");
        let refuses = |closed: &str, lent: &str| {
            let path = base.join(closed);
            let closed = [Closed {
                what: "state",
                path,
            }];
            lend(&closed, &[folder(&base.join(lent))]).is_err()
        };
        for lent in [
            "home/real/state",
            "home/link/state",
            "work/home/real/state",
            "home/real/state/trust",
            "home/link/state/trust",
            "home/real",
            "home",
            "home/beside/../real/state/../state",
            "",
        ] {
            assert!(refuses("home/real/state", lent), "{lent}");
            assert!(refuses("home/link/state", lent), "{lent} by a link");
        }
        // What holds the link says where it leads.
        assert!(refuses("work/home/real/state", "work"));
        // What is not there yet is whoever's who makes it.
        assert!(refuses("data/new/state", "data"));
        assert!(refuses("data/../data/new/state", "data"));
        for lent in ["home/beside", "data", "work"] {
            assert!(!refuses("home/real/state", lent), "{lent}");
        }
        assert!(!refuses("home/real/state", "absent"));
        fs::remove_dir_all(&base).expect("it goes");
    }
}
