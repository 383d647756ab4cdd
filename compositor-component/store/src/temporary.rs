//! Temporary files: what is being written has a name of its own in a folder for
//! such files, `tmp`, so that its final name always stands for whole bytes.
//!
//! # Names
//!
//! A name is `<time>-<number>`, with `-locked` behind it where the system has
//! locks. It is made exclusively, so two writers never share one. The time is when
//! the folder last changed, by the file system's own clock; the number tells apart
//! what was made between two ticks of it.
//!
//! # Files of killed processes
//!
//! A killed process leaves its temporary files behind; the next that writes
//! collects them before its first file. Where the system has locks, the writer
//! holds the lock of its file, which dies with it: a file of that kind whose lock
//! is free belongs to nobody. In a sandbox there are none, and a file that was
//! not written for an hour is taken to be left behind. That is safe even if its
//! writer is only very slow: its rename then fails, because the name is gone, and
//! it stays gone. A name is not made twice, since removing a file changes the
//! folder, and with it the time in the names that are made from then on.

use std::sync::Arc;

use crate::error::Error;
use crate::errors;
use crate::file::File;
use crate::folder::Folder;
use crate::limits;
use crate::platform::{Kind, Lock};

const LOCKED: &str = "-locked";

/// A temporary file; dropping it removes the file. It stays open for as long as it
/// has its temporary name: whose lock is free belongs to nobody.
pub struct Temporary {
    folder: Arc<Folder>,
    /// None once it is renamed.
    name: Option<String>,
    file: Arc<File>,
}

impl Temporary {
    /// Makes an empty temporary file in a folder for them. A private one is for
    /// nobody but its owner, also under its final name.
    pub fn create(folder: &Arc<Folder>, is_private: bool) -> Result<Self, Error> {
        let (seconds, nanoseconds) = folder.modified()?;
        for number in 0..limits::TEMPORARY_NAMES {
            let name = format!("{seconds:016x}{nanoseconds:08x}-{number}{}", suffix());
            let Some(file) = folder.create(&name, is_private)? else {
                continue;
            };
            let temporary = Self {
                folder: folder.clone(),
                name: Some(name.clone()),
                file: Arc::new(file),
            };
            // Who collects takes the lock first, and then the name away.
            if temporary.file.lock() == Lock::Held || folder.look(&name)?.is_none() {
                continue;
            }
            if folder.swept.set(()).is_ok() {
                // A folder that cannot be listed is no reason not to write.
                let _ = sweep(folder, &name, &temporary.file);
            }
            return Ok(temporary);
        }
        Err(errors::about_path(
            format!(
                "cannot create a temporary file in `{}`: {} names are taken; \
                 remove the files that killed processes left there",
                folder.path(),
                limits::TEMPORARY_NAMES,
            ),
            folder.path(),
        ))
    }

    /// The file.
    pub fn file(&self) -> &Arc<File> {
        &self.file
    }

    /// Gives the file its final name in a folder, in place of what has it: also of
    /// a good blob, which costs less than to check that it is one. Who reads that
    /// one keeps reading it. The caller syncs the folder; the file is for whoever
    /// goes on to read it.
    pub fn rename(mut self, folder: &Folder, name: &str) -> Result<Arc<File>, Error> {
        if let Some(temporary) = &self.name {
            self.folder.rename(temporary, folder, name)?;
            self.name = None;
        }
        self.file.unlock();
        Ok(self.file.clone())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Some(name) = self.name.take() {
            // Nobody is left to be told; a later writer sweeps it.
            let _ = self.folder.remove(&name);
        }
    }
}

/// Writes a small file into a folder, whole and durably, in place of what was there;
/// it is made in a folder for temporary files.
pub fn write(
    folder: &Folder,
    made_in: &Arc<Folder>,
    name: &str,
    bytes: &[u8],
) -> Result<(), Error> {
    let temporary = Temporary::create(made_in, false)?;
    temporary.file().write(bytes, 0)?;
    temporary.file().sync()?;
    temporary.rename(folder, name)?;
    folder.sync()
}

/// What the names of files end with whose writer holds their lock.
fn suffix() -> &'static str {
    match cfg!(target_family = "wasm") {
        true => "",
        false => LOCKED,
    }
}

/// Removes the temporary files that belong to nobody. The file is one that was
/// just made, which tells the time.
fn sweep(folder: &Folder, own: &str, made_now: &File) -> Result<(), Error> {
    let now = made_now.modified()?;
    for name in folder.names()? {
        if name != own && is_temporary(&name) {
            // Another user's files may resist; they are in nobody's way, and no
            // reason not to write, or not to look at the others.
            let _ = collect(folder, &name, now);
        }
    }
    Ok(())
}

/// Removes a temporary file, if it belongs to nobody.
fn collect(folder: &Folder, name: &str, now: Option<u64>) -> Result<(), Error> {
    let Some(stat) = folder.look(name)?.filter(|stat| stat.kind == Kind::File) else {
        return Ok(());
    };
    // Held until the name is gone, so that nobody takes it in between.
    let file = match name.ends_with(LOCKED) {
        true => folder.file(name)?,
        false => None,
    };
    let is_left = match file.as_ref().map(File::lock) {
        Some(Lock::Taken) => true,
        Some(Lock::Held) => false,
        Some(Lock::Untold) | None => match (now, stat.modified) {
            (Some(now), Some((then, _))) => now.saturating_sub(then) > limits::STALE_AFTER,
            _ => false,
        },
    };
    if is_left {
        folder.remove(name)?;
    }
    Ok(())
}

/// Exactly the names that are made here: the folder may have other files in it.
fn is_temporary(name: &str) -> bool {
    let name = name.strip_suffix(LOCKED).unwrap_or(name);
    let Some((time, number)) = name.split_once('-') else {
        return false;
    };
    time.len() == 24
        && time.bytes().all(|digit| digit.is_ascii_hexdigit())
        && number.parse::<u32>().is_ok()
}
