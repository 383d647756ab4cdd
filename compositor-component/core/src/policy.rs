//! The policy phase: each import that is left to the host, against what the
//! plan's policy grants. A plan without a policy leaves it to the host alone.

use crate::diagnostic::{Diagnostic, end_phase};
use crate::error::Code;
use crate::plan::{Determinism, Plan, Policy};
use crate::shape_phase::{LeftTo, ShapedPlan};

/// Interfaces that are always there: stdio, exit and what they are made of.
const BASE: &[&str] = &[
    "wasi:io",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/stderr",
    "wasi:cli/exit",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:cli/terminal-stderr",
];

/// What makes two runs differ, and `relaxed` permits without being asked.
const AMBIENT: &[&str] = &["wasi:clocks", "wasi:random"];

/// What no grant can make deterministic.
const NETWORK: &[&str] = &["wasi:sockets", "wasi:http"];

/// What a policy says of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Decision {
    Granted,
    /// Nothing grants it.
    NotGranted,
    /// `strict` denies it, whatever is granted.
    NotDeterministic,
    /// `audit` must record its uses.
    Recorded,
}

/// Checks the imports that are left to the host against the plan's policy.
pub fn check(plan: &Plan, shaped: &ShapedPlan) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
    let mut findings = Vec::new();
    if !plan.secrets.is_empty() {
        let message = "the plan names secrets, which nothing gives to its components yet";
        let help = "pass them to the artifact as its host can";
        let warning = Diagnostic::warning(Code::SecretNotFound, message, help);
        findings.push(warning.at("/secrets"));
    }
    let Some(policy) = &plan.policy else {
        return Ok(findings);
    };
    let host = shaped
        .open
        .iter()
        .filter(|(_, open)| open.left_to == LeftTo::Host);
    let decided = host.filter_map(|(import, open)| {
        let by = crate::graph::some_of(open.consumers.iter().map(String::as_str));
        let finding = match decide(import, policy) {
            Decision::Granted => return None,
            Decision::NotGranted => Diagnostic::warning(
                Code::ExecCapabilityDenied,
                format!(
                    "the policy does not grant import {import:?} of {by}; the artifact still has it"
                ),
                "add the capability, or leave it to the host that runs the artifact to deny it",
            )
            .at("/policy"),
            Decision::NotDeterministic => Diagnostic::error(
                Code::ExecCapabilityDenied,
                format!("\"strict\" denies import {import:?} of {by}, and nothing satisfies it"),
                "bind it to a deterministic component, or relax the determinism",
            )
            .at("/policy/determinism"),
            Decision::Recorded => Diagnostic::error(
                Code::NotImplemented,
                format!(
                    "\"audit\" must record the uses of import {import:?} of {by}, and nothing does"
                ),
                "bind it to a component that records, or relax the determinism",
            )
            .at("/policy/determinism"),
        };
        Some(finding)
    });
    findings.extend(decided);
    end_phase(findings)
}

fn decide(import: &str, policy: &Policy) -> Decision {
    let of = |names: &[&str]| names.iter().any(|name| covers(name, import));
    if of(BASE) {
        return Decision::Granted;
    }
    let (ambient, network) = (of(AMBIENT), of(NETWORK));
    match policy.determinism {
        Determinism::Strict if ambient || network => return Decision::NotDeterministic,
        Determinism::Audit if ambient || network => return Decision::Recorded,
        Determinism::Relaxed if ambient => return Decision::Granted,
        _ => {}
    }
    let mut capabilities = policy.capabilities.iter();
    // The linker's two capabilities gate its functions, when they are called.
    let linker = import.starts_with("compose:dynlink/linker");
    match linker || capabilities.any(|capability| covers(&capability.name, import)) {
        true => Decision::Granted,
        false => Decision::NotGranted,
    }
}

/// Whether a name grants an import: a package, an interface, or the same with
/// a version.
pub fn covers(name: &str, import: &str) -> bool {
    let interface = import.split('@').next().unwrap_or(import);
    let package = interface.split('/').next().unwrap_or(interface);
    let version = import.split_once('@').map(|(_, version)| version);
    match name.split_once('@') {
        Some((name, asked)) => Some(asked) == version && [interface, package].contains(&name),
        None => [interface, package].contains(&name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Capability;

    fn decision(import: &str, determinism: Determinism, granted: &[&str]) -> Decision {
        let capabilities = granted.iter().map(|name| Capability {
            name: (*name).to_string(),
            required: true,
        });
        let policy = Policy {
            determinism,
            capabilities: capabilities.collect(),
            ..Policy::default()
        };
        decide(import, &policy)
    }

    #[test]
    fn names_grant_packages_interfaces_and_versions() {
        assert!(covers("wasi:filesystem", "wasi:filesystem/types@0.2.6"));
        assert!(covers(
            "wasi:filesystem/types",
            "wasi:filesystem/types@0.2.6"
        ));
        assert!(covers(
            "wasi:filesystem@0.2.6",
            "wasi:filesystem/types@0.2.6"
        ));
        assert!(!covers(
            "wasi:filesystem@0.2.0",
            "wasi:filesystem/types@0.2.6"
        ));
        assert!(!covers("wasi:file", "wasi:filesystem/types@0.2.6"));
        assert!(!covers(
            "wasi:filesystem/preopens",
            "wasi:filesystem/types@0.2.6"
        ));
    }

    #[test]
    fn a_policy_denies_what_it_does_not_grant() {
        use Determinism::{Audit, Relaxed, Strict};
        let clock = "wasi:clocks/wall-clock@0.2.0";
        assert_eq!(
            decision("wasi:cli/stdout@0.2.0", Strict, &[]),
            Decision::Granted
        );
        assert_eq!(decision(clock, Relaxed, &[]), Decision::Granted);
        assert_eq!(
            decision(clock, Strict, &["wasi:clocks"]),
            Decision::NotDeterministic
        );
        assert_eq!(decision(clock, Audit, &["wasi:clocks"]), Decision::Recorded);
        assert_eq!(
            decision("wasi:sockets/tcp@0.2.0", Relaxed, &[]),
            Decision::NotGranted
        );
        let granted = decision("wasi:sockets/tcp@0.2.0", Relaxed, &["wasi:sockets"]);
        assert_eq!(granted, Decision::Granted);
        assert_eq!(
            decision("wasi:cli/environment@0.2.0", Relaxed, &[]),
            Decision::NotGranted
        );
    }
}
