//! The rules of a host's policy, which are written as a plan's are.

use std::marker::PhantomData;

use crate::fields::Reader;
use crate::kind::{Components, Form, Kind, List, RuleName};
use crate::presence::{Optional, OrDefault, Required};
use crate::read::read_json;
use crate::record::{Record, record};
use crate::table::Shape;
use crate::types::Rule;
use compositor_diagnostic::limits::Limits;
use compositor_diagnostic::tree::{Node, Value};
use compositor_diagnostic::{self as diagnostic, Diagnostic};

record! {
    /// What a host permits and refuses, as it is written.
    HostRules = "the policy";

    /// Granted without being asked for.
    allow: Vec<Rule> => _, "allow", OrDefault<List<Short<Allowed>>>;
    /// Denied, whatever the plan asks for.
    deny: Vec<Rule> => _, "deny", OrDefault<List<Short<Rule>>>;
}

record! {
    /// A rule that has no mode: what is granted does what it does.
    Allowed = "what is allowed";

    /// What is granted.
    name: String => _, "name", Required<RuleName>;
    /// The components that it is for; none means all.
    components: Option<Vec<String>> => _, "components", Optional<Components>;
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
    let rules = HostRules::read(&mut reader, &source.tree, String::new());
    match (reader.findings.end(), rules) {
        (Ok(_), Some(rules)) => Ok(rules),
        (Ok(mut findings) | Err(mut findings), _) => {
            source.place(&mut findings);
            Err(findings)
        }
    }
}

impl From<Allowed> for Rule {
    fn from(Allowed { name, components }: Allowed) -> Self {
        Rule {
            name,
            components,
            ..Rule::default()
        }
    }
}

/// A rule, as an object or as a name alone.
struct Short<R>(PhantomData<R>);

impl<R: Record + Into<Rule>> Kind for Short<R> {
    type Value = Rule;
    const SHAPE: Shape = R::SHAPE;

    fn read(reader: &mut Reader<'_>, node: &Node, pointer: String) -> Option<Rule> {
        match &node.value {
            Value::Object(_) => R::read(reader, node, pointer).map(Into::into),
            _ => reader.rule_name(node, pointer).map(|name| Rule {
                name,
                ..Rule::default()
            }),
        }
    }

    fn write<F: Form>(rule: &Rule) -> F {
        Rule::write(rule)
    }
}
