//! `plan add`, `plan rename`, `plan upgrade`: changes of a plan that are more than one
//! place of its text.

use std::collections::BTreeSet;

use compositor_diagnostic::{Rule, Severity};
use serde_json::Value;

use crate::answer::{Answer, Failure};
use crate::bindings::sys::compose::grants::HostPolicy;
use crate::bindings::sys::compose::plan::{self, Encoding, Summary};
use crate::finding::Finding;
use crate::guess::{self, Keep};
use crate::input::is_stdin;
use crate::inputs::Inputs;
use crate::invocation::Invocation;
use crate::output::Output;
use crate::plan_file::{self, PlanFile, check_guessed};
use crate::questions::{self, Offers};
use crate::sources::{self, Rules, Source};
use crate::{digest, grants, lock, plan_new, recording, stage, store};

/// A plan that is being changed.
pub struct Edit {
    pub plan: PlanFile,
    pub summary: Summary,
    output: Output,
    pub json: Value,
}

impl Edit {
    /// Reads the plan; `files` are what else is read, each with what it is. Nothing of
    /// that is written over.
    pub fn open<'a>(
        invocation: &Invocation,
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, Failure> {
        let path = &invocation.arguments[0];
        let output = match Output::given(invocation)? {
            Some(output) => output,
            None if is_stdin(path) => Output::or_reader(invocation)?,
            None => Output::InPlace(path.clone()),
        };
        let plan = plan_file::read(path)?;
        let summary = plan.summary()?;
        let mut inputs = Inputs::of(invocation);
        inputs.sources(&plan, &summary.components);
        inputs.extend(files);
        // The plan itself is what is changed.
        inputs.spare(invocation, &output)?;
        inputs.extend([("the plan", path.as_str())]);
        inputs.writes(&output);
        recording::begin(invocation, &inputs)?;
        let bytes = plan.check(plan::convert(plan.bytes(), Encoding::Json))?;
        Ok(Self {
            plan,
            summary,
            output,
            json: serde_json::from_slice(&bytes).expect("the core writes JSON"),
        })
    }

    /// That the plan has such a component.
    pub fn has(&self, id: &str) -> Result<(), Failure> {
        match self.summary.components.iter().any(|of| of.id == id) {
            true => Ok(()),
            false => Err(self.plan.no_component(id, &self.summary.components).into()),
        }
    }

    /// The items of a list of the plan.
    pub fn list(&mut self, name: &str) -> impl Iterator<Item = &mut Value> {
        let list = self.json.get_mut(name).and_then(Value::as_array_mut);
        list.into_iter().flatten()
    }

    /// Keeps the items of a list of the plan that are wanted.
    pub fn keep(&mut self, name: &str, wanted: impl FnMut(&Value) -> bool) {
        if let Some(list) = self.json.get_mut(name).and_then(Value::as_array_mut) {
            list.retain(wanted);
        }
    }

    /// The lists of ids that rules of the policy are limited to, each with the rule's name.
    pub fn rules(&mut self) -> impl Iterator<Item = &mut Value> {
        let policy = self.json.get_mut("policy").and_then(Value::as_object_mut);
        let lists = policy.into_iter().flat_map(|policy| {
            let is_list = |(name, _): &(&String, &mut Value)| {
                matches!(name.as_str(), "capabilities" | "denials")
            };
            policy.iter_mut().filter(is_list).map(|(_, list)| list)
        });
        lists.filter_map(Value::as_array_mut).flatten()
    }

    /// The plan as it is now, as the core writes plans.
    fn changed(&self) -> Result<PlanFile, Failure> {
        let bytes = self.json.to_string();
        let bytes = check_guessed(plan::convert(bytes.as_bytes(), Encoding::Json))?;
        Ok(self.plan.with_text(bytes))
    }

