//! A plan composed over a store that somebody else could write to, in any state:
//! what comes of it is what comes of a clean store, or an error with a code. `base`
//! has what such a store may hold, `host` the store as the core's.

mod base;
mod host;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arbitrary::{Arbitrary, Result, Unstructured};
use compositor_core::HostPolicy;
use compositor_core::memory::MemoryStore;
use compositor_store::Store;

use crate::store::folder::Folder;
use base::{BASE, Base, RESULT};
use host::{Native, open};

/// Composes over a store that the bytes spoil, twice: the second time over what
/// the first left behind.
pub fn cache(bytes: &[u8]) {
    let base = &*BASE;
    let folder = Folder::new();
    base.write(&folder.0);
    let mut input = Unstructured::new(bytes);
    while !input.is_empty() {
        // Only running out of bytes ends it early.
        if spoil(base, &folder.0, &mut input).is_err() {
            break;
        }
    }
    for _ in 0..2 {
        let store = open(&folder.0, "state");
        for digest in base.digests() {
            assert!(store.verify_trust(&digest).is_err(), "nobody trusts it");
        }
        let record = store.get_record(&RESULT.into());
        let record = record.ok().flatten();
        assert!(
            record.is_none_or(|value| value == base.result),
            "another's result"
        );
        compose(base, &store);
    }
}

fn compose(base: &Base, store: &Arc<Store>) {
    let rest = MemoryStore::new();
    let native = Native(store.clone());
    let host = compositor_core::Host {
        blobs: &native,
        ..rest.host()
    };
    match compositor_core::build(&base.plan, &HostPolicy::default(), host) {
        Ok(artifact) => {
            assert_eq!(artifact.digest, base.artifact, "another artifact");
            let digest = (*artifact.digest.as_bytes()).into();
            let bytes = store.bytes(&digest).expect("it was just written, or held");
            assert!(bytes == base.bytes, "other bytes");
        }
        Err(errors) => assert!(!errors.is_empty() && errors.iter().all(|e| !e.help.is_empty())),
    }
}

/// What whoever may write to the store does to one of its files.
#[derive(Arbitrary)]
enum Spoil {
    Truncate,
    Extend,
    Flip,
    Swap,
    Replace,
    Remove,
    Link,
    Folder,
    Key,
    Trust,
    Poison,
    Impersonate,
}

fn spoil(base: &Base, folder: &Path, input: &mut Unstructured<'_>) -> Result<()> {
    let how: Spoil = input.arbitrary()?;
    let (one, other) = (file(folder, input)?, file(folder, input)?);
    let content = fs::read(&one).unwrap_or_default();
    match how {
        Spoil::Truncate => put(&one, &content[..input.choose_index(content.len() + 1)?]),
        Spoil::Extend => put(&one, &[&content[..], &[input.arbitrary()?]].concat()),
        Spoil::Flip => {
            let mut content = content;
            if !content.is_empty() {
                let at = input.choose_index(content.len())?;
                content[at] ^= 1 << input.int_in_range(0..=7)?;
            }
            put(&one, &content);
        }
        Spoil::Swap => {
            let of_other = fs::read(&other).unwrap_or_default();
            put(&one, &of_other);
            put(&other, &content);
        }
        Spoil::Replace => put(&one, input.choose(&base.pool)?),
        Spoil::Remove => clear(&one),
        Spoil::Link => {
            clear(&one);
            symlink(&other, &one).expect("a link");
        }
        Spoil::Folder => {
            clear(&one);
            fs::create_dir(&one).expect("a folder");
        }
        // Which blob a key leads to: also one that says the right thing of itself.
        Spoil::Key => {
            let evil = input.choose(&base.evil)?;
            put(&base.blob(folder, &evil.0), &evil.1);
            let emit_key = folder.join("cache").join(&base.emit_key);
            put(&emit_key, format!("sha256:{}\n", evil.0).as_bytes());
        }
        Spoil::Trust => {
            let marks = folder.join("trust/sha256");
            fs::create_dir_all(&marks).expect("a folder");
            for digest in base.digests() {
                put(&marks.join(digest.hex()), b"");
            }
        }
        // Of a skeleton without its imports, the name of a good one.
        Spoil::Poison => {
            let name = input.choose(&base.records)?;
            put(
                &folder.join("cache").join(name),
                input.choose(&base.poison)?,
            );
        }
        // Under the artifact's own name.
        Spoil::Impersonate => {
            let evil = input.choose(&base.evil)?;
            put(&base.blob(folder, &base.artifact.hex()), &evil.1);
        }
    }
    Ok(())
}

/// One of the files that a store has.
fn file(folder: &Path, input: &mut Unstructured<'_>) -> Result<PathBuf> {
    let mut files = Vec::new();
    for part in ["blobs/sha256", "cache"] {
        let names = fs::read_dir(folder.join(part)).into_iter().flatten();
        files.extend(names.map(|entry| entry.expect("an entry").path()));
    }
    files.sort();
    match files.is_empty() {
        true => Ok(folder.join("cache/nothing")),
        false => Ok(input.choose(&files)?.clone()),
    }
}

fn clear(path: &Path) {
    if path.is_dir() && !path.is_symlink() {
        let _ = fs::remove_dir_all(path);
    }
    let _ = fs::remove_file(path);
}

fn put(path: &Path, bytes: &[u8]) {
    clear(path);
    fs::write(path, bytes).expect("a file of ours");
}
