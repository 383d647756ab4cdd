//! Running: emit, check trust, and hand the host's runner everything that was
//! decided here.
//!
//! A static plan is one program: its artifact. A `runtime` plan has a program
//! for the root and one for each component that guests may resolve; each is
//! composed with what it is bound to, now, from the emit cache. One that is
//! bound to nothing is its component as it is.

use crate::diagnostic::Diagnostic;
use crate::digest::Digest;
use crate::error::Code;
use crate::exec_key::exec_key;
use crate::graph;
use crate::host::{self, Ceilings, Configuration, Folder, Host, Output, Program};
use crate::host_policy::HostPolicy;
use crate::limits;
use crate::pipeline::{build_parsed, check};
use crate::plan::{Linkage, Parsed, Plan, Rule, parse, plan_id};
use crate::policy::{Grants, covers};
use crate::programs::{build_programs, parts};
use crate::resolve::{Hashing, unlocked};
use crate::reuse::{self, reuse};
use crate::target::Target;
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
    /// What the host permits and refuses. Folders, variables and arguments
    /// that are given permit the interfaces that they come through.
    pub policy: HostPolicy,
    /// Ceilings by name.
    pub limits: Vec<(String, u64)>,
    /// Whether a recorded result of the same exec key will do, where the
    /// plan's determinism is `strict`.
    pub reuse: bool,
}

/// Runs `wasi:cli/run` of a plan's artifact; returns the guest's exit status.
pub fn run(
    bytes: &[u8],
    options: &Options,
    host: Host<'_>,
) -> Result<(u32, Output), Vec<Diagnostic>> {
    let (root, configuration, key) = prepare(bytes, "run", options, limits::PROGRAM, host)?;
    let run = || host.runner.run(&root, &configuration);
    let ended = match options.reuse {
        false => run(),
        true => reuse(&key, host, || {
            let (status, output) = run()?;
            Ok((status.to_le_bytes().to_vec(), output))
        })
        .map(|(status, output)| {
            let status = status.try_into().map_or(u32::MAX, u32::from_le_bytes);
            (status, output)
        }),
    };
    ended.map_err(|error| vec![Diagnostic::of_host(error, "")])
}

/// Calls an export of a plan's artifact, arguments and result in WAVE.
pub fn invoke(
    bytes: &[u8],
    call: &str,
    options: &Options,
    host: Host<'_>,
) -> Result<(String, Output), Vec<Diagnostic>> {
    let (root, configuration, key) = prepare(bytes, call, options, limits::PROGRAM, host)?;
    let invoke = || host.runner.invoke(&root, call, &configuration);
    let result = match options.reuse {
        false => invoke(),
        true => reuse(&key, host, || {
            let (result, output) = invoke()?;
            Ok((result.into_bytes(), output))
        })
        .map(|(result, output)| (String::from_utf8_lossy(&result).into_owned(), output)),
    };
    result.map_err(|error| vec![Diagnostic::of_host(error, "")])
}

/// Serves HTTP with a plan's artifact.
pub fn serve(
    bytes: &[u8],
    address: &str,
    options: &Options,
    host: Host<'_>,
) -> Result<(), Vec<Diagnostic>> {
    let (root, configuration, _) = prepare(bytes, "serve", options, limits::REQUEST, host)?;
    let served = host.runner.serve(&root, address, &configuration);
    served.map_err(|error| vec![Diagnostic::of_host(error, "")])
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
    let shaped = &checked.graph.shaped;
    let exports = shaped.exports.iter().filter_map(|export| {
        let world = shaped.resolved.world(&export.component);
        let item = &world.export(&export.name)?.item;
        Some((export.name.clone(), item_wit(world, &export.name, item)))
    });
    Ok(exports.collect())
}

