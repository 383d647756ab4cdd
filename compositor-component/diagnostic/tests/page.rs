//! What findings say: the page that explains the rules is held to their table and to the
//! sources, and the library to words that hold for every tool.

use std::fs;
use std::path::{Path, PathBuf};

use compositor_diagnostic::{Code, Rule, Severity};

/// The crates of the library, from the ground up.
const LIBRARY: [&str; 6] = ["diagnostic", "host", "plan", "wasm", "adapter", "core"];

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

/// The Rust sources of a part, up to their unit tests, without the table of rules.
fn sources(part: &str) -> String {
    let mut text = String::new();
    let mut folders = vec![root().join("compositor-component").join(part).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of the checkout") {
            let path = entry.expect("an entry").path();
            let is_source = path.extension().is_some_and(|end| end == "rs");
            if path.is_dir() {
                folders.push(path);
            } else if is_source && !path.ends_with("diagnostic/src/rule.rs") {
                let source = read(&path);
                text.push_str(source.split("#[cfg(test)]").next().unwrap_or_default());
            }
        }
    }
    text
}

#[test]
fn every_rule_is_a_finding_somewhere() {
    let parts = LIBRARY.iter().chain(&["core-component", "command"]);
    let text: String = parts.map(|part| sources(part)).collect();
    let of_host: Vec<Rule> = Code::ALL.iter().map(|code| Rule::of_host(*code)).collect();
    let is_said = |rule: &Rule| {
        let name = format!("Rule::{rule:?}");
        let mut uses = text.match_indices(&name);
        uses.any(|(at, _)| !text[at + name.len()..].starts_with(char::is_alphanumeric))
    };
    let silent = Rule::ALL.iter();
    let silent: Vec<&Rule> = silent
        .filter(|rule| !of_host.contains(rule) && !is_said(rule))
        .collect();
    assert!(silent.is_empty(), "no finding is of {silent:?}");
}

/// Whoever embeds the library has other commands, or none: what a tool does is a remedy.
#[test]
fn the_library_names_no_command() {
    let names = ["plan ", "blob ", "trust ", "emit ", "exec ", "canon ", "--"];
    let mut found = Vec::new();
    for part in LIBRARY {
        let text = sources(part);
        let lines = text.lines().filter(|line| !line.trim().starts_with("//"));
        found.extend(lines.map(str::to_string).filter(|line| {
            let mut quotes = line.match_indices('`');
            quotes.any(|(at, _)| names.iter().any(|name| line[at + 1..].starts_with(name)))
        }));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
