//! `plan remove`: what goes with a component, and what is open then.

use std::collections::{BTreeMap, BTreeSet};

use compositor_diagnostic::Rule;
use serde_json::{Value, json};

use crate::answer::{Answer, Failure};
use crate::escape;
use crate::finding::Finding;
use crate::invocation::Invocation;
use crate::plan_edit::Edit;
use crate::wrap::filled;

/// Removes a component, with its bindings and its rules.
pub fn remove(invocation: &Invocation) -> Result<Answer, Failure> {
    let mut edit = Edit::open(invocation, [])?;
    let id = &invocation.arguments[1];
    edit.has(id)?;
    if edit.summary.root == *id {
        let finding = Finding::error(
            Rule::InvalidArgument,
            format!("`{id}` is the root, which a plan cannot be without"),
        )
        .help("`plan upgrade` gives it another file, `plan rename` another id");
        return Err(edit.plan.at_one(finding, "/root").into());
    }
    let root = edit.summary.root.clone();
    let consumer = |binding: &Value| binding["consumer_id"].as_str().unwrap_or(&root).to_string();
    let mut opened = Vec::new();
    edit.keep("bindings", |binding| {
        let provides = binding["provider_id"] == **id;
        if provides && consumer(binding) != *id {
            let import = binding["import_name"].as_str().unwrap_or_default();
            opened.push((consumer(binding), import.to_string()));
        }
        !provides && consumer(binding) != *id
    });
    edit.keep("components", |component| component["id"] != **id);
    edit.keep("explicit_exports", |export| {
        export["source_instance"] != **id
    });
    let mut rules = Vec::new();
    for rule in edit.rules() {
        let name = rule["name"].clone();
        let components = rule.get_mut("components").and_then(Value::as_array_mut);
        let Some(components) = components else {
            continue;
        };
        let before = components.len();
        components.retain(|of| *of != **id);
        if components.is_empty() && before > 0 {
            rules.push(name.as_str().unwrap_or_default().to_string());
        }
    }
    // A rule that is limited to nobody would be one for all.
    if let Some(policy) = edit.json.get_mut("policy").and_then(Value::as_object_mut) {
        let is_list = |name: &str| matches!(name, "capabilities" | "denials");
        for (_, list) in policy.iter_mut().filter(|(name, _)| is_list(name)) {
            if let Some(list) = list.as_array_mut() {
                list.retain(|rule| {
                    rule["components"]
                        .as_array()
                        .is_none_or(|of| !of.is_empty())
                });
            }
        }
    }
    let lost = unreachable(&edit);
    let mut answer = edit.write()?;
    for (consumer, import) in &opened {
        let (consumer, import) = (escape::line(consumer), escape::line(import));
        answer.text += &(filled(["open      ", &consumer, "", &import], 11) + "\n");
    }
    for rule in &rules {
        answer.text += &format!("no rule    {}\n", escape::line(rule));
    }
    for id in &lost {
        let message = format!("nothing is bound to `{id}` any more");
        let warning = Finding::warning(Rule::UnreachedComponent, message);
        let name = &edit.plan.text.name;
        answer
            .findings
            .push(warning.help(format!("`plan remove {name} {id}` removes it too")));
    }
    let opened = opened.into_iter();
    let opened = opened.map(|(consumer, import)| json!({ "consumer": consumer, "import": import }));
    Ok(answer
        .field("opened", opened.collect::<Vec<_>>())
        .field("rules", rules)
        .field("unreachable", lost))
}

/// The components of a static plan that nothing leads to.
fn unreachable(edit: &Edit) -> Vec<String> {
    if edit.summary.linkage != "static" {
        return Vec::new();
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    let list = |name: &str| edit.json[name].as_array().into_iter().flatten();
    let root = &edit.summary.root;
    let mut reached: BTreeSet<String> = list("explicit_exports")
        .map(|export| text(&export["source_instance"]))
        .chain([root.clone()])
        .collect();
    let mut next: Vec<String> = reached.iter().cloned().collect();
    let mut providers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for binding in list("bindings") {
        let consumer = binding["consumer_id"].as_str().unwrap_or(root);
        let of = providers.entry(consumer.to_string()).or_default();
        of.push(text(&binding["provider_id"]));
    }
    while let Some(id) = next.pop() {
        for provider in providers.remove(&id).unwrap_or_default() {
            if reached.insert(provider.clone()) {
                next.push(provider);
            }
        }
    }
    let ids = list("components").map(|component| text(&component["id"]));
    ids.filter(|id| !reached.contains(id)).collect()
}
