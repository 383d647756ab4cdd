//! Running: emit, check trust, and hand the host's runner everything that was
//! decided here. What serves is prepared here as well, and handed on in `serve.rs`.
//!
//! A static plan is one program: its artifact. A `runtime` plan has a program
//! for the root and one for each component that guests may resolve; each is
//! composed with what it is bound to and under the policy, now, from the emit
//! cache. With each goes what was decided for it: the imports that it may have
//! functions of, and what reaches it of what the user gives.

use crate::exec_key::exec_key;
use crate::host_policy::HostPolicy;
use crate::pipeline::{build_parsed, check};
use crate::policy::Grants;
use crate::program_grants::granted;
use crate::programs::{Built, build_programs, check_rules, parts};
use crate::resolve::Hashing;
use crate::reuse::{self, reuse};
use crate::run_options::Options;
use crate::targets::Target;
use crate::without_effect::without_effect;
use compositor_diagnostic::ceilings::{self, Ceilings};
use compositor_diagnostic::suggest::nearest;
use compositor_diagnostic::{Code, Diagnostic, Digest, Error, Remedy, Rule, Severity};
use compositor_host::{Configuration, Host, Output, Program};
use compositor_plan::{Linkage, Parsed, Place, Plan, graph, parse, plan_id};
use compositor_wasm::document_wit;

/// What came of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome<T> {
    /// What it returned: an exit status, or a result in WAVE.
    pub answer: T,
    /// What it wrote, where that is kept.
    pub output: Output,
    /// Warnings about the plan and about what the user gave.
    pub findings: Vec<Diagnostic>,
}

/// Runs `wasi:cli/run` of a plan's artifact; answers with the guest's exit status.
pub fn run(
    bytes: &[u8],
    options: &Options,
    host: Host<'_>,
) -> Result<Outcome<u32>, Vec<Diagnostic>> {
    let parsed = parse(bytes, host.limits)?;
    let prepared = prepare(&parsed, "run", options, ceilings::PROGRAM, host)?;
    let run = || host.runner.run(&prepared.root, &prepared.configuration);
    let ended = match options.reuse {
        false => run(),
        true => reuse(&prepared.key, host, || {
            let (status, output) = run()?;
            Ok((status.to_le_bytes().to_vec(), output))
        })
        .map(|(status, output)| {
            let status = status.try_into().map_or(u32::MAX, u32::from_le_bytes);
            (status, output)
        }),
    };
    prepared.outcome(ended)
}

/// Calls an export of a plan's artifact, arguments and result in WAVE.
pub fn invoke(
    bytes: &[u8],
    call: &str,
    options: &Options,
    host: Host<'_>,
) -> Result<Outcome<String>, Vec<Diagnostic>> {
    let parsed = parse(bytes, host.limits)?;
    let prepared = prepare(&parsed, call, options, ceilings::PROGRAM, host)?;
    let (root, configuration) = (&prepared.root, &prepared.configuration);
    let invoke = || host.runner.invoke(root, call, configuration);
    let result = match options.reuse {
        false => invoke(),
        true => reuse(&prepared.key, host, || {
            let (result, output) = invoke()?;
            Ok((result.into_bytes(), output))
        })
        .map(|(result, output)| (String::from_utf8_lossy(&result).into_owned(), output)),
    };
    prepared.outcome(result)
}

/// The exports of a plan's artifact, each with its WIT.
pub fn exports(
    bytes: &[u8],
    policy: &HostPolicy,
    host: Host<'_>,
) -> Result<Vec<(String, String)>, Vec<Diagnostic>> {
    let policy = on_composectl(policy);
    let checked = check(
        parse(bytes, host.limits)?,
        &policy,
        Hashing::WhenSpliced,
        host,
    )?;
    let plan = &checked.graph.plan;
    let exports = plan.exports().iter().filter_map(|export| {
        let world = plan.world(&export.component);
        let item = world.export(&export.name)?;
        Some((export.name.clone(), document_wit(world, item)))
    });
    Ok(exports.collect())
}

/// Everything that the host needs.
pub(crate) struct Prepared {
    /// What is instantiated.
    pub root: Program,
    /// What decides how it behaves.
    pub configuration: Configuration,
    key: Digest,
    /// Warnings.
    pub findings: Vec<Diagnostic>,
}

impl Prepared {
    /// What came of it, with the warnings; they are said beside an error, too.
    fn outcome<T>(self, ended: Result<(T, Output), Error>) -> Result<Outcome<T>, Vec<Diagnostic>> {
        let mut findings = self.findings;
        match ended {
            Ok((answer, output)) => Ok(Outcome {
                answer,
                output,
                findings,
            }),
            Err(error) => {
                findings.insert(0, Diagnostic::of_host(error, Place::Plan));
                Err(findings)
            }
        }
    }
}

