//! What tests do with an instance of the store, in either form.

use std::fmt;
use std::path::Path;

use compositor_core::Digest;
use compositor_core::host::Segment;
pub use compositor_store::{Error, ErrorCode};
use compositor_tests::Temp;

/// A writer of an instance.
#[derive(Clone, Copy, Debug)]
pub struct Writer(pub usize);

/// An instance of the store. The functions are those of `sys:compose/store`,
/// `blobs` and `trust`.
pub trait Instance {
    /// `store.open`, from the instance's folder, with the state folder `state` there.
    fn open(&mut self, folder: &str, create: bool) -> Result<(), Error>;

    /// `store.copy-out`; the folder is the name of the one that tests are in.
    fn copy_out(&mut self, digest: &Digest, path: &str) -> Result<u64, Error>;

    /// `blobs.stat`.
    fn stat(&mut self, digest: &Digest) -> Result<Option<u64>, Error>;

    /// `blobs.read` of any bytes as digest.
    fn read_raw(&mut self, digest: &[u8], offset: u64, length: u64) -> Result<Vec<u8>, Error>;

    /// `blobs.verify`.
    fn verify_all(&mut self, digests: &[Digest]) -> Vec<Result<(), Error>>;

    /// `blobs.verify` of one.
    fn verify(&mut self, digest: &Digest) -> Result<(), Error> {
        let mut verified = self.verify_all(&[*digest]);
        assert_eq!(verified.len(), 1);
        verified.remove(0)
    }

    /// `blobs.list`; what is no file has no size.
    fn list(&mut self) -> Result<Vec<(Digest, Option<u64>)>, Error>;

    /// `blobs.remove`.
    fn remove(&mut self, digest: &Digest) -> Result<bool, Error>;

    /// `blobs.create`.
    fn create(&mut self) -> Result<Writer, Error>;

    /// `writer.write`.
    fn write(&mut self, writer: Writer, bytes: &[u8]) -> Result<(), Error>;

    /// `writer.splice`.
    fn splice(
        &mut self,
        writer: Writer,
        digest: &Digest,
        offset: u64,
        length: u64,
    ) -> Result<(), Error>;

    /// `writer.finish`.
    fn finish(&mut self, writer: Writer) -> Result<Digest, Error>;

    /// Drops a writer that is not finished.
    fn abandon(&mut self, writer: Writer);

    /// `blobs.find-key`.
    fn find_key(&mut self, key: &Digest) -> Result<Option<Digest>, Error>;

    /// `blobs.record-key`.
    fn record(&mut self, key: &Digest, blob: &Digest) -> Result<(), Error>;

    /// `blobs.holds`.
    fn holds(&mut self, blob: &Digest, segments: &[Segment]) -> Result<bool, Error>;

    /// `blobs.get-record`.
    fn get_record(&mut self, key: &Digest) -> Result<Option<Vec<u8>>, Error>;

    /// `blobs.put-record`.
    fn put_record(&mut self, key: &Digest, value: &[u8]) -> Result<(), Error>;

    /// `trust.verify`.
    fn trusted(&mut self, digest: &Digest) -> Result<(), Error>;

    /// `trust.add` of any bytes as digests.
    fn trust_raw(&mut self, digests: &[&[u8]]) -> Result<(), Error>;

    /// `trust.remove`.
    fn distrust(&mut self, digests: &[Digest]) -> Result<Vec<Digest>, Error>;

    /// `store.old-trust`.
    fn old_trust(&mut self) -> Result<Vec<Digest>, Error>;

    /// `trust.list`.
    fn list_trusted(&mut self) -> Result<Vec<Digest>, Error>;

    /// Goes without dropping its writers, as a killed process does.
    fn vanish(self: Box<Self>);

    /// `blobs.read`.
    fn read(&mut self, digest: &Digest, offset: u64, length: u64) -> Result<Vec<u8>, Error> {
        self.read_raw(digest.as_bytes(), offset, length)
    }

    /// Reads a whole blob.
    fn get(&mut self, digest: &Digest) -> Result<Vec<u8>, Error> {
        self.read(digest, 0, u64::MAX)
    }

    /// Writes a whole blob.
    fn put(&mut self, bytes: &[u8]) -> Result<Digest, Error> {
        let writer = self.create()?;
        self.write(writer, bytes)?;
        self.finish(writer)
    }

    /// `trust.add`.
    fn trust(&mut self, digests: &[Digest]) -> Result<(), Error> {
        let raw: Vec<&[u8]> = digests
            .iter()
            .map(|digest| &digest.as_bytes()[..])
            .collect();
        self.trust_raw(&raw)
    }
}

/// Bytes that no other seed gives.
pub fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// Where a blob's file is.
pub fn blob(folder: &Temp, digest: &Digest) -> std::path::PathBuf {
    folder.join("blobs/sha256").join(digest.hex())
}

/// The names in a folder, sorted.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry").file_name())
        .map(|name| name.into_string().expect("a text"))
        .collect();
    names.sort();
    names
}

/// Asserts an error's code and parts of its message.
#[track_caller]
pub fn refused<T: fmt::Debug>(result: Result<T, Error>, code: ErrorCode, parts: &[&str]) {
    let error = result.expect_err("an error");
    assert_eq!(error.code, code, "{error:?}");
    for part in parts {
        assert!(error.message.contains(part), "`{part}` in {error:?}");
    }
}
