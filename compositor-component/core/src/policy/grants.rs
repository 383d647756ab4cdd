//! The one place where it is decided what a component gets for an import.

use std::collections::BTreeMap;

use super::{Decided, Decision};
use crate::diagnostic::Diagnostic;
use crate::error::Code;
use crate::graph::some_of;
use crate::host_policy::HostPolicy;
use crate::plan::{Determinism, Plan, Policy, Rule};
use crate::shape_phase::LeftTo;

/// Interfaces that are always there: stdio, exit and what they are made of.
const BASE: &[&str] = &[
    "wasi:io",
    "wasi:cli/types",
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

/// What nothing can make deterministic.
const NETWORK: &[&str] = &["wasi:sockets", "wasi:http"];

/// Whether an import is one that is always there.
pub fn is_base(import: &str) -> bool {
    BASE.iter().any(|name| covers(name, import))
}

/// Everything that grants or denies: the plan's policy and the host's.
#[derive(Clone, Copy)]
pub struct Grants<'a> {
    plan: Option<&'a Policy>,
    host: &'a HostPolicy,
}

impl<'a> Grants<'a> {
    /// Of a plan, where a host has this policy.
    pub fn new(plan: &'a Plan, host: &'a HostPolicy) -> Self {
        let plan = plan.policy.as_ref();
        Self { plan, host }
    }

    /// Whether nothing is decided here: neither the plan nor the host has a say.
    pub fn is_silent(&self) -> bool {
        self.plan.is_none() && self.host.deny.is_empty()
    }

    /// Whether a rule or a capability names an import that is not one of WASI:
    /// then it is the host's, too.
    pub fn names(&self, component: &str, import: &str) -> bool {
        let asked = self.plan.iter().flat_map(|policy| &policy.capabilities);
        let mut asked = asked.map(|capability| (&capability.name, &capability.components));
        let denials = self.plan.iter().flat_map(|policy| &policy.denials);
        let rules = denials.chain(&self.host.allow).chain(&self.host.deny);
        let mut rules = rules.map(|rule| (&rule.name, &rule.components));
        let covers = |(name, components): (&String, &Option<Vec<String>>)| {
            name != "*" && specificity(name, components.as_deref(), component, import).is_some()
        };
        asked.any(covers) || rules.any(covers)
    }

    /// What a component gets for an import, and why. The one place where this
    /// is decided. What exports of the artifact are made of is exported.
    pub fn decide(
        &self,
        component: &str,
        import: &str,
        left_to: LeftTo,
        is_exported: bool,
    ) -> (Decision, String) {
        let of = |names: &[&str]| names.iter().any(|name| covers(name, import));
        if left_to == LeftTo::Nobody {
            return (Decision::Types, "it is types alone".to_string());
        }
        if is_base(import) {
            let why = "stdio, exit and wasi:io are always there";
            return (Decision::Granted, why.to_string());
        }
        let best = |rules: &'a [Rule]| strongest(rules, component, import);
        let (allowed, refused) = (best(&self.host.allow), best(&self.host.deny));
        let refused =
            refused.filter(|(strength, _)| allowed.is_none_or(|(allowed, _)| *strength >= allowed));
        let determinism = self.plan.map(|policy| policy.determinism);
        let strict = determinism == Some(Determinism::Strict);
        // A deterministic one is not the host's, so `*` does not mean it.
        let named = refused.filter(|(_, rule)| !(strict && of(AMBIENT) && rule.name == "*"));
        if let Some((_, rule)) = named {
            return (
                Decision::Denied(rule.mode),
                format!("the host denies {:?}", rule.name),
            );
        }
        let denials = self.plan.map_or(&[][..], |policy| &policy.denials);
        if let Some((_, rule)) = best(denials) {
            return (
                Decision::Denied(rule.mode),
                format!("the plan denies {:?}", rule.name),
            );
        }
        if strict && of(AMBIENT) {
            let why = "\"strict\" has a deterministic one in the artifact";
            return (Decision::Deterministic, why.to_string());
        }
        if is_exported {
            let why = "what the artifact exports is made of it";
            return (Decision::Granted, why.to_string());
        }
        if strict && of(NETWORK) {
            let why = "\"strict\" denies the network";
            return (Decision::Denied(None), why.to_string());
        }
        let granted = |why: String| match determinism {
            Some(Determinism::Audit) if import.starts_with("wasi:") || left_to == LeftTo::Host => {
                (Decision::Recorded, why)
            }
            _ => (Decision::Granted, why),
        };
        if covers("compose:dynlink/linker", import) {
            let why = "\"dynlink:resolve\" and \"dynlink:invoke\" gate what it does";
            return (Decision::Granted, why.to_string());
        }
        let Some(policy) = self.plan else {
            let why = "the plan states no policy: its host decides";
            return (Decision::Granted, why.to_string());
        };
        if left_to == LeftTo::Plan {
            return (
                Decision::Granted,
                "the plan's \"imports\" list it".to_string(),
            );
        }
        if of(AMBIENT) {
            let word = match policy.determinism {
                Determinism::Audit => "audit",
                _ => "relaxed",
            };
            return granted(format!("{word:?} grants clocks and randomness"));
        }
        if let Some(index) = self.asked(component, import) {
            let name = &policy.capabilities[index].name;
            return granted(format!("the plan asks for {name:?}"));
        }
        if let Some((_, rule)) = allowed {
            return granted(format!("the host allows {:?}", rule.name));
        }
        (Decision::Denied(None), "nothing grants it".to_string())
    }

