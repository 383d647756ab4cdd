//! Running: emit, check trust of every component, hand the artifact to the
//! host's runner with everything that was decided here.

use crate::diagnostic::Diagnostic;
use crate::digest::Digest;
use crate::host::{Configuration, Folder, Host};
use crate::order::sort;
use crate::pipeline::{build, check};
use crate::plan::{Linkage, Plan, parse};
use crate::resolve::Hashing;
use crate::wasm::item_wit;

/// What the user gives a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Program name and arguments.
    pub arguments: Vec<String>,
    /// Environment of the guest.
    pub environment: Vec<(String, String)>,
    /// Folders of the guest.
    pub folders: Vec<Folder>,
    /// Capabilities that the user allows.
    pub allow: Vec<String>,
}

/// Runs `wasi:cli/run` of a plan's artifact; returns the guest's exit status.
pub fn run(bytes: &[u8], options: &Options, host: Host<'_>) -> Result<u32, Vec<Diagnostic>> {
    let (artifact, configuration) = prepare(bytes, options, host)?;
    host.runner
        .run(&artifact, &configuration)
        .map_err(|error| vec![Diagnostic::of_host(error, "")])
}

/// Calls an export of a plan's artifact, arguments and result in WAVE.
pub fn invoke(
    bytes: &[u8],
    call: &str,
    options: &Options,
    host: Host<'_>,
) -> Result<String, Vec<Diagnostic>> {
    let (artifact, configuration) = prepare(bytes, options, host)?;
    host.runner
        .invoke(&artifact, call, &configuration)
        .map_err(|error| vec![Diagnostic::of_host(error, "")])
}

/// The exports of a plan's artifact, each with its WIT.
pub fn exports(bytes: &[u8], host: Host<'_>) -> Result<Vec<(String, String)>, Vec<Diagnostic>> {
    let checked = check(parse(bytes)?, Hashing::WhenSpliced, host)?;
    let shaped = &checked.graph.shaped;
    let exports = shaped.exports.iter().filter_map(|export| {
        let world = shaped.resolved.world(&export.component);
        let item = &world.export(&export.name)?.item;
        Some((export.name.clone(), item_wit(world, &export.name, item)))
    });
    Ok(exports.collect())
}

fn prepare(
    bytes: &[u8],
    options: &Options,
    host: Host<'_>,
) -> Result<(Digest, Configuration), Vec<Diagnostic>> {
    let parsed = parse(bytes)?;
    let untrusted: Vec<Diagnostic> = parsed
        .plan
        .components
        .iter()
        .enumerate()
        .filter_map(|(index, component)| {
            let digest = component.digest?;
            let mut error = host.trust.verify(&digest).err()?;
            error.message = format!("component {:?} ({digest}): {}", component.id, error.message);
            let finding = Diagnostic::of_host(error, format!("/components/{index}"));
            let help = format!("`trust add {digest}` trusts it, if you do");
            Some(Diagnostic { help, ..finding })
        })
        .collect();
    if !untrusted.is_empty() {
        return Err(parsed.place(untrusted));
    }
    let artifact = build(bytes, host)?;
    Ok((artifact.digest, configuration(&parsed.plan, options)))
}

fn configuration(plan: &Plan, options: &Options) -> Configuration {
    let policy = plan.policy.as_ref();
    let limits = policy.map(|policy| policy.limits).unwrap_or_default();
    let links = match plan.linkage {
        Linkage::Static => Vec::new(),
        Linkage::Runtime => plan
            .components
            .iter()
            .filter_map(|component| Some((component.id.clone(), component.digest?)))
            .collect(),
    };
    let grants = policy.map(|policy| {
        let asked = policy
            .capabilities
            .iter()
            .map(|capability| capability.name.clone());
        let mut grants: Vec<String> = asked.chain(options.allow.iter().cloned()).collect();
        sort(&mut grants);
        grants.dedup();
        grants
    });
    Configuration {
        arguments: options.arguments.clone(),
        environment: options.environment.clone(),
        folders: options.folders.clone(),
        grants,
        links,
        cpu_ms: limits.cpu_ms,
        memory_bytes: limits.memory_bytes,
        io_ops: limits.io_ops,
        tenant: policy.and_then(|policy| policy.tenant.clone()),
    }
}
