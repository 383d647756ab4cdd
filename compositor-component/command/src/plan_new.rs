//! `plan new`: writes a plan for a component, from files and folders of components.

use compositor_diagnostic::Rule;
use serde_json::{Value, json};

use crate::answer::{Answer, Failure};
use crate::bindings::sys::compose::plan::{Created, ManifestEntry};
use crate::finding::Finding;
use crate::guess::{self, Guess, Keep, Operand};
use crate::invocation::Invocation;
use crate::output::Output;
use crate::questions::Offers;
use crate::wrap::filled;
use crate::{escape, json};

/// The exit status when a plan lacks something that nobody was found for.
const MISSING: u8 = 3;

/// Writes a plan for a component, and lists what was found for its imports.
pub fn new(invocation: &Invocation) -> Result<Answer, Failure> {
    let output = match Output::given(invocation)? {
        Some(output) => output,
        None => Output::File("plan.json".to_string()),
    };
    if let Some(id) = invocation
        .value("id")
        .filter(|id| guess::valid_id(id) != *id)
    {
        return Err(guess::no_id(invocation, id));
    }
    if let Output::File(path) = &output {
        guess::spare_plan(invocation, path)?;
    }
    let files = candidates(invocation)?;
    guess::spare(invocation, "the root", &files, Some(&output))?;
    let keep = match invocation.has("locked") {
        true => Keep::Used,
        false => Keep::Nothing,
    };
    let guess = guess::plan(invocation, &files, output.folder(), keep, Offers::Asked)?;
    let answer = match keep {
        Keep::Used => output.write_plan(&guess.created.plan)?,
        Keep::Nothing => output.write_plan(&guess::unlocked(&guess.created.plan)?)?,
    };
    let mut answer = report(answer, &guess);
    if lacks(&guess.created) && !invocation.has("allow-missing") {
        answer.status = MISSING;
    }
    Ok(answer)
}

/// Whether nobody was found for an import.
fn lacks(created: &Created) -> bool {
    created.manifest.iter().any(is_missing)
}

fn is_missing(entry: &ManifestEntry) -> bool {
    entry.providers.is_empty() && entry.offered.is_empty()
}

/// The root, what is named beside it, and what is in the folders, in this order.
fn candidates(invocation: &Invocation) -> Result<Vec<Operand>, Failure> {
    let mut found = guess::root_and_others(invocation, &invocation.arguments)?;
    if let Some(id) = invocation.value("id") {
        found[0].id = Some(id.to_string());
    }
    for folder in invocation.values("dir") {
        let others = guess::of_folder(folder)?;
        let is_new = |file: &Operand| found.iter().all(|known| known.path != file.path);
        let others: Vec<Operand> = others.into_iter().filter(is_new).collect();
        found.extend(others);
    }
    Ok(found)
}

/// Lists what was found for imports, and what was not.
pub fn report(mut answer: Answer, guess: &Guess) -> Answer {
    let (created, left_out) = (&guess.created, &guess.left_out);
    let imports = |is_meant: fn(&ManifestEntry) -> bool| {
        created.manifest.iter().filter(move |entry| is_meant(entry))
    };
    let line = |word: &str, entry: &ManifestEntry, end: &str, rest: &str| {
        let consumer = escape::line(&entry.consumer);
        let import = escape::line(&entry.import_name) + end;
        said(word, &[&consumer, "", &import], rest)
    };
    let (found, ambiguous, missing) = (
        imports(|entry| entry.providers.len() == 1),
        imports(|entry| entry.providers.len() > 1),
        imports(is_missing),
    );
    let offered = imports(|entry| !entry.offered.is_empty());
    for entry in found.clone() {
        let rest = format!("-> {}", escape::line(&entry.providers[0]));
        answer.text += &line("found", entry, "", &rest);
    }
    for entry in ambiguous.clone() {
        let providers: Vec<String> = entry.providers.iter().map(|id| escape::line(id)).collect();
        let (chosen, others) = (&providers[0], providers[1..].join(", "));
        let rest = format!("-> {chosen}; also {others}");
        answer.text += &line("ambiguous", entry, "", &rest);
    }
    for entry in offered.clone() {
        let ids: Vec<String> = entry.offered.iter().map(|id| escape::line(id)).collect();
        let others = match &ids[1..] {
            [] => String::new(),
            others => format!("; also {}", others.join(", ")),
        };
        let rest = format!("`--wasi` binds it to {}{others}", ids[0]);
        answer.text += &line("host", entry, ";", &rest);
    }
    for entry in missing.clone() {
        answer.text += &line("missing", entry, "", "");
        answer.findings.extend(missed(entry));
    }
    let mut skipped: Vec<Value> = Vec::new();
    for (id, error) in &created.skipped {
        let message = escape::line(&error.message);
        answer.text += &said("skipped", &[&(escape::line(id) + ":")], &message);
        skipped.push(json!({ "id": id, "message": error.message }));
    }
    for (path, message) in left_out {
        let shown = escape::line(path) + ":";
        answer.text += &said("skipped", &[&shown], &escape::line(message));
        skipped.push(json!({ "path": path, "message": message }));
    }
    for id in &guess.unused {
        let message = format!("nothing that the plan has imports what `{id}` exports");
        let warning = Finding::warning(Rule::UnusedCandidate, message);
        let help = "it is left out; `canon wit-id FILE` and `plan info` say what a component has";
        answer.findings.push(warning.help(help));
    }
    let list = |entries: &mut dyn Iterator<Item = &ManifestEntry>| -> Vec<Value> {
        entries.map(json::manifest_entry).collect()
    };
    let (found, ambiguous, missing, offered) = (
        list(&mut { found }),
        list(&mut { ambiguous }),
        list(&mut { missing }),
        list(&mut { offered }),
    );
    let manifest = json!({
        "found": found, "ambiguous": ambiguous, "missing": missing, "offered": offered,
        "skipped": skipped, "unused": guess.unused,
    });
    answer.field("manifest", manifest)
}

/// A line of the report: what it is about, in words that stay whole, and a text.
fn said(word: &str, about: &[&str], text: &str) -> String {
    let word = format!("{word:<10}");
    let words = [&word[..]].into_iter().chain(about.iter().copied());
    filled(words.chain(text.split(' ')), 11) + "\n"
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
        let help = "name a file or a folder that has a component with this export to bind it";
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