    /// The capability of the plan that says most precisely what an import of a
    /// component is about.
    fn asked(&self, component: &str, import: &str) -> Option<usize> {
        let capabilities = self.plan.map_or(&[][..], |policy| &policy.capabilities);
        let strengths = capabilities
            .iter()
            .enumerate()
            .filter_map(|(index, capability)| {
                let components = capability.components.as_deref();
                let strength = specificity(&capability.name, components, component, import)?;
                Some((strength, index))
            });
        strengths.max().map(|(_, index)| index)
    }

    /// Whether a capability that is not an import is granted, such as
    /// `dynlink:resolve`.
    pub fn has(&self, capability: &str) -> bool {
        let is = |rules: &'a [Rule]| rules.iter().any(|rule| rule.name == capability);
        let asked = self.plan.iter().flat_map(|policy| &policy.capabilities);
        let mut asked = asked.map(|asked| asked.name == capability);
        let denied = is(&self.host.deny) || self.plan.is_some_and(|policy| is(&policy.denials));
        !denied && (asked.any(|is| is) || is(&self.host.allow))
    }

    /// Required capabilities that are denied: to the components that use them,
    /// or, when none does, to all.
    pub fn refusals(&self, decided: &[Decided]) -> Vec<Diagnostic> {
        let Some(policy) = self.plan else {
            return Vec::new();
        };
        let mut findings = Vec::new();
        for (index, capability) in policy.capabilities.iter().enumerate() {
            if !capability.required {
                continue;
            }
            let is_for = |decided: &&Decided| {
                let mut consumers = decided.consumers.iter();
                consumers.any(|id| self.asked(id, &decided.import) == Some(index))
            };
            let mut used = decided.iter().filter(is_for).peekable();
            let mut refuse = |what: String, why: &str| {
                let name = &capability.name;
                let message = format!("required capability {name:?} is denied: {why}");
                let help =
                    "let the host permit it, or make it \"optional\" if the plan can do without";
                let finding = Diagnostic::error(Code::ExecCapabilityDenied, message, help)
                    .at(format!("/policy/capabilities/{index}"))
                    .found(what);
                findings.push(finding);
            };
            if used.peek().is_none() {
                let component = capability.components.iter().flatten().next();
                let component = component.map_or("", String::as_str);
                let (decision, why) = match capability.name.starts_with("dynlink:") {
                    true if !self.has(&capability.name) => {
                        (Decision::Denied(None), "a rule names it".to_string())
                    }
                    true => continue,
                    false => self.decide(component, &capability.name, LeftTo::Host, false),
                };
                if matches!(decision, Decision::Denied(_)) {
                    refuse("no component imports it".to_string(), &why);
                }
                continue;
            }
            let mut denied: BTreeMap<&str, Vec<String>> = BTreeMap::new();
            for decided in used {
                if matches!(decided.decision, Decision::Denied(_)) {
                    let by = some_of(decided.consumers.iter().map(String::as_str));
                    let import = format!("import {:?} of {by}", decided.import);
                    denied.entry(&decided.why).or_default().push(import);
                }
            }
            for (why, imports) in denied {
                refuse(some_of(imports.iter().map(String::as_str)), why);
            }
        }
        findings
    }
}

/// The rule that says most precisely what it is about, of those that cover an
/// import of a component.
fn strongest<'a>(rules: &'a [Rule], component: &str, import: &str) -> Option<(u8, &'a Rule)> {
    let mut best: Option<(u8, &Rule)> = None;
    for rule in rules {
        let components = rule.components.as_deref();
        if let Some(strength) = specificity(&rule.name, components, component, import)
            && best.is_none_or(|(other, _)| strength >= other)
        {
            best = Some((strength, rule));
        }
    }
    best
}

/// How precisely a rule names an import of a component; none when it does not.
fn specificity(
    name: &str,
    components: Option<&[String]>,
    component: &str,
    import: &str,
) -> Option<u8> {
    let own = match components {
        None => 0,
        Some(ids) if ids.iter().any(|id| id == component) => 5,
        Some(_) => return None,
    };
    if name == "*" {
        return Some(own);
    }
    let precise = 1 + u8::from(name.contains('@')) + 2 * u8::from(name.contains('/'));
    covers(name, import).then_some(own + precise)
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
