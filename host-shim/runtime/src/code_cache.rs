//! Compiled code that outlives a process. To load it is to run it, so each entry
//! is authenticated by a key of the user's: whoever can write to the folder can
//! waste time and no more.
//!
//! Entries are named by what was compiled, for which engine, and whose tenant's
//! it is: a core module, or the wrapper around modules, by the sha-256 of its bytes.
//! A tenant's name goes into keys alone and chooses no path, and tenants share no
//! entry.

use std::fs::{self, File, OpenOptions};
use std::hash::{Hash as _, Hasher};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, SystemTime};

use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha256};
use wasmtime::component::Component;
use wasmtime::{Engine, Module, Result};

use crate::progress::say;

/// Bytes of all entries together; beyond it those go first that were not used
/// for longest.
const QUOTA: u64 = 2 << 30;

/// How long a file may be in the making: one that is older is of a process that
/// was ended.
const MAKING: Duration = Duration::from_secs(600);

/// What names of files in the making start with.
const NEW: &str = ".new-";

/// Bytes of an authentication code, which each entry starts with.
const CODE: usize = 32;

/// A folder of compiled code.
pub struct CodeCache {
    folder: PathBuf,
    key: [u8; 32],
}

/// What of a cache is one tenant's.
pub(crate) struct TenantCode {
    folder: PathBuf,
    key: [u8; 32],
}

/// What is compiled, and kept by itself.
pub(crate) trait Code: Sized {
    /// What tells entries of this kind from others.
    const KIND: &'static [u8];

    /// Its bytes, to be kept.
    fn serialize(&self) -> Result<Vec<u8>>;

    /// What was kept.
    ///
    /// # Safety
    /// The bytes are what [`Code::serialize`] gave, unchanged: they are run.
    unsafe fn deserialize(engine: &Engine, bytes: &[u8]) -> Result<Self>;
}

impl Code for Component {
    const KIND: &'static [u8] = b"component";

    fn serialize(&self) -> Result<Vec<u8>> {
        self.serialize()
    }

    unsafe fn deserialize(engine: &Engine, bytes: &[u8]) -> Result<Self> {
        // SAFETY: the caller says whose they are.
        unsafe { Self::deserialize(engine, bytes) }
    }
}

impl Code for Module {
    const KIND: &'static [u8] = b"module";

    fn serialize(&self) -> Result<Vec<u8>> {
        self.serialize()
    }

    unsafe fn deserialize(engine: &Engine, bytes: &[u8]) -> Result<Self> {
        // SAFETY: the caller says whose they are.
        unsafe { Self::deserialize(engine, bytes) }
    }
}

impl CodeCache {
    /// A cache in a folder, which is made if it is not there, with a key that is
    /// used for nothing else.
    ///
    /// # Errors
    /// When the folder cannot be made, is none, or is another user's.
    pub fn open(folder: &Path, key: [u8; 32]) -> io::Result<Self> {
        make_private(folder)?;
        let folder = folder.to_path_buf();
        Ok(Self { folder, key })
    }

    /// The entries of a tenant, or of those who name none.
    pub(crate) fn of(&self, tenant: Option<&str>) -> TenantCode {
        let tenant = match tenant {
            Some(name) => [&[1], name.as_bytes()].concat(),
            None => vec![0],
        };
        TenantCode {
            folder: self.folder.clone(),
            key: code(&self.key, &[b"tenant:v1", &tenant]),
        }
    }
}

impl TenantCode {
    /// What was compiled of these bytes' digest for an engine.
    pub(crate) fn load<C: Code>(&self, engine: &Engine, digest: &[u8; 32]) -> Option<C> {
        let name = self.name::<C>(engine, digest);
        let path = self.folder.join(&name);
        let bytes = read(&path)?;
        let (found, code) = bytes.split_first_chunk::<CODE>()?;
        let is_ours = self.mac(&name, code).verify_slice(found).is_ok();
        // SAFETY: whoever has the user's key wrote these bytes, which is this
        // program when it had compiled them, and they are in memory of its own.
        let code = is_ours.then(|| unsafe { C::deserialize(engine, code) });
        if let Some(Ok(code)) = code {
            return Some(code);
        }
        // It is compiled again.
        let _ = fs::remove_file(path);
        None
    }

