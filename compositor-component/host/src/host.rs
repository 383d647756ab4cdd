//! What the pipeline needs of the world around it: `sys:compose`'s imports
//! as traits, so that the core does no IO and runs natively in tests.

use compositor_diagnostic::ceilings::Ceilings;
use compositor_diagnostic::limits::Limits;
use compositor_diagnostic::{Code, Digest, Error};
use compositor_validator::{Validated, WasmFeatures, named};

/// The proposals of names that a host says.
///
/// # Errors
/// When one is none that there is: what it means is not known.
pub fn proposals<'a>(names: impl Iterator<Item = &'a str>) -> Result<WasmFeatures, Error> {
    let mut proposals = WasmFeatures::empty();
    for name in names {
        proposals |= named(name).ok_or_else(|| Error {
            code: Code::InternalError,
            message: format!("the host says that code needs {name:?}, which is no proposal"),
            context: None,
        })?;
    }
    Ok(proposals)
}

/// Content-addressed bytes (`sys:compose/blobs`).
pub trait Blobs {
    /// The size of a blob in bytes, or none when the store lacks it.
    fn stat(&self, digest: &Digest) -> Result<Option<u64>, Error>;

    /// Up to `length` bytes from `offset`; fewer only at the blob's end.
    /// The whole blob is hashed before the first read of it is answered, and what
    /// is answered is a part of what was hashed.
    fn read(&self, digest: &Digest, offset: u64, length: u64) -> Result<Vec<u8>, Error>;

    /// Proposals that the core modules in ranges of a blob need, each range a
    /// start and an end, or the first of them that is invalid.
    fn validate_modules(&self, digest: &Digest, ranges: &[(u64, u64)]) -> Result<Validated, Error>;

    /// Hashes whole blobs and compares, each with an answer, in order.
    fn verify(&self, digests: &[Digest]) -> Vec<Result<(), Error>>;

    /// Starts a blob that can be made again from others.
    fn derive(&self) -> Result<Box<dyn Writer + '_>, Error>;

    /// Whether a blob is there, has its digest, and is these segments, one behind
    /// the other. The blobs that they name are not looked at.
    fn holds(&self, blob: &Digest, segments: &[Segment]) -> Result<bool, Error>;

    /// The blob that somebody recorded under a cache key: it is not to be believed.
    fn find_key(&self, key: &Digest) -> Result<Option<Digest>, Error>;

    /// Records a blob under a cache key.
    fn record_key(&self, key: &Digest, blob: &Digest) -> Result<(), Error>;

    /// The value that this user recorded under a key, which may be believed.
    fn get_record(&self, key: &Digest) -> Result<Option<Vec<u8>>, Error>;

    /// Records a value under a key, if there is a place for what may be believed.
    fn put_record(&self, key: &Digest, value: &[u8]) -> Result<(), Error>;
}

/// A part of what a blob is made of (`sys:compose/blobs.segment`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// These bytes.
    Bytes(Vec<u8>),
    /// A whole blob of that many bytes.
    Blob(Digest, u64),
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

/// An import that functions come through (`sys:compose/runner.import`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Import {
    /// Its name.
    pub name: String,
    /// The interface that it implements under that name, where it says one.
    pub implements: Option<String>,
    /// The names of its functions, in order; its own name where it is one.
    pub functions: Vec<String>,
}

/// What is instantiated (`sys:compose/runner.program`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The blob to instantiate.
    pub artifact: Digest,
    /// Ids and digests of what it was made of; the first names the program.
    pub parts: Vec<(String, Digest)>,
    /// The imports that it may have functions of; none where nobody has a say
    /// in that and it was not read.
    pub imports: Option<Vec<Import>>,
    /// What it is granted.
    pub grants: Grants,
}

/// What a program is granted (`sys:compose/runner.grants`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Grants {
    /// TCP sockets.
    pub tcp: bool,
    /// UDP sockets.
    pub udp: bool,
    /// Resolving names of hosts.
    pub name_lookup: bool,
    /// Outgoing HTTP requests.
    pub http: bool,
    /// `compose:dynlink/linker`: resolving.
    pub resolve: bool,
    /// `compose:dynlink/linker`: calling.
    pub invoke: bool,
    /// The variables of the configuration.
    pub variables: bool,
    /// The folders of the configuration.
    pub folders: bool,
}

/// Everything that decides how an artifact behaves
/// (`sys:compose/runner.configuration`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configuration {
    /// Program name and arguments.
    pub arguments: Vec<String>,
    /// Environment of the guest.
    pub environment: Vec<(String, String)>,
    /// Folders of the guest.
    pub folders: Vec<Folder>,
    /// What `compose:dynlink/linker` may resolve.
    pub links: Vec<Program>,
    /// Ids and digests of the components that cannot be called: resolving one
    /// says so.
    pub uncallable: Vec<(String, Digest)>,
    /// Ceilings.
    pub limits: Ceilings,
    /// Whose caches and accounting these are.
    pub tenant: Option<String>,
    /// Whether what the guest writes is kept and returned, and it reads nothing.
    pub capture: bool,
    /// Whether two runs are to be the same.
    pub deterministic: bool,
    /// Whether what the guest writes to stdout goes to stderr.
    pub redirect: bool,
}

/// How a server listens and what it says (`sys:compose/runner.server`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// `HOST:PORT`, `unix:PATH`, or `inherited`.
    pub address: String,
    /// The certificate's file and its key's, where clients are to speak TLS.
    pub tls: Option<(String, String)>,
    /// A path that the host answers itself.
    pub health: Option<String>,
    /// Whether each request is logged, and not those alone that fail.
    pub access_log: bool,
}

/// A program that a server answers requests with, and which requests those are
/// (`sys:compose/runner.route`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The host that a request names, in lower case and without a port; any, where there
    /// is none.
    pub host: Option<String>,
    /// What a request's path begins with, in whole segments.
    pub path: String,
    /// What answers.
    pub root: Program,
    /// What decides how it behaves.
    pub configuration: Configuration,
}

/// Why nothing is served, or no longer (`sys:compose/runner.unserved`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unserved {
    /// The index of the route that it is about; none where it is the server.
    pub route: Option<usize>,
    /// What happened.
    pub error: Error,
}

/// What a guest wrote, where that is kept (`sys:compose/runner.output`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// To stdout.
    pub stdout: Vec<u8>,
    /// To stderr.
    pub stderr: Vec<u8>,
}

/// Instantiates artifacts (`sys:compose/runner`).
pub trait Runner {
    /// What of the host decides how guests behave.
    fn fingerprint(&self) -> String;

    /// Runs `wasi:cli/run` of a program; returns the guest's exit status.
    fn run(&self, root: &Program, configuration: &Configuration) -> Result<(u32, Output), Error>;

    /// Calls an export, arguments and result in WAVE.
    fn invoke(
        &self,
        root: &Program,
        call: &str,
        configuration: &Configuration,
    ) -> Result<(String, Output), Error>;

    /// Serves HTTP until the host is told to stop, or serves others in their place.
    fn serve(&self, routes: &[Route], server: &Server) -> Result<(), Unserved>;
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
    /// What input may have at the most.
    pub limits: &'a Limits,
}
