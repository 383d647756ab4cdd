//! The one place where it is decided what a component gets for an import.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::rules::{Asked, Rules};
use super::{Decided, Decision};
use crate::diagnostic::Diagnostic;
use crate::error::Code;
use crate::graph::some_of;
use crate::host_policy::HostPolicy;
use crate::plan::names::covers;
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
pub struct Grants<'a> {
    plan: Option<&'a Policy>,
    host: &'a HostPolicy,
    capabilities: Rules<'a>,
    denials: Rules<'a>,
    allow: Rules<'a>,
    deny: Rules<'a>,
}

impl<'a> Grants<'a> {
    /// Of a plan, where a host has this policy.
    pub fn new(plan: &'a Plan, host: &'a HostPolicy) -> Self {
        let plan = plan.policy.as_ref();
        let capabilities = plan.iter().flat_map(|policy| &policy.capabilities);
        let of = |rules: &'a [Rule]| Rules::new(rules.iter().map(|r| (&r.name, &r.components)));
        Self {
            plan,
            host,
            capabilities: Rules::new(capabilities.map(|c| (&c.name, &c.components))),
            denials: of(denials(plan)),
            allow: of(&host.allow),
            deny: of(&host.deny),
        }
    }

    /// Whether a rule or a capability names an import that is not one of WASI:
    /// then it is the host's, too.
    pub fn names(&self, component: &str, import: Asked<'_>) -> bool {
        let all = [&self.capabilities, &self.denials, &self.allow, &self.deny];
        all.iter().any(|rules| rules.names(component, import))
    }

    /// What a component gets for an import, and why. The one place where this
    /// is decided. An import may be carried by an export of the artifact, whose
    /// name is given then: who calls that hands in resources of the import.
    pub fn decide(
        &self,
        component: &str,
        import: Asked<'_>,
        left_to: LeftTo,
        carried_by: Option<&str>,
    ) -> (Decision, String) {
        let interface = import.interface;
        let of = |names: &[&str]| names.iter().any(|name| covers(name, interface));
        if left_to == LeftTo::Nobody {
            return (Decision::Types, "it is types alone".to_string());
        }
        if is_base(interface) {
            let why = "stdio, exit and wasi:io are always there";
            return (Decision::Granted, why.to_string());
        }
        let best = |rules: &Rules<'_>| rules.strongest(component, import);
        let (allowed, refused) = (best(&self.allow), best(&self.deny));
        let refused =
            refused.filter(|(strength, _)| allowed.is_none_or(|(allowed, _)| *strength >= allowed));
        let refused = refused.map(|(_, index)| &self.host.deny[index]);
        let determinism = self.plan.map(|policy| policy.determinism);
        let strict = determinism == Some(Determinism::Strict);
        // A deterministic one is not the host's, so `*` does not mean it.
        let named = refused.filter(|rule| !(strict && of(AMBIENT) && rule.name == "*"));
        if let Some(rule) = named {
            return (
                Decision::Denied(rule.mode),
                format!("the host denies {:?}", rule.name),
            );
        }
        if let Some((_, index)) = best(&self.denials) {
            let rule = &denials(self.plan)[index];
            return (
                Decision::Denied(rule.mode),
                format!("the plan denies {:?}", rule.name),
            );
        }
        if strict && of(AMBIENT) {
            let why = "\"strict\" has a deterministic one in the artifact";
            return (Decision::Deterministic, why.to_string());
        }
        let granted = |why: String| match determinism {
            Some(Determinism::Audit)
                if interface.starts_with("wasi:") || left_to == LeftTo::Host =>
            {
                (Decision::Recorded, why)
            }
            _ => (Decision::Granted, why),
        };
        if let Some(export) = carried_by {
            return granted(format!(
                "who calls export {export:?} hands in what is of it"
            ));
        }
        if strict && of(NETWORK) {
            let why = "\"strict\" denies the network";
            return (Decision::Denied(None), why.to_string());
        }
        if covers("compose:dynlink/linker", interface) {
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
        if let Some((_, index)) = best(&self.capabilities) {
            let name = &policy.capabilities[index].name;
            return granted(format!("the plan asks for {name:?}"));
        }
        if let Some((_, index)) = allowed {
            let name = &self.host.allow[index].name;
            return granted(format!("the host allows {name:?}"));
        }
        (Decision::Denied(None), "nothing grants it".to_string())
    }

    /// Whether a capability that is not an import is granted, such as
    /// `dynlink:resolve`.
    pub fn has(&self, capability: &str) -> bool {
        let has = |rules: &Rules<'_>| rules.has(capability);
        let is_denied = has(&self.deny) || has(&self.denials);
        !is_denied && (has(&self.capabilities) || has(&self.allow))
    }

    /// Required capabilities that are denied: to the components that use them,
    /// or, when none does, to all.
    pub fn refusals(&self, decided: &[Decided]) -> Vec<Diagnostic> {
        let Some(policy) = self.plan else {
            return Vec::new();
        };
        let mut uses: HashMap<usize, Vec<&Decided>> = HashMap::new();
        for decided in decided {
            let consumers = decided.consumers.iter();
            let asked = consumers.filter_map(|id| self.capabilities.strongest(id, decided.asked()));
            let asked: BTreeSet<usize> = asked.map(|(_, index)| index).collect();
            for index in asked {
                uses.entry(index).or_default().push(decided);
            }
        }
        let mut findings = Vec::new();
        for (index, capability) in policy.capabilities.iter().enumerate() {
            if !capability.required {
                continue;
            }
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
            let Some(used) = uses.get(&index) else {
                let component = capability.components.iter().flatten().next();
                let component = component.map_or("", String::as_str);
                let (decision, why) = match capability.name.starts_with("dynlink:") {
                    true if !self.has(&capability.name) => {
                        (Decision::Denied(None), "a rule names it".to_string())
                    }
                    true => continue,
                    false => {
                        let name = &capability.name;
                        let asked = Asked {
                            name,
                            interface: name,
                        };
                        self.decide(component, asked, LeftTo::Host, None)
                    }
                };
                if matches!(decision, Decision::Denied(_)) {
                    refuse("no component imports it".to_string(), &why);
                }
                continue;
            };
            let mut denied: BTreeMap<&str, Vec<String>> = BTreeMap::new();
            for decided in used {
                if matches!(decided.decision, Decision::Denied(_)) {
                    let by = some_of(decided.consumers.iter().map(String::as_str));
                    let import = format!("import {} of {by}", decided.described());
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

/// Whether nothing is decided: neither the plan nor the host has a say.
pub fn is_silent(plan: &Plan, host: &HostPolicy) -> bool {
    plan.policy.is_none() && host.deny.is_empty()
}

fn denials(plan: Option<&Policy>) -> &[Rule] {
    plan.map_or(&[], |policy| &policy.denials)
}
