//! The store on the system's files as the core's host has it.

use std::path::Path;
use std::sync::Arc;

use compositor_core::host::{Blobs, Segment, Writer};
use compositor_core::{Code, Digest, Error};
use compositor_store as library;
use library::{ErrorCode, Store, Validated};

/// A store on the system's files.
pub struct Native(pub Arc<Store>);

impl Blobs for Native {
    fn stat(&self, digest: &Digest) -> Result<Option<u64>, Error> {
        self.0.stat(&ours(digest)).map_err(error)
    }

    fn read(&self, digest: &Digest, offset: u64, length: u64) -> Result<Vec<u8>, Error> {
        self.0.read(&ours(digest), offset, length).map_err(error)
    }

    fn validate_modules(&self, digest: &Digest, ranges: &[(u64, u64)]) -> Result<Validated, Error> {
        let store = &self.0;
        store.validate_modules(&ours(digest), ranges).map_err(error)
    }

    fn verify(&self, digests: &[Digest]) -> Vec<Result<(), Error>> {
        let digests: Vec<_> = digests.iter().map(|digest| digest.as_bytes()).collect();
        let verified = self.0.verify(&digests).into_iter();
        verified.map(|done| done.map_err(error)).collect()
    }

    fn derive(&self) -> Result<Box<dyn Writer + '_>, Error> {
        Ok(Box::new(Written(self.0.create(true).map_err(error)?)))
    }

    fn holds(&self, blob: &Digest, segments: &[Segment]) -> Result<bool, Error> {
        let segments = segments.iter().map(|segment| match segment {
            Segment::Bytes(bytes) => library::Segment::Bytes(bytes.clone()),
            Segment::Blob(digest, size) => library::Segment::Blob(ours(digest), *size),
        });
        let segments: Vec<_> = segments.collect();
        self.0.holds(&ours(blob), &segments).map_err(error)
    }

    fn find_key(&self, key: &Digest) -> Result<Option<Digest>, Error> {
        let found = self.0.find_key(&ours(key)).map_err(error)?;
        Ok(found.map(|digest| Digest::from(*digest.as_bytes())))
    }

    fn record_key(&self, key: &Digest, blob: &Digest) -> Result<(), Error> {
        self.0.record_key(&ours(key), &ours(blob)).map_err(error)
    }

    fn get_record(&self, key: &Digest) -> Result<Option<Vec<u8>>, Error> {
        self.0.get_record(&ours(key)).map_err(error)
    }

    fn put_record(&self, key: &Digest, value: &[u8]) -> Result<(), Error> {
        self.0.put_record(&ours(key), value).map_err(error)
    }
}

struct Written(library::Writer);

impl Writer for Written {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.0.write(bytes).map_err(error)
    }

    fn splice(&mut self, digest: &Digest, offset: u64, length: u64) -> Result<(), Error> {
        let spliced = self.0.splice(&ours(digest), offset, length);
        spliced.map_err(error)
    }

    fn finish(self: Box<Self>) -> Result<Digest, Error> {
        let digest = self.0.finish().map_err(error)?;
        Ok(Digest::from(*digest.as_bytes()))
    }
}

fn ours(digest: &Digest) -> library::Digest {
    (*digest.as_bytes()).into()
}

fn error(error: library::Error) -> Error {
    let code = match error.code {
        ErrorCode::EmitInvalidDigest => Code::EmitInvalidDigest,
        ErrorCode::BlobNotFound => Code::BlobNotFound,
        ErrorCode::BlobDigestMismatch => Code::BlobDigestMismatch,
        ErrorCode::BlobIoError => Code::BlobIoError,
        ErrorCode::TrustVerificationFailed => Code::TrustVerificationFailed,
        ErrorCode::TrustUntrustedSource => Code::TrustUntrustedSource,
        ErrorCode::InvalidInput => Code::InvalidInput,
        ErrorCode::NotImplemented => Code::NotImplemented,
    };
    Error {
        code,
        message: error.message,
        context: error.context,
    }
}

/// The store in a folder, of a user by the folder of their state.
pub fn open(folder: &Path, state: &str) -> Arc<Store> {
    let state = folder.join(state);
    let state = state.to_str().expect("a text");
    let path = folder.to_str().expect("a text");
    Arc::new(Store::open(path, Some(state), true).expect("a store"))
}
