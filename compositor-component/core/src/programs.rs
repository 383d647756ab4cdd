//! The programs of a `runtime` plan: the root, and each component that guests
//! may resolve, composed with what it is bound to and with nothing else.

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::diagnostic::Diagnostic;
use crate::digest::Digest;
use crate::error::Code;
use crate::excerpt::{Excerpt, Whole};
use crate::host::{Host, Program};
use crate::host_policy::HostPolicy;
use crate::limits::at_most;
use crate::pipeline::{Checked, build_checked, check_part};
use crate::plan::{Component, Linkage, Parsed, Plan};
use crate::policy::{self, Decided, is_silent};
use crate::resolve::{Hashing, part};
use crate::wasm::{Shapes, World};

/// What a provider exports to be called at run time.
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
    if plan.linkage == Linkage::Static {
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

/// Composes every program, by id: the order of the text says nothing.
pub fn build_programs(
    parsed: &Parsed<'_>,
    policy: &HostPolicy,
    host: Host<'_>,
) -> Result<Vec<Program>, Vec<Diagnostic>> {
    let programs = Programs::of(parsed, policy, host);
    let sorted = parsed.plan.sorted();
    let components = sorted.components.iter();
    components
        .map(|component| programs.build(component))
        .collect()
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
            host,
            work: Cell::new(0),
        }
    }

    fn is_endpoint(&self, component: &Component) -> bool {
        let part = |digest| part(self.host, digest, &mut Shapes::new(self.host.limits)).ok();
        let part = component.digest.and_then(part);
        part.is_some_and(|part| part.world.export(ENDPOINT).is_some())
    }

    fn check(&self, id: &str) -> Result<(Excerpt, Checked<'static>), Vec<Diagnostic>> {
        let excerpt = self.whole.excerpt(id);
        self.count(id, PROGRAM + ITEM * excerpt.len())?;
        let checked = check_part(
            excerpt.parsed.clone(),
            self.policy,
            false,
            Hashing::WhenSpliced,
            self.host,
        );
        let checked = checked.map_err(|findings| excerpt.place(self.parsed, findings))?;
        self.count(id, checked.work())?;
        Ok((excerpt, checked))
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
        let error = Diagnostic::error(Code::EmitCompositionFailed, message, help)
            .at(format!("/components/{}", self.whole.position(id)))
            .found(format!("{total} up to here"))
            .expected(at_most(most, "of them", "work"));
        Err(self.parsed.place(vec![error]))
    }

    /// A component with what it is bound to. What is bound to nothing is not
    /// looked at before it is resolved, unless a policy has a say in what it
    /// may import; nor is what cannot be called, which is in the table all the
    /// same, so that whoever resolves it is told why.
    fn build(&self, component: &Component) -> Result<Program, Vec<Diagnostic>> {
        let plan = &self.parsed.plan;
        let is_root = component.id == plan.root;
        let is_bound =
            self.whole.binds(&component.id) || (is_root && !plan.explicit_exports.is_empty());
        let as_it_is = |artifact| Program {
            artifact,
            parts: vec![(component.id.clone(), artifact)],
        };
        let is_decided = !is_silent(plan, self.policy);
        let is_looked_at = is_root || ((is_bound || is_decided) && self.is_endpoint(component));
        if let Some(artifact) = component.digest.filter(|_| !is_looked_at) {
            return Ok(as_it_is(artifact));
        }
        let (excerpt, checked) = self.check(&component.id)?;
        let mut decided = checked.decided.iter();
        let is_plain = !is_bound && decided.all(|decided| decided.decision.is_plain());
        if let Some(artifact) = component.digest.filter(|_| is_plain) {
            return Ok(as_it_is(artifact));
        }
        let parts = parts(&excerpt.parsed.plan);
        let artifact = build_checked(checked, self.host)
            .map_err(|findings| excerpt.place(self.parsed, findings))?
            .digest;
        Ok(Program { artifact, parts })
    }
}
