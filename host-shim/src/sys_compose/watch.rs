//! `sys:compose/watch`.

use super::view::View;
use crate::bindings::sys::compose::watch;
use crate::error::Error;

impl watch::Host for View<'_> {
    fn files(&mut self, paths: Vec<String>) -> Result<(), Error> {
        self.host.turn.watch(paths);
        Ok(())
    }
}
