//! What the pipeline needs of the world around it: `sys:compose`'s imports
//! as traits, so that the core does no IO and runs natively in tests.

use crate::digest::Digest;
use crate::error::Error;

/// Content-addressed bytes (`sys:compose/blobs`).
pub trait Blobs {
    /// The size of a blob in bytes, or none when the store lacks it.
    fn stat(&self, digest: &Digest) -> Result<Option<u64>, Error>;

    /// Up to `length` bytes from `offset`; fewer only at the blob's end.
    /// The whole blob is hashed before the first read of it is answered.
    fn read(&self, digest: &Digest, offset: u64, length: u64) -> Result<Vec<u8>, Error>;

    /// Hashes the whole blob and compares.
    fn verify(&self, digest: &Digest) -> Result<(), Error>;

    /// Starts a blob.
    fn create(&self) -> Result<Box<dyn Writer + '_>, Error>;

    /// The blob recorded under a cache key.
    fn find_key(&self, key: &Digest) -> Result<Option<Digest>, Error>;

    /// Records a blob under a cache key.
    fn record_key(&self, key: &Digest, blob: &Digest) -> Result<(), Error>;
}

/// A blob in the making; nothing is visible until it is finished.
pub trait Writer {
    /// Appends bytes.
    fn write(&mut self, bytes: &[u8]) -> Result<(), Error>;

    /// Appends a range of a stored blob.
    fn splice(&mut self, digest: &Digest, offset: u64, length: u64) -> Result<(), Error>;

    /// Makes the blob visible under its digest.
    fn finish(self: Box<Self>) -> Result<Digest, Error>;
}

/// Which digests may be instantiated (`sys:compose/trust`).
pub trait Trust {
    /// Succeeds when the digest is trusted.
    fn verify(&self, digest: &Digest) -> Result<(), Error>;
}

/// Who watches (`sys:compose/events`).
pub trait Events {
    /// Reports a step, with names and values in a fixed order.
    fn emit(&self, kind: &str, fields: &[(&str, String)]);
}

/// A folder lent to the guest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// The folder's path on the host.
    pub host: String,
    /// The path that the guest sees.
    pub guest: String,
    /// Whether the guest may only read.
    pub read_only: bool,
}

/// Everything that decides how an artifact behaves
/// (`sys:compose/runner.configuration`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Configuration {
    /// Program name and arguments.
    pub arguments: Vec<String>,
    /// Environment of the guest.
    pub environment: Vec<(String, String)>,
    /// Folders of the guest.
    pub folders: Vec<Folder>,
    /// Names of the granted capabilities; none when the plan states no policy.
    pub grants: Option<Vec<String>>,
    /// Ids that `compose:dynlink/linker` may resolve, with their digests.
    pub links: Vec<(String, Digest)>,
    /// Guest time in milliseconds.
    pub cpu_ms: Option<u64>,
    /// Bytes over all memories of an instance.
    pub memory_bytes: Option<u64>,
    /// Calls of host imports.
    pub io_ops: Option<u64>,
    /// Whose caches and accounting these are.
    pub tenant: Option<String>,
}

/// Instantiates artifacts (`sys:compose/runner`).
pub trait Runner {
    /// Runs `wasi:cli/run` of an artifact; returns the guest's exit status.
    fn run(&self, artifact: &Digest, configuration: &Configuration) -> Result<u32, Error>;

    /// Calls an export, arguments and result in WAVE.
    fn invoke(
        &self,
        artifact: &Digest,
        call: &str,
        configuration: &Configuration,
    ) -> Result<String, Error>;
}

/// The world around the pipeline.
#[derive(Clone, Copy)]
pub struct Host<'a> {
    /// Blobs.
    pub blobs: &'a dyn Blobs,
    /// Trust.
    pub trust: &'a dyn Trust,
    /// Events.
    pub events: &'a dyn Events,
    /// The runner.
    pub runner: &'a dyn Runner,
}
