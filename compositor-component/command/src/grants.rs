//! `--allow`, `--deny` and `--policy`: what the user permits and refuses.
//! `--target`: the host that artifacts are for.

use std::rc::Rc;

use compositor_diagnostic::suggest::nearest;
use serde_json::{Value, json};

use crate::answer::Failure;
use crate::bindings::sys::compose::grants::{self, HostPolicy};
use crate::bindings::sys::compose::plan;
use crate::finding::Finding;
use crate::input::{Input, is_stdin};
use crate::invocation::Invocation;

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

/// The host that `--target` names, or else this one.
pub fn target(invocation: &Invocation, otherwise: &str) -> Result<String, Failure> {
    let Some(target) = invocation.value("target") else {
        return Ok(otherwise.to_string());
    };
    let targets = plan::targets();
    if targets.iter().any(|name| name == target) {
        return Ok(target.to_string());
    }
    let message = format!(
        "`--target {target}` is not a known target; the targets are {}",
        targets.join(", ")
    );
    Err(match nearest(target, targets.iter().map(String::as_str)) {
        Some(meant) => invocation.misuse_with(message, format!("did you mean `--target {meant}`?")),
        None => invocation.misuse(message),
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
    let plan = invocation.arguments.first();
    if is_stdin(path) && plan.is_some_and(|plan| is_stdin(plan)) {
        return Err(invocation.misuse("stdin is the plan or the policy, not both"));
    }
    let text = Rc::new(Input::open(path)?.text("a policy")?);
    grants::parse(&text.bytes).map_err(|findings| {
        let findings = findings.into_iter();
        let findings = findings.map(|finding| Finding::of_text(finding, Some(Rc::clone(&text))));
        Failure::of(findings.collect())
    })
}
