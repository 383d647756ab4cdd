//! A plan from files of components, for whoever has none: who exports what another one
//! imports is bound to it.

use std::collections::{BTreeMap, BTreeSet};

use compositor_diagnostic::Rule;
use serde_json::Value;

use crate::answer::Failure;
use crate::bindings::sys::compose::blobs;
use crate::bindings::sys::compose::plan::{self, Candidate, Created, Encoding};
use crate::bindings::sys::compose::types::Digest;
use crate::finding::Finding;
use crate::inputs::Inputs;
use crate::invocation::Invocation;
use crate::kind::{self, Kind};
use crate::output::Output;
use crate::plan_file::{PlanFile, check_guessed};
use crate::questions::{self, Offers};
use crate::sources::{self, Rules, Source};
use crate::{files, paths, recording, stage, store};

/// What an id may have at most.
const ID_CHARS: usize = 128;

/// A file that is to be a component.
pub struct Operand {
    /// The id that the user gave it.
    pub id: Option<String>,
    /// Where it is.
    pub path: String,
    /// Whether the user named it, and not a folder that it is in.
    pub is_named: bool,
}

/// Reads `[ID=]FILE|DIR`: of a folder, all that is called `*.wasm`, by name.
pub fn operands(words: &[String]) -> Result<Vec<Operand>, Failure> {
    let mut found = Vec::new();
    for word in words {
        let is_there = |path: &str| paths::follow(path).is_ok_and(|place| files::exists(&place));
        let (id, path) = match word.split_once('=') {
            Some((id, path)) if valid_id(id) == id && !is_there(word) => (Some(id), path),
            _ => (None, word.as_str()),
        };
        let is_folder = paths::follow(path).is_ok_and(|place| files::is_folder(&place));
        match (is_folder, id) {
            (true, None) => found.extend(of_folder(path)?),
            _ => found.push(Operand {
                id: id.map(str::to_string),
                path: path.to_string(),
                is_named: true,
            }),
        }
    }
    Ok(found)
}

/// Reads a root, which is a file, and what is named beside it.
pub fn root_and_others(invocation: &Invocation, words: &[String]) -> Result<Vec<Operand>, Failure> {
    let (root, others) = words.split_first().expect("it takes a root");
    let mut found = operands(std::slice::from_ref(root))?;
    if found.len() != 1 || !found[0].is_named {
        return Err(invocation.misuse(format!("`{root}` is a folder, and the root is a file")));
    }
    found.extend(operands(others)?);
    Ok(found)
}

/// What a folder has that is called `*.wasm`, by name.
pub fn of_folder(folder: &str) -> Result<Vec<Operand>, Failure> {
    let names = files::list(folder)?.into_iter();
    let names = names.filter(|name| name.ends_with(".wasm"));
    let operand = |name: String| Operand {
        id: None,
        path: paths::join(folder, &name),
        is_named: false,
    };
    Ok(names.map(operand).collect())
}

/// Refuses to write over what is read, which is the first file, and the others: the
/// output, and the plan of `--save`. Has events written where that is nobody's file.
pub fn spare(
    invocation: &Invocation,
    first: &str,
    files: &[Operand],
    output: Option<&Output>,
) -> Result<(), Failure> {
    let whats = std::iter::once(first).chain(std::iter::repeat("a candidate"));
    let mut inputs = Inputs::of(invocation);
    inputs.extend(whats.zip(files.iter().map(|file| file.path.as_str())));
    let saved = invocation.value("save");
    let saved = saved.map(|path| Output::File(path.to_string()));
    for output in output.into_iter().chain(&saved) {
        inputs.spare(invocation, output)?;
        inputs.writes(output);
    }
    recording::begin(invocation, &inputs)
}

/// Refuses to replace a plan that nobody said to replace.
pub fn spare_plan(invocation: &Invocation, path: &str) -> Result<(), Failure> {
    match !invocation.has("force") && files::exists(&paths::resolve(path)?) {
        true => Err(
            Finding::error(Rule::RefusedOutput, format!("`{path}` already exists"))
                .help("`--force` replaces it; or name another file")
                .into(),
        ),
        false => Ok(()),
    }
}

/// A plan that was made of files.
pub struct Guess {
    /// It, and what was found for its imports.
    pub created: Created,
    /// The files that are left out, each with why: those that are no components, and
    /// copies.
    pub left_out: Vec<(String, String)>,
    /// The components that the user named and that nothing is bound to.
    pub unused: Vec<String>,
}

/// What of the components stays in the store.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// What the plan uses.
    Used,
    /// Nothing: the plan says where its files are.
    Nothing,
}

