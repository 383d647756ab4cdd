//! What a policy's rules are about: names of imports, and the components that they are for.

use std::collections::HashSet;

use crate::fields::Reader;
use crate::names::track;
use crate::table::Most;
use compositor_diagnostic::tree::{Node, Value};
use compositor_diagnostic::{self as diagnostic, Diagnostic};

impl Reader<'_> {
    /// What is asked for: what a rule is about, or an import that has no package.
    pub(crate) fn capability_name(&mut self, node: &Node, pointer: String) -> Option<String> {
        match &node.value {
            Value::Text(text) if !text.contains(':') && text != "*" => self.name(node, pointer),
            _ => self.rule_name(node, pointer),
        }
    }

    /// What a rule is about.
    pub(crate) fn rule_name(&mut self, node: &Node, pointer: String) -> Option<String> {
        match &node.value {
            Value::Text(text) if text.len() <= self.limits.name_bytes && is_rule_name(text) => {
                Some(text.clone())
            }
            other => {
                let expected = "a package such as wasi:http, an interface such as \
                                wasi:http/types, one of them with a version as in \
                                wasi:http@0.2.0 or a track of versions as in wasi:http@0.2, \
                                dynlink:resolve, dynlink:invoke, or *";
                let near = match other {
                    Value::Text(text) if text.len() <= self.limits.name_bytes => {
                        Some(text.trim().to_ascii_lowercase()).filter(|near| is_rule_name(near))
                    }
                    _ => None,
                };
                match near {
                    Some(near) => self.misspelt(&pointer, other, expected, &near),
                    None => self.wrong(&pointer, other, expected),
                }
                None
            }
        }
    }

    /// The components that something is for; left out means all of them, so
    /// none of them is not a list.
    pub(crate) fn components(&mut self, node: &Node, pointer: String) -> Option<Vec<String>> {
        let ids = self.items(node, pointer.clone(), Most::COMPONENTS, Self::id)?;
        if ids.is_empty() {
            let expected = "at least one id; left out it means all components";
            self.wrong(&pointer, &node.value, expected);
            return None;
        }
        let mut seen = HashSet::new();
        for (index, id) in ids.iter().enumerate() {
            if !seen.insert(id.as_str()) {
                self.findings.error(|| {
                    let message = format!("component {id:?} is listed twice");
                    let rule = diagnostic::Rule::RepeatedComponent;
                    Diagnostic::error(rule, message, "remove one of them")
                        .at(format!("{pointer}/{index}"))
                });
            }
        }
        Some(ids)
    }
}

/// Whether a text is `*`, a package, an interface, or one of the two with a
/// version or its track. The capabilities of `compose:dynlink` look like
/// packages.
fn is_rule_name(text: &str) -> bool {
    let (name, version) = text.split_once('@').unwrap_or((text, "1"));
    let (package, interface) = name.split_once('/').unwrap_or((name, "i"));
    let is_lower = |label: &str| is_label(label) && label.to_ascii_lowercase() == label;
    let is_package = |(namespace, package)| is_lower(namespace) && is_lower(package);
    let is_version = |c: char| c.is_ascii_alphanumeric() || "-.+".contains(c);
    text == "*"
        || package.split_once(':').is_some_and(is_package)
            && is_label(interface)
            && version.chars().all(is_version)
            && track(version).is_some()
}

/// Whether a text is a label of WIT: words with hyphens between them, each in
/// small letters or in capitals.
fn is_label(text: &str) -> bool {
    let is_word = |word: &str| {
        let is_part = |c: char| c.is_ascii_alphanumeric();
        let is_small = word.to_ascii_lowercase() == word;
        let is_capital = word.to_ascii_uppercase() == word;
        !word.is_empty() && word.chars().all(is_part) && (is_small || is_capital)
    };
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.split('-').all(is_word)
}

#[cfg(test)]
mod tests {
    use super::is_rule_name;

    #[test]
    fn names() {
        for name in [
            "*",
            "wasi:http",
            "wasi:http/types",
            "wasi:http@0.3.0-rc-2025-09-16",
            "wasi:http/outgoing-handler@0.2.0+x",
            "dynlink:resolve",
            "wasi:cli@0.2",
            "wasi:cli@1",
            "wasi:cli/run@0.2.0-rc.1",
            "a:b/HTTP-proxy",
        ] {
            assert!(is_rule_name(name), "{name}");
        }
        for name in [
            "",
            "wasi",
            "wasi:",
            ":http",
            "a:b/",
            "a:b/c/d",
            "a:b@",
            "a:b:c",
            "a:b/c@1@2",
            "a:*",
            "*@1",
            "a b:c",
            "wasi.http",
            "é:b",
            "WASI:http",
            "wasi:Http",
            "wasi:http/Types",
            "a:b-",
            "a:-b",
            "a:b--c",
            "a:1b",
            "a:b@0",
            "a:b@0.0",
            "a:b@1.0.0.0",
            "a:b@01.0.0",
            "a:b@latest",
            "a:b@1-rc",
        ] {
            assert!(!is_rule_name(name), "{name}");
        }
    }
}
