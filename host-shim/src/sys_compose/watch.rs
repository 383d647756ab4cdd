//! `sys:compose/watch`.

use super::view::View;
use crate::bindings::sys::compose::watch;
use crate::error::{Error, ErrorCode, error};

impl watch::Host for View<'_> {
    fn files(&mut self, paths: Vec<String>) -> Result<(), Error> {
        match &self.host.turn {
            Some(turn) => turn.watch(paths),
            // The host looks for the option where the command does, and before it.
            None => {
                let message = "`--watch` stands where this host does not look for it";
                return Err(error(ErrorCode::NotImplemented, message.to_string()));
            }
        }
        Ok(())
    }
}
