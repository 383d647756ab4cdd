//! What this user computed once and believes later: skeletons, with the modules
//! that were found valid behind them, and results of runs.
//!
//! A record is a file of `cache/`, its MAC before its value. Whoever may write to
//! the store has not the user's key: what they put there, or move from one name to
//! another, is no record. Without a state folder there is no key, and so no record:
//! all is made again each time.

use crate::digest::Digest;
use crate::error::Error;
use crate::errors;
use crate::limits;
use crate::mac::{Key, Tag, is_same};
use crate::open::Store;

const TAG: usize = size_of::<Tag>();

impl Store {
    /// The value that this user recorded under a key; none when there is none, or
    /// when what is there is not this user's.
    ///
    /// # Errors
    /// `invalid-input` when the user's key is not the user's alone;
    /// `blob-io-error` when a file is no file, or cannot be read.
    pub fn get_record(&self, key: &Digest) -> Result<Option<Vec<u8>>, Error> {
        let Some(state) = &self.state else {
            return Ok(None);
        };
        let Some(secret) = state.key()? else {
            return Ok(None);
        };
        let name = name(&secret, key);
        let Some(mut bytes) = self.cached(&name, limits::RECORD + TAG as u64)? else {
            return Ok(None);
        };
        let Some((tag, value)) = bytes.split_at_checked(TAG) else {
            return Ok(None);
        };
        if !is_same(&mac(&secret, key, value), tag) {
            return Ok(None);
        }
        bytes.drain(..TAG);
        Ok(Some(bytes))
    }

    /// A key for a purpose, which follows from the user's key and does not tell it;
    /// none without a state folder.
    ///
    /// # Errors
    /// `invalid-input` when the user's key is not the user's alone;
    /// `blob-io-error` when the state folder cannot be read or written.
    #[cfg(not(target_family = "wasm"))]
    pub fn key_for(&self, purpose: &str) -> Result<Option<Tag>, Error> {
        let Some(state) = &self.state else {
            return Ok(None);
        };
        let key = state.key_to_write()?;
        Ok(Some(key.mac(&[b"key", purpose.as_bytes()])))
    }

    /// Records a value under a key, in place of what was recorded; not durably, for
    /// it is a shortcut. Without a state folder nothing is.
    ///
    /// # Errors
    /// `invalid-input` for a value that is too large; `blob-io-error` when there is
    /// no store, or it or the state folder cannot be written.
    pub fn put_record(&self, key: &Digest, value: &[u8]) -> Result<(), Error> {
        let Some(state) = &self.state else {
            return Ok(());
        };
        if value.len() as u64 > limits::RECORD {
            return Err(errors::invalid(
                format!(
                    "{} bytes of a record, where at most {} are kept",
                    value.len(),
                    limits::RECORD
                ),
                None,
            ));
        }
        let secret = state.key_to_write()?;
        self.cache(&name(&secret, key), &[&mac(&secret, key, value), value])
    }
}

/// Users who share a store do not replace each other's records, and nobody else
/// knows which file is the record of what.
fn name(secret: &Key, key: &Digest) -> String {
    Digest::from(secret.mac(&[b"record name", key.as_bytes()])).hex()
}

fn mac(secret: &Key, key: &Digest, value: &[u8]) -> Tag {
    secret.mac(&[b"record", key.as_bytes(), value])
}
