//! `plan new`: writes a plan for a component, from folders of components.

use std::collections::BTreeSet;

use compositor_diagnostic::Rule;
use serde_json::{Value, json};

use crate::answer::{Answer, Failure};
use crate::bindings::sys::compose::blobs;
use crate::bindings::sys::compose::plan::{self, Candidate, Created, ManifestEntry};
use crate::bindings::sys::compose::types::Digest;
use crate::finding::Finding;
use crate::inputs::Inputs;
use crate::invocation::Invocation;
use crate::output::Output;
use crate::sources::{self, Rules, Source};
use crate::{escape, files, json, paths, recording, stage, store};

/// What an id may have at most.
const ID_CHARS: usize = 128;

/// Writes a plan for a component, and lists what was found for its imports.
pub fn new(invocation: &Invocation) -> Result<Answer, Failure> {
    let output = match Output::given(invocation)? {
        Some(output) => output,
        None => Output::File("plan.json".to_string()),
    };
    if let Some(id) = invocation.value("id").filter(|id| valid_id(id) != *id) {
        let message =
            format!("`--id {id}` is not an id: 1 to {ID_CHARS} letters, digits or `._-:/@+`");
        return Err(invocation.misuse(message));
    }
    refuse_to_replace(invocation, &output)?;
    let files = candidates(invocation)?;
    let (root, others) = files.split_first().expect("the root is the first file");
    let mut inputs = Inputs::default();
    inputs.extend([("the root", root.as_str())]);
    inputs.extend(others.iter().map(|path| ("a candidate", path.as_str())));
    inputs.spare(invocation, &output)?;
    inputs.writes(&output);
    recording::begin(invocation, &inputs)?;
    store::open_to_write(invocation)?;
    let earlier: BTreeSet<Digest> = blobs::list()?
        .into_iter()
        .map(|entry| entry.digest)
        .collect();
    let mut staged = BTreeSet::new();
    let result = stage_and_create(invocation, &output, &files, &mut staged);
    let used = match &result {
        Ok((created, _)) => used(created),
        Err(_) => BTreeSet::new(),
    };
    // What was only looked at is taken out again. Skeletons stay: the store
    // finds them by their component, and the next look at it is quick.
    for digest in staged
        .difference(&used)
        .filter(|digest| !earlier.contains(*digest))
    {
        blobs::remove(digest)?;
    }
    let (created, skipped) = result?;
    let answer = output.write_plan(&created.plan)?;
    Ok(report(answer, &created, skipped))
}

fn refuse_to_replace(invocation: &Invocation, output: &Output) -> Result<(), Failure> {
    match output {
        Output::File(path) if !invocation.has("force") && files::exists(&paths::resolve(path)?) => {
            Err(
                Finding::error(Rule::RefusedOutput, format!("`{path}` is there already"))
                    .help("`--force` replaces it; `-o` names another file")
                    .into(),
            )
        }
        _ => Ok(()),
    }
}

/// The root and the files that may provide something, by path.
fn candidates(invocation: &Invocation) -> Result<Vec<String>, Failure> {
    let mut found = vec![invocation.arguments[0].clone()];
    for folder in invocation.values("dir") {
        for name in files::list(folder)? {
            let path = paths::join(folder, &name);
            if name.ends_with(".wasm") && !found.contains(&path) {
                found.push(path);
            }
        }
    }
    Ok(found)
}

/// The plan, and the files that are left out, each with why: those that are no
/// components, and copies.
fn stage_and_create(
    invocation: &Invocation,
    output: &Output,
    files: &[String],
    staged: &mut BTreeSet<Digest>,
) -> Result<(Created, Vec<(String, String)>), Failure> {
    let folder = output.folder();
    let mut known: Vec<Candidate> = Vec::new();
    let mut skipped = Vec::new();
    let rules = Rules::of(invocation)?;
    for path in files {
        let read = Source::open_file(path, &rules).and_then(|file| stage::source(file, None));
        let digest = match read {
            Ok(digest) => digest,
            Err(failure) if known.is_empty() => return Err(failure),
            Err(failure) => {
                let why = failure.findings.into_iter().map(|finding| finding.message);
                skipped.push((path.clone(), why.collect::<Vec<_>>().join("; ")));
                continue;
            }
        };
        staged.insert(digest.clone());
        if let Some(same) = known.iter().find(|candidate| candidate.digest == digest) {
            skipped.push((path.clone(), format!("the same bytes as `{}`", same.id)));
            continue;
        }
        let id = match invocation.value("id").filter(|_| known.is_empty()) {
            Some(id) => id.to_string(),
            None => unique_id(path, &known),
        };
        let source = sources::of_file(path, folder);
        known.push(Candidate { id, digest, source });
    }
    let (root, others) = known.split_first().expect("the root is the first file");
    Ok((plan::create(root, others)?, skipped))
}

fn used(created: &Created) -> BTreeSet<Digest> {
    // The core reads the plans that it writes.
    let components = plan::summarize(&created.plan).map_or(Vec::new(), |plan| plan.components);
    components
        .into_iter()
        .filter_map(|component| component.digest)
        .collect()
}

