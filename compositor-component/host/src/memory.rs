//! A host in memory: for tests, benches and embedders that keep no files.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use compositor_validator::Validated;

use crate::host::{
    Blobs, Configuration, Events, Host, Output, Program, Route, Runner, Segment, Server, Trust,
    Unserved, Writer,
};
use compositor_diagnostic::limits::Limits;
use compositor_diagnostic::{Code, Digest, Error};

/// Blobs, cache keys, records, trust and events in memory; it runs nothing.
#[derive(Default)]
pub struct MemoryStore {
    blobs: RefCell<BTreeMap<Digest, Vec<u8>>>,
    keys: RefCell<BTreeMap<Digest, Digest>>,
    records: RefCell<BTreeMap<Digest, Vec<u8>>>,
    trusted: RefCell<BTreeSet<Digest>>,
    events: RefCell<Vec<String>>,
    /// Blobs that were hashed since their bytes last changed.
    hashed: RefCell<BTreeSet<Digest>>,
    limits: Limits,
}

impl MemoryStore {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same, with limits other than the defaults.
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Puts a blob.
    pub fn put(&self, bytes: Vec<u8>) -> Digest {
        let digest = Digest::of(&bytes);
        self.blobs.borrow_mut().insert(digest, bytes);
        digest
    }

    /// A blob's bytes.
    pub fn get(&self, digest: &Digest) -> Option<Vec<u8>> {
        self.blobs.borrow().get(digest).cloned()
    }

    /// Removes a blob; says whether it was there.
    pub fn remove(&self, digest: &Digest) -> bool {
        self.blobs.borrow_mut().remove(digest).is_some()
    }

    /// Replaces a blob's bytes with others, as a damaged disk would.
    pub fn damage(&self, digest: &Digest, bytes: Vec<u8>) {
        self.blobs.borrow_mut().insert(*digest, bytes);
        self.hashed.borrow_mut().remove(digest);
    }

    /// Trusts a digest.
    pub fn trust(&self, digest: Digest) {
        self.trusted.borrow_mut().insert(digest);
    }

    /// The events so far: kind and fields in one line each.
    pub fn events(&self) -> Vec<String> {
        self.events.borrow().clone()
    }

    /// As a host.
    pub fn host(&self) -> Host<'_> {
        Host {
            blobs: self,
            trust: self,
            events: self,
            runner: self,
            limits: &self.limits,
        }
    }

    /// Uses a blob whose bytes are those of its digest.
    fn with<T>(&self, digest: &Digest, read: impl FnOnce(&[u8]) -> T) -> Result<T, Error> {
        let blobs = self.blobs.borrow();
        let error = |code, message: &str| Error {
            code,
            message: message.into(),
            context: Some(digest.to_string()),
        };
        let bytes = blobs
            .get(digest)
            .ok_or_else(|| error(Code::BlobNotFound, "the store has no such blob"))?;
        if !self.hashed.borrow().contains(digest) {
            if Digest::of(bytes) != *digest {
                let message = "the stored bytes are not those of the digest";
                return Err(error(Code::BlobDigestMismatch, message));
            }
            self.hashed.borrow_mut().insert(*digest);
        }
        Ok(read(bytes))
    }
}

/// The bytes of a range, as far as they are there.
fn range(bytes: &[u8], offset: u64, length: u64) -> Vec<u8> {
    let end = offset.saturating_add(length).min(bytes.len() as u64);
    let start = offset.min(end);
    bytes[start as usize..end as usize].to_vec()
}

impl Blobs for MemoryStore {
    fn stat(&self, digest: &Digest) -> Result<Option<u64>, Error> {
        Ok(self
            .blobs
            .borrow()
            .get(digest)
            .map(|bytes| bytes.len() as u64))
    }

    fn read(&self, digest: &Digest, offset: u64, length: u64) -> Result<Vec<u8>, Error> {
        self.with(digest, |bytes| range(bytes, offset, length))
    }

