//! `plan info`: what a plan states, or what an artifact was made of.

use serde_json::{Value, json};

use crate::answer::{Answer, Failure};
use crate::args::Invocation;
use crate::bindings::sys::compose::blobs;
use crate::bindings::sys::compose::emit::{self, Inspection, Provenance};
use crate::bindings::sys::compose::plan::{self, Encoding, Report, Summary};
use crate::bindings::sys::compose::types::ErrorCode;
use crate::finding::Finding;
use crate::input::Input;
use crate::{digest, escape, json, lock, plan_file, store};

/// Read of an artifact before it is asked.
const FIRST_BYTES: u64 = 64 << 10;
/// Read of an artifact at most.
const MOST_BYTES: u64 = 64 << 20;

/// Says what a plan states, or what an artifact was made of.
pub fn info(invocation: &Invocation) -> Result<Answer, Failure> {
    let path = &invocation.arguments[0];
    let mut input = Input::open(path)?;
    if input.is_wasm()? {
        return artifact(input);
    }
    let plan = plan_file::read_input(input)?;
    store::open(invocation)?;
    // What a plan says does not depend on what is at hand.
    let (plan, problem) = match lock::complete(invocation, plan.clone()) {
        Ok(complete) => (complete, None),
        Err(problem) => (plan, Some(problem)),
    };
    let summary = plan.summary()?;
    // What stands in a blob's place, but is no file, is no blob.
    let sizes: Vec<Option<u64>> = summary
        .components
        .iter()
        .map(|component| blobs::stat(component.digest.as_ref()?).ok().flatten())
        .collect();
    let answer = Answer::default()
        .field("kind", "plan")
        .field("plan", with_sizes(json::summary(&summary), &sizes));
    let text = summary_text(&summary, &sizes);
    let report = match problem {
        None => plan.check(plan::validate(&plan.bytes)),
        Some(problem) => Err(problem),
    };
    match report {
        Ok(report) => {
            let text = text + &report_text(&report);
            Ok(Answer { text, ..answer }
                .field("valid", true)
                .field("imports", json::imports(&report.imports))
                .field("exports", report.exports)
                .findings(plan.findings(report.findings)))
        }
        Err(failure) => {
            let findings = json::count(failure.findings.len(), "finding");
            let path = escape::line(path);
            let text = format!(
                "{text}imports and exports are not known: `plan validate {path}` has {findings}\n"
            );
            Ok(Answer { text, ..answer }.field("valid", false))
        }
    }
}

fn with_sizes(mut summary: Value, sizes: &[Option<u64>]) -> Value {
    if let Some(Value::Array(components)) = summary.get_mut("components") {
        for (component, size) in components.iter_mut().zip(sizes) {
            component["size"] = json!(size);
        }
    }
    summary
}

fn summary_text(summary: &Summary, sizes: &[Option<u64>]) -> String {
    let id = summary
        .id
        .as_ref()
        .map_or("not locked".to_string(), |id| digest::show(id));
    let encoding = match summary.encoding {
        Encoding::Json => "JSON",
        Encoding::Cbor => "CBOR",
    };
    let policy = match summary.has_policy {
        true => "stated; imports that it does not grant are warned of and stay open",
        false => "states no policy: the host alone decides",
    };
    let mut text = format!(
        "plan      {id} ({encoding})\nroot      {}\nlinkage   {}\npolicy    {policy}\nbindings  {}\ncomponents\n",
        escape::line(&summary.root),
        escape::line(&summary.linkage),
        summary.bindings,
    );
    let width = summary
        .components
        .iter()
        .map(|c| c.id.len())
        .max()
        .unwrap_or(0);
    for (component, size) in summary.components.iter().zip(sizes) {
        let digest = component
            .digest
            .as_ref()
            .map_or("no digest".to_string(), |d| digest::show(d));
        let size = size.map_or("not in the store".to_string(), |size| {
            format!("{size} bytes")
        });
        text += &format!("  {:width$}  {digest}  {size}", escape::line(&component.id));
        if let Some(source) = &component.source {
            text += &format!("  {}", escape::line(source));
        }
        text += "\n";
    }
    text
}

fn report_text(report: &Report) -> String {
    let mut text = "imports\n".to_string();
    for import in &report.imports {
        let consumers = import.consumers.join(", ");
        text += &format!(
            "  {}  left to the {}, for {}\n",
            escape::line(&import.name),
            escape::line(&import.left_to),
            escape::line(&consumers),
        );
    }
    text += "exports\n";
    for export in &report.exports {
        text += &format!("  {}\n", escape::line(export));
    }
    text
}

fn artifact(mut input: Input) -> Result<Answer, Failure> {
    let mut wanted = FIRST_BYTES;
    loop {
        let prefix = input.prefix(wanted)?;
        match emit::inspect(prefix) {
            Inspection::Found(provenance) => {
                return Ok(provenance_answer(&input.name, &provenance));
            }
            Inspection::Incomplete(more)
                if more > prefix.len() as u64
                    && prefix.len() as u64 == wanted
                    && more <= MOST_BYTES =>
            {
                wanted = more;
            }
            Inspection::Incomplete(_) => {
                return Err(Finding::error(
                    ErrorCode::InvalidInput,
                    format!(
                        "`{}` ends, or goes on for too long, before it says what it was made of",
                        input.name
                    ),
                )
                .help("emit it again with `emit build PLAN -o OUT`")
                .into());
            }
            Inspection::Absent => {
                return Err(Finding::error(
                    ErrorCode::InvalidInput,
                    format!(
                        "`{}` is a wasm file that does not say what it was made of",
                        input.name
                    ),
                )
                .expected("a plan, or an artifact of a compositor")
                .help("`plan new` writes a plan for a component; `emit build` makes artifacts")
                .into());
            }
        }
    }
}

fn provenance_answer(path: &str, provenance: &Provenance) -> Answer {
    let mut text = format!(
        "artifact  {}\nplan      {}\nemit key  {}\nmade by   {}\nroot      {}\ncomponents\n",
        escape::line(path),
        digest::show(&provenance.plan_id),
        digest::show(&provenance.emit_key),
        escape::line(&provenance.producer),
        escape::line(&provenance.root),
    );
    let width = provenance
        .ingredients
        .iter()
        .map(|i| i.id.len())
        .max()
        .unwrap_or(0);
    for ingredient in &provenance.ingredients {
        let digest = digest::show(&ingredient.digest);
        text += &format!("  {:width$}  {digest}\n", escape::line(&ingredient.id));
    }
    let components: Vec<Value> = provenance
        .ingredients
        .iter()
        .map(|i| json!({ "id": i.id, "digest": digest::show(&i.digest) }))
        .collect();
    Answer::text(text)
        .field("kind", "artifact")
        .field("plan_id", digest::show(&provenance.plan_id))
        .field("emit_key", digest::show(&provenance.emit_key))
        .field("producer", provenance.producer.as_str())
        .field("root", provenance.root.as_str())
        .field("components", components)
}
