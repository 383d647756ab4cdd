//! A plan, what a user's clean store holds after it was composed, and what somebody
//! else has to put in its place.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use compositor_core::memory::MemoryStore;
use compositor_core::{Digest, HostPolicy};
use compositor_store as library;
use test_generate::wiring::head;

use super::host::{Native, open};
use crate::store::folder::Folder;

/// The key of a result that the user recorded.
pub const RESULT: [u8; 32] = [7; 32];

/// What is made once, for all inputs.
pub static BASE: LazyLock<Base> = LazyLock::new(Base::new);

/// A plan and files.
pub struct Base {
    /// The plan, locked.
    pub plan: Vec<u8>,
    /// What it is composed to.
    pub artifact: Digest,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The name of the file that leads to it.
    pub emit_key: String,
    /// What the user recorded under [`RESULT`].
    pub result: Vec<u8>,
    /// Names of the user's records.
    pub records: Vec<String>,
    /// Names and bytes of blobs that are not what they say.
    pub evil: Vec<(String, Vec<u8>)>,
    /// Files of another user's records, of what is not so.
    pub poison: Vec<Vec<u8>>,
    /// Whatever a file may be replaced with.
    pub pool: Vec<Vec<u8>>,
    /// All files of the user's store and state.
    files: Vec<(PathBuf, Vec<u8>)>,
    digests: Vec<library::Digest>,
}

/// The root: it asks for a host's interface, which the plan's policy denies.
const ROOT: &str = r#"(component
  (import "wasi:random/random@0.2.0" (instance $r (export "get-random-u64" (func (result u64)))))
  (import "a:b/c" (instance $c (export "f" (func (result u32)))))
  (alias export $r "get-random-u64" (func $random))
  (alias export $c "f" (func $f))
  (export "random" (func $random))
  (export "run" (func $f)))"#;

/// The same, as it is not: it asks for nothing that is denied.
const WITHOUT: &str = r#"(component
  (import "a:b/c" (instance $c (export "f" (func (result u32)))))
  (core module $m (func (export "r") (result i64) unreachable))
  (core instance $i (instantiate $m))
  (func $random (result u64) (canon lift (core func $i "r")))
  (alias export $c "f" (func $f))
  (export "random" (func $random))
  (export "run" (func $f)))"#;

fn provider(answer: u32) -> Vec<u8> {
    component(&format!(
        r#"(component
          (core module $m (func (export "f") (result i32) i32.const {answer}))
          (core instance $i (instantiate $m))
          (func $f (result u32) (canon lift (core func $i "f")))
          (instance $c (export "f" (func $f)))
          (export "a:b/c" (instance $c)))"#
    ))
}

fn component(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("sound WAT")
}

impl Base {
    fn new() -> Self {
        let folder = Folder::new();
        let store = open(&folder.0, "state");
        let parts = [component(ROOT), provider(1)];
        for part in &parts {
            let mut writer = store.create(false).expect("a writer");
            writer.write(part).expect("it is written");
            writer.finish().expect("it is there");
        }
        let [root, greeter] = parts.each_ref().map(|part| Digest::of(part));
        let plan = format!(
            r#"{{ "version": "1", "root": "app", "policy": {{}},
              "components": [{{ "id": "app", "digest": "{root}" }}, {{ "id": "c", "digest": "{greeter}" }}],
              "bindings": [{{ "import_name": "a:b/c", "provider_id": "c", "export_name": "a:b/c" }}] }}"#
        );
        let plan = plan.into_bytes();
        let rest = MemoryStore::new();
        let native = Native(store.clone());
        let host = compositor_core::Host {
            blobs: &native,
            ..rest.host()
        };
        let built = compositor_core::build(&plan, &HostPolicy::default(), host);
        let built = built.expect("a sound plan");
        let artifact = (*built.digest.as_bytes()).into();
        let bytes = store.bytes(&artifact).expect("it was written");
        let result = b"what it gave".to_vec();
        store
            .put_record(&RESULT.into(), &result)
            .expect("it is recorded");
        let emit_key = built.emit_key.hex();
        let mut records = names(&folder.0.join("cache"));
        records.retain(|name| *name != emit_key);

        let files = files(&folder.0);
        // Another user of the same store, who recorded what is not so.
        let other = open(&folder.0, "other");
        let skeletons = [component(WITHOUT), provider(2), component(ROOT), Vec::new()];
        for (number, value) in (0..).zip(&skeletons) {
            let key = [number; 32].into();
            other.put_record(&key, value).expect("it is recorded");
        }
        let cache = folder.0.join("cache");
        let ours = |name: &String| records.contains(name) || *name == emit_key;
        let theirs = names(&cache).into_iter().filter(|name| !ours(name));
        let mut poison: Vec<Vec<u8>> = theirs
            .map(|name| fs::read(cache.join(name)).expect("a record"))
            .collect();
        // Without a MAC, and with one of nothing.
        poison.extend(skeletons.iter().cloned());
        poison.extend(
            skeletons
                .iter()
                .map(|value| [&[0; 32], &value[..]].concat()),
        );

        let evil = evil(&bytes, &parts[1]);
        let mut pool: Vec<Vec<u8>> = files.iter().map(|(_, bytes)| bytes.clone()).collect();
        pool.extend(poison.iter().cloned());
        pool.extend(evil.iter().cloned());
        let digests = [root, greeter, built.digest];
        Self {
            plan,
            artifact: built.digest,
            bytes,
            emit_key,
            result,
            records,
            evil: evil
                .into_iter()
                .map(|bytes| (Digest::of(&bytes).hex(), bytes))
                .collect(),
            poison,
            pool,
            files,
            digests: digests.map(|digest| (*digest.as_bytes()).into()).to_vec(),
        }
    }

    /// What the plan is of, which nobody trusts.
    pub fn digests(&self) -> Vec<library::Digest> {
        self.digests.clone()
    }

    /// Where a blob is.
    pub fn blob(&self, folder: &Path, hex: &str) -> PathBuf {
        folder.join("blobs/sha256").join(hex)
    }

    /// Writes the user's clean store and state.
    pub fn write(&self, folder: &Path) {
        for (path, bytes) in &self.files {
            let path = folder.join(path);
            let parent = path.parent().expect("it is in a folder");
            fs::create_dir_all(parent).expect("a folder");
            fs::write(&path, bytes).expect("a file");
        }
        let key = folder.join("state/key");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        fs::set_permissions(key, mode).expect("it is ours");
    }
}

/// Artifacts that are not, with the good one's provenance in front.
fn evil(artifact: &[u8], part: &[u8]) -> Vec<Vec<u8>> {
    let head = head(artifact);
    let mut evil = vec![
        [head, &component(WITHOUT)[8..]].concat(),
        [head, &provider(2)[8..]].concat(),
        head.to_vec(),
    ];
    // The good one with another component in the place of one of its own.
    let place = artifact.windows(part.len()).position(|bytes| bytes == part);
    let place = place.expect("it is in there");
    let mut other = artifact.to_vec();
    other[place..place + part.len()].copy_from_slice(&provider(2));
    evil.push(other);
    evil
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    let mut names: Vec<String> = names
        .map(|name| name.into_string().expect("a text"))
        .collect();
    names.sort();
    names
}

/// All files below a folder, by their paths from there.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(path) = folders.pop() {
        for name in names(&folder.join(&path)) {
            let path = path.join(name);
            match folder.join(&path).is_dir() {
                true => folders.push(path),
                false => {
                    let bytes = fs::read(folder.join(&path)).expect("a file");
                    files.push((path, bytes));
                }
            }
        }
    }
    files
}
