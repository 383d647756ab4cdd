//! Brings a plan's sources into the store, and their digests into the plan.

use compositor_diagnostic::{Code, Rule};

use crate::answer::Failure;
use crate::bindings::sys::compose::blobs;
use crate::bindings::sys::compose::plan::{self, Component};
use crate::bindings::sys::compose::types::Digest;
use crate::finding::{Finding, MOST_FINDINGS};
use crate::invocation::Invocation;
use crate::paths::Place;
use crate::plan_file::{self, PlanFile};
use crate::sources::{Rules, Source};
use crate::{digest, recording, stage, stale, store, watch, words};

/// A source that was put into the store.
pub struct Staged {
    /// The component's id.
    pub id: String,
    /// What its bytes hash to.
    pub digest: Digest,
    /// Whether the plan lacked the digest.
    pub is_new: bool,
}

/// What the store has of sources for as long as something is asked about a plan:
/// whoever asks changes nothing. What was there before stays.
pub struct Lent {
    digests: Vec<Digest>,
    /// The store's folder, where there was none before.
    made: Option<Place>,
}

impl Drop for Lent {
    fn drop(&mut self) {
        for digest in &self.digests {
            // What cannot be taken out again is a blob like another.
            let _ = blobs::remove(digest);
        }
        if let Some(place) = &self.made {
            store::unmake(place);
        }
    }
}

/// Opens the store with all components of a plan, as far as that says where they
/// are; an unlocked plan is locked in memory.
pub fn complete(invocation: &Invocation, mut plan: PlanFile) -> Result<PlanFile, Failure> {
    let summary = plan.summary()?;
    refuse_unlocked(invocation, &plan, &summary.components)?;
    recording::begin_with_plan(invocation, &plan, &summary.components)?;
    let mut components = summary.components;
    watch::sources(invocation, &plan, &mut components)?;
    let staged = stage_sources(invocation, &plan, &components)?;
    stale::compare(invocation, &mut plan, &components, given(&staged))?;
    set_digests(&mut plan, &staged)?;
    Ok(plan)
}

/// Does the same for what is only asked about a plan: sources are in the store
/// until the answer is there.
pub fn look(invocation: &Invocation, mut plan: PlanFile) -> Result<(PlanFile, Lent), Failure> {
    let summary = plan.summary()?;
    refuse_unlocked(invocation, &plan, &summary.components)?;
    recording::begin_with_plan(invocation, &plan, &summary.components)?;
    let rules = Rules::of(invocation)?;
    let mut lent = Lent {
        digests: Vec::new(),
        made: store::absent(invocation),
    };
    let staged = each_missing(
        invocation,
        &plan,
        &summary.components,
        |component, source| {
            let open = || Source::open(source, &plan.folder, &rules);
            let digest = stage::digest_of(open()?)?;
            let is_expected = component.digest.as_ref().is_none_or(|of| *of == digest);
            if !is_expected || blobs::stat(&digest)?.is_some() {
                return Ok(digest);
            }
            let staged = stage::source(open()?, Some(&digest))?;
            lent.digests.push(staged.clone());
            Ok(staged)
        },
    )?;
    stale::compare(invocation, &mut plan, &summary.components, given(&staged))?;
    set_digests(&mut plan, &staged)?;
    Ok((plan, lent))
}

/// Reads a plan whose digests are all that matters: those that it lacks are those
/// of its sources, which are put nowhere.
pub fn read_digests(invocation: &Invocation, path: &str) -> Result<PlanFile, Failure> {
    with_digests(invocation, plan_file::read(path)?)
}

/// Does what [`read_digests`] does after reading.
pub fn with_digests(invocation: &Invocation, mut plan: PlanFile) -> Result<PlanFile, Failure> {
    let summary = plan.summary()?;
    refuse_unlocked(invocation, &plan, &summary.components)?;
    recording::begin_with_plan(invocation, &plan, &summary.components)?;
    let is_unlocked = |component: &&Component| component.digest.is_none();
    let unlocked = summary.components.iter().filter(is_unlocked);
    let rules = Rules::of(invocation)?;
    let found = each(&plan, Problems::default(), unlocked, |_, source| {
        stage::digest_of(Source::open(source, &plan.folder, &rules)?)
    })?;
    set_digests(&mut plan, &found)?;
    Ok(plan)
}

/// Puts into the store what the plan has a source for and the store lacks.
pub fn stage_sources(
    invocation: &Invocation,
    plan: &PlanFile,
    components: &[Component],
) -> Result<Vec<Staged>, Failure> {
    let rules = Rules::of(invocation)?;
    each_missing(invocation, plan, components, |component, source| {
        let source = Source::open(source, &plan.folder, &rules)?;
        stage::source(source, component.digest.as_ref())
    })
}

/// Opens the store, to write to it when something is missing, and brings what is.
fn each_missing(
    invocation: &Invocation,
    plan: &PlanFile,
    components: &[Component],
    bring: impl FnMut(&Component, &str) -> Result<Digest, Failure>,
) -> Result<Vec<Staged>, Failure> {
    store::open(invocation)?;
    let mut problems = Problems::default();
    let mut missing = Vec::new();
    for component in components.iter().filter(|of| of.source.is_some()) {
        match is_here(component) {
            Ok(true) => {}
            Ok(false) => missing.push(component),
            Err(failure) => problems.push(component, "digest", failure.findings),
        }
    }
    if !missing.is_empty() {
        store::open_to_write(invocation)?;
    }
    each(plan, problems, missing.into_iter(), bring)
}

