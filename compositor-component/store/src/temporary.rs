//! Temporary files: what is being written has a name of its own in the folder
//! of its final name, so that the final name always stands for whole bytes.
//!
//! # Names
//!
//! A name is `.tmp-<time>-<number>`, which can be no digest. It is made
//! exclusively, so two writers never share one. The time is when the folder
//! last changed, by the file system's own clock; the number tells apart what
//! was made between two ticks of it.
//!
//! # Files of killed processes
//!
//! A killed process leaves its temporary files behind, and no file tells
//! whether its writer lives. One that was not written for a day is taken to
//! be left behind, and removed before the first write of an instance. That is
//! safe even if its writer is only very slow: its rename then fails, because
//! the name is gone, and it stays gone. A name is not made twice, since
//! removing a file changes the folder, and with it the time in the names that
//! are made from then on. Younger files are left alone: other readers ignore
//! them, and other writers take other names.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::errors::{self, Error};
use crate::file::File;
use crate::folder::Folder;
use crate::limits;
use crate::platform::Kind;

const PREFIX: &str = ".tmp-";

/// The name of a temporary file; dropping it removes the file.
pub struct Temporary {
    folder: Arc<Folder>,
    /// None once it is renamed.
    name: Option<String>,
}

impl Temporary {
    /// Makes an empty temporary file.
    pub fn create(folder: &Arc<Folder>) -> Result<(Self, File), Error> {
        let (seconds, nanoseconds) = folder.modified()?;
        for number in 0..limits::TEMPORARY_NAMES {
            let name = format!("{PREFIX}{seconds:016x}{nanoseconds:08x}-{number}");
            if let Some(file) = folder.create(&name)? {
                let temporary = Self {
                    folder: folder.clone(),
                    name: Some(name),
                };
                if !folder.swept.swap(true, Ordering::Relaxed) {
                    // Another user's files may resist; they are in nobody's
                    // way, and no reason not to write.
                    let _ = sweep(folder, &file);
                }
                return Ok((temporary, file));
            }
        }
        Err(errors::about_path(
            format!(
                "cannot create a temporary file in `{}`: {} names are taken; \
                 remove the files `{PREFIX}*` that killed processes left there",
                folder.path(),
                limits::TEMPORARY_NAMES,
            ),
            folder.path(),
        ))
    }

    /// Gives the file its final name, in place of what has it: also of a good
    /// blob, which costs less than to check that it is one. Who reads that one
    /// keeps reading it. The caller syncs the folder.
    pub fn rename(mut self, name: &str) -> Result<(), Error> {
        if let Some(temporary) = &self.name {
            self.folder.rename(temporary, name)?;
            self.name = None;
        }
        Ok(())
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

/// Removes stale temporary files. The time is that of a file just made.
fn sweep(folder: &Folder, made_now: &File) -> Result<(), Error> {
    let Some(now) = made_now.modified()? else {
        return Ok(());
    };
    for name in folder.names()?.iter().filter(|name| is_temporary(name)) {
        let Some(stat) = folder.look(name)? else {
            continue;
        };
        let stale = stat
            .modified
            .is_some_and(|(seconds, _)| now.saturating_sub(seconds) > limits::STALE_AFTER);
        if stale && stat.kind == Kind::File {
            folder.remove(name)?;
        }
    }
    Ok(())
}

/// Exactly the names that are made here: the store's folder may be a user's
/// own, with other files in it.
fn is_temporary(name: &str) -> bool {
    let Some((time, number)) = name
        .strip_prefix(PREFIX)
        .and_then(|rest| rest.split_once('-'))
    else {
        return false;
    };
    time.len() == 24
        && time.bytes().all(|digit| digit.is_ascii_hexdigit())
        && number.parse::<u32>().is_ok()
}
