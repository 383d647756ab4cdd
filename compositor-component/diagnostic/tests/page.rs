//! The page that explains the rules, held to their table and to the sources.

use std::fs;
use std::path::{Path, PathBuf};

use compositor_diagnostic::{Rule, Severity};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A section of the page: its heading, the line beneath it, and its text.
fn sections(page: &str) -> Vec<(&str, &str, &str)> {
    let sections = page.split("\n### ").skip(1);
    sections
        .map(|section| {
            let (heading, rest) = section.split_once("\n\n").expect("a heading");
            let (line, text) = rest.split_once("\n\n").expect("a code and a severity");
            (heading, line, text)
        })
        .collect()
}

/// What stands beneath a rule's heading.
fn line(rule: Rule) -> String {
    let severity = match rule.severity() {
        Some(Severity::Error) => "error",
        Some(Severity::Warning) => "warning",
        Some(Severity::Note) => "note",
        None => "error or warning",
    };
    format!("`{}`, {severity}", rule.code())
}

#[test]
fn the_page_explains_every_rule_in_the_order_of_the_table() {
    let page = read(&root().join("docs/diagnostics.md"));
    let page = sections(&page);
    let said: Vec<&str> = page.iter().map(|(heading, ..)| *heading).collect();
    let rules: Vec<&str> = Rule::ALL.iter().map(|rule| rule.name()).collect();
    assert_eq!(said, rules);
    for (rule, (_, under, text)) in Rule::ALL.iter().zip(page) {
        assert_eq!(under, line(*rule), "{rule}");
        let text = text.split("\n## ").next().unwrap_or_default();
        assert!(text.trim().len() > 60, "{rule} has no cause and no cure");
    }
}

/// The Rust sources below a folder, up to their unit tests.
fn sources(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).expect("a folder of the checkout") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, text);
        } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("src/rule.rs")
        {
            let source = read(&path);
            text.push_str(source.split("#[cfg(test)]").next().unwrap_or_default());
        }
    }
}

#[test]
fn every_rule_is_a_finding_somewhere() {
    let mut text = String::new();
    for part in [
        "diagnostic",
        "plan",
        "wasm",
        "adapter",
        "core",
        "core-component",
        "command",
    ] {
        let folder = root().join("compositor-component").join(part).join("src");
        sources(&folder, &mut text);
    }
    let of_host: Vec<Rule> = compositor_diagnostic::Code::ALL
        .iter()
        .map(|code| Rule::of_host(*code))
        .collect();
    let is_said = |rule: &Rule| {
        let name = format!("Rule::{rule:?}");
        let mut uses = text.match_indices(&name);
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        of_host.contains(rule) || uses.any(|(at, _)| !text[at + name.len()..].starts_with(is_name))
    };
    let silent: Vec<&Rule> = Rule::ALL.iter().filter(|rule| !is_said(rule)).collect();
    assert!(silent.is_empty(), "no finding is of {silent:?}");
}
