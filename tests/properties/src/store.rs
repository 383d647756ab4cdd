//! The store on the system's files against a model: whatever is put, spliced,
//! removed, trusted and damaged, in any order.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use arbitrary::{Arbitrary, Result, Unstructured};
use compositor_store::{Digest, Error, ErrorCode, Store, Writer};

/// A sequence of operations, decided by the bytes.
pub fn store(bytes: &[u8]) {
    let mut state = State::new();
    let mut unstructured = Unstructured::new(bytes);
    while !unstructured.is_empty() && state.blobs.len() < MOST {
        // Only running out of bytes ends it early.
        if step(&mut state, &mut unstructured).is_err() {
            break;
        }
    }
    state.hold();
}

/// Blobs of one sequence: what is found is found with few.
const MOST: usize = 40;

/// Bytes of a blob that are enough.
const LARGEST: usize = 4 << 20;

/// What a file of a blob holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stored {
    /// Its bytes.
    Good,
    /// Others; so many.
    Bad(u64),
    /// Nothing: it was removed.
    Absent,
}

/// The store, and what it should hold.
struct State {
    folder: Folder,
    store: Arc<Store>,
    /// Every blob that there ever was, in the order of its first mention.
    blobs: Vec<(Digest, Vec<u8>)>,
    stored: BTreeMap<Digest, Stored>,
    trusted: BTreeSet<Digest>,
    keys: BTreeMap<Digest, Digest>,
    writer: Option<Pending>,
    damages: u64,
}

/// A writer, what it has to hold, and the error that ended it.
struct Pending {
    writer: Writer,
    bytes: Vec<u8>,
    failed: Option<ErrorCode>,
}

