//! `blob put`, `blob get`, `blob has`, `blob list`, `blob rm`, `blob verify`.

use compositor_diagnostic::Rule;
use serde_json::{Value, json};

use crate::answer::{Answer, Failure};
use crate::bindings::sys::compose::blobs;
use crate::blob_look::{self, Kind, Look};
use crate::finding::Finding;
use crate::inputs::Inputs;
use crate::invocation::Invocation;
use crate::output::Output;
use crate::wrap::{filled, wrapped};
use crate::{digest, escape, stage, store, words};

/// Puts files into the store.
pub fn put(invocation: &Invocation) -> Result<Answer, Failure> {
    store::open_to_write(invocation)?;
    let mut text = String::new();
    let mut blobs: Vec<Value> = Vec::new();
    let mut findings = Vec::new();
    for path in &invocation.arguments {
        match stage::file(path) {
            Ok(digest) => {
                let shown = digest::show(&digest);
                text += &(filled([&shown, "", &escape::line(path)], 2) + "\n");
                blobs.push(json!({ "path": path, "digest": shown }));
            }
            Err(failure) => findings.extend(failure.findings),
        }
    }
    Answer::text(text).field("blobs", blobs).unless(findings)
}

/// Writes a blob to a file or to stdout.
pub fn get(invocation: &Invocation) -> Result<Answer, Failure> {
    let output = Output::or_reader(invocation)?;
    let digest = digest::parse(&invocation.arguments[0])?;
    Inputs::default().spare(invocation, &output)?;
    store::open(invocation)?;
    Ok(output
        .write_blob(&digest)?
        .field("digest", digest::show(&digest)))
}

/// Tells by the exit status whether the store has a blob.
pub fn has(invocation: &Invocation) -> Result<Answer, Failure> {
    let digest = digest::parse(&invocation.arguments[0])?;
    store::open(invocation)?;
    let size = blobs::stat(&digest)?;
    let status = u8::from(size.is_none());
    Ok(Answer {
        status,
        ..Answer::default()
    }
    .field("digest", digest::show(&digest))
    .field("has", size.is_some())
    .field("size", json!(size)))
}

/// Lists the blobs.
pub fn list(invocation: &Invocation) -> Result<Answer, Failure> {
    store::open(invocation)?;
    let mut text = String::new();
    let mut blobs: Vec<Value> = Vec::new();
    for look in blob_look::all()? {
        text += &format!("{}\n  {}\n", digest::show(&look.digest), details(&look, 2));
        let made = match &look.kind {
            Kind::Artifact(made) => Some(digest::show(&made.plan_id)),
            _ => None,
        };
        blobs.push(json!({
            "digest": digest::show(&look.digest),
            "size": look.size,
            "kind": look.kind.word(),
            "used": look.used,
            "ids": look.ids,
            "plan_id": made,
        }));
    }
    Ok(Answer::text(text).field("blobs", blobs))
}

/// What there is to say of a blob beside its digest: size, kind, the day of its last use,
/// and ids, on a line that begins in a column.
pub fn details(look: &Look, column: usize) -> String {
    let Some(size) = look.size else {
        return look.kind.word().to_string();
    };
    let used = look.used.map_or("-".to_string(), blob_look::day);
    let mut line = format!("{:column$}{size:>9}  {:9}  {used}", "", look.kind.word());
    if !look.ids.is_empty() {
        line += &format!("  {}", words::list(look.ids.iter().map(String::as_str)));
    }
    wrapped(&escape::line(&line), 4).split_off(column)
}

/// Removes blobs.
pub fn rm(invocation: &Invocation) -> Result<Answer, Failure> {
    let digests = digest::parse_all(&invocation.arguments)?;
    store::open(invocation)?;
    let mut text = String::new();
    let mut removed: Vec<Value> = Vec::new();
    let mut findings = Vec::new();
    for digest in &digests {
        let shown = digest::show(digest);
        match blobs::remove(digest) {
            Ok(true) => {
                text += &format!("removed {shown}\n");
                removed.push(shown.into());
            }
            Ok(false) => findings.push(
                Finding::error(Rule::BlobNotFound, "the store has no such blob")
                    .about(shown)
                    .help("`blob list` shows what is there"),
            ),
            Err(error) => findings.push(error.into()),
        }
    }
    Answer::text(text)
        .field("removed", removed)
        .unless(findings)
}

/// Hashes blobs again.
pub fn verify(invocation: &Invocation) -> Result<Answer, Failure> {
    let named = digest::parse_all(&invocation.arguments)?;
    store::open(invocation)?;
    let digests = match named.is_empty() {
        true => blobs::list()?
            .into_iter()
            .map(|entry| entry.digest)
            .collect(),
        false => named,
    };
    let verified = blobs::verify(&digests).into_iter();
    let findings: Vec<Finding> = verified
        .zip(&digests)
        .filter_map(|(done, digest)| {
            let mut finding = Finding::from(done.err()?);
            finding.context.get_or_insert_with(|| digest::show(digest));
            Some(finding)
        })
        .collect();
    let good = digests.len() - findings.len();
    let text = format!("verified {}\n", words::count(good, "blob"));
    Answer::text(text).field("verified", good).unless(findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_begin_where_they_are_put() {
        let look = Look {
            digest: vec![0; 32],
            size: Some(7),
            used: Some(0),
            kind: Kind::Module,
            ids: (0..9).map(|number| format!("component-{number}")).collect(),
        };
        for column in [2, 34] {
            let line = " ".repeat(column) + &details(&look, column);
            let (first, _) = line.split_once('\n').expect("several lines");
            let expected = format!("{:column$}        7  module     1970-01-01", "");
            assert!(first.starts_with(&expected), "{line}");
            assert!(line.lines().all(|line| line.len() <= 80), "{line}");
            assert!(line.ends_with("`component-8`"), "{line}");
        }
        let odd = Look {
            size: None,
            kind: Kind::NoFile,
            ..look
        };
        assert_eq!(details(&odd, 2), "not a file");
    }
}
