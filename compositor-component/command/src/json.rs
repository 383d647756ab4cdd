//! Answers and failures for programs: one object, on one line.

use serde_json::{Map, Value, json};

use crate::answer::{Answer, Failure};
use crate::bindings::sys::compose::events::Event;
use crate::bindings::sys::compose::grants::Decided;
use crate::bindings::sys::compose::plan::{Encoding, ManifestEntry, Misfit, Summary};
use crate::finding::Finding;
use crate::words::{decision_name, severity_name};
use crate::{digest, escape};

/// `{"ok":true, …}`.
pub fn answer(answer: &Answer) -> String {
    let mut object = Map::new();
    object.insert("ok".to_string(), true.into());
    object.extend(answer.json.clone());
    object.insert("findings".to_string(), findings(&answer.findings));
    line(Value::Object(object))
}

/// `{"ok":false, …,"errors":[…]}`, with the fields of what was done; warnings
/// and notes are among the errors, as their severity says.
pub fn failure(failure: &Failure) -> String {
    let mut object = Map::new();
    object.insert("ok".to_string(), false.into());
    object.extend(failure.done.json.clone());
    object.insert("errors".to_string(), findings(&failure.findings));
    line(Value::Object(object))
}

/// `{"kind":…, …}` with the event's fields.
pub fn event(event: &Event) -> String {
    let mut object = Map::new();
    object.insert("kind".to_string(), event.kind.as_str().into());
    for (name, value) in &event.fields {
        object.insert(name.clone(), value.as_str().into());
    }
    line(Value::Object(object))
}

/// What a plan says.
pub fn summary(summary: &Summary) -> Value {
    let components: Vec<Value> = summary
        .components
        .iter()
        .map(|component| {
            json!({
                "id": component.id,
                "digest": component.digest.as_ref().map(|digest| digest::show(digest)),
                "source": component.source,
                "world": component.world.as_ref().map(|world| digest::show(world)),
            })
        })
        .collect();
    json!({
        "encoding": match summary.encoding {
            Encoding::Json => "json",
            Encoding::Cbor => "cbor",
        },
        "id": summary.id.as_ref().map(|id| digest::show(id)),
        "root": summary.root,
        "linkage": summary.linkage,
        "components": components,
        "bindings": summary.bindings,
        "has_policy": summary.has_policy,
    })
}

/// What was decided of imports.
pub fn imports(imports: &[Decided]) -> Vec<Value> {
    imports
        .iter()
        .map(|import| {
            json!({
                "name": import.import_name,
                "interface": import.interface,
                "consumers": import.consumers,
                "decision": decision_name(&import.decision),
                "why": import.why,
            })
        })
        .collect()
}

/// An import that `plan new` looked at.
pub fn manifest_entry(entry: &ManifestEntry) -> Value {
    let misfit = |misfit: &Misfit| {
        json!({
            "provider": misfit.provider,
            "export_name": misfit.export_name,
            "found": misfit.found,
            "expected": misfit.expected,
        })
    };
    let misfits: Vec<Value> = entry.misfits.iter().map(misfit).collect();
    json!({
        "consumer": entry.consumer,
        "import_name": entry.import_name,
        "providers": entry.providers,
        "offered": entry.offered,
        "misfits": misfits,
    })
}

fn findings(findings: &[Finding]) -> Value {
    findings
        .iter()
        .map(|finding| {
            let position = finding.position.as_ref();
            // CBOR has bytes, but neither lines nor columns.
            let text = position.filter(|position| position.line > 0);
            json!({
                "code": finding.code.as_str(),
                "rule": finding.rule,
                "severity": severity_name(finding.severity),
                "message": finding.message,
                "context": finding.context,
                "file": finding.text.as_ref().map(|text| text.name.as_str()),
                "pointer": finding.pointer,
                "line": text.map(|position| position.line),
                "column": text.map(|position| position.column),
                "offset": position.map(|position| position.offset),
                "length": position.map(|position| position.length),
                "found": finding.found,
                "expected": finding.expected,
                "help": finding.next_step(),
            })
        })
        .collect()
}

fn line(value: Value) -> String {
    escape::json(&value.to_string()) + "\n"
}
