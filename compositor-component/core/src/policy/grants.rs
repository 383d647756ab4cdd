//! The one place where it is decided what a component gets for an import.
//!
//! One file because every answer is of the same four lists of rules.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::rules::Rules;
use super::wasi::REACH;
use crate::host_policy::HostPolicy;
use crate::targets::Target;
use compositor_diagnostic::lists::some_of;
use compositor_diagnostic::{self as diagnostic, Diagnostic};
use compositor_plan::names::{ImportName, LINKER, covers};
use compositor_plan::{
    Capability, Decided, Decision, Determinism, Place, Plan, Policy, Rule, RuleList,
};

/// Who is to give an import that stays open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeftTo {
    /// Nobody needs to: it is types alone, which other imports or exports name.
    #[default]
    Nobody,
    /// The host, as its policy has it.
    Host,
    /// Whoever uses the artifact: the plan's `imports` lists it.
    Plan,
}

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

/// The capabilities that gate the linker, a function each. They are no imports.
pub const LINKING: [&str; 2] = ["dynlink:resolve", "dynlink:invoke"];

/// What a component may do with `compose:dynlink/linker`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Linking {
    /// Resolving.
    pub resolve: bool,
    /// Calling what was resolved.
    pub invoke: bool,
}

/// Whether an import is one that is always there.
pub fn is_base(import: &str) -> bool {
    BASE.iter().any(|name| covers(name, import))
}

/// The lists of rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum List {
    /// The plan's capabilities.
    Capability,
    /// The plan's denials.
    Denial,
    /// What the host allows.
    Allow,
    /// What the host denies.
    Deny,
}

/// Of each list the rule that says most precisely what an import is about: how precisely,
/// and where it is.
#[derive(Clone, Copy)]
struct Best {
    capability: Option<(u8, usize)>,
    denial: Option<(u8, usize)>,
    allow: Option<(u8, usize)>,
    deny: Option<(u8, usize)>,
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
    pub fn names(&self, component: &str, import: ImportName<'_>) -> bool {
        let all = [&self.capabilities, &self.denials, &self.allow, &self.deny];
        all.iter().any(|rules| rules.names(component, import))
    }

    /// What a component gets for an import, and why. An import may be carried by an
    /// export of the artifact, whose name is given then: who calls that hands in
    /// resources of the import.
    pub fn decide(
        &self,
        component: &str,
        import: ImportName<'_>,
        left_to: LeftTo,
        carried_by: Option<&str>,
    ) -> (Decision, String) {
        let best = self.best(component, import);
        self.answer(&best, component, import, left_to, carried_by)
    }

    /// What was decided, with a word where `exec` does not have what is given: a host of
    /// one's own may.
    fn as_exec_has(&self, interface: &str, decided: (Decision, String)) -> (Decision, String) {
        let is_given = matches!(decided.0, Decision::Granted | Decision::Recorded);
        let is_had = Target::COMPOSECTL.gives_interface(interface);
        if !is_given || is_had || !interface.starts_with("wasi:") {
            return decided;
        }
        let (decision, why) = decided;
        match self.plan {
            None => {
                let why = "the plan states no policy: a host may give it; `exec` does not have it";
                (Decision::Left, why.to_string())
            }
            Some(_) => (decision, why + "; `exec` does not have it"),
        }
    }

    /// The rules that say most precisely what a component gets for an import.
    fn best(&self, component: &str, import: ImportName<'_>) -> Best {
        let of = |rules: &Rules<'_>| rules.strongest(component, import);
        Best {
            capability: of(&self.capabilities),
            denial: of(&self.denials),
            allow: of(&self.allow),
            deny: of(&self.deny),
        }
    }

    /// The rules that name an import of a component and are the ones that hold for it in
    /// their lists, each with why it changes nothing of what the component gets; none
    /// where it does. What the plan says is held to what it would mean by itself, and
    /// `*` names nothing.
    pub fn acting(
        &self,
        component: &str,
        import: ImportName<'_>,
        left_to: LeftTo,
        carried_by: Option<&str>,
    ) -> Vec<((List, usize), Option<String>)> {
        let best = self.best(component, import);
        if [best.capability, best.denial, best.allow, best.deny] == [None; 4] {
            return Vec::new();
        }
        let answer = |best: &Best| self.answer(best, component, import, left_to, carried_by);
        let (with, why) = answer(&best);
        let mut acting = Vec::new();
        let mut add = |list, rule: Option<(u8, usize)>, is_idle: bool, why: &str| {
            acting.extend(rule.map(|(_, index)| ((list, index), is_idle.then(|| why.to_string()))));
        };
        let allows = || {
            answer(&Best {
                allow: None,
                ..best
            })
            .0
        };
        add(
            List::Allow,
            best.allow,
            best.allow.is_some() && (allows() == with || self.states_nothing(&best, import)),
            &why,
        );
        // What another rule allows all the same was meant so.
        let is_overruled = best
            .deny
            .zip(best.allow)
            .is_some_and(|(deny, allow)| deny.0 < allow.0);
        add(
            List::Deny,
            best.deny,
            with.is_given() && !is_overruled,
            &why,
        );
        let own = Best {
            allow: None,
            deny: None,
            ..best
        };
        let (own, why) = answer(&own);
        add(List::Denial, best.denial, own.is_given(), &why);
        let is_denied = matches!(own, Decision::Denied(_));
        add(List::Capability, best.capability, is_denied, &why);
        acting.retain(|((list, index), _)| self.name(*list, *index) != "*");
        acting
    }