    fn validate_modules(&self, digest: &Digest, ranges: &[(u64, u64)]) -> Result<Validated, Error> {
        let read = |offset, length| self.read(digest, offset, length);
        compositor_validator::modules(read, ranges)
    }

    fn verify(&self, digests: &[Digest]) -> Vec<Result<(), Error>> {
        let digests = digests.iter();
        digests.map(|digest| self.with(digest, |_| ())).collect()
    }

    fn derive(&self) -> Result<Box<dyn Writer + '_>, Error> {
        let bytes = Vec::new();
        Ok(Box::new(MemoryWriter { store: self, bytes }))
    }

    fn holds(&self, blob: &Digest, segments: &[Segment]) -> Result<bool, Error> {
        let held = self.with(blob, |bytes| {
            let mut rest = bytes;
            let all = segments.iter().all(|segment| {
                let size = match segment {
                    Segment::Bytes(bytes) => bytes.len() as u64,
                    Segment::Blob(_, size) => *size,
                };
                let size = usize::try_from(size).unwrap_or(usize::MAX);
                let Some((now, later)) = rest.split_at_checked(size) else {
                    return false;
                };
                rest = later;
                match segment {
                    Segment::Bytes(bytes) => now == bytes,
                    Segment::Blob(digest, _) => Digest::of(now) == *digest,
                }
            });
            all && rest.is_empty()
        });
        // One that is not there, or is damaged, is not what it should be.
        Ok(held.unwrap_or(false))
    }

    fn get_record(&self, key: &Digest) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.records.borrow().get(key).cloned())
    }

    fn put_record(&self, key: &Digest, value: &[u8]) -> Result<(), Error> {
        self.records.borrow_mut().insert(*key, value.to_vec());
        Ok(())
    }

    fn find_key(&self, key: &Digest) -> Result<Option<Digest>, Error> {
        Ok(self.keys.borrow().get(key).copied())
    }

    fn record_key(&self, key: &Digest, blob: &Digest) -> Result<(), Error> {
        self.keys.borrow_mut().insert(*key, *blob);
        Ok(())
    }
}

struct MemoryWriter<'a> {
    store: &'a MemoryStore,
    bytes: Vec<u8>,
}

impl Writer for MemoryWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    fn splice(&mut self, digest: &Digest, offset: u64, length: u64) -> Result<(), Error> {
        let bytes = self
            .store
            .with(digest, |bytes| range(bytes, offset, length))?;
        self.bytes.extend(bytes);
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Digest, Error> {
        Ok(self.store.put(self.bytes))
    }
}

impl Trust for MemoryStore {
    fn verify(&self, digest: &Digest) -> Result<(), Error> {
        if self.trusted.borrow().contains(digest) {
            return Ok(());
        }
        Err(Error {
            code: Code::TrustUntrustedSource,
            message: "nothing vouches for the digest".into(),
            context: Some(digest.to_string()),
        })
    }
}

impl Events for MemoryStore {
    fn emit(&self, kind: &str, fields: &[(&str, String)]) {
        let fields: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        self.events
            .borrow_mut()
            .push(format!("{kind} {}", fields.join(" ")));
    }
}

impl Runner for MemoryStore {
    fn fingerprint(&self) -> String {
        "memory".into()
    }

    fn run(&self, root: &Program, _: &Configuration) -> Result<(u32, Output), Error> {
        Err(no_runner(root))
    }

    fn invoke(
        &self,
        root: &Program,
        _: &str,
        _: &Configuration,
    ) -> Result<(String, Output), Error> {
        Err(no_runner(root))
    }

    fn serve(&self, routes: &[Route], _: &Server) -> Result<(), Unserved> {
        routes.first().map_or(Ok(()), |first| {
            Err(Unserved {
                route: Some(0),
                error: no_runner(&first.root),
            })
        })
    }
}

fn no_runner(root: &Program) -> Error {
    Error {
        code: Code::NotImplemented,
        message: "a host in memory runs nothing".into(),
        context: Some(root.artifact.to_string()),
    }
}
