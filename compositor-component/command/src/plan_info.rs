//! `plan info`: what a plan states, or what an artifact was made of.

use std::collections::BTreeMap;

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
use crate::wrap::{COLUMNS, filled, wrapped};
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
            let command = format!("`plan validate {}`", escape::line(path));
            let words = "imports and exports are not known:".split(' ');
            let known = filled(words.chain([&command[..], "has", &findings]), 2);
            let text = format!("{text}{known}\n");
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

/// A line of what is said first, whose words stay whole.
fn row(label: &str, words: &[&str]) -> String {
    // A digest behind it fits a line.
    let label = format!("{label:<8}");
    filled([&label[..]].into_iter().chain(words.iter().copied()), 9) + "\n"
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
    let mut text = row("plan", &[&id])
        + &row("encoding", &[encoding])
        + &row("root", &[&escape::line(&summary.root)])
        + &row("linkage", &[&escape::line(&summary.linkage)])
        + &row("policy", &[policy])
        + &row("bindings", &[&summary.bindings.to_string()])
        + "components\n";
    for (component, size) in summary.components.iter().zip(sizes) {
        let digest = component
            .digest
            .as_ref()
            .map_or("no digest".to_string(), |d| digest::show(d));
        let size = size.map_or("not in the store".to_string(), |size| {
            format!("{size} bytes")
        });
        let source = component.source.as_deref().map(escape::line);
        let words = match &source {
            Some(source) => [&format!("    {size},")[..], source],
            None => [&format!("    {size}")[..], ""],
        };
        let id = escape::line(&component.id);
        text += &format!("  {id}\n    {digest}\n{}\n", filled(words, 4));
    }
    text
}

fn report_text(report: &Report) -> String {
    let mut text = "imports\n".to_string() + &imports_text(&report.imports);
    text += "exports\n";
    for export in &report.exports {
        text += &format!("  {}\n", escape::line(export));
    }
    text
}

/// Consumers that a line names; programs are told all.
const MOST_CONSUMERS: usize = 4;

/// Names of imports up to which who asks for them is a column of its own.
const WIDEST_NAME: usize = 40;

/// Imports under what was decided of them and why, each with who asks for it.
fn imports_text(imports: &[Decided]) -> String {
    let name = |import: &Decided| match import.import_name == import.interface {
        true => escape::line(&import.import_name),
        false => escape::line(&format!("{} ({})", import.import_name, import.interface)),
    };
    let names: Vec<String> = imports.iter().map(name).collect();
    let widths = names.iter().map(|name| name.width());
    let column = widths.filter(|width| *width <= WIDEST_NAME).max();
    let column = column.unwrap_or(0);
    // In the order in which each decision is met first.
    let mut order: BTreeMap<(String, &str), usize> = BTreeMap::new();
    let mut groups: Vec<String> = Vec::new();
    for (import, name) in imports.iter().zip(&names) {
        let decision = words::decision_name(&import.decision);
        let why = escape::line(&import.why);
        let heading = wrapped(&format!("  {decision}, because {why}"), 2);
        let group = order.entry((decision, &import.why)).or_insert_with(|| {
            groups.push(heading + "\n");
            groups.len() - 1
        });
        let shown = import.consumers.iter().take(MOST_CONSUMERS);
        let mut consumers = shown.cloned().collect::<Vec<_>>().join(", ");
        let more = import.consumers.len().saturating_sub(MOST_CONSUMERS);
        if more > 0 {
            consumers += &format!(" and {more} more");
        }
        let space = column.saturating_sub(name.width());
        let line = format!("    {name}{:space$}  {}", "", escape::line(&consumers));
        let line = match line.width() <= COLUMNS {
            true => line,
            false => {
                let consumers = format!("      {}", escape::line(&consumers));
                format!("    {name}\n{}", wrapped(&consumers, 6))
            }
        };
        groups[*group] += line.trim_end();
        groups[*group] += "\n";
    }
    groups.concat()
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
    let claim = format!(
        "claims to be made so; anybody can write that: `emit build{}` of the plan gives the same \
         bytes if it is true",
        strip.map_or(String::new(), |mode| format!(" --strip={mode}")),
    );
    let mut text = row("artifact", &[&escape::line(path)])
        + &wrapped(&claim, 0)
        + "\n"
        + &row("plan", &[&digest::show(&provenance.plan_id)])
        + &row("emit key", &[&digest::show(&provenance.emit_key)])
        + &row("made by", &[&escape::line(&provenance.producer)])
        + &row("root", &[&escape::line(&provenance.root)])
        + "components\n";
    for ingredient in &provenance.ingredients {
        let id = escape::line(&ingredient.id);
        let digest = digest::show(&ingredient.digest);
        text += &format!("  {id}\n    {digest}\n");
        if let Some(stripped) = &ingredient.stripped {
            text += &format!("  {id}, stripped\n    {}\n", digest::show(stripped));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bindings::sys::compose::grants::Decision;

    fn decided(name: &str, interface: &str, consumers: &[&str], why: &str) -> Decided {
        Decided {
            import_name: name.to_string(),
            interface: interface.to_string(),
            consumers: consumers.iter().map(|id| (*id).to_string()).collect(),
            decision: match why.contains("denies") {
                true => Decision::Denied(Some("trap".to_string())),
                false => Decision::Granted,
            },
            why: why.to_string(),
        }
    }

    #[test]
    fn imports_stand_under_what_was_decided() {
        let long = "a-package-with-a-long-name:and/an-interface-with-one@1.0.0";
        let ids = [
            "first-of-some-components",
            "second-of-them",
            "third",
            "fourth",
            "fifth",
        ];
        let why = "the plan denies it";
        let text = imports_text(&[
            decided("a:b/c@1.0.0", "a:b/c@1.0.0", &["app"], "base"),
            decided(long, long, &ids, why),
            decided("label", "a:b/c@1.0.0", &["app", "b"], why),
            decided("d:e/f", "d:e/f", &["b"], "base"),
        ]);
        assert_eq!(
            text,
            "  granted, because base
    a:b/c@1.0.0          app
    d:e/f                b
  denied: trap, because the plan denies it
    a-package-with-a-long-name:and/an-interface-with-one@1.0.0
      first-of-some-components, second-of-them, third, fourth and 1 more
    label (a:b/c@1.0.0)  app, b
"
        );
        assert_eq!(imports_text(&[]), "");
    }

    #[test]
    fn digests_fit_a_line() {
        let line = row("emit key", &[&digest::show(&[0; 32])]);
        assert_eq!(line.trim_end().len(), COLUMNS);
    }
}
