//! Sources that are at hand: whether they still are what a plan is locked to.

use std::collections::BTreeSet;

use compositor_diagnostic::{Code, Rule};

use crate::answer::Failure;
use crate::bindings::sys::compose::plan::Component;
use crate::bindings::sys::compose::store;
use crate::bindings::sys::compose::types::Digest;
use crate::finding::{Finding, MOST_FINDINGS};
use crate::invocation::Invocation;
use crate::plan_file::PlanFile;
use crate::sources::{self, Rules, Source};
use crate::{digest, stage, words};

/// Compares the sources that are at hand with the digests of a plan, but for those
/// that were just staged: keeps what they give with the plan, and a warning for each
/// that changed since. With `--locked` it is an error.
pub fn compare(
    invocation: &Invocation,
    plan: &mut PlanFile,
    components: &[Component],
    staged: Vec<(String, Digest)>,
) -> Result<(), Failure> {
    let rules = Rules::of(invocation)?;
    let is_locked = invocation.has("locked");
    let known: BTreeSet<&str> = staged.iter().map(|(id, _)| id.as_str()).collect();
    let mut given = staged.clone();
    let mut changed = Vec::new();
    let sources: Vec<_> = components
        .iter()
        .filter(|component| !known.contains(component.id.as_str()))
        .filter_map(|of| Some((of, of.digest.as_ref()?, of.source.as_deref()?)))
        .collect();
    let folder = &plan.folder;
    let hashed = hashed(sources.iter().map(|(.., source)| *source), folder, &rules);
    for ((component, digest, source), hashed) in sources.into_iter().zip(hashed) {
        if hashed.as_ref() == Some(digest) {
            given.push((component.id.clone(), digest.clone()));
            continue;
        }
        match held(Source::open(source, &plan.folder, &rules)) {
            Held::Component(found) if found == *digest => {
                given.push((component.id.clone(), found));
            }
            Held::Component(found) => changed.push((component, digest::show(&found))),
            Held::Other(what) => changed.push((component, what)),
            Held::Nothing => {}
        }
    }
    plan.given = given;
    let left_out = changed.len().saturating_sub(MOST_FINDINGS);
    changed.truncate(MOST_FINDINGS);
    let name = &plan.text.name;
    let findings = changed.iter().map(|(component, found)| {
        let finding = warning(component, found, name, is_locked);
        (finding, format!("/components/{}/source", component.index))
    });
    let mut findings = plan.at(findings.collect());
    if left_out > 0 {
        let message = format!(
            "left out: {}",
            words::count(left_out, "more changed source")
        );
        let note = Finding::note(Rule::MoreFindings, message);
        let note = note.help(format!("`plan lock {name} --update` takes all of them"));
        findings.push(plan.at_one(note, "/components"));
    }
    match is_locked && !findings.is_empty() {
        true => Err(Failure::of(findings)),
        false => {
            plan.warnings.extend(findings);
            Ok(())
        }
    }
}

/// What sources hash to, in their order, where the store can tell: together, because most
/// are what they were.
fn hashed<'a>(
    sources: impl Iterator<Item = &'a str>,
    folder: &str,
    rules: &Rules,
) -> Vec<Option<Digest>> {
    let places: Vec<_> = sources
        .map(|source| sources::at_hand(source, folder, rules))
        .collect();
    let files: Vec<_> = places.iter().flatten().cloned().collect();
    let mut digests = store::file_digests(&files).into_iter();
    let places = places.into_iter();
    places
        .map(|place| place.and_then(|_| digests.next()?.ok()))
        .collect()
}

/// What is in a source's place.
enum Held {
    /// A component with this digest.
    Component(Digest),
    /// Something that is no component.
    Other(String),
    /// Nothing that can be read.
    Nothing,
}

fn held(source: Result<Source, Failure>) -> Held {
    match source.and_then(stage::digest_of) {
        Ok(digest) => Held::Component(digest),
        Err(failure) => {
            let is_other = |of: &&Finding| matches!(of.code, Code::EmitCompositionFailed);
            let other = failure.findings.iter().find(is_other);
            other.map_or(Held::Nothing, |of| Held::Other(of.message.clone()))
        }
    }
}

fn warning(component: &Component, found: &str, plan: &str, is_locked: bool) -> Finding {
    let id = &component.id;
    let source = component.source.as_deref().unwrap_or_default();
    let mut message = format!("the source `{source}` of `{id}` has changed since it was locked");
    let new: fn(Rule, String) -> Finding = match is_locked {
        true => Finding::error,
        false => {
            message += "; what was locked is used";
            Finding::warning
        }
    };
    let locked = component.digest.as_ref().map(|of| digest::show(of));
    new(Rule::StaleSource, message)
        .found(found)
        .expected(locked.unwrap_or_default())
        .help(format!(
            "`plan lock {plan} --update {id}` takes what the file holds now"
        ))
}
