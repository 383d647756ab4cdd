//! The store, what it should hold, and how the one is held to the other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arbitrary::{Result, Unstructured};
use compositor_store::{Digest, Error, ErrorCode, Store, Writer};

use super::folder::Folder;

/// What a file of a blob holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// Its bytes.
    Good,
    /// Others; so many.
    Bad(u64),
    /// Nothing: it was removed.
    Absent,
}

/// The store, and what it should hold.
pub struct State {
    /// Where it is.
    pub folder: Folder,
    /// The store.
    pub store: Arc<Store>,
    /// Every blob that there ever was, in the order of its first mention.
    pub blobs: Vec<(Digest, Vec<u8>)>,
    /// What each file holds.
    pub stored: BTreeMap<Digest, Stored>,
    /// What is trusted.
    pub trusted: BTreeSet<Digest>,
    /// What is recorded under keys.
    pub keys: BTreeMap<Digest, Digest>,
    /// The writer that is open.
    pub writer: Option<Pending>,
    damages: u64,
}

/// A writer, what it has to hold, and the error that ended it.
pub struct Pending {
    writer: Writer,
    /// What was written.
    pub bytes: Vec<u8>,
    failed: Option<ErrorCode>,
}

/// How a file gets other bytes behind the store's back.
#[derive(Clone, Copy, PartialEq)]
pub enum Damage {
    /// In place, as many.
    Overwrite,
    /// In place, more.
    Resize,
    /// A new file of that name.
    Replace,
}

impl State {
    /// A new store, with one blob to speak of that is not there.
    pub fn new() -> Self {
        let folder = Folder::new();
        let store = open(&folder);
        Self {
            folder,
            store,
            // So that there is always one to speak of; it is not there.
            blobs: vec![(digest(b"absent"), b"absent".to_vec())],
            stored: BTreeMap::new(),
            trusted: BTreeSet::new(),
            keys: BTreeMap::new(),
            writer: None,
            damages: 0,
        }
    }

    /// The index of a blob that the bytes choose.
    pub fn blob(&self, input: &mut Unstructured<'_>) -> Result<usize> {
        input.choose_index(self.blobs.len())
    }

    /// What the file of a blob holds.
    pub fn stored(&self, blob: usize) -> Stored {
        let digest = &self.blobs[blob].0;
        self.stored.get(digest).copied().unwrap_or(Stored::Absent)
    }

    /// The writer that is open.
    pub fn pending(&mut self) -> &mut Pending {
        let store = &self.store;
        self.writer.get_or_insert_with(|| Pending {
            writer: store.create(false).expect("a writer"),
            bytes: Vec::new(),
            failed: None,
        })
    }

    /// Writes bytes.
    pub fn write(&mut self, bytes: &[u8]) {
        let pending = self.pending();
        let written = pending.writer.write(bytes);
        assert_eq!(written.err().map(|error| error.code), pending.failed);
        if pending.failed.is_none() {
            pending.bytes.extend_from_slice(bytes);
        }
    }

    /// Splices a part of a blob.
    pub fn splice(&mut self, blob: usize, offset: u64, length: u64) {
        let stored = self.stored(blob);
        let (digest, content) = self.blobs[blob].clone();
        let pending = self.pending();
        let spliced = pending.writer.splice(&digest, offset, length);
        let code = spliced.as_ref().err().map(|error| error.code);
        if let Some(failed) = pending.failed {
            assert_eq!(code, Some(failed), "{spliced:?}");
            return;
        }
        pending.failed = code;
        let inside = offset.checked_add(length);
        let inside = inside.is_some_and(|end| end <= content.len() as u64);
        match code {
            None => {
                // An open file of good bytes stays good when another takes its name.
                assert!(inside && stored != Stored::Absent);
                let part = part(&content, offset, length);
                pending.bytes.extend_from_slice(part);
            }
            Some(ErrorCode::BlobNotFound) => assert_eq!(stored, Stored::Absent),
            Some(ErrorCode::BlobDigestMismatch) => assert!(matches!(stored, Stored::Bad(_))),
            Some(ErrorCode::InvalidInput) => assert!(!inside && stored != Stored::Absent),
            Some(_) => panic!("{spliced:?}"),
        }
    }

    /// Closes the writer.
    pub fn finish(&mut self) {
        self.pending();
        let Some(pending) = self.writer.take() else {
            return;
        };
        match pending.writer.finish() {
            Ok(finished) => {
                assert_eq!(pending.failed, None);
                assert!(finished == digest(&pending.bytes));
                self.stored.insert(finished, Stored::Good);
                if !self.blobs.iter().any(|(digest, _)| *digest == finished) {
                    self.blobs.push((finished, pending.bytes));
                }
            }
            Err(error) => assert_eq!(Some(error.code), pending.failed),
        }
    }

