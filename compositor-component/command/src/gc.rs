//! `blob gc`: removes what nobody needs any more. What `index.json` names is needed,
//! whoever wrote it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::answer::{Answer, Failure};
use crate::bindings::sys::compose::types::{Digest, ErrorCode};
use crate::bindings::sys::compose::{blobs, plan, trust};
use crate::blob_look::{self, Kind, Look};
use crate::invocation::Invocation;
use crate::{blob, digest, lock, store, tag, words};

/// Seconds of a day.
const DAY: u64 = 86_400;

/// Removes all but what plans, trust and recent use reach.
pub fn gc(invocation: &Invocation) -> Result<Answer, Failure> {
    let recent = match invocation
        .value("recent")
        .map(|days| (days, days.parse::<u64>()))
    {
        None => None,
        Some((_, Ok(days))) => Some(days),
        Some((given, Err(_))) => {
            let message = format!("`--recent {given}` is not a whole number of days");
            return Err(invocation.misuse(message));
        }
    };
    if invocation.arguments.is_empty() && recent.is_none() {
        let message = "`blob gc` needs the plans whose blobs stay, or `--recent DAYS`";
        return Err(invocation.misuse(message));
    }
    let mut wanted = BTreeSet::new();
    let mut plans = BTreeSet::new();
    for path in &invocation.arguments {
        let plan = lock::read_digests(invocation, path)?;
        let parts = plan.summary()?.components.into_iter();
        wanted.extend(parts.filter_map(|part| part.digest));
        plans.insert(plan.check(plan::id(plan.bytes()))?);
    }
    store::open(invocation)?;
    wanted.extend(trusted()?);
    wanted.extend(tag::reached()?);
    let looks = blob_look::all()?;
    let newest = looks.iter().filter_map(|look| look.used).max();
    let since = newest.zip(recent);
    let since = since.map(|(newest, days)| newest.saturating_sub(days.saturating_mul(DAY)));
    let is_kept = |look: &&Look| {
        let is_recent = since.is_some_and(|since| look.used.is_none_or(|used| used >= since));
        let is_of_plan = match &look.kind {
            Kind::Artifact(made) => plans.contains(&made.plan_id),
            _ => false,
        };
        is_recent || is_of_plan || wanted.contains(&look.digest)
    };
    let mut kept: BTreeSet<&Digest> = BTreeSet::new();
    for look in looks.iter().filter(is_kept) {
        kept.insert(&look.digest);
        // An artifact may be made again of its parts.
        if let Kind::Artifact(made) = &look.kind {
            kept.extend(made.ingredients.iter().map(|part| &part.digest));
        }
    }
    let removed = looks.iter().filter(|look| !kept.contains(&look.digest));
    let removed = removed.filter(|look| look.size.is_some());
    answer(invocation, &removed.collect::<Vec<_>>(), looks.len())
}

fn answer(invocation: &Invocation, removed: &[&Look], all: usize) -> Result<Answer, Failure> {
    let is_dry = invocation.has("dry-run");
    let verb = match is_dry {
        true => "would remove",
        false => "removed",
    };
    let mut text = String::new();
    let mut listed: Vec<Value> = Vec::new();
    let mut findings = Vec::new();
    let mut bytes = 0;
    for look in removed {
        let done = match is_dry {
            true => Ok(true),
            false => blobs::remove(&look.digest),
        };
        match done {
            Ok(_) => {
                bytes += look.size.unwrap_or(0);
                let start = format!("{verb} {}  ", digest::short(&look.digest));
                text += &format!("{start}{}\n", blob::details(look, start.len()));
                listed.push(digest::show(&look.digest).into());
            }
            Err(error) => findings.push(error.into()),
        }
    }
    let number = listed.len();
    text += &format!(
        "{verb} {} of {bytes} bytes; {} left\n",
        words::count(number, "blob"),
        words::count(all - number, "blob")
    );
    Answer::text(text)
        .field("removed", listed)
        .field("bytes", bytes)
        .field("kept", json!(all - number))
        .field("dry_run", is_dry)
        .unless(findings)
}

/// What the user trusts; nothing where no state is open.
fn trusted() -> Result<Vec<Digest>, Failure> {
    match trust::list() {
        Ok(digests) => Ok(digests),
        Err(error) if matches!(error.code, ErrorCode::NotImplemented) => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}
