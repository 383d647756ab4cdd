//! From digests to compiled components: trust first, then bytes, then code.

use std::sync::Arc;
use std::time::Instant;

use wasi_guest::Tenant;
use wasmtime::component::Component;

use crate::bindings::sys::compose::runner::Program;
use crate::events::code_name;
use crate::host::{Host, digest};
use crate::run::internal;
use crate::types::{Error, ErrorCode};

/// Checks that every part of a program is trusted, each time; compiles it once.
pub async fn load(
    host: &Arc<Host>,
    tenant: &Arc<Tenant>,
    program: &Program,
) -> Result<Component, Error> {
    trusted(host, program)?;
    let store = host.store()?;
    let artifact = digest(&program.artifact)?;
    if let Some(component) = tenant.compiled(artifact.as_bytes()) {
        return Ok(component);
    }
    let id = id_of(program);
    let started = Instant::now();
    host.progress.begin(&format!("compiling {id}"));
    let (host, tenant) = (host.clone(), tenant.clone());
    // Not on the thread whose time is the guest's.
    let compiled = tokio::task::spawn_blocking(move || {
        let bytes = store.bytes(&artifact)?;
        let component = Component::new(tenant.engine(), &bytes).map_err(|error| Error {
            code: ErrorCode::EmitCompositionFailed,
            message: format!("the component cannot be compiled: {error:#}"),
            context: Some(artifact.to_string()),
        })?;
        tenant.keep(*artifact.as_bytes(), &component);
        Ok::<_, Error>((component, bytes.len()))
    });
    let compiled = compiled.await.map_err(internal)?;
    host.progress.end();
    let (component, bytes) = compiled?;
    let fields = [
        ("id", id),
        ("digest", artifact.to_string()),
        ("bytes", bytes.to_string()),
        ("duration_us", started.elapsed().as_micros().to_string()),
    ];
    host.events.emit("component.compiled", &fields);
    Ok(component)
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

/// The id that names a program.
pub fn id_of(program: &Program) -> String {
    let part = program.parts.first();
    part.map(|part| part.id.clone()).unwrap_or_default()
}