    /// Writes it in the form that it had.
    pub fn write(&self) -> Result<Answer, Failure> {
        let mut plan = self.changed()?;
        sources::relocate(&mut plan, self.output.folder())?;
        if self.summary.encoding == Encoding::Cbor {
            plan.changed = Some(plan.check(plan::convert(plan.bytes(), Encoding::Cbor))?);
        }
        self.output.write_plan(plan.bytes())
    }
}

/// Adds components, and binds what is open to them.
pub fn add(invocation: &Invocation) -> Result<Answer, Failure> {
    let files = guess::operands(&invocation.arguments[1..])?;
    let candidates = files.iter().map(|file| ("a candidate", file.path.as_str()));
    let mut edit = Edit::open(invocation, candidates)?;
    let is_locked = edit.summary.id.is_some();
    let (locked, _lent) = lock::look(invocation, edit.plan.clone())?;
    let ids = edit.summary.components.iter().map(|of| of.id.clone());
    let taken: BTreeSet<String> = ids.collect();
    let unlocked = edit
        .summary
        .components
        .iter()
        .filter(|of| of.digest.is_none());
    let mut unlocked: BTreeSet<String> = unlocked.map(|of| of.id.clone()).collect();
    let keep = match is_locked {
        true => Keep::Used,
        false => Keep::Nothing,
    };
    let folder = edit.plan.folder.clone();
    let guess = guess::of_files(invocation, &files, &folder, keep, &taken, |candidates| {
        questions::decided(invocation, Offers::Asked, |given| {
            locked.check(plan::extend(locked.bytes(), candidates, given))
        })
    })?;
    if !guess.unused.is_empty() {
        return Err(unused(&edit, &guess));
    }
    edit.json = serde_json::from_slice(&guess.created.plan).expect("the core writes JSON");
    if !is_locked {
        let added = edit.list("components").filter_map(|of| of["id"].as_str());
        let added: Vec<String> = added.map(str::to_string).collect();
        unlocked.extend(added.into_iter().filter(|id| !taken.contains(id)));
    }
    for component in edit.list("components") {
        let is_unlocked = component["id"]
            .as_str()
            .is_some_and(|id| unlocked.contains(id));
        if let (true, Some(fields)) = (is_unlocked, component.as_object_mut()) {
            fields.remove("digest");
        }
    }
    Ok(plan_new::report(edit.write()?, &guess))
}

/// Why components cannot be added: nothing would reach them.
fn unused(edit: &Edit, guess: &guess::Guess) -> Failure {
    let name = &edit.plan.text.name;
    let mut findings = Vec::new();
    for id in &guess.unused {
        let message = format!("no open import of the plan is for what `{id}` exports");
        let mut finding = Finding::error(Rule::UnusedCandidate, message);
        let manifest = guess.created.manifest.iter();
        let misfit = manifest.flat_map(|entry| entry.misfits.iter().map(move |of| (entry, of)));
        let misfit = misfit
            .into_iter()
            .find(|(_, misfit)| misfit.provider == *id);
        finding = match misfit {
            Some((entry, misfit)) => finding
                .about(format!(
                    "the import `{}` of `{}`",
                    entry.import_name, entry.consumer
                ))
                .found(misfit.found.as_str())
                .expected(misfit.expected.as_str())
                .help("rebuild one side with the other's WIT to bind it"),
            None => finding.help(format!(
                "`plan info {name}` lists what is open; what is bound is replaced by \
                 `plan upgrade`; `--wasi` binds what hosts give too"
            )),
        };
        findings.push(finding);
    }
    Failure::of(findings)
}

