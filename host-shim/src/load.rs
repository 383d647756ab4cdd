//! From digests to programs that are linked: trust first, then bytes, then what they
//! import, then code.

use std::sync::Arc;
use std::time::{Duration, Instant};

use composectl_runtime::{Guest, Tenant};
use compositor_store::Digest;
use wasmtime::component::InstancePre;

use crate::bindings::sys::compose::runner::Program;
use crate::digest::digest;
use crate::error::{Error, ErrorCode, code_name, error, internal};
use crate::footprint::Footprint;
use crate::host::Host;
use crate::imports::Outside;
use crate::program::id_of;

/// What a program is loaded for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The root of a plan.
    Root,
    /// What a guest resolves, and calls through its endpoint.
    Provider,
}

/// A component that is ready to be instantiated, and what an instance of it takes.
pub type Loaded = (InstancePre<Guest>, Footprint);

/// Checks that every part of a program is trusted, and that it imports what was
/// decided for it and no more, each time; compiles and links it once.
pub async fn load(
    host: &Arc<Host>,
    tenant: &Arc<Tenant<Outside>>,
    program: &Program,
    role: Role,
) -> Result<Loaded, Error> {
    trusted(host, program)?;
    let store = host.store()?;
    let artifact = digest(&program.artifact)?;
    if let Some((pre, outside)) = tenant.linked(artifact.as_bytes()) {
        may_run(&outside, program, role)?;
        return Ok((pre, outside.footprint));
    }
    let id = id_of(program);
    let started = Instant::now();
    host.progress.begin(&format!("compiling {id}"));
    let (compiler, program) = (tenant.clone(), program.clone());
    // Not on the thread whose time is the guest's.
    let compiled = tokio::task::spawn_blocking(move || {
        let bytes = store.bytes(&artifact)?;
        let outside = Outside::of(&bytes)?;
        may_run(&outside, &program, role)?;
        let compiled = compiler
            .compile(&bytes, outside.is_concurrent)
            .map_err(|error| Error {
                code: ErrorCode::EmitCompositionFailed,
                message: format!("the component cannot be compiled: {error:#}"),
                context: Some(artifact.to_string()),
            })?;
        Ok::<_, Error>((compiled, outside, bytes.len()))
    });
    let compiled = compiled.await.map_err(internal)?;
    host.progress.end();
    let (compiled, outside, bytes) = compiled?;
    let event = |kind, digest: Digest, bytes: usize, duration: Duration| {
        let fields = [
            ("id", id.clone()),
            ("digest", digest.to_string()),
            ("bytes", bytes.to_string()),
            ("duration_us", duration.as_micros().to_string()),
        ];
        host.events.emit(kind, &fields);
    };
    for made in &compiled.made {
        event(
            "module.compiled",
            digest(&made.digest)?,
            made.bytes,
            made.duration,
        );
    }
    event("component.compiled", artifact, bytes, started.elapsed());
    let pre = tenant.link(&compiled).map_err(|cause| {
        let message = format!("this host does not give what the artifact imports: {cause:#}");
        error(ErrorCode::EmitLinkError, message)
    })?;
    let footprint = outside.footprint;
    tenant.keep(*artifact.as_bytes(), &compiled, &pre, outside);
    Ok((pre, footprint))
}

/// Refuses what imports more than was decided, and what cannot do what it is
/// loaded for.
fn may_run(outside: &Outside, program: &Program, role: Role) -> Result<(), Error> {
    if role == Role::Provider && !outside.is_endpoint {
        return Err(no_endpoint(&id_of(program)));
    }
    outside.hold(program)
}

/// A component that cannot be called.
pub fn no_endpoint(id: &str) -> Error {
    let message = format!("`{id}` does not export `compose:dynlink/endpoint@0.1.0`");
    error(ErrorCode::ExecMissingExport, message)
}

/// Checks that every part of a program is trusted.
pub fn trusted(host: &Host, program: &Program) -> Result<(), Error> {
    let store = host.store()?;
    for part in &program.parts {
        let part_digest = digest(&part.digest)?;
        let Err(error) = store.verify_trust(&part_digest) else {
            continue;
        };
        let mut error = Error::from(error);
        let fields = [
            ("id", part.id.clone()),
            ("digest", part_digest.to_string()),
            ("code", code_name(error.code)),
        ];
        host.events.emit("component.refused", &fields);
        error.message = format!("component `{}`: {}", part.id, error.message);
        return Err(error);
    }
    Ok(())
}
