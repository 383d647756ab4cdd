//! A host's policy and what was decided by it, from the WIT and back.

use compositor_core::host_policy;
use compositor_core::plan::{self, Mode};
use compositor_core::{Decided, Decision, HostPolicy, Rule, Target, TargetWorld};

use crate::Core;
use crate::bindings::exports::sys::compose::grants as wit;
use crate::bindings::sys::compose::diagnostics::Diagnostic;
use crate::convert::{only, to_diagnostics};
use crate::imports::limits;

impl wit::Guest for Core {
    fn parse(text: Vec<u8>) -> Result<wit::HostPolicy, Vec<Diagnostic>> {
        let policy = host_policy::parse(&text, limits().map_err(only)?).map_err(to_diagnostics)?;
        Ok(wit::HostPolicy {
            allow: policy.allow.into_iter().map(to_rule).collect(),
            deny: policy.deny.into_iter().map(to_rule).collect(),
        })
    }
}

/// A policy of the caller, for no host in particular.
pub fn policy(policy: wit::HostPolicy) -> Result<HostPolicy, Vec<Diagnostic>> {
    let rules = |rules: Vec<wit::Rule>| rules.into_iter().map(rule).collect::<Result<_, _>>();
    Ok(HostPolicy {
        allow: rules(policy.allow)?,
        deny: rules(policy.deny)?,
        target: Target::ANY,
        world: None,
    })
}

/// A policy of the caller, for artifacts of a host that it names, and of a world.
pub fn policy_for(
    with: wit::HostPolicy,
    target: wit::Target,
) -> Result<HostPolicy, Vec<Diagnostic>> {
    let host = Target::named(&target.host).map_err(|unknown| {
        let help = "name one of these";
        let error =
            compositor_core::Diagnostic::error(Rule::UnknownTarget, unknown.to_string(), help);
        to_diagnostics(vec![error])
    })?;
    let world = |world: wit::TargetWorld| TargetWorld {
        package: world.package,
        name: world.name,
    };
    Ok(HostPolicy {
        target: host,
        world: target.world.map(world),
        ..policy(with)?
    })
}

fn rule(rule: wit::Rule) -> Result<plan::Rule, Vec<Diagnostic>> {
    let mode = |word: String| {
        Mode::named(&word).ok_or_else(|| {
            let message = format!("there is no mode {word:?} of denying an import");
            let help = "name one of these, or none";
            let error = compositor_core::Diagnostic::error(Rule::InvalidPolicy, message, help)
                .found(format!("{word:?}"))
                .expected(Mode::WORDS.join(", "));
            to_diagnostics(vec![error])
        })
    };
    Ok(plan::Rule {
        name: rule.name,
        mode: rule.mode.map(mode).transpose()?,
        components: rule.components,
    })
}

fn to_rule(rule: plan::Rule) -> wit::Rule {
    wit::Rule {
        name: rule.name,
        mode: rule.mode.map(to_mode),
        components: rule.components,
    }
}

fn to_mode(mode: Mode) -> wit::Mode {
    mode.as_str().to_string()
}

/// A decision of the library.
pub fn to_decided(decided: Decided) -> wit::Decided {
    wit::Decided {
        import_name: decided.import,
        interface: decided.interface,
        consumers: decided.consumers,
        decision: match decided.decision {
            Decision::Types => wit::Decision::Types,
            Decision::Granted => wit::Decision::Granted,
            Decision::Left => wit::Decision::Left,
            Decision::Recorded => wit::Decision::Recorded,
            Decision::Deterministic => wit::Decision::Deterministic,
            Decision::Denied(mode) => wit::Decision::Denied(mode.map(to_mode)),
        },
        why: decided.why,
    }
}
