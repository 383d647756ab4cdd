//! The pipeline, in order:
//! `parse → validate → resolve → shape → decide → satisfy → compose → seal → write → run`.

use std::rc::Rc;

use crate::compose::{Graph, compose};
use crate::diagnostic::Diagnostic;
use crate::digest::Digest;
use crate::emit::{self, Artifact, Sealed};
use crate::graph;
use crate::host::{Host, Import};
use crate::host_policy::HostPolicy;
use crate::limits::Limits;
use crate::plan::{
    Decided, Encoding, Parsed, Plan, parse, parse_any, plan_id, to_cbor, to_json, unlocked,
};
use crate::policy::{self, Grants};
use crate::programs::check_programs;
use crate::resolve::{Hashing, resolve};
use crate::satisfy::{satisfy, together};
use crate::shape_phase;
use crate::target;

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

/// A plan that has passed every check, ready to be written.
pub struct Checked<'a> {
    /// Its text.
    pub parsed: Parsed<'a>,
    pub(crate) graph: Graph,
    pub(crate) sealed: Sealed,
    /// What components get for imports that nothing binds.
    pub decided: Vec<Decided>,
    /// Warnings and notes of all phases.
    pub findings: Vec<Diagnostic>,
}

impl Checked<'_> {
    /// The root's own imports that functions come through.
    pub(crate) fn given_to_root(&self) -> Vec<Import> {
        let root = &self.parsed.plan.root;
        self.graph.shaped.resolved.world(root).given()
    }

    /// What the limit `work` is about.
    pub fn work(&self) -> usize {
        self.graph.shaped.resolved.work()
    }
}

/// Checks a plan in full, from its graph to the dry link.
pub fn check<'a>(
    parsed: Parsed<'a>,
    policy: &HostPolicy,
    hashing: Hashing,
    host: Host<'_>,
) -> Result<Checked<'a>, Vec<Diagnostic>> {
    check_part(parsed, policy, true, hashing, host)
}

/// Checks a plan, or a part of one: then what rules are about may be in another
/// part.
pub(crate) fn check_part<'a>(
    parsed: Parsed<'a>,
    policy: &HostPolicy,
    is_whole: bool,
    hashing: Hashing,
    host: Host<'_>,
) -> Result<Checked<'a>, Vec<Diagnostic>> {
    let placed = |findings| parsed.place(findings);
    let mut findings = policy::warnings(&parsed.plan);

    let (valid, warnings) = graph::check(&parsed.plan).map_err(placed)?;
    findings.extend(warnings);
    event(host, "plan.valid", &parsed.plan);
    let resolved = resolve(valid, hashing, host).map_err(placed)?;
    event(host, "plan.resolved", &parsed.plan);
    if is_whole {
        let components = parsed.plan.components.iter();
        let worlds = components.map(|c| (c.id.as_str(), resolved.world(&c.id)));
        findings.extend(policy::check_rules(&parsed.plan, policy, worlds).map_err(placed)?);
    }
    let (shaped, warnings) = shape_phase::check(resolved, policy).map_err(placed)?;
    findings.extend(warnings);
    let decided = policy::check(&shaped, &Grants::new(&parsed.plan, policy)).map_err(placed)?;
    findings.extend(policy::notes(&shaped, &decided));
    let satisfied = satisfy(shaped, &decided, host.limits).map_err(placed)?;
    let graph = compose(satisfied);
    let sealed = emit::seal(&graph, emit::emit_key(&parsed.plan, &decided)).map_err(placed)?;
    policy::prove(&sealed, &decided, &graph.shaped).map_err(placed)?;
    findings.extend(target::check(policy.target, &graph, &sealed).map_err(placed)?);
    findings.extend(sealed.findings.iter().cloned());
    event(host, "plan.composed", &parsed.plan);

    Ok(Checked {
        findings: parsed.place(findings),
        parsed,
        graph,
        sealed,
        decided,
    })
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
    let exports = checked.graph.shaped.exports.iter();
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
    build_parsed(parse(bytes, host.limits)?, policy, host)
}

/// Composes a plan that was read.
pub(crate) fn build_parsed(
    parsed: Parsed<'_>,
    policy: &HostPolicy,
    host: Host<'_>,
) -> Result<Artifact, Vec<Diagnostic>> {
    let checked = check(parsed, policy, Hashing::WhenSpliced, host)?;
    match target::too_many(policy.target, &checked.graph, &checked.sealed) {
        Some(error) => Err(checked.parsed.place(vec![error])),
        None => build_checked(checked, host),
    }
}

/// Composes a plan that was checked.
pub(crate) fn build_checked(
    checked: Checked<'_>,
    host: Host<'_>,
) -> Result<Artifact, Vec<Diagnostic>> {
    let placed = |errors| checked.parsed.place(errors);
    let (artifact, kind) = match emit::cached(&checked.sealed, host) {
        Some(artifact) => (artifact, "emit.cached"),
        None => {
            let written = emit::write(&checked.sealed, &checked.graph, host);
            (written.map_err(placed)?, "emit.written")
        }
    };
    let fields = [
        ("plan", artifact.plan_id.to_string()),
        ("emit_key", artifact.emit_key.to_string()),
        ("artifact", artifact.digest.to_string()),
        ("bytes", artifact.size.to_string()),
    ];
    host.events.emit(kind, &fields);
    Ok(Artifact {
        findings: checked.findings,
        decided: checked.decided,
        ..artifact
    })
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
                let code = crate::Code::PlanInvalidGraph;
                findings.push(Diagnostic::error(code, message, help).at("/components"));
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
        Encoding::Cbor => locked(&parsed).map(|()| to_cbor(&parsed.plan)),
    }
}

/// The plan id of a locked plan.
pub fn id(bytes: &[u8], limits: &Limits) -> Result<Digest, Vec<Diagnostic>> {
    let parsed = parse(bytes, limits)?;
    locked(&parsed).map(|()| plan_id(&parsed.plan))
}

fn locked(parsed: &Parsed<'_>) -> Result<(), Vec<Diagnostic>> {
    let findings = unlocked(&parsed.plan);
    match findings.is_empty() {
        true => Ok(()),
        false => Err(parsed.place(findings)),
    }
}

fn event(host: Host<'_>, kind: &str, plan: &Plan) {
    host.events
        .emit(kind, &[("plan", plan_id(plan).to_string())]);
}
