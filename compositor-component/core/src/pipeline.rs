//! The pipeline, in order:
//! `parse → validate → resolve → shape → decide → enforce → compose → strip → seal → prove → write`.

use crate::compose::{Graph, compose};
use crate::decide;
use crate::emit::{self, Artifact, Sealed};
use crate::enforce::enforce;
use crate::fit_target;
use crate::fit_world;
use crate::host_policy::HostPolicy;
use crate::policy::{self, Grants};
use crate::prove::prove;
use crate::resolve::{Hashing, resolve};
use crate::shape_phase;
use crate::strip::{Forms, forms};
use compositor_diagnostic::Diagnostic;
use compositor_host::{Host, Import};
use compositor_plan::{Decided, Parsed, Plan, graph, plan_id};
use compositor_wasm::Strip;

/// A plan that has passed every check, ready to be written.
pub struct Checked<'a> {
    /// Its text.
    pub parsed: Parsed<'a>,
    pub(crate) graph: Graph,
    forms: Forms,
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
        self.graph.plan.world(root).given()
    }

    /// What the limit `work` is about.
    pub fn work(&self) -> usize {
        self.graph.plan.work()
    }
}

/// Checks a plan in full, from its graph to the dry link.
pub fn check<'a>(
    parsed: Parsed<'a>,
    policy: &HostPolicy,
    hashing: Hashing,
    host: Host<'_>,
) -> Result<Checked<'a>, Vec<Diagnostic>> {
    check_part(parsed, policy, true, hashing, None, host)
}

/// Checks a plan, or a part of one: then what rules are about may be in another
/// part. What is stripped is written.
pub(crate) fn check_part<'a>(
    parsed: Parsed<'a>,
    policy: &HostPolicy,
    is_whole: bool,
    hashing: Hashing,
    strip: Option<Strip>,
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
    let grants = Grants::new(&parsed.plan, policy);
    let (decided, idle) = decide::check(&shaped, &grants).map_err(placed)?;
    if is_whole {
        findings.extend(idle.warnings(&grants));
    }
    findings.extend(decide::notes(&shaped, &decided));
    let enforced = enforce(shaped, &decided, host.limits).map_err(placed)?;
    let graph = compose(enforced);
    let forms = forms(&graph, strip, host).map_err(placed)?;
    let emit_key = emit::emit_key(&parsed.plan, &decided, strip);
    let sealed = emit::seal(&graph, &forms, emit_key);
    let mut sealed = sealed.map_err(|unsealed| placed(fit_target::unsealed(&graph, unsealed)))?;
    prove(&sealed, &decided, &graph.plan).map_err(placed)?;
    findings.extend(fit_target::check(policy.target, &graph, &sealed).map_err(placed)?);
    if let (true, Some(world)) = (is_whole, &policy.world) {
        fit_world::check(world, &graph, &mut sealed).map_err(placed)?;
    }
    findings.extend(sealed.findings.iter().cloned());
    event(host, "plan.composed", &parsed.plan);

    Ok(Checked {
        findings: parsed.place(findings),
        parsed,
        graph,
        forms,
        sealed,
        decided,
    })
}

/// Composes a plan that was read, with its components stripped where that is asked for.
pub(crate) fn build_parsed(
    parsed: Parsed<'_>,
    policy: &HostPolicy,
    strip: Option<Strip>,
    host: Host<'_>,
) -> Result<Artifact, Vec<Diagnostic>> {
    let checked = check_part(parsed, policy, true, Hashing::WhenSpliced, strip, host)?;
    match fit_target::too_many(policy.target, &checked.graph, &checked.sealed) {
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
            let written = emit::write(&checked.sealed, &checked.graph, &checked.forms, host);
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

fn event(host: Host<'_>, kind: &str, plan: &Plan) {
    host.events
        .emit(kind, &[("plan", plan_id(plan).to_string())]);
}