/// Makes a plan of files, the root first; its sources are seen from a folder.
pub fn plan(
    invocation: &Invocation,
    files: &[Operand],
    folder: &str,
    keep: Keep,
    offers: Offers,
) -> Result<Guess, Failure> {
    let make = |candidates: &[Candidate]| {
        let (root, others) = candidates
            .split_first()
            .expect("the root is the first file");
        questions::decided(invocation, offers, |given| {
            Ok(plan::create(root, others, given)?)
        })
    };
    of_files(invocation, files, folder, keep, &BTreeSet::new(), make)
}

/// Stages files and makes a plan of them; what only was looked at is taken out of the
/// store again. Skeletons stay: the store finds them by their component, and the next
/// look at it is quick.
pub fn of_files(
    invocation: &Invocation,
    files: &[Operand],
    folder: &str,
    keep: Keep,
    taken: &BTreeSet<String>,
    make: impl FnOnce(&[Candidate]) -> Result<Created, Failure>,
) -> Result<Guess, Failure> {
    store::open_to_write(invocation)?;
    let earlier: BTreeSet<Digest> = blobs::list()?
        .into_iter()
        .map(|entry| entry.digest)
        .collect();
    let mut staged = BTreeSet::new();
    let made = stage_all(invocation, files, folder, taken, &mut staged).and_then(|candidates| {
        let (candidates, left_out) = candidates;
        let (candidates, files): (Vec<Candidate>, Vec<&Operand>) = candidates.into_iter().unzip();
        let ids = candidates.iter().map(|candidate| candidate.id.as_str());
        let files: BTreeMap<&str, &Operand> = ids.zip(files).collect();
        let created = make(&candidates).map_err(|failure| about_files(failure, &files))?;
        // What a folder has may be anything; what was named was meant.
        let broken = created.skipped.iter();
        let broken = broken.filter(|(id, _)| files.get(id.as_str()).is_some_and(|of| of.is_named));
        let broken: Vec<Finding> = broken
            .map(|(id, error)| Finding::from(error.clone()).about(id))
            .collect();
        if !broken.is_empty() {
            return Err(about_files(Failure::of(broken), &files));
        }
        let ids = candidates.iter().map(|candidate| candidate.id.as_str());
        let named = ids.filter(|id| files[id].is_named).map(str::to_string);
        let named: Vec<String> = named.collect();
        Ok((created, left_out, named))
    });
    // The core reads the plans that it writes.
    let parts = match &made {
        Ok((created, ..)) => plan::summarize(&created.plan).map_or(Vec::new(), |of| of.components),
        Err(_) => Vec::new(),
    };
    let used: BTreeSet<Digest> = match keep {
        Keep::Used => parts.iter().filter_map(|of| of.digest.clone()).collect(),
        Keep::Nothing => BTreeSet::new(),
    };
    for digest in staged
        .difference(&used)
        .filter(|digest| !earlier.contains(*digest))
    {
        blobs::remove(digest)?;
    }
    let (created, left_out, named) = made?;
    let ids: BTreeSet<&str> = parts.iter().map(|of| of.id.as_str()).collect();
    let unused = named.into_iter().filter(|id| !ids.contains(id.as_str()));
    Ok(Guess {
        unused: unused.collect(),
        created,
        left_out,
    })
}

/// Says of which files findings are: whoever named those may not know the ids.
fn about_files(mut failure: Failure, files: &BTreeMap<&str, &Operand>) -> Failure {
    for finding in &mut failure.findings {
        let id = finding.context.as_deref();
        let Some(file) = id.and_then(|id| files.get(id)) else {
            continue;
        };
        finding.context = Some(file.path.clone());
        if finding.code == Rule::InvalidComponent.code() {
            finding.rule = Rule::InvalidComponent.name().into();
            let start = files::open(&file.path).and_then(|mut of| of.read_prefix(kind::START));
            let kind = Kind::of(&file.path, &start.unwrap_or_default());
            finding.message = format!("`{}` cannot be composed: {}", file.path, finding.message);
            finding.help = Some(kind.instead_of_component(&file.path));
        }
    }
    failure
}

/// Candidates, each with its file, and what is left out.
type Staged<'f> = (Vec<(Candidate, &'f Operand)>, Vec<(String, String)>);

