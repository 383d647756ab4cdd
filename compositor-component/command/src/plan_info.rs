//! `plan info`: what a plan states, or what an artifact was made of.

use compositor_diagnostic::Rule;
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr as _;

use crate::answer::{Answer, Failure};
use crate::bindings::sys::compose::blobs;
use crate::bindings::sys::compose::emit::{self, Inspection, Provenance};
use crate::bindings::sys::compose::grants::Decided;
use crate::bindings::sys::compose::plan::{self, Encoding, Report, Summary};
use crate::finding::Finding;
use crate::input::Input;
use crate::invocation::Invocation;
use crate::kind::Kind;
use crate::{digest, escape, grants, json, lock, plan_file, recording, store, strip, words};

/// Read of an artifact before it is asked.
const FIRST_BYTES: u64 = 64 << 10;
/// Read of an artifact at most: ten times what it says of ten thousand components.
const MOST_BYTES: u64 = 16 << 20;

/// Says what a plan states, or what an artifact was made of.
pub fn info(invocation: &Invocation) -> Result<Answer, Failure> {
    let path = &invocation.arguments[0];
    let policy = grants::policy(invocation)?;
    let target = grants::target(invocation, "any")?;
    let mut input = Input::open(path)?;
    if input.is_wasm()? {
        return artifact(input);
    }
    let plan = plan_file::read_input(input)?;
    if invocation.has("events") {
        // What is wrong with the plan's sources is told below, and is no failure.
        recording::begin_with_plan(invocation, &plan, &plan.summary()?.components)?;
    }
    store::open(invocation)?;
    // What a plan says does not depend on what is at hand.
    let (plan, _lent, problem) = match lock::look(invocation, plan.clone()) {
        Ok((complete, lent)) => (complete, Some(lent), None),
        Err(problem) => (plan, None, Some(problem)),
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
        None => plan.check(plan::validate(plan.bytes(), &policy, &target)),
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
            let findings = words::count(failure.findings.len(), "finding");
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
        true => "stated; what is not granted is denied inside the artifact",
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
    if !report.imports.is_empty() {
        text += &imports_text(&report.imports);
    }
    text += "exports\n";
    for export in &report.exports {
        text += &format!("  {}\n", escape::line(export));
    }
    text
}

/// Consumers that a line names; programs are told all.
const MOST_CONSUMERS: usize = 4;

fn imports_text(imports: &[Decided]) -> String {
    let heading = ["import", "asked by", "decision", "why"].map(str::to_string);
    let rows = imports.iter().map(|import| {
        let shown = import.consumers.iter().take(MOST_CONSUMERS);
        let mut consumers = shown.cloned().collect::<Vec<_>>().join(", ");
        let more = import.consumers.len().saturating_sub(MOST_CONSUMERS);
        if more > 0 {
            consumers += &format!(" and {more} more");
        }
        let name = match import.import_name == import.interface {
            true => import.import_name.clone(),
            false => format!("{} ({})", import.import_name, import.interface),
        };
        [
            escape::line(&name),
            escape::line(&consumers),
            words::decision_name(&import.decision),
            escape::line(&import.why),
        ]
    });
    let rows: Vec<[String; 4]> = [heading].into_iter().chain(rows).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].width()).max();
    let widths = [0, 1, 2].map(|column| width(column).unwrap_or(0));
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            let space = width.saturating_sub(cell.width());
            line += &format!("  {cell}{:space$}", "");
        }
        text += &format!("{line}  {}", row[3]);
        text.truncate(text.trim_end().len());
        text += "\n";
    }
    text + "  stdio, exit and wasi:io are the base that is always there\n"
}

fn artifact(mut input: Input) -> Result<Answer, Failure> {
    let name = input.name.clone();
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
                    Rule::NoProvenance,
                    format!(
                        "`{}` ends, or goes on for too long, before it says what it was made of",
                        input.name
                    ),
                )
                .help("emit it again with `emit build PLAN -o OUT`")
                .into());
            }
            Inspection::Absent => {
                let kind = Kind::of(&name, prefix);
                let message = format!(
                    "`{name}` is {}, and does not say what it was made of",
                    kind.what()
                );
                return Err(Finding::error(Rule::NoProvenance, message)
                    .expected("a plan, or an artifact of a compositor")
                    .help(kind.instead_of_plan(&name))
                    .into());
            }
        }
    }
}

fn provenance_answer(path: &str, provenance: &Provenance) -> Answer {
    let strip = provenance.strip.map(strip::name);
    let mut text = format!(
        "artifact  {}\nclaims to be made so; anybody can write that: `emit build{}` of the plan gives \
         the\nsame bytes if it is true\nplan      {}\nemit key  {}\nmade by   {}\nroot      {}\ncomponents\n",
        escape::line(path),
        strip.map_or(String::new(), |mode| format!(" --strip={mode}")),
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
        if let Some(stripped) = &ingredient.stripped {
            text += &format!("  {:width$}  {} stripped\n", "", digest::show(stripped));
        }
    }
    let components: Vec<Value> = provenance
        .ingredients
        .iter()
        .map(|i| {
            let mut component = json!({ "id": i.id, "digest": digest::show(&i.digest) });
            if let Some(stripped) = &i.stripped {
                component["stripped"] = digest::show(stripped).into();
            }
            component
        })
        .collect();
    Answer::text(text)
        .field("kind", "artifact")
        .field("proved", false)
        .field("plan_id", digest::show(&provenance.plan_id))
        .field("emit_key", digest::show(&provenance.emit_key))
        .field("producer", provenance.producer.as_str())
        .field("root", provenance.root.as_str())
        .field("strip", json!(strip))
        .field("components", components)
}
