//! The programs of a `runtime` plan: the root, and each component that guests
//! may resolve, composed with what it is bound to and with nothing else.

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::host_policy::HostPolicy;
use crate::pipeline::{Checked, build_checked, check_part};
use crate::policy::{self, Grants, is_silent};
use crate::program_grants::{granted, granted_unread};
use crate::resolve::{Hashing, part};
use compositor_diagnostic::limits::at_most;
use compositor_diagnostic::{Diagnostic, Digest, Rule};
use compositor_host::{Host, Program};
use compositor_plan::subplan::{Subplan, Whole};
use compositor_plan::{Component, Decided, Parsed, Place, Plan};
use compositor_wasm::{Shapes, World};

/// What a provider exports to be called at run time, or another of its track.
const ENDPOINT: &str = "compose:dynlink/endpoint@0.1.0";

/// What a program adds to the plan's work beside its imports and exports.
const PROGRAM: usize = 300;
/// And what each of its components, bindings and rules does.
const ITEM: usize = 4;

/// Checks every program that guests can call; returns what was decided of
/// their imports. A static plan has none.
pub fn check_programs(
    parsed: &Parsed<'_>,
    policy: &HostPolicy,
    host: Host<'_>,
) -> Result<Vec<Decided>, Vec<Diagnostic>> {
    let plan = &parsed.plan;
    let mut decided = Vec::new();
    if !plan.linkage.resolves() {
        return Ok(decided);
    }
    let programs = Programs::of(parsed, policy, host);
    for component in &plan.components {
        if component.id != plan.root && programs.is_endpoint(component) {
            decided.extend(programs.check(&component.id)?.1.decided);
        }
    }
    Ok(decided)
}

/// What a `runtime` plan is run with.
pub struct Built {
    /// The root and what guests may resolve, by id: the order of the text says
    /// nothing.
    pub programs: Vec<Program>,
    /// The components that export no endpoint, which nobody can call.
    pub uncallable: Vec<(String, Digest)>,
    /// What was decided of the programs' imports.
    pub decided: Vec<Decided>,
    /// Warnings and notes about the root.
    pub findings: Vec<Diagnostic>,
}

/// Composes every program.
pub fn build_programs(
    parsed: &Parsed<'_>,
    policy: &HostPolicy,
    host: Host<'_>,
) -> Result<Built, Vec<Diagnostic>> {
    let programs = Programs::of(parsed, policy, host);
    let sorted = parsed.plan.sorted();
    let mut built = Built {
        programs: Vec::new(),
        uncallable: Vec::new(),
        decided: Vec::new(),
        findings: Vec::new(),
    };
    for component in &sorted.components {
        programs.build(component, &mut built)?;
    }
    Ok(built)
}

/// Checks the rules of a plan of several programs, and of its host, over all
/// components whose worlds can be read: what is missing is told when it is
/// resolved.
pub fn check_rules(
    parsed: &Parsed<'_>,
    policy: &HostPolicy,
    host: Host<'_>,
) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
    let plan = &parsed.plan;
    if !policy::has_rules(plan, policy) {
        return Ok(Vec::new());
    }
    let mut shapes = Shapes::new(host.limits);
    let mut worlds: HashMap<Digest, Option<Rc<World>>> = HashMap::new();
    let mut known = Vec::with_capacity(plan.components.len());
    for component in &plan.components {
        let Some(digest) = component.digest else {
            continue;
        };
        let world = worlds.entry(digest).or_insert_with(|| {
            let part = part(host, digest, &mut shapes).ok();
            part.map(|part| part.world)
        });
        known.extend(world.clone().map(|world| (component.id.as_str(), world)));
    }
    let worlds = known.iter().map(|(id, world)| (*id, &**world));
    policy::check_rules(plan, policy, worlds).map_err(|findings| parsed.place(findings))
}

/// The components of a plan: the root first, the others by id.
pub fn parts(plan: &Plan) -> Vec<(String, Digest)> {
    let sorted = plan.sorted();
    let components = sorted.components.iter();
    let (root, others): (Vec<_>, Vec<_>) = components.partition(|c| c.id == plan.root);
    let parts = root.into_iter().chain(others);
    parts
        .filter_map(|c| Some((c.id.clone(), c.digest?)))
        .collect()
}

