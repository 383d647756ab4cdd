//! Which digests may be instantiated (`sys:compose/trust`): those that have an
//! empty file in `trust/sha256` of the user's state folder. What a store says of
//! trust has no say: it may come with a repository.
//!
//! Not one file that lists them all: two processes that each read it, add and
//! rename would lose one's addition, or bring back what the other removed.
//! There are no locks to prevent that here, and a lock made of a file outlives
//! a killed process. A file for each digest needs neither: to add and to
//! remove are one step each, whoever else is at it, and no state in between
//! is malformed.

use std::sync::PoisonError;

use crate::digest::{Digest, ascending};
use crate::error::{Error, ErrorCode};
use crate::errors;
use crate::folder::Folder;
use crate::limits;
use crate::open::Store;
use crate::platform::{Kind, Stat};
use crate::state::State;
use crate::temporary::Temporary;

impl Store {
    /// Succeeds when a digest is trusted.
    ///
    /// # Errors
    /// `trust-untrusted-source` when it is not, and
    /// `trust-verification-failed` when nobody can tell.
    pub fn verify_trust(&self, digest: &Digest) -> Result<(), Error> {
        verify(self, digest)
    }

    /// Adds digests: all of them, or, on an error, none.
    ///
    /// # Errors
    /// `not-implemented` without a state folder; `blob-io-error` when it cannot be
    /// written, or something else has the name of a digest.
    pub fn trust(&self, digests: &[Digest]) -> Result<(), Error> {
        add(self, &ascending(digests.to_vec()))
    }

    /// Trusts digests for as long as this store is open, and writes nothing.
    pub fn assume(&self, digests: &[Digest]) {
        let mut assumed = self.assumed.lock().unwrap_or_else(PoisonError::into_inner);
        assumed.extend(digests.iter().map(Digest::hex));
    }

    /// Removes digests; returns those that were there, ascending.
    ///
    /// # Errors
    /// `not-implemented` without a state folder; `blob-io-error` when it cannot be
    /// written.
    pub fn distrust(&self, digests: &[Digest]) -> Result<Vec<Digest>, Error> {
        remove(self, &ascending(digests.to_vec()))
    }

    /// All trusted digests, ascending.
    ///
    /// # Errors
    /// `not-implemented` without a state folder; `trust-verification-failed` when
    /// they cannot be read, or something else has the name of a digest.
    pub fn trusted(&self) -> Result<Vec<Digest>, Error> {
        match state(self)?.trust().map_err(unreadable)? {
            Some(trust) => list(&trust).map_err(unreadable),
            None => Ok(Vec::new()),
        }
    }

    /// The digests that `trust/` of this store says are trusted, where earlier
    /// versions kept them, and that this user does not trust, ascending; not more than
    /// some. Nobody believes them: whoever made the store may have put them there.
    ///
    /// # Errors
    /// `blob-io-error` when they cannot be read.
    pub fn old_trust(&self) -> Result<Vec<Digest>, Error> {
        let Some(trust) = self.readable(&self.old_trust)? else {
            return Ok(Vec::new());
        };
        let names = trust.names()?;
        let digests = names.iter().filter_map(|name| Digest::from_hex(name));
        let digests = ascending(digests.collect()).into_iter();
        let others = digests.filter(|digest| verify(self, digest).is_err());
        Ok(others.take(limits::OLD_TRUST).collect())
    }
}

fn verify(store: &Store, digest: &Digest) -> Result<(), Error> {
    let is_assumed = {
        let assumed = store.assumed.lock().unwrap_or_else(PoisonError::into_inner);
        assumed.contains(&digest.hex())
    };
    if is_assumed {
        return Ok(());
    }
    let trust = match &store.state {
        Some(state) => state.trust().map_err(unreadable)?,
        // Nobody said what is trusted.
        None => None,
    };
    match trust {
        Some(trust) if is_trusted(&trust, digest).map_err(unreadable)? => Ok(()),
        _ => Err(Error {
            code: ErrorCode::TrustUntrustedSource,
            message: format!("{digest} is not trusted: `trust add {digest}` would trust it"),
            context: Some(digest.to_string()),
        }),
    }
}

/// All or none: what fails for want of space or permission takes back what was done
/// before. Files stay open until they have their names, so they are made one by one;
/// as they are empty, nothing in them waits for the disk.
fn add(store: &Store, digests: &[Digest]) -> Result<(), Error> {
    let [trust, made_in] = state(store)?.trust_to_write()?;
    let mut missing = Vec::new();
    for digest in digests {
        let name = digest.hex();
        match trust.look(&name)? {
            Some(stat) if is_mark(&stat) => {}
            Some(stat) if stat.kind == Kind::Folder => {
                let path = trust.path_of(&name);
                return Err(errors::refused(&path, "an empty file", stat.kind));
            }
            _ => missing.push(name),
        }
    }
    let mut made = 0;
    let result: Result<(), Error> = missing.iter().try_for_each(|name| {
        Temporary::create(&made_in, true)?.rename(&trust, name)?;
        made += 1;
        Ok(())
    });
    // Also for what another process added and may not have synced yet.
    result.and_then(|()| trust.sync()).inspect_err(|_| {
        // What cannot be taken back either is told by `trust list`.
        for name in &missing[..made] {
            let _ = trust.remove(name);
        }
    })
}

fn remove(store: &Store, digests: &[Digest]) -> Result<Vec<Digest>, Error> {
    let Some(trust) = state(store)?.trust()? else {
        return Ok(Vec::new());
    };
    let mut removed = Vec::new();
    for digest in digests {
        if trust.remove(&digest.hex())? {
            removed.push(*digest);
        }
    }
    trust.sync()?;
    Ok(removed)
}

fn state(store: &Store) -> Result<&State, Error> {
    store.state.as_ref().ok_or_else(errors::stateless)
}

fn list(trust: &Folder) -> Result<Vec<Digest>, Error> {
    let mut trusted = Vec::new();
    for name in trust.names()? {
        // Whatever else is there, such as temporary files, is no digest.
        if let Some(digest) = Digest::from_hex(&name)
            && is_trusted(trust, &digest)?
        {
            trusted.push(digest);
        }
    }
    Ok(ascending(trusted))
}

/// Whether a digest has its file. Anything else in its place is an error, and
/// never means trusted.
fn is_trusted(trust: &Folder, digest: &Digest) -> Result<bool, Error> {
    let name = digest.hex();
    match trust.look(&name)? {
        None => Ok(false),
        Some(stat) if is_mark(&stat) => Ok(true),
        Some(stat) if stat.kind == Kind::File => {
            let path = trust.path_of(&name);
            let message = format!(
                "`{path}` has {} bytes, where an empty file belongs; remove it",
                stat.size
            );
            Err(errors::about_path(message, &path))
        }
        Some(stat) => Err(errors::refused(
            &trust.path_of(&name),
            "an empty file",
            stat.kind,
        )),
    }
}

fn is_mark(stat: &Stat) -> bool {
    stat.kind == Kind::File && stat.size == 0
}

/// A verifier that cannot read what it is told to go by refuses.
fn unreadable(error: Error) -> Error {
    let code = ErrorCode::TrustVerificationFailed;
    Error { code, ..error }
}
