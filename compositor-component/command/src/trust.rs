//! `trust add`, `trust remove`, `trust list`, `trust verify`, `trust import`.

use compositor_diagnostic::{Code, Rule, Severity};

use crate::answer::{Answer, Failure};
use crate::bindings::sys::compose::store::old_trust;
use crate::bindings::sys::compose::trust;
use crate::bindings::sys::compose::types::Digest;
use crate::finding::Finding;
use crate::invocation::Invocation;
use crate::plan_file::PlanFile;
use crate::{digest, lock, store, words};

/// Trusts digests, and those of a plan's components.
pub fn add(invocation: &Invocation) -> Result<Answer, Failure> {
    let mut digests = digest::parse_all(&invocation.arguments)?;
    if let Some(path) = invocation.value("plan") {
        let plan = lock::read_digests(invocation, path)?;
        digests.extend(
            plan.summary()?
                .components
                .into_iter()
                .filter_map(|c| c.digest),
        );
    }
    if digests.is_empty() {
        return Err(invocation.misuse("`trust add` needs a DIGEST or `--plan PLAN`"));
    }
    digests.sort();
    digests.dedup();
    store::open_with_state(invocation)?;
    trust::add(&digests)?;
    Ok(answer("trusted", "trusted ", &digests))
}

/// Trusts what a plan's own files give until the store is opened anew, and says of what
/// was not trusted before that it is now.
pub fn assume(plan: &mut PlanFile) -> Result<(), Failure> {
    let untrusted = |(_, digest): &&(String, Digest)| trust::verify(digest).is_err();
    let assumed: Vec<&(String, Digest)> = plan.given.iter().filter(untrusted).collect();
    let digests: Vec<Digest> = assumed.iter().map(|(_, digest)| digest.clone()).collect();
    trust::assume(&digests)?;
    if !digests.is_empty() {
        let ids = assumed.iter().map(|(id, _)| id.as_str());
        let ids = words::list(ids);
        let message = format!("trusted for this run alone: {ids}");
        let note = Finding::note(Rule::TrustedForRun, message);
        let help = match (plan.is_guessed(), &digests[..]) {
            (true, [digest]) => {
                let digest = digest::show(digest);
                format!("`trust add {digest}` trusts it from now on")
            }
            _ => {
                let name = &plan.text.name;
                format!("`trust add --plan {name}` trusts what it is locked to from now on")
            }
        };
        plan.warnings.push(note.help(help));
    }
    Ok(())
}

/// Trusts what earlier versions kept in the store, where anybody may have put it.
pub fn import(invocation: &Invocation) -> Result<Answer, Failure> {
    store::open_with_state(invocation)?;
    let digests = old_trust()?;
    trust::add(&digests)?;
    Ok(answer("trusted", "trusted ", &digests))
}

/// The same of something that was to run, where `--trust` would have helped.
pub fn hinted(invocation: &Invocation, failure: Failure) -> Failure {
    let mut failure = noticed(failure);
    for finding in &mut failure.findings {
        let is_untrusted = matches!(finding.code, Code::TrustUntrustedSource);
        let is_error = matches!(finding.severity, Severity::Error);
        if let (true, true, Some(help)) = (is_untrusted, is_error, &mut finding.help)
            && !invocation.has("trust")
        {
            *help += "; `--trust` trusts for one run what files give";
        }
    }
    failure
}

/// A failure for want of trust, with what the store says of it, which has no say.
pub fn noticed(mut failure: Failure) -> Failure {
    let untrusted = |finding: &Finding| matches!(finding.code, Code::TrustUntrustedSource);
    if failure.findings.iter().any(untrusted) {
        failure.findings.extend(notice());
    }
    failure
}

/// A word about a store in which earlier versions kept trust.
fn notice() -> Option<Finding> {
    let old = old_trust().ok()?;
    if old.is_empty() {
        return None;
    }
    let count = words::count(old.len(), "digest");
    let message = format!(
        "the store's folder `trust` names {count}, which is ignored: trust is yours, and a store may \
         come from anybody"
    );
    let help = "if you put them there, `trust import` trusts them and lists them";
    let note = Finding::note(Rule::IgnoredTrust, message).help(help);
    Some(note)
}

/// Trusts digests no longer.
pub fn remove(invocation: &Invocation) -> Result<Answer, Failure> {
    let digests = digest::parse_all(&invocation.arguments)?;
    store::open_with_state(invocation)?;
    let removed = trust::remove(&digests)?;
    let mut answer = answer("removed", "removed ", &removed);
    for digest in digests.iter().filter(|digest| !removed.contains(digest)) {
        let message = "it was not trusted before";
        answer
            .findings
            .push(Finding::warning(Rule::NotTrusted, message).about(digest::show(digest)));
    }
    Ok(answer)
}

/// Lists the trusted digests.
pub fn list(invocation: &Invocation) -> Result<Answer, Failure> {
    store::open_with_state(invocation)?;
    let mut answer = answer("trusted", "", &trust::list()?);
    answer.findings.extend(notice());
    Ok(answer)
}

/// Tells by the exit status whether digests are trusted.
pub fn verify(invocation: &Invocation) -> Result<Answer, Failure> {
    let digests = digest::parse_all(&invocation.arguments)?;
    store::open_with_state(invocation)?;
    let mut findings = Vec::new();
    let mut trusted = Vec::new();
    for digest in &digests {
        let shown = digest::show(digest);
        match trust::verify(digest) {
            Ok(()) => trusted.push(shown),
            Err(error) => {
                let mut finding = Finding::from(error);
                finding.context.get_or_insert(shown);
                findings.push(finding);
            }
        }
    }
    let text = format!("{} trusted\n", words::count(trusted.len(), "digest"));
    Answer::text(text)
        .field("trusted", trusted)
        .unless(findings)
        .map_err(noticed)
}

fn answer(field: &str, prefix: &str, digests: &[Digest]) -> Answer {
    let shown: Vec<String> = digests.iter().map(|digest| digest::show(digest)).collect();
    let text: String = shown
        .iter()
        .map(|digest| format!("{prefix}{digest}\n"))
        .collect();
    Answer::text(text).field(field, shown)
}
