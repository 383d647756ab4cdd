//! The component's imports as the library's host.

use compositor_core::host::{
    Blobs, Configuration, Events, Output, Program, Route, Runner, Segment, Server, Trust, Unserved,
    Validated, Writer, proposals,
};
use std::sync::OnceLock;

use compositor_core::{Code, Digest, Error, Host, LimitError, Limits};

use crate::bindings::sys::compose::{blobs, events, limits, runner, trust, types};
use crate::convert::{configuration, digest, error, program, route, to_server};

/// The world around the component.
pub struct Imports;

/// As the library's host.
pub fn host() -> Result<Host<'static>, Error> {
    Ok(Host {
        blobs: &Imports,
        trust: &Imports,
        events: &Imports,
        runner: &Imports,
        limits: limits()?,
    })
}

/// What input may have at the most.
pub fn limits() -> Result<&'static Limits, Error> {
    static LIMITS: OnceLock<Result<Limits, LimitError>> = OnceLock::new();
    let asked = LIMITS.get_or_init(|| {
        let values = limits::get();
        Limits::with(values.iter().map(|(name, value)| (name.as_str(), *value)))
    });
    asked.as_ref().map_err(|error| Error {
        code: Code::InvalidInput,
        message: format!("the host sets a limit that cannot be: {error}"),
        context: Some("sys:compose/limits".to_string()),
    })
}

impl Blobs for Imports {
    fn stat(&self, digest: &Digest) -> Result<Option<u64>, Error> {
        blobs::stat(digest.as_bytes()).map_err(error)
    }

    fn read(&self, digest: &Digest, offset: u64, length: u64) -> Result<Vec<u8>, Error> {
        blobs::read(digest.as_bytes(), offset, length).map_err(error)
    }

    fn validate_modules(&self, digest: &Digest, ranges: &[(u64, u64)]) -> Result<Validated, Error> {
        let validated = blobs::validate_modules(digest.as_bytes(), ranges).map_err(error)?;
        match validated {
            Ok(names) => proposals(names.iter().map(String::as_str)).map(Ok),
            Err(fault) => Ok(Err(fault)),
        }
    }

    fn verify(&self, digests: &[Digest]) -> Vec<Result<(), Error>> {
        let digests: Vec<Vec<u8>> = digests.iter().map(|d| d.as_bytes().to_vec()).collect();
        let mut verified = blobs::verify(&digests);
        // Silence is no consent.
        verified.resize_with(digests.len(), || Err(unanswered()));
        let verified = verified.into_iter();
        verified.map(|done| done.map_err(error)).collect()
    }

    fn derive(&self) -> Result<Box<dyn Writer + '_>, Error> {
        Ok(Box::new(Open(blobs::create(true).map_err(error)?)))
    }

    fn find_key(&self, key: &Digest) -> Result<Option<Digest>, Error> {
        match blobs::find_key(key.as_bytes()).map_err(error)? {
            Some(found) => digest(&found).map(Some),
            None => Ok(None),
        }
    }

    fn record_key(&self, key: &Digest, blob: &Digest) -> Result<(), Error> {
        blobs::record_key(key.as_bytes(), blob.as_bytes()).map_err(error)
    }

    fn holds(&self, blob: &Digest, segments: &[Segment]) -> Result<bool, Error> {
        let segments: Vec<blobs::Segment> = segments.iter().map(segment).collect();
        blobs::holds(blob.as_bytes(), &segments).map_err(error)
    }

    fn get_record(&self, key: &Digest) -> Result<Option<Vec<u8>>, Error> {
        blobs::get_record(key.as_bytes()).map_err(error)
    }

    fn put_record(&self, key: &Digest, value: &[u8]) -> Result<(), Error> {
        blobs::put_record(key.as_bytes(), value).map_err(error)
    }
}

fn segment(segment: &Segment) -> blobs::Segment {
    match segment {
        Segment::Bytes(bytes) => blobs::Segment::Bytes(bytes.clone()),
        Segment::Blob(digest, size) => blobs::Segment::Blob((digest.as_bytes().to_vec(), *size)),
    }
}

fn unanswered() -> types::Error {
    types::Error {
        code: types::ErrorCode::InternalError,
        message: "the host did not say whether a blob is good".to_string(),
        context: None,
    }
}

fn output(written: runner::Output) -> Output {
    Output {
        stdout: written.stdout,
        stderr: written.stderr,
    }
}

struct Open(blobs::Writer);

impl Writer for Open {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.0.write(bytes).map_err(error)
    }

    fn splice(&mut self, digest: &Digest, offset: u64, length: u64) -> Result<(), Error> {
        self.0
            .splice(digest.as_bytes(), offset, length)
            .map_err(error)
    }

    fn finish(self: Box<Self>) -> Result<Digest, Error> {
        digest(&blobs::Writer::finish(self.0).map_err(error)?)
    }
}

impl Trust for Imports {
    fn verify(&self, digest: &Digest) -> Result<(), Error> {
        trust::verify(digest.as_bytes()).map_err(error)
    }
}

impl Events for Imports {
    fn emit(&self, kind: &str, fields: &[(&str, String)]) {
        let fields = fields.iter();
        events::emit(&events::Event {
            kind: kind.to_string(),
            fields: fields
                .map(|(name, value)| ((*name).to_string(), value.clone()))
                .collect(),
        });
    }
}

impl Runner for Imports {
    fn fingerprint(&self) -> String {
        runner::fingerprint()
    }

    fn run(&self, root: &Program, with: &Configuration) -> Result<(u32, Output), Error> {
        let ran = runner::run(&program(root), &configuration(with));
        ran.map(|(status, written)| (status, output(written)))
            .map_err(error)
    }

    fn invoke(
        &self,
        root: &Program,
        call: &str,
        with: &Configuration,
    ) -> Result<(String, Output), Error> {
        let called = runner::invoke(&program(root), call, &configuration(with));
        called
            .map(|(result, written)| (result, output(written)))
            .map_err(error)
    }

    fn serve(&self, routes: &[Route], server: &Server) -> Result<(), Unserved> {
        let routes: Vec<runner::Route> = routes.iter().map(route).collect();
        let served = runner::serve(&routes, &to_server(server));
        served.map_err(|unserved| Unserved {
            route: unserved.route.map(|index| index as usize),
            error: error(unserved.error),
        })
    }
}