    /// Whether all that a host's rule allows would be granted without it: where the plan
    /// states no policy, a rule for some components takes from the others.
    fn states_nothing(&self, best: &Best, import: ImportName<'_>) -> bool {
        let rule = best.allow.map(|(_, index)| &self.host.allow[index]);
        let is_for_all = rule.is_some_and(|rule| rule.components.is_none());
        let reaches = REACH.iter().any(|name| covers(name, import.interface));
        self.plan.is_none() && is_for_all && best.deny.is_none() && !reaches
    }

    /// The name of a rule.
    pub fn name(&self, list: List, index: usize) -> &str {
        match list {
            List::Capability => self
                .plan
                .map_or("", |of| of.capabilities[index].name.as_str()),
            List::Denial => &denials(self.plan)[index].name,
            List::Allow => &self.host.allow[index].name,
            List::Deny => &self.host.deny[index].name,
        }
    }

    /// Whether a rule is a capability that the plan requires.
    pub fn requires(&self, list: List, index: usize) -> bool {
        let capabilities = self.plan.map(|of| &of.capabilities[..]).unwrap_or_default();
        list == List::Capability && capabilities[index].required
    }

    /// The one place where it is decided what a component gets for an import, of the rules
    /// that hold for it.
    fn answer(
        &self,
        best: &Best,
        component: &str,
        import: ImportName<'_>,
        left_to: LeftTo,
        carried_by: Option<&str>,
    ) -> (Decision, String) {
        let decided = self.by_rules(best, component, import, left_to, carried_by);
        self.as_exec_has(import.interface, decided)
    }