/// Gives a component another id, wherever the plan names it.
pub fn rename(invocation: &Invocation) -> Result<Answer, Failure> {
    let mut edit = Edit::open(invocation, [])?;
    let (old, new) = (&invocation.arguments[1], &invocation.arguments[2]);
    edit.has(old)?;
    if guess::valid_id(new) != *new || new.is_empty() {
        return Err(guess::no_id(invocation, new));
    }
    if old != new && edit.has(new).is_ok() {
        let message = format!("the plan has a component `{new}` already");
        let finding = Finding::error(Rule::DuplicateId, message).help("name another id");
        let components = edit.summary.components.iter();
        let index = components.filter(|of| of.id == *new).map(|of| of.index);
        let pointer = index.map(|index| format!("/components/{index}/id")).next();
        let pointer = pointer.unwrap_or_default();
        return Err(edit.plan.at_one(finding, &pointer).into());
    }
    let rename = |value: &mut Value| {
        if *value == **old {
            *value = new.as_str().into();
        }
    };
    rename(&mut edit.json["root"]);
    for (list, fields) in [
        ("components", &["id"][..]),
        ("bindings", &["consumer_id", "provider_id"]),
        ("explicit_exports", &["source_instance"]),
    ] {
        for item in edit.list(list) {
            for field in fields {
                if let Some(value) = item.get_mut(*field) {
                    rename(value);
                }
            }
        }
    }
    for rule in edit.rules() {
        let ids = rule.get_mut("components").and_then(Value::as_array_mut);
        ids.into_iter().flatten().for_each(rename);
    }
    edit.write()
}

/// Gives a component another file, if what is bound to it still fits.
pub fn upgrade(invocation: &Invocation) -> Result<Answer, Failure> {
    let (id, path) = (&invocation.arguments[1], &invocation.arguments[2]);
    let mut edit = Edit::open(invocation, [("the component", path.as_str())])?;
    edit.has(id)?;
    let source = sources::of_file(path, &edit.plan.folder).ok_or_else(|| {
        let message = format!("there is no known path from the plan's folder to `{path}`");
        Finding::error(Rule::UnreachableSource, message).help("name it by an absolute path")
    })?;
    let rules = Rules::of(invocation)?;
    let is_locked = edit.summary.id.is_some();
    let found = stage::digest_of(Source::open_file(path, &rules)?)?;
    let earlier = edit.summary.components.iter().find(|of| of.id == *id);
    let earlier = earlier.and_then(|of| of.digest.clone());
    for component in edit.list("components").filter(|of| of["id"] == **id) {
        component["source"] = source.as_str().into();
        match is_locked {
            true => component["digest"] = digest::show(&found).into(),
            false => {
                if let Some(fields) = component.as_object_mut() {
                    fields.remove("digest");
                }
            }
        }
    }
    let (changed, lent) = lock::look(invocation, edit.changed()?)?;
    let nobody = HostPolicy {
        allow: Vec::new(),
        deny: Vec::new(),
    };
    let report = changed.check(plan::validate(
        changed.bytes(),
        &nobody,
        &grants::host("any"),
    ));
    // What stays is put there for good.
    drop(lent);
    let broken = match report {
        Ok(_) => Vec::new(),
        Err(failure) if invocation.has("force") => failure.findings,
        Err(mut failure) => {
            let message = format!("the plan stays as it was: it would not be valid with `{path}`");
            let note = Finding::note(Rule::RefusedUpgrade, message);
            let note = note.help("`--force` changes it all the same; what does not fit is above");
            failure.findings.push(note);
            return Err(failure);
        }
    };
    if is_locked {
        store::open_to_write(invocation)?;
        stage::source(Source::open_file(path, &rules)?, Some(&found))?;
    }
    let mut answer = edit.write()?;
    let was = match &earlier {
        Some(earlier) if *earlier == found => ", as before".to_string(),
        Some(earlier) => format!(", was {}", digest::short(earlier)),
        None => String::new(),
    };
    answer.text += &digest::line(id, &found, &was);
    let fits = broken.is_empty();
    if fits {
        answer.text += "everything that is bound to it fits\n";
    }
    // With `--force` they were asked for.
    let broken = broken.into_iter().map(|finding| Finding {
        severity: Severity::Warning,
        ..finding
    });
    Ok(answer
        .field("digest", digest::show(&found))
        .field("replaced", earlier.map(|of| digest::show(&of)))
        .field("fits", fits)
        .findings(broken.collect()))
}