fn stage_all<'f>(
    invocation: &Invocation,
    files: &'f [Operand],
    folder: &str,
    taken: &BTreeSet<String>,
    staged: &mut BTreeSet<Digest>,
) -> Result<Staged<'f>, Failure> {
    let mut known: Vec<(Candidate, &Operand)> = Vec::new();
    let mut ids = taken.clone();
    ids.extend(files.iter().filter_map(|file| file.id.clone()));
    let mut given: BTreeSet<&str> = taken.iter().map(String::as_str).collect();
    let mut left_out = Vec::new();
    let rules = Rules::of(invocation)?;
    let mut read: BTreeMap<&str, Digest> = BTreeMap::new();
    for file in files {
        let path = &file.path;
        let digest = match read.get(path.as_str()) {
            // Several instances are of one file.
            Some(digest) => Ok(digest.clone()),
            None => Source::open_file(path, &rules).and_then(|file| stage::source(file, None)),
        };
        let digest = match digest {
            Ok(digest) => digest,
            Err(failure) if file.is_named => return Err(failure),
            Err(failure) => {
                let why = failure.findings.into_iter().map(|finding| finding.message);
                left_out.push((path.clone(), why.collect::<Vec<_>>().join("; ")));
                continue;
            }
        };
        read.insert(path, digest.clone());
        staged.insert(digest.clone());
        let id = match &file.id {
            Some(id) if !given.insert(id) => {
                return Err(invocation.misuse(format!("the id `{id}` is given twice")));
            }
            Some(id) => id.clone(),
            None => {
                let same = known.iter().find(|(known, _)| known.digest == digest);
                if let Some((same, _)) = same {
                    left_out.push((path.clone(), format!("the same bytes as `{}`", same.id)));
                    continue;
                }
                unique_id(path, &ids)
            }
        };
        ids.insert(id.clone());
        let source = sources::of_file(path, folder);
        let candidate = Candidate { id, digest, source };
        known.push((candidate, file));
    }
    Ok((known, left_out))
}

/// A plan without the digests of what it has sources for: `plan lock` writes those, and
/// until then the plan is what its files are.
pub fn unlocked(plan: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut json: Value = serde_json::from_slice(plan).expect("the core writes JSON");
    for component in json["components"].as_array_mut().into_iter().flatten() {
        if let (true, Some(fields)) = (component["source"].is_string(), component.as_object_mut()) {
            fields.remove("digest");
        }
    }
    // As the core writes plans.
    check_guessed(plan::convert(json.to_string().as_bytes(), Encoding::Json))
}

/// The plan of what the user named in a plan's place: a component.
pub fn of_component(invocation: &Invocation, path: &str) -> Result<PlanFile, Failure> {
    let files = [Operand {
        id: None,
        path: path.to_string(),
        is_named: true,
    }];
    spare(invocation, "the component", &files, None)?;
    let guess = plan(invocation, &files, ".", Keep::Used, Offers::Left)?;
    save(invocation, &guess.created)?;
    plan_file(path, &guess.created)
}

/// The plan of a guess about a file, with what its files give.
pub fn plan_file(path: &str, created: &Created) -> Result<PlanFile, Failure> {
    let mut plan = PlanFile::guessed(path, created.plan.clone());
    let parts = plan.summary()?.components.into_iter();
    plan.given = parts
        .filter_map(|part| Some((part.id, part.digest?)))
        .collect();
    Ok(plan)
}

/// Writes what was guessed, where `--save` says so.
pub fn save(invocation: &Invocation, created: &Created) -> Result<(), Failure> {
    let Some(path) = invocation.value("save") else {
        return Ok(());
    };
    spare_plan(invocation, path)?;
    let output = Output::File(path.to_string());
    let mut plan = PlanFile::guessed(path, unlocked(&created.plan)?);
    sources::relocate(&mut plan, output.folder())?;
    output.write_plan(plan.bytes()).map(drop)
}

/// An id from the file's name, with a number when it is taken.
fn unique_id(path: &str, taken: &BTreeSet<String>) -> String {
    let name = paths::name(path);
    let base = valid_id(name.strip_suffix(".wasm").unwrap_or(name));
    let numbered = (2..).map(|number| {
        let suffix = format!("-{number}");
        format!(
            "{}{suffix}",
            &base[..base.len().min(ID_CHARS - suffix.len())]
        )
    });
    std::iter::once(base.clone())
        .chain(numbered)
        .find(|id| !taken.contains(id))
        .expect("numbers do not end")
}

/// The id that a name becomes: itself, if it is one.
pub fn valid_id(name: &str) -> String {
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

/// A word that is no id.
pub fn no_id(invocation: &Invocation, given: &str) -> Failure {
    let message = format!("`{given}` is not an id: 1 to {ID_CHARS} letters, digits or `._-:/@+`");
    invocation.misuse(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_from_file_names() {
        let mut taken = BTreeSet::new();
        let mut next = |path: &str| {
            let id = unique_id(path, &taken);
            taken.insert(id.clone());
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
