//! What can be asked of a plan: to validate, build, lock and convert it, and its id.

use std::rc::Rc;

use crate::decide::together;
use crate::emit::Artifact;
use crate::host_policy::HostPolicy;
use crate::pipeline::{build_parsed, check};
use crate::programs::check_programs;
use crate::resolve::Hashing;
use compositor_diagnostic::limits::Limits;
use compositor_diagnostic::{Diagnostic, Digest, Rule};
use compositor_host::Host;
use compositor_plan::{
    Decided, Encoding, Place, Plan, parse, parse_any, plan_id, to_cbor, to_json,
};
use compositor_wasm::Strip;

/// What validation found, when it found no error.
#[derive(Clone, Debug)]
pub struct Report {
    /// The plan.
    pub plan: Rc<Plan>,
    /// How it is written.
    pub encoding: Encoding,
    /// Each import that nothing binds, and what was decided of it.
    pub imports: Vec<Decided>,
    /// What the artifact exports.
    pub exports: Vec<String>,
    /// Warnings and notes.
    pub findings: Vec<Diagnostic>,
}

/// Checks everything, blobs' bytes included; reports what the artifact would be.
pub fn validate(
    bytes: &[u8],
    policy: &HostPolicy,
    host: Host<'_>,
) -> Result<Report, Vec<Diagnostic>> {
    let parsed = parse(bytes, host.limits)?;
    let checked = check(parsed, policy, Hashing::Now, host)?;
    let mut imports = check_programs(&checked.parsed, policy, host)?;
    imports.extend(checked.decided);
    let exports = checked.graph.plan.exports().iter();
    let exports = exports.map(|export| export.name.clone()).collect();
    Ok(Report {
        imports: together(imports),
        exports,
        encoding: checked.parsed.encoding,
        plan: checked.parsed.plan,
        findings: checked.findings,
    })
}

/// Composes a plan to an artifact in the blob store. What the emit cache has
/// is not written again, but everything is checked and said all the same.
pub fn build(
    bytes: &[u8],
    policy: &HostPolicy,
    host: Host<'_>,
) -> Result<Artifact, Vec<Diagnostic>> {
    build_parsed(parse(bytes, host.limits)?, policy, None, host)
}

/// Composes a plan as [`build`] does, with custom sections of its components left out:
/// each stripped form is a blob of its own in the store.
pub fn build_stripped(
    bytes: &[u8],
    policy: &HostPolicy,
    strip: Strip,
    host: Host<'_>,
) -> Result<Artifact, Vec<Diagnostic>> {
    build_parsed(parse(bytes, host.limits)?, policy, Some(strip), host)
}

/// Sets digests of components by id, and returns the plan as JSON.
pub fn lock(
    bytes: &[u8],
    digests: &[(String, Digest)],
    limits: &Limits,
) -> Result<Vec<u8>, Vec<Diagnostic>> {
    let parsed = parse(bytes, limits)?;
    let mut plan = Plan::clone(&parsed.plan);
    let mut findings = Vec::new();
    for (id, digest) in digests {
        match plan
            .components
            .iter_mut()
            .find(|component| component.id == *id)
        {
            Some(component) => component.digest = Some(*digest),
            None => {
                let message = format!("no component has the id {id:?}");
                let help = "lock the components that the plan has";
                let error = Diagnostic::error(Rule::UnknownId, message, help);
                findings.push(error.at(Place::Components));
            }
        }
    }
    if findings.is_empty() {
        Ok(to_json(&plan).into_bytes())
    } else {
        Err(parsed.place(findings))
    }
}

/// Writes a plan in an encoding; what is CBOR may be of any form that can mean
/// one thing only. To CBOR takes a locked plan: the plan id is the hash of it.
pub fn convert(bytes: &[u8], to: Encoding, limits: &Limits) -> Result<Vec<u8>, Vec<Diagnostic>> {
    let parsed = parse_any(bytes, limits)?;
    match to {
        Encoding::Json => Ok(to_json(&parsed.plan).into_bytes()),
        Encoding::Cbor => parsed.locked().map(|()| to_cbor(&parsed.plan)),
    }
}

/// The plan id of a locked plan.
pub fn id(bytes: &[u8], limits: &Limits) -> Result<Digest, Vec<Diagnostic>> {
    let parsed = parse(bytes, limits)?;
    parsed.locked().map(|()| plan_id(&parsed.plan))
}
