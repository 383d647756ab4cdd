//! An instance of the store as a library, as the component's are: with a folder
//! of its own and an open store.

use std::mem;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use compositor_core::Digest;
use compositor_core::host::Segment;
use compositor_store as library;
use library::{Error, Store};

use super::instance::{self, Writer};

/// An instance of the library.
pub struct Instance {
    folder: PathBuf,
    store: Option<Arc<Store>>,
    writers: Vec<Option<library::Writer>>,
}

impl Instance {
    /// An instance without an open store.
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_path_buf(),
            store: None,
            writers: Vec::new(),
        }
    }

    fn store(&self) -> &Arc<Store> {
        self.store.as_ref().expect("a store is open")
    }

    fn writer(&mut self, writer: Writer) -> &mut library::Writer {
        let writer = self.writers[writer.0].as_mut();
        writer.expect("it is not finished")
    }
}

impl instance::Instance for Instance {
    fn open(&mut self, folder: &str, create: bool) -> Result<(), Error> {
        let path = match folder {
            "" => PathBuf::new(),
            _ => self.folder.join(folder),
        };
        let state = self.folder.join("state");
        let state = state.to_str().expect("a text");
        let store = Store::open(path.to_str().expect("a text"), Some(state), create)?;
        self.store = Some(Arc::new(store));
        Ok(())
    }

    fn stat(&mut self, digest: &Digest) -> Result<Option<u64>, Error> {
        self.store().stat(&ours(digest))
    }

    fn read_raw(&mut self, digest: &[u8], offset: u64, length: u64) -> Result<Vec<u8>, Error> {
        let digest = library::Digest::new(digest)?;
        self.store().read(&digest, offset, length)
    }

    fn verify_all(&mut self, digests: &[Digest]) -> Vec<Result<(), Error>> {
        let digests: Vec<_> = digests.iter().map(ours).collect();
        self.store().verify(&digests)
    }

    fn copy_out(&mut self, digest: &Digest, path: &str) -> Result<u64, Error> {
        let folder = self.folder.to_str().expect("a text");
        self.store().copy_out(&ours(digest), folder, path)
    }

    fn list(&mut self) -> Result<Vec<(Digest, Option<u64>)>, Error> {
        let entries = self.store().list()?.into_iter();
        Ok(entries
            .map(|entry| (theirs(entry.digest), entry.size))
            .collect())
    }

    fn remove(&mut self, digest: &Digest) -> Result<bool, Error> {
        self.store().remove(&ours(digest))
    }

    fn create(&mut self) -> Result<Writer, Error> {
        let writer = self.store().create(false)?;
        self.writers.push(Some(writer));
        Ok(Writer(self.writers.len() - 1))
    }

    fn write(&mut self, writer: Writer, bytes: &[u8]) -> Result<(), Error> {
        self.writer(writer).write(bytes)
    }

    fn splice(
        &mut self,
        writer: Writer,
        digest: &Digest,
        offset: u64,
        length: u64,
    ) -> Result<(), Error> {
        self.writer(writer).splice(&ours(digest), offset, length)
    }

    fn finish(&mut self, writer: Writer) -> Result<Digest, Error> {
        let writer = self.writers[writer.0].take();
        Ok(theirs(writer.expect("it is not finished").finish()?))
    }

    fn abandon(&mut self, writer: Writer) {
        self.writers[writer.0] = None;
    }

    fn find_key(&mut self, key: &Digest) -> Result<Option<Digest>, Error> {
        Ok(self.store().find_key(&ours(key))?.map(theirs))
    }

    fn record(&mut self, key: &Digest, blob: &Digest) -> Result<(), Error> {
        self.store().record_key(&ours(key), &ours(blob))
    }

    fn holds(&mut self, blob: &Digest, segments: &[Segment]) -> Result<bool, Error> {
        let segments = segments.iter().map(|segment| match segment {
            Segment::Bytes(bytes) => library::Segment::Bytes(bytes.clone()),
            Segment::Blob(digest, size) => library::Segment::Blob(ours(digest), *size),
        });
        let segments: Vec<_> = segments.collect();
        self.store().holds(&ours(blob), &segments)
    }

    fn get_record(&mut self, key: &Digest) -> Result<Option<Vec<u8>>, Error> {
        self.store().get_record(&ours(key))
    }

    fn put_record(&mut self, key: &Digest, value: &[u8]) -> Result<(), Error> {
        self.store().put_record(&ours(key), value)
    }

    fn trusted(&mut self, digest: &Digest) -> Result<(), Error> {
        self.store().verify_trust(&ours(digest))
    }

    fn trust_raw(&mut self, digests: &[&[u8]]) -> Result<(), Error> {
        let digests = digests.iter().map(|digest| library::Digest::new(digest));
        self.store().trust(&digests.collect::<Result<Vec<_>, _>>()?)
    }

    fn distrust(&mut self, digests: &[Digest]) -> Result<Vec<Digest>, Error> {
        let digests: Vec<_> = digests.iter().map(ours).collect();
        let removed = self.store().distrust(&digests)?;
        Ok(removed.into_iter().map(theirs).collect())
    }

    fn old_trust(&mut self) -> Result<Vec<Digest>, Error> {
        let old = self.store().old_trust()?;
        Ok(old.into_iter().map(theirs).collect())
    }

    fn list_trusted(&mut self) -> Result<Vec<Digest>, Error> {
        let trusted = self.store().trusted()?;
        Ok(trusted.into_iter().map(theirs).collect())
    }

    fn vanish(self: Box<Self>) {
        mem::forget(self.writers);
    }
}

/// The store's own type of digests.
pub fn ours(digest: &Digest) -> library::Digest {
    (*digest.as_bytes()).into()
}

fn theirs(digest: library::Digest) -> Digest {
    let bytes: &[u8] = digest.as_bytes();
    bytes.try_into().expect("a digest")
}
