//! The component: `sys:compose/{store,blobs,trust}` over the library. It only
//! translates.

use std::cell::RefCell;
use std::sync::Arc;

use compositor_validator::names;

use crate::digest::Digest;
use crate::error;
use crate::errors;
use crate::holds::Segment;
use crate::open::Store;
use bindings::exports::sys::compose::{blobs, store, trust};
use bindings::sys::compose::types::{Digest as Bytes, Error, ErrorCode};

mod bindings {
    #![allow(missing_docs)]
    wit_bindgen::generate!({
        path: ["../../wit/canon-cbor", "../../wit/canon-wit", "../../wit/sys-compose"],
        world: "sys:compose/folder-store",
        pub_export_macro: true,
    });
}

struct FolderStore;

bindings::export!(FolderStore with_types_in bindings);

thread_local! {
    static OPEN: RefCell<Option<Arc<Store>>> = const { RefCell::new(None) };
}

/// Does something with the open store.
fn with<T>(step: impl FnOnce(&Arc<Store>) -> Result<T, error::Error>) -> Result<T, Error> {
    let open = OPEN.with_borrow(|open| open.clone());
    let done = match open {
        Some(store) => step(&store),
        None => {
            let message = "no store is open: call `sys:compose/store.open` first".to_string();
            Err(errors::invalid(message, None))
        }
    };
    Ok(done?)
}

impl store::Guest for FolderStore {
    fn open(folder: String, state: Option<String>, create: bool) -> Result<(), Error> {
        let store = Store::open(&folder, state.as_deref(), create)?;
        OPEN.set(Some(Arc::new(store)));
        Ok(())
    }

    fn file_digests(files: Vec<(String, String)>) -> Vec<Result<Bytes, Error>> {
        let store = OPEN.with_borrow(|open| open.clone());
        let digests = Store::file_digests(store.as_deref(), &files).into_iter();
        digests.map(|digest| Ok(bytes(digest?))).collect()
    }

    fn index() -> Result<Vec<u8>, Error> {
        with(|store| store.index())
    }

    fn set_index(bytes: Vec<u8>) -> Result<(), Error> {
        with(|store| store.set_index(&bytes))
    }

    fn tags() -> Result<Vec<Vec<u8>>, Error> {
        with(|store| store.tags())
    }

    fn put_tag(key: Bytes, value: Vec<u8>) -> Result<(), Error> {
        with(|store| store.put_tag(&Digest::new(&key)?, &value))
    }

    fn follow(_: String) -> Option<String> {
        None
    }

    fn used(blob: Bytes) -> Result<Option<u64>, Error> {
        with(|store| store.used(&Digest::new(&blob)?))
    }

    fn peek(blob: Bytes, length: u64) -> Result<Vec<u8>, Error> {
        with(|store| store.peek(&Digest::new(&blob)?, length))
    }

    fn copy_out(blob: Bytes, folder: String, path: String) -> Result<u64, Error> {
        with(|store| store.copy_out(&Digest::new(&blob)?, &folder, &path))
    }

    fn old_trust() -> Result<Vec<Bytes>, Error> {
        Ok(with(|store| store.old_trust())?
            .into_iter()
            .map(bytes)
            .collect())
    }
}

/// `blobs.writer`.
struct Writer(RefCell<crate::Writer>);

impl blobs::Guest for FolderStore {
    type Writer = Writer;

    fn stat(digest: Bytes) -> Result<Option<u64>, Error> {
        with(|store| store.stat(&Digest::new(&digest)?))
    }

    fn read(digest: Bytes, offset: u64, length: u64) -> Result<Vec<u8>, Error> {
        with(|store| store.read(&Digest::new(&digest)?, offset, length))
    }

    fn validate_modules(
        digest: Bytes,
        ranges: Vec<(u64, u64)>,
    ) -> Result<Result<Vec<String>, (u64, String)>, Error> {
        let validated = with(|store| store.validate_modules(&Digest::new(&digest)?, &ranges))?;
        Ok(validated.map(|needed| names(needed).map(str::to_string).collect()))
    }

    fn verify(digests: Vec<Bytes>) -> Vec<Result<(), Error>> {
        match with(|store| Ok(store.verify(&digests))) {
            Ok(verified) => verified.into_iter().map(|done| Ok(done?)).collect(),
            Err(error) => vec![Err(error); digests.len()],
        }
    }

    fn list() -> Result<Vec<blobs::Entry>, Error> {
        let entries = with(|store| store.list())?.into_iter();
        let entries = entries.map(|entry| blobs::Entry {
            digest: bytes(entry.digest),
            size: entry.size,
        });
        Ok(entries.collect())
    }