/// A folder in memory, which is removed in the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let memory = PathBuf::from("/dev/shm");
        let base = match memory.is_dir() {
            true => memory,
            false => std::env::temp_dir(),
        };
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Self(base.join(format!("compositor-store-{}-{number}", std::process::id())))
    }

    fn blob(&self, digest: &Digest) -> PathBuf {
        self.0.join("blobs/sha256").join(digest.hex())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left behind is in the way of nobody.
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[derive(Arbitrary)]
enum Operation {
    Write,
    Splice,
    Finish,
    Abandon,
    Read,
    Bytes,
    Verify,
    Remove,
    Trust,
    Distrust,
    Record,
    Overwrite,
    Resize,
    Replace,
    Reopen,
    Hold,
}

fn step(state: &mut State, input: &mut Unstructured<'_>) -> Result<()> {
    match input.arbitrary()? {
        Operation::Write => {
            let bytes = content(input)?;
            state.write(&bytes);
        }
        Operation::Splice => {
            let (blob, offset, length) = (state.blob(input)?, range(input)?, range(input)?);
            match state.pending().bytes.len() < LARGEST {
                true => state.splice(blob, offset, length),
                false => state.finish(),
            }
        }
        Operation::Finish => state.finish(),
        Operation::Abandon => state.writer = None,
        Operation::Read => {
            let (blob, offset, length) = (state.blob(input)?, range(input)?, range(input)?);
            let (digest, bytes) = &state.blobs[blob];
            let read = state.store.read(digest, offset, length);
            state.answers(blob, read, part(bytes, offset, length));
        }
        Operation::Bytes => {
            let blob = state.blob(input)?;
            let (digest, bytes) = &state.blobs[blob];
            state.answers(blob, state.store.bytes(digest), bytes);
        }
        Operation::Verify => {
            let blob = state.blob(input)?;
            state.verify(blob);
        }
        Operation::Remove => {
            let blob = state.blob(input)?;
            let digest = state.blobs[blob].0;
            let was_there = state.stored(blob) != Stored::Absent;
            assert_eq!(removed(state.store.remove(&digest)), was_there);
            state.stored.insert(digest, Stored::Absent);
        }
        Operation::Trust => {
            let blob = state.blob(input)?;
            let digest = state.blobs[blob].0;
            state.store.trust(&[digest]).expect("it is trusted");
            state.trusted.insert(digest);
        }
        Operation::Distrust => {
            let blob = state.blob(input)?;
            let digest = state.blobs[blob].0;
            let removed = state.store.distrust(&[digest]).expect("it is removed");
            assert_eq!(removed.len() == 1, state.trusted.remove(&digest));
        }
        Operation::Record => {
            let (key, blob) = (state.blob(input)?, state.blob(input)?);
            let (key, digest) = (state.blobs[key].0, state.blobs[blob].0);
            state.store.record_key(&key, &digest).expect("recorded");
            state.keys.insert(key, digest);
        }
        Operation::Overwrite => {
            let blob = state.blob(input)?;
            state.damage(blob, Damage::Overwrite);
        }
        Operation::Resize => {
            let blob = state.blob(input)?;
            state.damage(blob, Damage::Resize);
        }
        Operation::Replace => {
            let blob = state.blob(input)?;
            state.damage(blob, Damage::Replace);
        }
        Operation::Reopen => {
            state.writer = None;
            state.store = open(&state.folder);
        }
        Operation::Hold => state.hold(),
    }
    Ok(())
}

/// How a file gets other bytes behind the store's back.
#[derive(Clone, Copy, PartialEq)]
enum Damage {
    /// In place, as many.
    Overwrite,
    /// In place, more.
    Resize,
    /// A new file of that name.
    Replace,
}

impl State {
    fn new() -> Self {
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

    fn blob(&self, input: &mut Unstructured<'_>) -> Result<usize> {
        input.choose_index(self.blobs.len())
    }

    fn stored(&self, blob: usize) -> Stored {
        let digest = &self.blobs[blob].0;
        self.stored.get(digest).copied().unwrap_or(Stored::Absent)
    }

    fn pending(&mut self) -> &mut Pending {
        let store = &self.store;
        self.writer.get_or_insert_with(|| Pending {
            writer: store.create(false).expect("a writer"),
            bytes: Vec::new(),
            failed: None,
        })
    }

    fn write(&mut self, bytes: &[u8]) {
        let pending = self.pending();
        let written = pending.writer.write(bytes);
        assert_eq!(written.err().map(|error| error.code), pending.failed);
        if pending.failed.is_none() {
            pending.bytes.extend_from_slice(bytes);
        }
    }

    fn splice(&mut self, blob: usize, offset: u64, length: u64) {
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

    fn finish(&mut self) {
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
    fn answers(&self, blob: usize, answer: std::result::Result<Vec<u8>, Error>, good: &[u8]) {
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

    fn verify(&self, blob: usize) {
        let verified = self.store.verify(&self.blobs[blob].0);
        let expected = match self.stored(blob) {
            Stored::Good => None,
            Stored::Bad(_) => Some(ErrorCode::BlobDigestMismatch),
            Stored::Absent => Some(ErrorCode::BlobNotFound),
        };
        assert_eq!(verified.err().map(|error| error.code), expected);
    }

    fn damage(&mut self, blob: usize, how: Damage) {
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
    fn hold(&self) {
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
        let pending = usize::from(self.writer.is_some());
        assert_eq!(files, expected.len() + pending, "nothing is left behind");
    }
}

fn open(folder: &Folder) -> Arc<Store> {
    let path = folder.0.to_str().expect("a text");
    Arc::new(Store::open(path, true).expect("a store"))
}

fn removed(answer: std::result::Result<bool, Error>) -> bool {
    answer.expect("it can be removed")
}

/// A range's ends, mostly small.
fn range(input: &mut Unstructured<'_>) -> Result<u64> {
    match input.arbitrary::<u8>()? {
        255 => input.arbitrary(),
        254 => Ok(u64::MAX),
        small => Ok(small.into()),
    }
}

/// Bytes, at times more than the store's buffers hold.
fn content(input: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let length = match input.arbitrary::<u8>()? {
        255 => (1 << 20) + usize::from(input.arbitrary::<u8>()?),
        small => small.into(),
    };
    let byte = input.arbitrary()?;
    Ok(vec![byte; length])
}

fn part(bytes: &[u8], offset: u64, length: u64) -> &[u8] {
    let end = offset.saturating_add(length).min(bytes.len() as u64);
    &bytes[offset.min(end) as usize..end as usize]
}

fn digest(bytes: &[u8]) -> Digest {
    let hex = compositor_core::Digest::of(bytes).hex();
    Digest::from_hex(&hex).expect("it is one")
}