    fn by_rules(
        &self,
        best: &Best,
        component: &str,
        import: ImportName<'_>,
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
        let (allowed, refused) = (best.allow, best.deny);
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
        if let Some((_, index)) = best.denial {
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
        // Who has one of the two gets the import: which functions of it do
        // something is then the host's to hold.
        let is_linker = covers(LINKER, interface);
        if is_linker && self.gates_linking() && self.linking(component) == Linking::default() {
            let why = "neither \"dynlink:resolve\" nor \"dynlink:invoke\" is granted to it";
            return (Decision::Denied(None), why.to_string());
        }
        if let Some(export) = carried_by {
            return granted(format!(
                "whoever calls export {export:?} passes in its resources"
            ));
        }
        if strict && of(NETWORK) {
            let why = "\"strict\" denies the network";
            return (Decision::Denied(None), why.to_string());
        }
        if is_linker {
            let why = "\"dynlink:resolve\" and \"dynlink:invoke\" gate what it does";
            return (Decision::Granted, why.to_string());
        }
        let Some(policy) = self.plan else {
            if allowed.is_none() && self.allow.are_about(import) {
                let why = "the host allows it to other components alone";
                return (Decision::Denied(None), why.to_string());
            }
            if allowed.is_none() && of(REACH) {
                let why = "the plan states no policy: a host may give it; `exec` does where it is allowed";
                return (Decision::Left, why.to_string());
            }
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
        if let Some((_, index)) = best.capability {
            let name = &policy.capabilities[index].name;
            return granted(format!("the plan asks for {name:?}"));
        }
        if let Some((_, index)) = allowed {
            let name = &self.host.allow[index].name;
            return granted(format!("the host allows {name:?}"));
        }
        (Decision::Denied(None), "nothing grants it".to_string())
    }

    /// Whether a component has a capability that is not an import, such as
    /// `dynlink:resolve`.
    fn has(&self, component: &str, capability: &str) -> bool {
        let names = |rules: &Rules<'_>| rules.names(component, ImportName::plain(capability));
        let is_denied = names(&self.deny) || names(&self.denials);
        !is_denied && (names(&self.capabilities) || names(&self.allow))
    }

    /// A component that a capability of the linker is for and that is denied it,
    /// and why: the first of those that were decided.
    fn unlinked(&self, capability: &Capability, linkers: &Linkers<'_>) -> Option<(String, String)> {
        let meant: Vec<(&str, (usize, &Decided))> = match &capability.components {
            Some(ids) => {
                let known = ids.iter().map(|id| linkers.get_key_value(id.as_str()));
                known.flatten().map(|(id, of)| (*id, *of)).collect()
            }
            None => linkers.iter().map(|(id, of)| (*id, *of)).collect(),
        };
        let denied = meant
            .into_iter()
            .filter(|(id, (_, of))| !of.decision.is_given() || !self.has(id, &capability.name));
        let first = denied.min_by_key(|(id, (position, _))| (*position, *id));
        if let Some((id, (_, of))) = first {
            let import = format!("import {:?} of {id:?}", of.import);
            let why = match of.decision.is_given() {
                true => "a rule names it".to_string(),
                false => of.why.clone(),
            };
            return Some((import, why));
        }
        let mut ids = capability.components.iter().flatten().map(String::as_str);
        let id = ids.next().unwrap_or_default();
        let is_denied = !self.has(id, &capability.name);
        is_denied.then(|| {
            (
                "no component imports it".to_string(),
                "a rule names it".to_string(),
            )
        })
    }

    /// What a component may do with `compose:dynlink/linker`.
    pub fn linking(&self, component: &str) -> Linking {
        let [resolve, invoke] = LINKING.map(|capability| self.has(component, capability));
        Linking { resolve, invoke }
    }

    /// Whether anyone has a say in who links: else the import stays as it is,
    /// and its host refuses.
    fn gates_linking(&self) -> bool {
        let names = |rules: &Rules<'_>| LINKING.iter().any(|name| rules.has(name));
        self.plan.is_some() || names(&self.allow) || names(&self.deny)
    }

    /// What all components of a program may do with the linker that they share.
    ///
    /// # Errors
    ///
    /// When they may do different things: composing gives a component an
    /// interface or keeps it back, and not a function of it.
    pub fn linking_of(&self, decided: &[Decided]) -> Result<Linking, Diagnostic> {
        let given = decided.iter().filter(|d| covers(LINKER, &d.interface));
        let given = given.filter(|decided| decided.decision.is_given());
        let mut consumers = given.flat_map(|decided| &decided.consumers);
        let Some(first) = consumers.next() else {
            return Ok(Linking::default());
        };
        let linking = self.linking(first);
        let Some(other) = consumers.find(|id| self.linking(id) != linking) else {
            return Ok(linking);
        };
        let message = format!(
            "components {first:?} and {other:?} are composed into one program and are granted \
             different functions of {LINKER:?}"
        );
        let help = "grant them the same of \"dynlink:resolve\" and \"dynlink:invoke\", or neither to \
                    one of them";
        let shown = |linking: Linking| match (linking.resolve, linking.invoke) {
            (true, true) => "both",
            (true, false) => "\"dynlink:resolve\"",
            (false, true) => "\"dynlink:invoke\"",
            (false, false) => "neither",
        };
        let found = format!(
            "{first:?} has {}, {other:?} has {}",
            shown(linking),
            shown(self.linking(other))
        );
        let error = Diagnostic::error(diagnostic::Rule::MixedLinking, message, help);
        Err(error.at(Place::Rules(RuleList::Capabilities)).found(found))
    }

    /// Whether the host gives a component what comes through an import that it
    /// is granted: under a policy that is what the grant says; without one the
    /// network takes the host's own word.
    pub fn opens(&self, component: &str, import: ImportName<'_>) -> bool {
        self.plan.is_some() || self.allow.strongest(component, import).is_some()
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
        let linkers = linkers(decided);
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
                let finding =
                    Diagnostic::error(diagnostic::Rule::RequiredCapabilityDenied, message, help)
                        .at(Place::Rule(RuleList::Capabilities, index))
                        .found(what);
                findings.push(finding);
            };
            let Some(used) = uses.get(&index) else {
                if capability.name.starts_with("dynlink:") {
                    if let Some((of, why)) = self.unlinked(capability, &linkers) {
                        refuse(of, &why);
                    }
                    continue;
                }
                let component = capability.components.iter().flatten().next();
                let component = component.map_or("", String::as_str);
                let asked = ImportName::plain(&capability.name);
                let (decision, why) = self.decide(component, asked, LeftTo::Host, None);
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

/// What was decided of the linker by consumer, with where it is in the list of what
/// was decided. Of two versions it is the one that is denied.
type Linkers<'a> = BTreeMap<&'a str, (usize, &'a Decided)>;

fn linkers(decided: &[Decided]) -> Linkers<'_> {
    let mut linkers = Linkers::new();
    for (position, decided) in decided.iter().enumerate() {
        if !covers(LINKER, &decided.interface) {
            continue;
        }
        for id in &decided.consumers {
            let known = linkers.entry(id).or_insert((position, decided));
            if known.1.decision.is_given() && !decided.decision.is_given() {
                *known = (position, decided);
            }
        }
    }
    linkers
}

/// Whether nothing is decided: neither the plan nor the host has a say in what
/// one component may import and another may not, or in which version.
pub fn is_silent(plan: &Plan, host: &HostPolicy) -> bool {
    // A version can be told of what was read alone.
    let is_for_all = |rule: &Rule| rule.components.is_none() && !rule.name.contains('@');
    plan.policy.is_none() && host.deny.is_empty() && host.allow.iter().all(is_for_all)
}

fn denials(plan: Option<&Policy>) -> &[Rule] {
    plan.map_or(&[], |policy| &policy.denials)
}
