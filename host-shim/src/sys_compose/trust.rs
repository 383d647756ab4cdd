//! `sys:compose/trust`.

use super::view::View;
use crate::bindings::sys::compose::trust;
use crate::digest::{bytes, digest, digests};
use crate::error::Error;

impl trust::Host for View<'_> {
    fn verify(&mut self, blob: Vec<u8>) -> Result<(), Error> {
        Ok(self.host.store()?.verify_trust(&digest(&blob)?)?)
    }

    fn add(&mut self, blobs: Vec<Vec<u8>>) -> Result<(), Error> {
        Ok(self.host.store()?.trust(&digests(&blobs)?)?)
    }

    fn assume(&mut self, blobs: Vec<Vec<u8>>) -> Result<(), Error> {
        self.host.store()?.assume(&digests(&blobs)?);
        Ok(())
    }

    fn remove(&mut self, blobs: Vec<Vec<u8>>) -> Result<Vec<Vec<u8>>, Error> {
        let removed = self.host.store()?.distrust(&digests(&blobs)?)?;
        Ok(removed.into_iter().map(bytes).collect())
    }

    fn list(&mut self) -> Result<Vec<Vec<u8>>, Error> {
        let trusted = self.host.store()?.trusted()?;
        Ok(trusted.into_iter().map(bytes).collect())
    }
}
