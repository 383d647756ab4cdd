//! The rules of a host's policy, which are written as a plan's are.

use super::fields::Reader;
use super::read::read_json;
use super::types::Rule;
use compositor_diagnostic::limits::Limits;
use compositor_diagnostic::tree::{Node, Value};
use compositor_diagnostic::{self as diagnostic, Diagnostic};

/// What a host permits and refuses, as it is written.
pub struct HostRules {
    /// Granted without being asked for.
    pub allow: Vec<Rule>,
    /// Denied, whatever the plan asks for.
    pub deny: Vec<Rule>,
}

/// Reads the rules from JSON.
pub fn host_rules(text: &[u8], limits: &Limits) -> Result<HostRules, Vec<Diagnostic>> {
    read(text, limits).map_err(|findings| {
        // It is no plan, which the rules of the schema are about.
        let rule = diagnostic::Rule::InvalidPolicy;
        let findings = findings.into_iter();
        findings.map(|finding| finding.with_rule(rule)).collect()
    })
}

fn read(text: &[u8], limits: &Limits) -> Result<HostRules, Vec<Diagnostic>> {
    let source = read_json(text, "the policy", limits).map_err(|error| vec![error])?;
    let help = "write it as in {\"allow\": [\"wasi:http\"], \
                \"deny\": [{\"name\": \"wasi:random\", \"mode\": \"error\"}]}";
    let mut reader = Reader::of("the policy", help, limits);
    let rules = reader.host_rules(&source.tree);
    match (reader.findings.end(), rules) {
        (Ok(_), Some(rules)) => Ok(rules),
        (Ok(mut findings) | Err(mut findings), _) => {
            source.place(&mut findings);
            Err(findings)
        }
    }
}

impl Reader<'_> {
    fn host_rules(&mut self, tree: &Node) -> Option<HostRules> {
        let object = self.object(tree, String::new(), "the policy", &["allow", "deny"])?;
        let allow = self.list(
            &object,
            "allow",
            (self.limits.list_items, "list-items"),
            |reader, node, pointer| {
                reader.short(node, &pointer).unwrap_or_else(|| {
                    let fields = &["name", "components"];
                    let object = reader.object(node, pointer, "what is allowed", fields)?;
                    reader.rule(&object)
                })
            },
        );
        let deny = self.list(
            &object,
            "deny",
            (self.limits.list_items, "list-items"),
            |reader, node, pointer| {
                let short = reader.short(node, &pointer);
                short.unwrap_or_else(|| reader.denial(node, pointer))
            },
        );
        Some(HostRules {
            allow: allow?,
            deny: deny?,
        })
    }

    /// A rule that is a name alone, if it is one.
    fn short(&mut self, node: &Node, pointer: &str) -> Option<Option<Rule>> {
        if matches!(node.value, Value::Object(_)) {
            return None;
        }
        let name = self.rule_name(node, pointer.to_string());
        Some(name.map(|name| Rule {
            name,
            mode: None,
            components: None,
        }))
    }
}