/// Brings what components have sources for, and says of which that failed.
fn each<'a>(
    plan: &PlanFile,
    mut problems: Problems,
    components: impl Iterator<Item = &'a Component>,
    mut bring: impl FnMut(&Component, &str) -> Result<Digest, Failure>,
) -> Result<Vec<Staged>, Failure> {
    let components: Vec<&Component> = components.collect();
    let mut staged = Vec::new();
    for (index, component) in components.iter().copied().enumerate() {
        if problems.0.len() >= MOST_FINDINGS {
            return Err(problems.end(plan, components.len() - index));
        }
        let source = component.source.as_deref().unwrap_or_default();
        match check(component, source, bring(component, source)) {
            Ok(digest) => staged.push(Staged {
                id: component.id.clone(),
                digest,
                is_new: component.digest.is_none(),
            }),
            Err(findings) => problems.push(component, "source", findings),
        }
    }
    match problems.0.is_empty() {
        true => Ok(staged),
        false => Err(problems.end(plan, 0)),
    }
}

/// What is wrong with components, each with its pointer.
#[derive(Default)]
struct Problems(Vec<(Finding, String)>);

impl Problems {
    fn push(&mut self, component: &Component, field: &str, findings: Vec<Finding>) {
        let pointer = format!("/components/{}/{field}", component.index);
        let findings = findings.into_iter();
        self.0
            .extend(findings.map(|finding| (finding, pointer.clone())));
    }

    /// The failure, with a note of what was not looked at.
    fn end(mut self, plan: &PlanFile, mut skipped: usize) -> Failure {
        skipped += self.0.len().saturating_sub(MOST_FINDINGS);
        self.0.truncate(MOST_FINDINGS);
        if skipped > 0 {
            let message = format!("left out: {}", words::count(skipped, "more component"));
            let note = Finding::note(Rule::MoreFindings, message).help("correct these first");
            self.0.push((note, "/components".to_string()));
        }
        Failure::of(plan.at(self.0))
    }
}

fn is_here(component: &Component) -> Result<bool, Failure> {
    match &component.digest {
        Some(digest) => Ok(blobs::stat(digest)?.is_some()),
        None => Ok(false),
    }
}

/// What was staged, by the ids of components.
pub fn given(staged: &[Staged]) -> Vec<(String, Digest)> {
    let given = staged.iter().map(|of| (of.id.clone(), of.digest.clone()));
    given.collect()
}

/// Sets the digests that the plan lacked.
pub fn set_digests(plan: &mut PlanFile, staged: &[Staged]) -> Result<(), Failure> {
    let digests: Vec<(String, Digest)> = staged
        .iter()
        .filter(|staged| staged.is_new)
        .map(|staged| (staged.id.clone(), staged.digest.clone()))
        .collect();
    if !digests.is_empty() {
        plan.changed = Some(plan.check(plan::lock(plan.bytes(), &digests))?);
    }
    Ok(())
}

fn refuse_unlocked(
    invocation: &Invocation,
    plan: &PlanFile,
    components: &[Component],
) -> Result<(), Failure> {
    if !invocation.has("locked") {
        return Ok(());
    }
    let unlocked: Vec<String> = components
        .iter()
        .filter(|component| component.digest.is_none())
        .map(|component| component.id.clone())
        .collect();
    if unlocked.is_empty() {
        return Ok(());
    }
    let name = &plan.text.name;
    let unlocked = words::list(unlocked.iter().map(String::as_str));
    let finding = Finding::error(
        Rule::UnlockedComponent,
        format!("the plan is not locked: {unlocked} without a digest"),
    )
    .expected("a digest for every component, because of `--locked`")
    .help(format!(
        "`plan lock {name}` writes the digests into the plan"
    ));
    Err(Failure::of(
        plan.at(vec![(finding, "/components".to_string())]),
    ))
}

fn is_no_component(finding: &Finding) -> bool {
    matches!(finding.code, Code::EmitCompositionFailed)
}

fn check(
    component: &Component,
    source: &str,
    staged: Result<Digest, Failure>,
) -> Result<Digest, Vec<Finding>> {
    let id = &component.id;
    match (staged, &component.digest) {
        // As it is said of a blob.
        (Err(mut failure), _) if failure.findings.iter().all(is_no_component) => {
            for finding in &mut failure.findings {
                finding.message =
                    format!("component {id:?} cannot be composed: {}", finding.message);
            }
            Err(failure.findings)
        }
        (Ok(found), Some(expected)) if found != *expected => Err(vec![
            Finding::error(
                Rule::SourceMismatch,
                format!("the source `{source}` of `{id}` is not what the plan is locked to"),
            )
            .found(digest::show(&found))
            .expected(digest::show(expected))
            .help(format!(
                "bring the locked bytes back, or `plan lock PLAN --update {id}` takes what the file \
                 holds now"
            )),
        ]),
        (Ok(found), _) => Ok(found),
        (Err(failure), None) => Err(failure.findings),
        // What is missing is the blob; the source would only have helped.
        (Err(failure), Some(expected)) => Err(failure
            .findings
            .into_iter()
            .map(|cause| {
                Finding::error(
                    Rule::MissingBlob,
                    format!("the store lacks `{id}`, and {}", cause.message),
                )
                .expected(digest::show(expected))
                .help("put the component with `blob put FILE`")
            })
            .collect()),
    }
}