/// An id from the file's name, with a number when it is taken.
fn unique_id(path: &str, known: &[Candidate]) -> String {
    let name = paths::name(path);
    let base = valid_id(name.strip_suffix(".wasm").unwrap_or(name));
    let is_free = |id: &String| known.iter().all(|candidate| candidate.id != *id);
    let numbered = (2..).map(|number| {
        let suffix = format!("-{number}");
        format!(
            "{}{suffix}",
            &base[..base.len().min(ID_CHARS - suffix.len())]
        )
    });
    std::iter::once(base.clone())
        .chain(numbered)
        .find(is_free)
        .expect("numbers do not end")
}

fn valid_id(name: &str) -> String {
    let valid = |c: char| {
        if c.is_ascii_alphanumeric() || "._-:/@+".contains(c) {
            c
        } else {
            '-'
        }
    };
    match name {
        "" => "component".to_string(),
        name => name.chars().map(valid).take(ID_CHARS).collect(),
    }
}

fn report(mut answer: Answer, created: &Created, left_out: Vec<(String, String)>) -> Answer {
    let imports = |is_meant: fn(&ManifestEntry) -> bool| {
        created.manifest.iter().filter(move |entry| is_meant(entry))
    };
    let shown = |entry: &ManifestEntry| {
        format!(
            "{}  {}",
            escape::line(&entry.consumer),
            escape::line(&entry.import_name)
        )
    };
    let (found, ambiguous, missing) = (
        imports(|entry| entry.providers.len() == 1),
        imports(|entry| entry.providers.len() > 1),
        imports(|entry| entry.providers.is_empty()),
    );
    for entry in found.clone() {
        answer.text += &format!(
            "found      {} -> {}\n",
            shown(entry),
            escape::line(&entry.providers[0])
        );
    }
    for entry in ambiguous.clone() {
        let providers: Vec<String> = entry.providers.iter().map(|id| escape::line(id)).collect();
        let (chosen, others) = (&providers[0], providers[1..].join(", "));
        answer.text += &format!("ambiguous  {} -> {chosen}; also {others}\n", shown(entry));
    }
    for entry in missing.clone() {
        answer.text += &format!("missing    {}\n", shown(entry));
        answer.findings.extend(missed(entry));
    }
    let mut skipped: Vec<Value> = Vec::new();
    for (id, error) in &created.skipped {
        answer.text += &format!(
            "skipped    {}: {}\n",
            escape::line(id),
            escape::line(&error.message)
        );
        skipped.push(json!({ "id": id, "message": error.message }));
    }
    for (path, message) in &left_out {
        answer.text += &format!(
            "skipped    {}: {}\n",
            escape::line(path),
            escape::line(message)
        );
        skipped.push(json!({ "path": path, "message": message }));
    }
    let list = |entries: &mut dyn Iterator<Item = &ManifestEntry>| -> Vec<Value> {
        entries.map(json::manifest_entry).collect()
    };
    let (found, ambiguous, missing) = (
        list(&mut { found }),
        list(&mut { ambiguous }),
        list(&mut { missing }),
    );
    let manifest = json!({
        "found": found, "ambiguous": ambiguous, "missing": missing, "skipped": skipped,
    });
    answer.field("manifest", manifest)
}

/// What is said of an import that nothing was found for: a warning for each
/// candidate that has its name, or one.
fn missed(entry: &ManifestEntry) -> Vec<Finding> {
    let (import, consumer) = (&entry.import_name, &entry.consumer);
    let open = match import.starts_with("wasi:") {
        true => "it stays open, and few hosts have it",
        false => "it stays open: the plan lists it in `imports`",
    };
    if entry.misfits.is_empty() {
        let message = format!("nothing was found for the import `{import}` of `{consumer}`");
        let help = "add a `--dir` that has a component with this export to bind it";
        let warning = Finding::warning(Rule::NoCandidate, message);
        return vec![warning.help(format!("{open}; {help}"))];
    }
    let misfits = entry.misfits.iter().map(|misfit| {
        let (provider, export) = (&misfit.provider, &misfit.export_name);
        let message = format!(
            "`{provider}` exports `{export}`, with other types than the import `{import}` of \
             `{consumer}` needs"
        );
        Finding::warning(Rule::CandidateMismatch, message)
            .found(misfit.found.as_str())
            .expected(misfit.expected.as_str())
            .help(format!(
                "{open}; rebuild one side with the other's WIT to bind it"
            ))
    });
    misfits.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_from_file_names() {
        let mut known = Vec::new();
        let mut next = |path: &str| {
            let id = unique_id(path, &known);
            known.push(Candidate {
                id: id.clone(),
                digest: Vec::new(),
                source: None,
            });
            id
        };
        assert_eq!(next("a/math.wasm"), "math");
        assert_eq!(next("b/math.wasm"), "math-2");
        assert_eq!(next("b/m th\u{e9}.wasm"), "m-th-");
        assert_eq!(next(".wasm"), "component");
        assert_eq!(next(&"x".repeat(200)).len(), 128);
        assert_eq!(next(&"x".repeat(201)).len(), 128);
    }
}