    fn remove(digest: Bytes) -> Result<bool, Error> {
        with(|store| store.remove(&Digest::new(&digest)?))
    }

    fn create(is_derived: bool) -> Result<blobs::Writer, Error> {
        let writer = with(|store| store.create(is_derived))?;
        Ok(blobs::Writer::new(Writer(RefCell::new(writer))))
    }

    fn find_key(key: Bytes) -> Result<Option<Bytes>, Error> {
        Ok(with(|store| store.find_key(&Digest::new(&key)?))?.map(bytes))
    }

    fn record_key(key: Bytes, blob: Bytes) -> Result<(), Error> {
        with(|store| store.record_key(&Digest::new(&key)?, &Digest::new(&blob)?))
    }

    fn holds(blob: Bytes, segments: Vec<blobs::Segment>) -> Result<bool, Error> {
        with(|store| {
            let segments = segments.into_iter().map(segment);
            store.holds(
                &Digest::new(&blob)?,
                &segments.collect::<Result<Vec<_>, _>>()?,
            )
        })
    }

    fn get_record(key: Bytes) -> Result<Option<Vec<u8>>, Error> {
        with(|store| store.get_record(&Digest::new(&key)?))
    }

    fn put_record(key: Bytes, value: Vec<u8>) -> Result<(), Error> {
        with(|store| store.put_record(&Digest::new(&key)?, &value))
    }
}

impl blobs::GuestWriter for Writer {
    fn write(&self, bytes: Vec<u8>) -> Result<(), Error> {
        Ok(self.0.borrow_mut().write(&bytes)?)
    }

    fn splice(&self, digest: Bytes, offset: u64, length: u64) -> Result<(), Error> {
        let digest = Digest::new(&digest)?;
        Ok(self.0.borrow_mut().splice(&digest, offset, length)?)
    }

    fn finish(this: blobs::Writer) -> Result<Bytes, Error> {
        let Self(writer) = this.into_inner();
        Ok(bytes(writer.into_inner().finish()?))
    }
}

impl trust::Guest for FolderStore {
    fn verify(digest: Bytes) -> Result<(), Error> {
        with(|store| store.verify_trust(&Digest::new(&digest)?))
    }

    fn add(digests: Vec<Bytes>) -> Result<(), Error> {
        with(|store| store.trust(&parse(&digests)?))
    }

    fn assume(digests: Vec<Bytes>) -> Result<(), Error> {
        with(|store| {
            store.assume(&parse(&digests)?);
            Ok(())
        })
    }

    fn remove(digests: Vec<Bytes>) -> Result<Vec<Bytes>, Error> {
        let removed = with(|store| store.distrust(&parse(&digests)?))?;
        Ok(removed.into_iter().map(bytes).collect())
    }

    fn list() -> Result<Vec<Bytes>, Error> {
        let trusted = with(|store| store.trusted())?;
        Ok(trusted.into_iter().map(bytes).collect())
    }
}

fn segment(segment: blobs::Segment) -> Result<Segment, error::Error> {
    Ok(match segment {
        blobs::Segment::Bytes(bytes) => Segment::Bytes(bytes),
        blobs::Segment::Blob((digest, size)) => Segment::Blob(Digest::new(&digest)?, size),
    })
}

fn parse(digests: &[Bytes]) -> Result<Vec<Digest>, error::Error> {
    digests.iter().map(|digest| Digest::new(digest)).collect()
}

fn bytes(digest: Digest) -> Bytes {
    digest.as_bytes().to_vec()
}

impl From<error::Error> for Error {
    fn from(error: error::Error) -> Self {
        let code = match error.code {
            error::ErrorCode::EmitInvalidDigest => ErrorCode::EmitInvalidDigest,
            error::ErrorCode::BlobNotFound => ErrorCode::BlobNotFound,
            error::ErrorCode::BlobDigestMismatch => ErrorCode::BlobDigestMismatch,
            error::ErrorCode::BlobIoError => ErrorCode::BlobIoError,
            error::ErrorCode::TrustVerificationFailed => ErrorCode::TrustVerificationFailed,
            error::ErrorCode::TrustUntrustedSource => ErrorCode::TrustUntrustedSource,
            error::ErrorCode::InvalidInput => ErrorCode::InvalidInput,
            error::ErrorCode::NotImplemented => ErrorCode::NotImplemented,
        };
        let (message, context) = (error.message, error.context);
        Self {
            code,
            message,
            context,
        }
    }
}