/// Everything that the host needs. What is done is `run`, `serve` or a call.
fn prepare(
    bytes: &[u8],
    done: &str,
    options: &Options,
    ceilings: Ceilings,
    host: Host<'_>,
) -> Result<(Program, Configuration, Digest), Vec<Diagnostic>> {
    let parsed = parse(bytes, host.limits)?;
    let plan = &parsed.plan;
    let limits = limits(plan, options, ceilings).map_err(|error| vec![error])?;
    let policy = &permitted(options);
    // Before anything of it is read. What is resolved later is checked then.
    trusted(&parsed, host)?;
    let mut decided = Vec::new();
    let (root, links) = match plan.linkage {
        Linkage::Static => {
            let built = build_parsed(parsed.clone(), policy, host)?;
            decided = built.decided;
            let artifact = built.digest;
            let parts = parts(plan);
            (Program { artifact, parts }, Vec::new())
        }
        Linkage::Runtime => {
            graph::check(plan).map_err(|findings| parsed.place(findings))?;
            let unlocked = unlocked(plan);
            if !unlocked.is_empty() {
                return Err(parsed.place(unlocked));
            }
            let links = build_programs(&parsed, policy, host)?;
            let is_root = |program: &&Program| program.parts[0].0 == plan.root;
            // The graph has its root.
            let root = links.iter().find(is_root).expect("a root").clone();
            (root, links)
        }
    };
    if options.reuse {
        reuse::check(plan, options, &decided).map_err(|error| vec![error])?;
    }
    let configuration = Configuration {
        capture: options.reuse,
        arguments: options.arguments.clone(),
        environment: options.environment.clone(),
        folders: options.folders.clone(),
        grants: grants(plan, policy),
        links,
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
    Ok((root, configuration, key))
}

/// Refuses a plan whose artifact would have a part that is not trusted.
fn trusted(parsed: &Parsed<'_>, host: Host<'_>) -> Result<(), Vec<Diagnostic>> {
    let plan = &parsed.plan;
    let reached = graph::reached(plan);
    let mut untrusted = Vec::new();
    for (index, component) in plan.components.iter().enumerate() {
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
        let finding = Diagnostic::of_host(error, format!("/components/{index}"));
        let help = format!("`trust add {digest}` trusts it, if you do");
        untrusted.push(Diagnostic { help, ..finding });
    }
    match untrusted.is_empty() {
        true => Ok(()),
        false => Err(parsed.place(untrusted)),
    }
}

/// The host's policy with what the user gives, which is of no use without the
/// interfaces that it comes through.
fn permitted(options: &Options) -> HostPolicy {
    let mut policy = on_composectl(&options.policy);
    let environment = !options.environment.is_empty() || options.arguments.len() > 1;
    let given = [
        ("wasi:filesystem", !options.folders.is_empty()),
        ("wasi:cli/environment", environment),
    ];
    for (name, _) in given.into_iter().filter(|(_, is_given)| *is_given) {
        policy.allow.push(Rule {
            name: name.to_string(),
            mode: None,
            components: None,
        });
    }
    policy
}

/// A policy for the host that runs: there is one.
fn on_composectl(policy: &HostPolicy) -> HostPolicy {
    HostPolicy {
        target: Target::COMPOSECTL,
        ..policy.clone()
    }
}

/// What the host has to give: what the artifact does not have is not asked for.
fn grants(plan: &Plan, policy: &HostPolicy) -> host::Grants {
    let asked = plan.policy.iter().flat_map(|policy| &policy.capabilities);
    let names = || {
        let asked = asked.clone().map(|capability| &capability.name);
        asked.chain(policy.allow.iter().map(|rule| &rule.name))
    };
    // A version says which interface is imported, not what it may do.
    let granted = |import| {
        let mut names = names().filter_map(|name| name.split('@').next());
        names.any(|name| name == "*" || covers(name, import))
    };
    let decided = Grants::new(plan, policy);
    host::Grants {
        tcp: granted("wasi:sockets/tcp"),
        udp: granted("wasi:sockets/udp"),
        name_lookup: granted("wasi:sockets/ip-name-lookup"),
        http: granted("wasi:http/outgoing-handler") || granted("wasi:http/client"),
        resolve: decided.has("dynlink:resolve"),
        invoke: decided.has("dynlink:invoke"),
    }
}

/// The lower of what the plan states and what the user sets, or the ceiling
/// that holds when the user sets none.
fn limits(plan: &Plan, options: &Options, ceilings: Ceilings) -> Result<Ceilings, Diagnostic> {
    let Ceilings(mut limits) = ceilings;
    for (name, value) in &options.limits {
        match Ceilings::NAMES.iter().position(|known| known == name) {
            Some(index) => limits[index] = *value,
            None => {
                let help = format!("known are {}", Ceilings::NAMES.join(", "));
                let message = format!("there is no limit {name:?}");
                return Err(Diagnostic::error(Code::InvalidInput, message, help));
            }
        }
    }
    let policy = plan.policy.as_ref();
    let stated = policy.map(|policy| policy.limits).unwrap_or_default();
    let stated = [stated.cpu_ms, stated.memory_bytes, stated.io_ops];
    for (limit, stated) in limits.iter_mut().zip(stated) {
        *limit = stated.map_or(*limit, |stated| stated.min(*limit));
    }
    Ok(Ceilings(limits))
}
