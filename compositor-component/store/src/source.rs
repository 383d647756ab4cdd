//! What files of the user hash to: sources of plans, which each command compares with
//! what was locked.
//!
//! What a large one hashed to is kept as a record of the user's, under all that differs
//! when the file does. The time of its last change is among that, which no program can
//! set; a file that changed just now may do so again within one tick of the clock, so it
//! is hashed each time until that is past.

use crate::digest::Digest;
use crate::error::Error;
use crate::file::{File, Stamp};
use crate::open::Store;
use crate::platform::{self, Hash};
use crate::temporary::Temporary;

/// Bytes that are hashed in less time than it takes to look them up.
const SMALL: u64 = 1 << 20;

/// Seconds that are more than a tick of any file system's clock.
const TICK: u64 = 3;

/// As many bytes as are hashed while a file is opened.
const OPENING: u64 = 64 << 10;

impl Store {
    /// The digests of files of the user, which are put nowhere, in their order. Each is the
    /// name of a folder that the host opened, and a path that leads on from there. A store
    /// that is open remembers what large files hashed to.
    ///
    /// # Errors
    /// Of each: `blob-io-error` when it is no file, or cannot be read.
    pub fn file_digests(
        store: Option<&Self>,
        files: &[(String, String)],
    ) -> Vec<Result<Digest, Error>> {
        let bytes = files.len() as u64 * OPENING;
        let digest = |(folder, path): &(String, String)| Self::file_digest(store, folder, path);
        platform::each(files, bytes, digest)
    }

    fn file_digest(store: Option<&Self>, folder: &str, path: &str) -> Result<Digest, Error> {
        let file = File::of_user(folder, path)?;
        let is_small = file.size()? <= SMALL;
        let stamp = if is_small { None } else { file.stamp()? };
        let Some((store, stamp)) = store.zip(stamp) else {
            return digest(&file);
        };
        let key = key(&stamp);
        // Only a shortcut, also when it is kept.
        let kept = store.get_record(&key).ok().flatten();
        if let Some(kept) = kept.and_then(|kept| Digest::new(&kept).ok()) {
            return Ok(kept);
        }
        // What is mapped is clean then, so that the next write to it changes the time.
        let is_told = store.is_past(&stamp).unwrap_or(false) && file.sync().is_ok();
        let digest = digest(&file)?;
        if is_told && file.stamp()? == Some(stamp) {
            let _ = store.put_record(&key, digest.as_bytes());
        }
        Ok(digest)
    }

    /// Whether a change is so long ago that the next one has another time, by the clock of
    /// a file system.
    fn is_past(&self, stamp: &Stamp) -> Result<bool, Error> {
        let now = Temporary::create(&self.writable(&self.temporary)?, false)?;
        let now = now.file().modified()?;
        Ok(now.is_some_and(|now| now > stamp.changed.0.saturating_add(TICK)))
    }
}

fn digest(file: &File) -> Result<Digest, Error> {
    let mut hash = Hash::default();
    file.each(0, file.size()?, &mut |piece| {
        hash.update(piece);
        Ok(())
    })?;
    Ok(hash.finish())
}

fn key(stamp: &Stamp) -> Digest {
    let Stamp {
        device,
        number,
        size,
        modified,
        changed,
    } = stamp;
    let mut bytes = b"compositor:source:v1".to_vec();
    for word in [device, number, size, &modified.0, &changed.0] {
        bytes.extend(word.to_le_bytes());
    }
    for word in [modified.1, changed.1] {
        bytes.extend(word.to_le_bytes());
    }
    let mut hash = sha2::Sha256::default();
    sha2::Digest::update(&mut hash, &bytes);
    Digest::of(hash)
}
