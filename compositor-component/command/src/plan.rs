//! `plan validate`, `plan lock`, `plan digest`, `plan convert`.

use std::collections::BTreeMap;

use compositor_diagnostic::Rule;
use serde_json::json;

use crate::answer::{Answer, Failure};
use crate::bindings::sys::compose::plan::{self, Component, Encoding};
use crate::bindings::sys::compose::types::Digest;
use crate::finding::Finding;
use crate::input::is_stdin;
use crate::inputs::Inputs;
use crate::invocation::Invocation;
use crate::output::Output;
use crate::plan_file::PlanFile;
use crate::wrap::filled;
use crate::{
    digest, escape, grants, json, lock, open, plan_file, recording, shell, sources, stale, words,
};

/// Checks everything that can be checked before emitting.
pub fn validate(invocation: &Invocation) -> Result<Answer, Failure> {
    let policy = grants::policy(invocation)?;
    let target = grants::target(invocation, grants::STOCK)?;
    let (plan, _lent) = lock::look(invocation, plan_file::read(&invocation.arguments[0])?)?;
    let report = plan.check(plan::validate(plan.bytes(), &policy, &target))?;
    let summary = &report.summary;
    let text = filled(
        [
            &escape::line(&plan.text.name)[..],
            "is valid:",
            &(words::count(summary.components.len(), "component") + ","),
            &words::count(summary.bindings as usize, "binding"),
        ],
        2,
    );
    let text = text + "\n" + &open::lines(&report.imports);
    Ok(Answer::text(text)
        .field("plan", json::summary(summary))
        .field("imports", json::imports(&report.imports))
        .field("exports", report.exports)
        .findings(plan.findings(report.findings)))
}

/// Brings the sources into the store and their digests into the plan.
pub fn lock(invocation: &Invocation) -> Result<Answer, Failure> {
    let path = &invocation.arguments[0];
    if let (Some(id), false) = (invocation.arguments.get(1), invocation.has("update")) {
        let message = format!("`{id}` is an id, which `--update` alone takes");
        let (plan, id) = (shell::word(path), shell::word(id));
        let help = format!("`plan lock {plan} --update {id}` takes what its source holds now");
        return Err(invocation.misuse_with(message, help));
    }
    let output = match Output::given(invocation)? {
        Some(output) => output,
        None if is_stdin(path) => Output::or_reader(invocation)?,
        None => Output::InPlace(path.clone()),
    };
    let mut plan = plan_file::read(path)?;
    let summary = plan.summary()?;
    // The plan itself is what is to be locked.
    let mut inputs = Inputs::default();
    inputs.sources(&plan, &summary.components);
    inputs.spare(invocation, &output)?;
    recording::begin_with_plan(invocation, &plan, &summary.components)?;
    let mut components = summary.components.clone();
    forget_updated(invocation, &plan, &mut components)?;
    let staged = lock::stage_sources(invocation, &plan, &components)?;
    stale::compare(invocation, &mut plan, &components, lock::given(&staged))?;
    lock::set_digests(&mut plan, &staged)?;
    sources::relocate(&mut plan, output.folder())?;
    let locked = plan.summary()?;
    if locked.encoding != summary.encoding {
        plan.changed = Some(plan.check(plan::convert(plan.bytes(), summary.encoding))?);
    }
    let is_same_file =
        matches!(&output, Output::File(output) | Output::InPlace(output) if output == path);
    let mut answer = match is_same_file && plan.bytes() == plan.text.bytes {
        true => Answer::text(format!("{} is locked\n", escape::line(path))),
        false => output.write_plan(plan.bytes())?,
    };
    let earlier: BTreeMap<&str, &Digest> = summary
        .components
        .iter()
        .filter_map(|component| Some((component.id.as_str(), component.digest.as_ref()?)))
        .collect();
    let mut listed = Vec::new();
    for staged in &staged {
        let earlier = earlier.get(staged.id.as_str());
        let replaced = earlier.filter(|of| ***of != staged.digest);
        let was = replaced.map_or(String::new(), |of| format!(", was {}", digest::short(of)));
        answer.text += &digest::line(&staged.id, &staged.digest, &was);
        listed.push(json!({
            "id": staged.id,
            "digest": digest::show(&staged.digest),
            "replaced": replaced.map(|of| digest::show(of)),
        }));
    }
    Ok(answer
        .field("plan", json::summary(&locked))
        .field("staged", listed)
        .findings(plan.findings(Vec::new())))
}

/// Forgets the digests of what `--update` names, so that it is locked as if it never
/// was.
fn forget_updated(
    invocation: &Invocation,
    plan: &PlanFile,
    components: &mut [Component],
) -> Result<(), Failure> {
    let ids = &invocation.arguments[1..];
    let update = invocation.has("update");
    for id in ids {
        let Some(component) = components.iter().find(|of| of.id == *id) else {
            return Err(plan.no_component(id, components).into());
        };
        if component.source.is_none() {
            let message = format!("`{id}` has no source to take anything from");
            let finding = Finding::error(Rule::MissingSource, message).help(format!(
                "`plan upgrade {} {id} FILE` gives it one",
                plan.text.name
            ));
            let pointer = format!("/components/{}", component.index);
            return Err(plan.at_one(finding, &pointer).into());
        }
    }
    let chosen = components.iter_mut().filter(|of| of.source.is_some());
    for component in chosen.filter(|of| update && (ids.is_empty() || ids.contains(&of.id))) {
        component.digest = None;
    }
    Ok(())
}

/// Prints the plan's id.
pub fn digest(invocation: &Invocation) -> Result<Answer, Failure> {
    let plan = lock::read_digests(invocation, &invocation.arguments[0])?;
    let id = digest::show(&plan.check(plan::id(plan.bytes()))?);
    Ok(Answer::text(format!("{id}\n")).field("id", id))
}

/// Writes the plan in the other encoding.
pub fn convert(invocation: &Invocation) -> Result<Answer, Failure> {
    let output = Output::or_reader(invocation)?;
    let wanted = match invocation.value("to") {
        None => None,
        Some("json") => Some(Encoding::Json),
        Some("cbor") => Some(Encoding::Cbor),
        Some(other) => {
            return Err(invocation.misuse(format!("`--to {other}` is not `json` or `cbor`")));
        }
    };
    let path = &invocation.arguments[0];
    let mut plan = plan_file::read(path)?;
    let encoding = plan::encoding_of(plan.bytes());
    let to = match (wanted, encoding) {
        (Some(wanted), _) => wanted,
        (None, Encoding::Cbor) => Encoding::Json,
        (None, Encoding::Json) => Encoding::Cbor,
    };
    if encoding == Encoding::Cbor {
        // Of any form: from here on it is a plan like another.
        plan.changed = Some(plan.check(plan::convert(plan.bytes(), Encoding::Json))?);
    }
    let mut inputs = Inputs::default();
    inputs.extend([("the plan", path.as_str())]);
    inputs.sources(&plan, &plan.summary()?.components);
    inputs.spare(invocation, &output)?;
    // CBOR has no way to leave a digest out.
    let plan = match to {
        Encoding::Cbor => lock::with_digests(invocation, plan)?,
        Encoding::Json => plan,
    };
    output.write_plan(&plan.check(plan::convert(plan.bytes(), to))?)
}
