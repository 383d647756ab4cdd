//! What people are shown of a store's blobs: what each is, whose part, and when it was
//! last used. Nothing is hashed for that, so what artifacts say is what they claim.

use std::collections::{BTreeMap, BTreeSet};

use crate::answer::Failure;
use crate::bindings::sys::compose::emit::{self, Inspection, Provenance};
use crate::bindings::sys::compose::types::Digest;
use crate::bindings::sys::compose::{blobs, store};

/// Read of each blob at first.
const FIRST_BYTES: u64 = 4 << 10;
/// Read of an artifact at most.
const MOST_BYTES: u64 = 1 << 20;

/// A blob, as far as it shows.
pub struct Look {
    /// Its digest, by its name.
    pub digest: Digest,
    /// Its size in bytes; none of what is no file.
    pub size: Option<u64>,
    /// When it was last written or emitted, in seconds since 1970.
    pub used: Option<u64>,
    /// What it is.
    pub kind: Kind,
    /// The ids that it has in the artifacts that are there, or, of an artifact, its
    /// root's.
    pub ids: BTreeSet<String>,
}

/// What a blob is, by its first bytes.
pub enum Kind {
    /// What a compositor made.
    Artifact(Provenance),
    /// A component.
    Component,
    /// A core module.
    Module,
    /// Something else.
    Other,
    /// No file at all.
    NoFile,
}

impl Kind {
    /// The word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Artifact(_) => "artifact",
            Self::Component => "component",
            Self::Module => "module",
            Self::Other => "other",
            Self::NoFile => "not a file",
        }
    }
}

/// Looks at all blobs of the open store, by ascending digest.
pub fn all() -> Result<Vec<Look>, Failure> {
    let mut looks = Vec::new();
    for entry in blobs::list()? {
        let kind = match entry.size {
            Some(_) => kind(&entry.digest),
            None => Kind::NoFile,
        };
        looks.push(Look {
            used: store::used(&entry.digest)?,
            digest: entry.digest,
            size: entry.size,
            kind,
            ids: BTreeSet::new(),
        });
    }
    let mut ids: BTreeMap<Digest, BTreeSet<String>> = BTreeMap::new();
    for look in &looks {
        if let Kind::Artifact(made) = &look.kind {
            ids.entry(look.digest.clone())
                .or_default()
                .insert(made.root.clone());
            for part in &made.ingredients {
                for digest in [&part.digest].into_iter().chain(&part.stripped) {
                    let of = ids.entry(digest.clone()).or_default();
                    of.insert(part.id.clone());
                }
            }
        }
    }
    for look in &mut looks {
        look.ids = ids.remove(&look.digest).unwrap_or_default();
    }
    Ok(looks)
}

fn kind(digest: &Digest) -> Kind {
    // What is gone or cannot be read by now is told by others.
    let peek = |length| store::peek(digest, length).unwrap_or_default();
    let start = peek(FIRST_BYTES);
    let found = match emit::inspect(&start) {
        Inspection::Incomplete(more) if more > FIRST_BYTES && more <= MOST_BYTES => {
            emit::inspect(&peek(more))
        }
        found => found,
    };
    match (found, &start[..]) {
        (Inspection::Found(made), _) => Kind::Artifact(made),
        (_, [0, b'a', b's', b'm', 13, 0, 1, 0, ..]) => Kind::Component,
        (_, [0, b'a', b's', b'm', 1, 0, 0, 0, ..]) => Kind::Module,
        _ => Kind::Other,
    }
}

/// The day of a time in seconds since 1970, as in `2026-01-31`, in UTC.
pub fn day(seconds: u64) -> String {
    // Days from 1 March of the year 0, whose 400 years have always the same days.
    let days = seconds / 86_400 + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = match month < 10 {
        true => (month + 3, 0),
        false => (month - 9, 1),
    };
    format!("{:04}-{month:02}-{day:02}", era * 400 + year + next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days() {
        for (seconds, expected) in [
            (0, "1970-01-01"),
            (86_399, "1970-01-01"),
            (951_782_400, "2000-02-29"),
            (1_709_251_199, "2024-02-29"),
            (1_798_761_600, "2027-01-01"),
            (4_107_542_400, "2100-03-01"),
        ] {
            assert_eq!(day(seconds), expected, "{seconds}");
        }
    }
}