    /// Keeps what was compiled, if there is room: it can be compiled again.
    pub(crate) fn keep<C: Code>(&self, engine: &Engine, digest: &[u8; 32], compiled: &C) {
        let Ok(code) = compiled.serialize() else {
            return;
        };
        if code.len() as u64 > QUOTA / 2 {
            return;
        }
        let name = self.name::<C>(engine, digest);
        let found = self.mac(&name, &code).finalize().into_bytes();
        // What cannot be written is compiled again.
        let _ = write(&self.folder, &name, &[&found, &code]);
    }

    /// Makes room, after all of a program was kept.
    pub(crate) fn prune(&self) {
        prune(&self.folder, QUOTA);
    }

    fn name<C: Code>(&self, engine: &Engine, digest: &[u8; 32]) -> String {
        let mut hashed = Hashed(Sha256::new());
        engine.precompile_compatibility_hash().hash(&mut hashed);
        let engine = hashed.0.finalize();
        let version = env!("CARGO_PKG_VERSION").as_bytes();
        let parts: [&[u8]; 6] = [b"name:v2", C::KIND, &[0], digest, &engine, version];
        let name = code(&self.key, &parts);
        name.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn mac(&self, name: &str, code: &[u8]) -> Hmac<Sha256> {
        let mut mac = keyed(&self.key);
        for part in [b"code:v1", name.as_bytes(), code] {
            mac.update(part);
        }
        mac
    }
}

fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("a key of any length will do")
}

/// The code of parts, which are told apart by their lengths, or by how they end.
fn code(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = keyed(key);
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// A hash of everything that is hashed, where a number would be of too little.
struct Hashed(Sha256);

impl Hasher for Hashed {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        0
    }
}

/// The bytes of an entry, which is marked as used.
fn read(path: &Path) -> Option<Vec<u8>> {
    let found = fs::symlink_metadata(path).ok()?;
    if !found.is_file() || found.len() > QUOTA {
        return None;
    }
    let file = File::open(path).ok()?;
    let mut bytes = Vec::with_capacity(found.len() as usize);
    (&file).take(QUOTA).read_to_end(&mut bytes).ok()?;
    // Then it goes a little earlier than it should.
    let _ = file.set_modified(SystemTime::now());
    Some(bytes)
}

/// Makes a file appear whole.
fn write(folder: &Path, name: &str, parts: &[&[u8]]) -> io::Result<()> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let number = COUNT.fetch_add(1, Relaxed);
    let new = folder.join(format!("{NEW}{}-{number}", std::process::id()));
    let written = || {
        let mut file = private().create_new(true).open(&new)?;
        parts.iter().try_for_each(|part| file.write_all(part))?;
        fs::rename(&new, folder.join(name))
    };
    let written = written();
    if written.is_err() {
        let _ = fs::remove_file(&new);
    }
    written
}

/// Removes what was never finished, and of the rest what was not used for longest
/// until it fits.
fn prune(folder: &Path, quota: u64) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    let now = SystemTime::now();
    let mut files = Vec::new();
    for entry in entries.filter_map(Result::ok) {
        let Ok(found) = entry.metadata() else {
            continue;
        };
        let used = found.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        let is_new = entry.file_name().to_string_lossy().starts_with(NEW);
        match is_new && now.duration_since(used).is_ok_and(|age| age > MAKING) {
            true => drop(fs::remove_file(entry.path())),
            false => files.push((used, found.len(), entry.path())),
        }
    }
    let mut total: u64 = files.iter().map(|(_, size, _)| size).sum();
    if total <= quota {
        return;
    }
    // More than has to go, so that it is not looked for each time.
    files.sort();
    for (_, size, path) in files {
        if total <= quota / 4 * 3 {
            break;
        }
        let _ = fs::remove_file(path);
        total -= size;
    }
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes a folder that its owner alone can use, or makes it one that was there.
fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    let found = fs::symlink_metadata(folder)?;
    if !found.is_dir() {
        return Err(io::Error::other("it is not a folder"));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
        if found.uid() != rustix::process::geteuid().as_raw() {
            return Err(io::Error::other("it is another user's"));
        }
        if found.mode() & 0o077 != 0 {
            fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
            say(&format!(
                "composectl: others had access to `{}`, which has compiled code; now they have not\n",
                folder.display()
            ));
        }
    }
    Ok(())
}