/// Checks and composes everything. What is done is `run`, `serve` or a call.
pub(crate) fn prepare(
    parsed: &Parsed<'_>,
    done: &str,
    options: &Options,
    ceilings: Ceilings,
    host: Host<'_>,
) -> Result<Prepared, Vec<Diagnostic>> {
    let plan = &parsed.plan;
    let limits = limits(plan, options, ceilings).map_err(|error| vec![error])?;
    let policy = &on_composectl(&options.policy);
    // Before anything of it is read. What is resolved later is checked then.
    trusted(parsed, host)?;
    let built = match plan.linkage {
        Linkage::Static => {
            let artifact = build_parsed(parsed.clone(), policy, None, host)?;
            let grants = granted(&artifact.decided, &Grants::new(plan, policy));
            Built {
                programs: vec![Program {
                    artifact: artifact.digest,
                    parts: parts(plan),
                    imports: Some(artifact.imports),
                    grants: grants.map_err(|error| parsed.place(vec![error]))?,
                }],
                uncallable: Vec::new(),
                decided: artifact.decided,
                findings: artifact.findings,
            }
        }
        Linkage::Runtime => {
            graph::check(plan).map_err(|findings| parsed.place(findings))?;
            parsed.locked()?;
            let rules = check_rules(parsed, policy, host)?;
            let mut built = build_programs(parsed, policy, host)?;
            built.findings.extend(rules);
            built
        }
    };
    if options.reuse {
        reuse::check(plan, options, &built.decided).map_err(|error| vec![error])?;
    }
    let mut findings = without_effect(plan, options, &built);
    let warnings = built.findings.into_iter();
    findings.extend(warnings.filter(|finding| finding.severity == Severity::Warning));
    let is_root = |program: &&Program| program.parts[0].0 == plan.root;
    // The graph has its root.
    let root = built.programs.iter().find(is_root).expect("a root").clone();
    let configuration = Configuration {
        capture: options.reuse,
        deterministic: plan.is_strict(),
        redirect: options.redirect,
        arguments: options.arguments.clone(),
        environment: options.environment.clone(),
        folders: options.folders.clone(),
        links: match plan.linkage {
            Linkage::Static => Vec::new(),
            Linkage::Runtime => built.programs,
        },
        uncallable: built.uncallable,
        limits,
        tenant: plan
            .policy
            .as_ref()
            .and_then(|policy| policy.tenant.clone()),
    };
    let key = exec_key(plan, done, &root, &configuration, host);
    let fields = [
        ("plan", plan_id(plan).to_string()),
        ("artifact", root.artifact.to_string()),
        ("exec_key", key.to_string()),
    ];
    host.events.emit("exec.started", &fields);
    Ok(Prepared {
        root,
        configuration,
        key,
        findings,
    })
}

/// Refuses a plan whose artifact would have a part that is not trusted.
fn trusted(parsed: &Parsed<'_>, host: Host<'_>) -> Result<(), Vec<Diagnostic>> {
    let plan = &parsed.plan;
    let reached = graph::reached(plan);
    let mut untrusted = Vec::new();
    for (index, component) in plan.indexed_components() {
        let Some(digest) = component.digest.filter(|_| reached.contains(&component.id)) else {
            continue;
        };
        let Err(mut error) = host.trust.verify(&digest) else {
            continue;
        };
        error.message = match error.code {
            Code::TrustUntrustedSource => {
                format!("component {:?} ({digest}) is not trusted", component.id)
            }
            _ => format!("component {:?} ({digest}): {}", component.id, error.message),
        };
        let fields = [
            ("id", component.id.clone()),
            ("digest", digest.to_string()),
            ("code", error.code.to_string()),
        ];
        host.events.emit("component.refused", &fields);
        let finding = Diagnostic::of_host(error, Place::Component(index));
        untrusted.push(Diagnostic {
            help: "trust its digest, if you trust the component".to_string(),
            remedies: vec![Remedy::Trust(Some(digest))],
            ..finding
        });
    }
    match untrusted.is_empty() {
        true => Ok(()),
        false => Err(parsed.place(untrusted)),
    }
}

/// A policy for the host that runs: there is one.
fn on_composectl(policy: &HostPolicy) -> HostPolicy {
    HostPolicy {
        target: Target::COMPOSECTL,
        ..policy.clone()
    }
}

/// The lower of what the plan states and what the user sets, or the ceiling
/// that holds when the user sets none.
fn limits(plan: &Plan, options: &Options, ceilings: Ceilings) -> Result<Ceilings, Diagnostic> {
    let mut limits = ceilings;
    for (name, value) in &options.limits {
        match limits.get_mut(name) {
            Some(limit) => *limit = *value,
            None => {
                let names = Ceilings::names();
                let help = match nearest(name, names.iter().map(String::as_str)) {
                    Some(near) => format!("did you mean {near:?}?"),
                    None => format!("the limits are {}", names.join(", ")),
                };
                let message = format!("there is no limit {name:?}");
                return Err(Diagnostic::error(Rule::UnknownLimit, message, help));
            }
        }
    }
    let policy = plan.policy.as_ref();
    let stated = policy.map(|policy| policy.limits).unwrap_or_default();
    for (limit, stated) in [
        (&mut limits.cpu_ms, stated.cpu_ms),
        (&mut limits.wall_ms, stated.wall_ms),
        (&mut limits.memory_bytes, stated.memory_bytes),
        (&mut limits.io_ops, stated.io_ops),
    ] {
        *limit = stated.map_or(*limit, |stated| stated.min(*limit));
    }
    Ok(limits)
}
