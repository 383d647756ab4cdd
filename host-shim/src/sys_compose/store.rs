//! `sys:compose/store`.

use compositor_store::Store;

use super::view::View;
use crate::bindings::sys::compose::store;
use crate::digest::{bytes, digest};
use crate::error::Error;

impl store::Host for View<'_> {
    fn open(&mut self, folder: String, state: Option<String>, create: bool) -> Result<(), Error> {
        self.host.open(&folder, state.as_deref(), create)
    }

    fn file_digests(&mut self, files: Vec<(String, String)>) -> Vec<Result<Vec<u8>, Error>> {
        let store = self.host.store().ok();
        let digests = Store::file_digests(store.as_deref(), &files).into_iter();
        digests.map(|digest| Ok(bytes(digest?))).collect()
    }

    fn index(&mut self) -> Result<Vec<u8>, Error> {
        Ok(self.host.store()?.index()?)
    }

    fn set_index(&mut self, bytes: Vec<u8>) -> Result<(), Error> {
        Ok(self.host.store()?.set_index(&bytes)?)
    }

    fn tags(&mut self) -> Result<Vec<Vec<u8>>, Error> {
        Ok(self.host.store()?.tags()?)
    }

    fn put_tag(&mut self, key: Vec<u8>, value: Vec<u8>) -> Result<(), Error> {
        Ok(self.host.store()?.put_tag(&digest(&key)?, &value)?)
    }

    fn follow(&mut self, path: String) -> Option<String> {
        let real = std::fs::canonicalize(path).ok()?;
        real.into_os_string().into_string().ok()
    }

    fn used(&mut self, blob: Vec<u8>) -> Result<Option<u64>, Error> {
        Ok(self.host.store()?.used(&digest(&blob)?)?)
    }

    fn peek(&mut self, blob: Vec<u8>, length: u64) -> Result<Vec<u8>, Error> {
        Ok(self.host.store()?.peek(&digest(&blob)?, length)?)
    }

    fn copy_out(&mut self, blob: Vec<u8>, folder: String, path: String) -> Result<u64, Error> {
        let store = self.host.store()?;
        Ok(store.copy_out(&digest(&blob)?, &folder, &path)?)
    }

    fn old_trust(&mut self) -> Result<Vec<Vec<u8>>, Error> {
        let old = self.host.store()?.old_trust()?;
        Ok(old.into_iter().map(bytes).collect())
    }
}