struct Programs<'a> {
    parsed: &'a Parsed<'a>,
    whole: Whole<'a>,
    policy: &'a HostPolicy,
    /// The rules of the plan and of its host by their names: made once, so that
    /// components are not times rules.
    grants: Grants<'a>,
    /// Whether there are none that tell components apart.
    is_silent: bool,
    host: Host<'a>,
    /// The work of those that were checked.
    work: Cell<usize>,
}

impl<'a> Programs<'a> {
    fn of(parsed: &'a Parsed<'a>, policy: &'a HostPolicy, host: Host<'a>) -> Self {
        Self {
            parsed,
            whole: Whole::of(&parsed.plan),
            policy,
            grants: Grants::new(&parsed.plan, policy),
            is_silent: is_silent(&parsed.plan, policy),
            host,
            work: Cell::new(0),
        }
    }

    /// Whether guests can call a component. Of one that cannot be read that is
    /// not known: whoever checks it says why.
    fn is_endpoint(&self, component: &Component) -> bool {
        let part = |digest| part(self.host, digest, &mut Shapes::new(self.host.limits)).ok();
        let part = component.digest.and_then(part);
        part.is_none_or(|part| part.world.compatible_export(ENDPOINT).is_some())
    }

    fn check(&self, id: &str) -> Result<(Subplan, Checked<'static>), Vec<Diagnostic>> {
        let subplan = self.whole.subplan(id);
        self.count(id, PROGRAM + ITEM * subplan.size())?;
        let checked = check_part(
            subplan.parsed.clone(),
            self.policy,
            false,
            Hashing::WhenSpliced,
            None,
            self.host,
        );
        let checked = checked.map_err(|findings| subplan.place(self.parsed, findings))?;
        self.count(id, checked.work())?;
        Ok((subplan, checked))
    }

    /// Counts work of a program. Each has all that it is bound to, so that
    /// they are many times the plan together.
    fn count(&self, id: &str, work: usize) -> Result<(), Vec<Diagnostic>> {
        let total = self.work.get().saturating_add(work);
        self.work.set(total);
        let most = self.host.limits.work;
        if total <= most {
            return Ok(());
        }
        let message = "composing the plan is too much work: its programs have too many \
                       components, bindings, rules, imports and exports together, one counted as \
                       often as it is in a program";
        let help = "make some of its providers plans of their own";
        let error = Diagnostic::error(Rule::TooMuchWork, message, help)
            .at(Place::Component(self.whole.component(id)))
            .found(format!("{total} up to here"))
            .expected(at_most(most, "of them", "work"));
        Err(self.parsed.place(vec![error]))
    }

    /// A component with what it is bound to. Where the plan or its host has a say
    /// in what components import, every program is composed under that, whatever
    /// it is. Where neither has, what is bound to nothing is its component as it
    /// is, and is not looked at before it is resolved. What cannot be called is
    /// no program, and nothing of it is ever compiled.
    fn build(&self, component: &Component, built: &mut Built) -> Result<(), Vec<Diagnostic>> {
        let plan = &self.parsed.plan;
        let is_root = component.id == plan.root;
        let is_bound =
            self.whole.binds(&component.id) || (is_root && !plan.explicit_exports.is_empty());
        let as_it_is = |artifact, imports, grants| Program {
            artifact,
            parts: vec![(component.id.clone(), artifact)],
            imports,
            grants,
        };
        if let Some(artifact) = component.digest
            && !is_root
        {
            if !is_bound && self.is_silent {
                let program = as_it_is(artifact, None, granted_unread(&component.id, &self.grants));
                built.programs.push(program);
                return Ok(());
            }
            if !self.is_endpoint(component) {
                built.uncallable.push((component.id.clone(), artifact));
                return Ok(());
            }
        }
        let (subplan, checked) = self.check(&component.id)?;
        let granted = granted(&checked.decided, &self.grants);
        let granted = granted.map_err(|error| self.parsed.place(vec![error]))?;
        built.decided.extend(checked.decided.iter().cloned());
        if is_root {
            let found = checked.findings.iter().cloned();
            built.findings = subplan.place(self.parsed, found.collect());
        }
        let program = match component.digest.filter(|_| !is_bound && self.is_silent) {
            Some(artifact) => as_it_is(artifact, Some(checked.given_to_root()), granted),
            None => {
                let artifact = build_checked(checked, self.host)
                    .map_err(|findings| subplan.place(self.parsed, findings))?;
                Program {
                    artifact: artifact.digest,
                    parts: parts(&subplan.parsed.plan),
                    imports: Some(artifact.imports),
                    grants: granted,
                }
            }
        };
        built.programs.push(program);
        Ok(())
    }
}
