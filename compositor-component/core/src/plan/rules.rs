//! What a policy says of imports: capabilities that a plan asks for, and rules
//! of plans and hosts, each for some components or for all.

use std::collections::HashSet;

use super::*;
use crate::plan::fields::{Object, Reader, schema};
use crate::tree::{Node, Value};

const MODES: &[(&str, Mode)] = &[
    ("trap", Mode::Trap),
    ("error", Mode::Error),
    ("empty", Mode::Empty),
];

impl Reader<'_> {
    pub(super) fn capability(&mut self, node: &Node, pointer: String) -> Option<Capability> {
        let fields = &["name", "level", "components"];
        let object = self.object(node, pointer, "a capability", fields)?;
        let name = self.name(&object, "name");
        let levels = [("required", true), ("optional", false)];
        let required = self.choice(&object, "level", &levels, None);
        let components = self.components(&object);
        Some(Capability {
            name: name?,
            required: required?,
            components: components?,
        })
    }

    pub(crate) fn denial(&mut self, node: &Node, pointer: String) -> Option<Rule> {
        let fields = &["name", "mode", "components"];
        let object = self.object(node, pointer, "a denial", fields)?;
        let mode = match object.get("mode") {
            Some(_) => self.choice(&object, "mode", MODES, None).map(Some),
            None => Some(None),
        };
        let rule = self.rule(&object);
        Some(Rule {
            mode: mode?,
            ..rule?
        })
    }

    /// A rule without a mode.
    pub(crate) fn rule(&mut self, object: &Object<'_>) -> Option<Rule> {
        let name = self.required(object, "name");
        let name = name.and_then(|(node, pointer)| self.rule_name(node, pointer));
        let components = self.components(object);
        Some(Rule {
            name: name?,
            mode: None,
            components: components?,
        })
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
                                wasi:http@0.2.0, dynlink:resolve, dynlink:invoke, or *";
                self.wrong(&pointer, other, expected);
                None
            }
        }
    }

    /// The components that something is for; left out means all of them, so
    /// none of them is not a list.
    fn components(&mut self, object: &Object<'_>) -> Option<Option<Vec<String>>> {
        let Some((node, pointer)) = object.get("components") else {
            return Some(None);
        };
        let ids = self.list(
            object,
            "components",
            (self.limits.components, "components"),
            Self::id_item,
        )?;
        if ids.is_empty() {
            let expected = "at least one id; left out it means all components";
            self.wrong(&pointer, &node.value, expected);
            return None;
        }
        let mut seen = HashSet::new();
        for (index, id) in ids.iter().enumerate() {
            if !seen.insert(id.as_str()) {
                self.findings.error(|| {
                    let message = format!("component {id:?} stands twice");
                    schema(message, "remove one of them").at(format!("{pointer}/{index}"))
                });
            }
        }
        Some(Some(ids))
    }
}

/// Whether a text is `*`, a package, an interface, or one of the two with a
/// version. The capabilities of `compose:dynlink` look like packages.
fn is_rule_name(text: &str) -> bool {
    let is_word = |word: &str, more: &str| {
        let is_part = |c: char| c.is_ascii_alphanumeric() || more.contains(c);
        !word.is_empty() && word.chars().all(is_part)
    };
    let (name, version) = text.split_once('@').unwrap_or((text, "0"));
    let (package, interface) = name.split_once('/').unwrap_or((name, "i"));
    let is_package = |(namespace, package)| is_word(namespace, "-") && is_word(package, "-");
    text == "*"
        || package.split_once(':').is_some_and(is_package)
            && is_word(interface, "-")
            && is_word(version, "-.+")
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
        ] {
            assert!(!is_rule_name(name), "{name}");
        }
    }
}