    /// Holds an answer to what it may be: never other bytes.
    pub fn answers(&self, blob: usize, answer: std::result::Result<Vec<u8>, Error>, good: &[u8]) {
        let stored = self.stored(blob);
        match answer {
            Ok(bytes) => {
                assert!(bytes == good, "other bytes");
                assert!(stored != Stored::Absent);
            }
            Err(error) => match error.code {
                ErrorCode::BlobNotFound => assert_eq!(stored, Stored::Absent),
                ErrorCode::BlobDigestMismatch => assert!(matches!(stored, Stored::Bad(_))),
                _ => panic!("{error:?}"),
            },
        }
    }

    /// Holds the verdict on a blob to what its file holds.
    pub fn verify(&self, blob: usize) {
        let verified = self.store.verify(&[self.blobs[blob].0]).remove(0);
        let expected = match self.stored(blob) {
            Stored::Good => None,
            Stored::Bad(_) => Some(ErrorCode::BlobDigestMismatch),
            Stored::Absent => Some(ErrorCode::BlobNotFound),
        };
        assert_eq!(verified.err().map(|error| error.code), expected);
    }

    /// Changes a blob's file.
    pub fn damage(&mut self, blob: usize, how: Damage) {
        let (digest, good) = &self.blobs[blob];
        if self.stored(blob) == Stored::Absent || (how == Damage::Overwrite && good.is_empty()) {
            return;
        }
        let path = self.folder.blob(digest);
        self.damages += 1;
        let mut bytes = good.clone();
        match how {
            Damage::Overwrite => bytes[0] ^= 1,
            Damage::Resize | Damage::Replace => bytes.extend_from_slice(&[0; 3]),
        }
        if how == Damage::Replace {
            fs::remove_file(&path).expect("it was there");
        }
        fs::write(&path, &bytes).expect("a file of ours");
        // A clock's tick may be longer than what comes between two operations.
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(self.damages);
        let file = fs::File::options().write(true).open(&path);
        file.and_then(|file| file.set_modified(time))
            .expect("a file of ours");
        let state = Stored::Bad(bytes.len() as u64);
        self.stored.insert(*digest, state);
    }

    /// Everything that can be asked without changing anything.
    pub fn hold(&self) {
        let listed = self.store.list().expect("it is listed");
        let listed = listed.iter().map(|entry| (entry.digest, entry.size));
        let listed: BTreeMap<Digest, Option<u64>> = listed.collect();
        let mut expected = BTreeMap::new();
        for (blob, (digest, bytes)) in self.blobs.iter().enumerate() {
            let size = match self.stored(blob) {
                Stored::Good => Some(bytes.len() as u64),
                Stored::Bad(size) => Some(size),
                Stored::Absent => None,
            };
            assert_eq!(self.store.stat(digest).expect("its size"), size);
            expected.extend(size.map(|size| (*digest, Some(size))));
            let trusted = self.store.verify_trust(digest).is_ok();
            assert_eq!(trusted, self.trusted.contains(digest));
            let key = self.store.find_key(digest).expect("a key or none");
            assert!(key == self.keys.get(digest).copied());
            self.answers(blob, self.store.bytes(digest), bytes);
            self.verify(blob);
        }
        assert_eq!(listed, expected);
        let trusted = self.store.trusted().expect("they are listed");
        assert!(trusted.iter().eq(&self.trusted));
        let blobs = fs::read_dir(self.folder.0.join("blobs/sha256"));
        let files = blobs.expect("the blobs").count();
        assert_eq!(files, expected.len(), "nothing else is there");
        let made = fs::read_dir(self.folder.0.join("tmp"));
        let made = made.expect("the temporary files").count();
        let pending = usize::from(self.writer.is_some());
        assert_eq!(made, pending, "nothing is left behind");
    }
}

/// The store in a folder.
pub fn open(folder: &Folder) -> Arc<Store> {
    let path = folder.0.to_str().expect("a text");
    let state = folder.0.join("state");
    let state = state.to_str().expect("a text");
    Arc::new(Store::open(path, Some(state), true).expect("a store"))
}

/// What a range holds, as far as there are bytes.
pub fn part(bytes: &[u8], offset: u64, length: u64) -> &[u8] {
    let end = offset.saturating_add(length).min(bytes.len() as u64);
    &bytes[offset.min(end) as usize..end as usize]
}

fn digest(bytes: &[u8]) -> Digest {
    let hex = compositor_core::Digest::of(bytes).hex();
    Digest::from_hex(&hex).expect("it is one")
}
