//! The rules as they are written down, without an index, a graph or a composer.

use std::collections::{BTreeMap, BTreeSet};

use compositor_core::host::Grants;
use compositor_core::plan::{Determinism, Rule};

use super::case::Case;

/// What a run is to be given.
pub struct Model {
    pub programs: BTreeMap<String, Program>,
    pub uncallable: BTreeSet<String>,
    /// Whether components of one program may do different things with the linker
    /// that they share.
    pub is_torn: bool,
}

/// What a program is to be given.
#[derive(Default)]
pub struct Program {
    pub grants: Grants,
    /// Components, and the imports that come to them from the host.
    pub given: BTreeSet<(String, String)>,
    pub is_recorded: bool,
    /// Whether nobody has a say in it.
    pub is_unread: bool,
}

struct Say<'a> {
    case: &'a Case,
    capabilities: Vec<Rule>,
    denials: Vec<Rule>,
}

const LINKER: &str = "compose:dynlink/linker";

impl Model {
    pub fn of(case: &Case) -> Self {
        let policy = case.plan.policy.as_ref();
        let capabilities = policy.iter().flat_map(|policy| &policy.capabilities);
        let say = Say {
            case,
            capabilities: capabilities
                .map(|capability| Rule {
                    name: capability.name.clone(),
                    components: capability.components.clone(),
                    ..Rule::default()
                })
                .collect(),
            denials: policy
                .map(|policy| policy.denials.clone())
                .unwrap_or_default(),
        };
        let mut model = Self {
            programs: BTreeMap::new(),
            uncallable: BTreeSet::new(),
            is_torn: false,
        };
        let is_silent = policy.is_none()
            && case.host.deny.is_empty()
            && case.host.allow.iter().all(|rule| rule.components.is_none());
        let roots = match case.is_runtime {
            true => 0..case.components.len(),
            false => 0..1,
        };
        for root in roots {
            let id = case.plan.components[root].id.clone();
            let is_unread = root > 0 && is_silent && case.bound[root].is_empty();
            let is_endpoint = case.endpoints[root].is_some_and(|name| name.contains("@0.1."));
            if root > 0 && !is_unread && !is_endpoint {
                model.uncallable.insert(id);
                continue;
            }
            let program = say.program(root, is_unread, &mut model.is_torn);
            model.programs.insert(id, program);
        }
        model
    }
}

impl Say<'_> {
    fn program(&self, root: usize, is_unread: bool, is_torn: &mut bool) -> Program {
        let case = self.case;
        let mut parts = vec![root];
        let mut next = 0;
        while let Some(part) = parts.get(next) {
            parts.extend(&case.bound[*part]);
            next += 1;
        }
        let mut program = Program {
            is_unread,
            ..Program::default()
        };
        let mut linking = BTreeSet::new();
        for part in parts {
            let id = &case.plan.components[part].id;
            // Of what is not read all may be there.
            let imports: &[&str] = match is_unread {
                true => &super::case::HOST,
                false => &case.imports[part],
            };
            for import in imports {
                if !self.is_given(id, import) {
                    continue;
                }
                program.given.insert((id.clone(), (*import).to_string()));
                self.count(id, import, &mut program.grants);
                if import.starts_with(LINKER) {
                    linking.insert(self.linking(id));
                } else if self.determinism() == Some(Determinism::Audit) {
                    program.is_recorded = true;
                }
            }
        }
        *is_torn |= linking.len() > 1;
        if let Some([resolve, invoke]) = linking.first() {
            (program.grants.resolve, program.grants.invoke) = (*resolve, *invoke);
        }
        program
    }

    fn count(&self, id: &str, import: &str, grants: &mut Grants) {
        let is_open = self.case.plan.policy.is_some()
            || strongest(&self.case.host.allow, id, import).is_some();
        match import.split('@').next().unwrap_or_default() {
            "wasi:cli/environment" => grants.variables = true,
            "wasi:filesystem/preopens" => grants.folders = true,
            "wasi:sockets/tcp" => grants.tcp |= is_open,
            "wasi:sockets/udp-create-socket" => grants.udp |= is_open,
            "wasi:sockets/ip-name-lookup" => grants.name_lookup |= is_open,
            "wasi:http/outgoing-handler" => grants.http |= is_open,
            _ => {}
        }
    }

    fn determinism(&self) -> Option<Determinism> {
        let policy = self.case.plan.policy.as_ref();
        policy.map(|policy| policy.determinism)
    }

    /// Whether the host's import comes to a component.
    fn is_given(&self, id: &str, import: &str) -> bool {
        let host = &self.case.host;
        let is_of = |packages: &[&str]| packages.iter().any(|name| import.starts_with(name));
        let is_ambient = is_of(&["wasi:clocks/", "wasi:random/"]);
        let is_network = is_of(&["wasi:sockets/", "wasi:http/"]);
        let is_strict = self.determinism() == Some(Determinism::Strict);
        let allowed = strongest(&host.allow, id, import);
        let refused = strongest(&host.deny, id, import);
        if refused.is_some_and(|refused| allowed.is_none_or(|allowed| refused >= allowed))
            || strongest(&self.denials, id, import).is_some()
            || is_strict && (is_ambient || is_network)
        {
            return false;
        }
        let has_policy = self.case.plan.policy.is_some();
        if import.starts_with(LINKER) {
            let names = |rules: &[Rule]| rules.iter().any(|rule| rule.name.starts_with("dynlink:"));
            let is_gated = has_policy || names(&host.allow) || names(&host.deny);
            return !is_gated || self.linking(id) != [false, false];
        }
        match has_policy {
            false => allowed.is_some() || !is_about(&host.allow, import),
            true => {
                is_ambient
                    || allowed.is_some()
                    || strongest(&self.capabilities, id, import).is_some()
            }
        }
    }

    /// Whether a component may resolve, and call.
    fn linking(&self, id: &str) -> [bool; 2] {
        ["dynlink:resolve", "dynlink:invoke"].map(|capability| {
            let names = |rules: &[Rule]| {
                let mut rules = rules.iter();
                rules.any(|rule| rule.name == capability && is_for(rule, id))
            };
            let host = &self.case.host;
            !names(&host.deny)
                && !names(&self.denials)
                && (names(&self.capabilities) || names(&host.allow))
        })
    }
}

fn is_for(rule: &Rule, id: &str) -> bool {
    let components = rule.components.as_ref();
    components.is_none_or(|ids| ids.iter().any(|other| other == id))
}

/// How precisely a name says what it means of an import, if it does.
fn precision(name: &str, import: &str) -> Option<u8> {
    let interface = import.split('@').next()?;
    let package = interface.split('/').next()?;
    match name {
        "*" => Some(0),
        _ if name == package => Some(1),
        _ if name == interface => Some(2),
        _ => None,
    }
}

/// A rule for a component is stronger than one for all, and then the one whose
/// name says more.
fn strongest(rules: &[Rule], id: &str, import: &str) -> Option<(bool, u8)> {
    let rules = rules.iter().filter(|rule| is_for(rule, id));
    let strengths =
        rules.filter_map(|rule| Some((rule.components.is_some(), precision(&rule.name, import)?)));
    strengths.max()
}

fn is_about(rules: &[Rule], import: &str) -> bool {
    rules
        .iter()
        .any(|rule| precision(&rule.name, import).is_some())
}
