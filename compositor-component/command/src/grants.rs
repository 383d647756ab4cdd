//! `--allow`, `--deny` and `--policy`: what the user permits and refuses.
//! `--target`: the host that artifacts are for, and the world that they fit.

use std::rc::Rc;

use compositor_diagnostic::Rule;
use compositor_diagnostic::suggest::nearest;
use serde_json::{Value, json};

use crate::answer::Failure;
use crate::bindings::canon::wit::ids::{self, Kind};
use crate::bindings::sys::compose::grants::{self, HostPolicy, Target, TargetWorld};
use crate::bindings::sys::compose::plan;
use crate::finding::Finding;
use crate::input::{Input, is_stdin};
use crate::invocation::Invocation;
use crate::{canon_wit, files, paths, route};

/// The host that artifacts are for when nothing is said: the newest of those
/// that most people have, with what names alone need as a warning.
pub const STOCK: &str = "stock";

/// What the policy's file says, and after it what the options say.
pub fn policy(invocation: &Invocation) -> Result<HostPolicy, Failure> {
    let allow = invocation.values("allow").map(|name| {
        let policy = json!({ "allow": [name] });
        option(invocation, &format!("--allow {name}"), "NAME", &policy)
    });
    let deny = invocation.values("deny").map(|given| {
        let rule = match given.split_once('=') {
            Some((name, mode)) => json!({ "name": name, "mode": mode }),
            None => json!(given),
        };
        let policy = json!({ "deny": [rule] });
        option(
            invocation,
            &format!("--deny {given}"),
            "NAME[=MODE]",
            &policy,
        )
    });
    let options = allow.chain(deny).collect::<Result<Vec<_>, _>>()?;
    let mut all = match invocation.value("policy") {
        Some(path) => file(invocation, path)?,
        None => HostPolicy {
            allow: Vec::new(),
            deny: Vec::new(),
        },
    };
    for policy in options {
        all.allow.extend(policy.allow);
        all.deny.extend(policy.deny);
    }
    Ok(all)
}

/// The target without a world that no option names.
pub fn host(name: &str) -> Target {
    Target {
        host: name.to_string(),
        world: None,
    }
}

/// The host that `--target` names, or else this one, and the world that it names.
pub fn target(invocation: &Invocation, otherwise: &str) -> Result<Target, Failure> {
    let (mut named, mut world) = (None, None);
    for given in invocation.values("target") {
        let earlier = if is_host(given) {
            named.replace(given.to_string()).is_some()
        } else if is_world(given) {
            world.replace(given).is_some()
        } else {
            return Err(no_target(invocation, given));
        };
        if earlier {
            let message = "`--target` is given twice: it takes one host and one world";
            return Err(invocation.misuse(message));
        }
    }
    Ok(Target {
        host: named.unwrap_or_else(|| otherwise.to_string()),
        world: world.map(target_world).transpose()?,
    })
}

/// The files and folders of WIT that `--target` names.
pub fn target_files(invocation: &Invocation) -> impl Iterator<Item = &str> {
    let targets = invocation.values("target");
    let worlds = targets.filter(|given| !is_host(given) && is_world(given));
    worlds.map(file_of)
}

fn file_of(target: &str) -> &str {
    target.rsplit_once('#').map_or(target, |(path, _)| path)
}

/// Whether a target that is no host's name is a file or a folder with WIT.
fn is_world(given: &str) -> bool {
    let is_there = |path: &str| paths::resolve(path).is_ok_and(|place| files::exists(&place));
    given.contains('#') || given.ends_with(".wit") || is_there(given)
}

/// Whether the core knows a host by this name.
fn is_host(given: &str) -> bool {
    plan::targets().iter().any(|name| name == given)
}

fn no_target(invocation: &Invocation, given: &str) -> Failure {
    let hosts = plan::targets();
    let message = format!(
        "`--target {given}` is not a known target; the targets are {}, or FILE.wit#WORLD",
        hosts.join(", ")
    );
    match nearest(given, hosts.iter().map(String::as_str)) {
        Some(meant) => invocation.misuse_with(message, format!("did you mean `--target {meant}`?")),
        None => invocation.misuse(message),
    }
}

/// Reads `FILE#WORLD`, where the file may be a folder, and have the only world of its
/// package.
fn target_world(given: &str) -> Result<TargetWorld, Failure> {
    let path = file_of(given);
    let name = given.rsplit_once('#').map(|(_, name)| name);
    let package = canon_wit::binary(path)?;
    let identified = ids::of_binary(&package).map_err(|message| {
        Finding::error(Rule::InvalidWit, message)
            .about(path)
            .help("name a file or a folder of WIT, and a world of it, as in `app.wit#app`")
    })?;
    let worlds = identified.iter().filter(|item| item.kind == Kind::World);
    let worlds: Vec<&str> = worlds.map(|item| item.name.as_str()).collect();
    let found = match (name, &worlds[..]) {
        (None, [only]) => Some(*only),
        (None, _) => None,
        (Some(name), worlds) => worlds.iter().copied().find(|full| {
            let (_, short) = full.split_once('/').unwrap_or(("", full));
            let short = short.split('@').next().unwrap_or(short);
            name == *full || name == short
        }),
    };
    let Some(found) = found else {
        let message = match name {
            Some(name) => format!("`{path}` has no world `{name}`"),
            None => format!("`--target {path}` does not say which world is meant"),
        };
        let has = match &worlds[..] {
            [] => "no world".to_string(),
            worlds => worlds.join(", "),
        };
        return Err(Finding::error(Rule::UnknownTarget, message)
            .found(has)
            .help(format!("name a world of the package, as in `{path}#WORLD`"))
            .into());
    };
    Ok(TargetWorld {
        name: found.to_string(),
        package,
    })
}

/// The core knows what names and modes are.
fn option(
    invocation: &Invocation,
    given: &str,
    form: &str,
    policy: &Value,
) -> Result<HostPolicy, Failure> {
    grants::parse(policy.to_string().as_bytes()).map_err(|findings| {
        let option = given.split(' ').next().unwrap_or_default();
        let mut message = format!("`{given}` is not `{option} {form}`");
        let mut help = None;
        for finding in findings {
            let found = finding.found.unwrap_or_default();
            let expected = finding.expected.unwrap_or_default();
            message += &format!("; {found} must be {expected}");
            help = help.or(Some(finding.help).filter(|help| help.starts_with("did you mean")));
        }
        match help {
            Some(help) => invocation.misuse_with(message, help),
            None => invocation.misuse(message),
        }
    })
}

fn file(invocation: &Invocation, path: &str) -> Result<HostPolicy, Failure> {
    if is_stdin(path) && route::plans(invocation).any(is_stdin) {
        return Err(invocation.misuse("stdin is the plan or the policy, not both"));
    }
    let text = Rc::new(Input::open(path)?.text("a policy")?);
    grants::parse(&text.bytes).map_err(|findings| {
        let findings = findings.into_iter();
        let findings = findings.map(|finding| Finding::of_text(finding, Some(Rc::clone(&text))));
        Failure::of(findings.collect())
    })
}
