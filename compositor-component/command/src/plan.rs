//! `plan validate`, `plan lock`, `plan digest`, `plan convert`.

use serde_json::json;

use crate::answer::{Answer, Failure};
use crate::bindings::sys::compose::plan::{self, Encoding};
use crate::input::is_stdin;
use crate::inputs::Inputs;
use crate::invocation::Invocation;
use crate::output::Output;
use crate::{digest, escape, grants, json, lock, plan_file, recording, sources, words};

/// Checks everything that can be checked before emitting.
pub fn validate(invocation: &Invocation) -> Result<Answer, Failure> {
    let policy = grants::policy(invocation)?;
    let target = grants::target(invocation, grants::STOCK)?;
    let (plan, _lent) = lock::look(invocation, plan_file::read(&invocation.arguments[0])?)?;
    let report = plan.check(plan::validate(plan.bytes(), &policy, &target))?;
    let summary = &report.summary;
    let text = format!(
        "{} is valid: {}, {}\n",
        escape::line(&plan.text.name),
        words::count(summary.components.len(), "component"),
        words::count(summary.bindings as usize, "binding"),
    );
    Ok(Answer::text(text)
        .field("plan", json::summary(summary))
        .field("imports", json::imports(&report.imports))
        .field("exports", report.exports)
        .findings(plan.findings(report.findings)))
}

/// Brings the sources into the store and their digests into the plan.
pub fn lock(invocation: &Invocation) -> Result<Answer, Failure> {
    let path = &invocation.arguments[0];
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
    let staged = lock::stage_sources(invocation, &plan, &summary.components)?;
    lock::set_digests(&mut plan, &staged)?;
    sources::relocate(&mut plan, output.folder())?;
    let locked = plan.summary()?;
    let is_same_file =
        matches!(&output, Output::File(output) | Output::InPlace(output) if output == path);
    let mut answer = match is_same_file && plan.bytes() == plan.text.bytes {
        true => Answer::text(format!("{} is locked\n", escape::line(path))),
        false => output.write_plan(plan.bytes())?,
    };
    for staged in &staged {
        let (id, digest) = (escape::line(&staged.id), digest::show(&staged.digest));
        answer.text += &format!("  {id}  {digest}\n");
    }
    let staged: Vec<_> = staged
        .iter()
        .map(|staged| json!({ "id": staged.id, "digest": digest::show(&staged.digest) }))
        .collect();
    Ok(answer
        .field("plan", json::summary(&locked))
        .field("staged", staged))
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
