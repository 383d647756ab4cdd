//! `sys:compose/store`.

use super::view::View;
use crate::bindings::sys::compose::store;
use crate::digest::{bytes, digest};
use crate::error::Error;

impl store::Host for View<'_> {
    fn open(&mut self, folder: String, state: Option<String>, create: bool) -> Result<(), Error> {
        self.host.open(&folder, state.as_deref(), create)
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
