//! `sys:compose/blobs`.

use compositor_store::{Fault, Ranges, Segment, Writer, proposals};
use wasmtime::component::Resource;

use super::view::View;
use crate::bindings::sys::compose::blobs;
use crate::digest::{bytes, digest};
use crate::error::{Error, internal};

impl blobs::Host for View<'_> {
    fn stat(&mut self, blob: Vec<u8>) -> Result<Option<u64>, Error> {
        Ok(self.host.store()?.stat(&digest(&blob)?)?)
    }

    fn read(&mut self, blob: Vec<u8>, offset: u64, length: u64) -> Result<Vec<u8>, Error> {
        Ok(self.host.store()?.read(&digest(&blob)?, offset, length)?)
    }

    fn validate_modules(
        &mut self,
        of: Vec<u8>,
        at: Ranges,
    ) -> Result<Result<Vec<String>, Fault>, Error> {
        let validated = self.host.store()?.validate_modules(&digest(&of)?, &at)?;
        Ok(validated.map(|needed| proposals(needed).map(str::to_string).collect()))
    }

    fn verify(&mut self, blobs: Vec<Vec<u8>>) -> Vec<Result<(), Error>> {
        match self.host.store() {
            Ok(store) => store
                .verify(&blobs)
                .into_iter()
                .map(|done| Ok(done?))
                .collect(),
            Err(error) => vec![Err(error); blobs.len()],
        }
    }

    fn list(&mut self) -> Result<Vec<blobs::Entry>, Error> {
        let entries = self.host.store()?.list()?.into_iter();
        let entries = entries.map(|entry| blobs::Entry {
            digest: bytes(entry.digest),
            size: entry.size,
        });
        Ok(entries.collect())
    }

    fn remove(&mut self, blob: Vec<u8>) -> Result<bool, Error> {
        Ok(self.host.store()?.remove(&digest(&blob)?)?)
    }

    fn create(&mut self, is_derived: bool) -> Result<Resource<Writer>, Error> {
        let writer = self.host.store()?.create(is_derived)?;
        self.table.push(writer).map_err(internal)
    }

    fn find_key(&mut self, key: Vec<u8>) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.host.store()?.find_key(&digest(&key)?)?.map(bytes))
    }

    fn record_key(&mut self, key: Vec<u8>, blob: Vec<u8>) -> Result<(), Error> {
        let (key, blob) = (digest(&key)?, digest(&blob)?);
        Ok(self.host.store()?.record_key(&key, &blob)?)
    }

    fn holds(&mut self, blob: Vec<u8>, segments: Vec<blobs::Segment>) -> Result<bool, Error> {
        let segments = segments.into_iter().map(segment);
        let segments = segments.collect::<Result<Vec<_>, _>>()?;
        Ok(self.host.store()?.holds(&digest(&blob)?, &segments)?)
    }

    fn get_record(&mut self, key: Vec<u8>) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.host.store()?.get_record(&digest(&key)?)?)
    }

    fn put_record(&mut self, key: Vec<u8>, value: Vec<u8>) -> Result<(), Error> {
        Ok(self.host.store()?.put_record(&digest(&key)?, &value)?)
    }
}

impl blobs::HostWriter for View<'_> {
    fn write(&mut self, writer: Resource<Writer>, bytes: Vec<u8>) -> Result<(), Error> {
        let writer = self.table.get_mut(&writer).map_err(internal)?;
        Ok(writer.write(&bytes)?)
    }

    fn splice(
        &mut self,
        writer: Resource<Writer>,
        blob: Vec<u8>,
        offset: u64,
        length: u64,
    ) -> Result<(), Error> {
        let writer = self.table.get_mut(&writer).map_err(internal)?;
        Ok(writer.splice(&digest(&blob)?, offset, length)?)
    }

    fn finish(&mut self, writer: Resource<Writer>) -> Result<Vec<u8>, Error> {
        let writer = self.table.delete(writer).map_err(internal)?;
        Ok(bytes(writer.finish()?))
    }

    fn drop(&mut self, writer: Resource<Writer>) -> wasmtime::Result<()> {
        self.table.delete(writer)?;
        Ok(())
    }
}

fn segment(segment: blobs::Segment) -> Result<Segment, Error> {
    Ok(match segment {
        blobs::Segment::Bytes(bytes) => Segment::Bytes(bytes),
        blobs::Segment::Blob((of, size)) => Segment::Blob(digest(&of)?, size),
    })
}
