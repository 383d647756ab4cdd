//! What the host that composes or runs a plan permits and refuses, beside the
//! plan's own policy.

use crate::targets::{Target, TargetWorld};
use compositor_diagnostic::Diagnostic;
use compositor_diagnostic::limits::Limits;
use compositor_plan::{Rule, host_rules};

/// A host's policy. Of the rules that cover an import the most specific one
/// holds, and of equally specific ones the denial.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostPolicy {
    /// Granted without being asked for.
    pub allow: Vec<Rule>,
    /// Denied, whatever the plan asks for.
    pub deny: Vec<Rule>,
    /// The host that artifacts are for. It changes no byte of them, and no file
    /// states it.
    pub target: &'static Target,
    /// A world that artifacts have to fit; like the target, no matter of their bytes.
    pub world: Option<TargetWorld>,
}

/// Reads a policy from JSON: `allow` and `deny` are lists of names, or of
/// objects with `name`, `components` and, of what is denied, `mode`.
///
/// # Errors
///
/// All that is not of this form, each with its place in the text.
pub fn parse(text: &[u8], limits: &Limits) -> Result<HostPolicy, Vec<Diagnostic>> {
    let rules = host_rules(text, limits)?;
    Ok(HostPolicy {
        allow: rules.allow,
        deny: rules.deny,
        target: Target::ANY,
        world: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use compositor_diagnostic::Code;
    use compositor_plan::Mode;

    fn parse(text: &[u8]) -> Result<HostPolicy, Vec<Diagnostic>> {
        super::parse(text, &Limits::default())
    }

    fn rule(name: &str, mode: Option<Mode>, components: Option<&[&str]>) -> Rule {
        Rule {
            name: name.to_string(),
            mode,
            components: components.map(|ids| ids.iter().map(|id| (*id).to_string()).collect()),
            ..Rule::default()
        }
    }

    #[test]
    fn names_and_objects() {
        assert_eq!(parse(b"{}"), Ok(HostPolicy::default()));
        let text = br#"{
            "allow": ["wasi:http", { "name": "wasi:filesystem", "components": ["a", "b"] }],
            "deny": ["*", { "name": "wasi:random@0.2.0", "mode": "empty", "components": ["a"] }]
        }"#;
        let policy = HostPolicy {
            allow: vec![
                rule("wasi:http", None, None),
                rule("wasi:filesystem", None, Some(&["a", "b"])),
            ],
            deny: vec![
                rule("*", None, None),
                rule("wasi:random@0.2.0", Some(Mode::Empty), Some(&["a"])),
            ],
            target: Target::ANY,
            world: None,
        };
        assert_eq!(parse(text), Ok(policy));
    }

    #[test]
    fn errors_have_their_places() {
        for (text, pointer, (line, column), says) in [
            ("[]", "", (1, 1), "the policy is not valid"),
            ("{\n \"alow\": []}", "/alow", (2, 2), "unknown field"),
            ("{\"allow\": [\"http\"]}", "/allow/0", (1, 12), "item 0"),
            ("{\"deny\": [7]}", "/deny/0", (1, 11), "item 0"),
            (
                "{\"allow\": [{\"name\": \"a:b\", \"mode\": \"trap\"}]}",
                "/allow/0/mode",
                (1, 28),
                "unknown field",
            ),
            (
                "{\"deny\": [{\"name\": \"a:b\", \"mode\": \"none\"}]}",
                "/deny/0/mode",
                (1, 35),
                "\"mode\"",
            ),
            (
                "{\"deny\": [{\"name\": \"a:b\", \"components\": []}]}",
                "/deny/0/components",
                (1, 41),
                "\"components\"",
            ),
            ("{\"deny\": [{}]}", "/deny/0", (1, 11), "lacks field"),
            ("{x", "", (1, 2), "the policy is not valid JSON"),
        ] {
            let findings = parse(text.as_bytes()).expect_err(text);
            let [finding] = &findings[..] else {
                panic!("{text}: {findings:#?}");
            };
            assert_eq!(finding.code, Code::InvalidInput);
            assert_eq!(finding.pointer, pointer);
            assert!(finding.message.contains(says), "{}", finding.message);
            let at = finding.position.map(|at| (at.line, at.column));
            assert_eq!(at, Some((line, column)), "{text}");
            assert!(!finding.help.is_empty());
        }
        let suggested = parse(b"{\"alow\": []}").expect_err("a misspelt field");
        assert_eq!(suggested[0].help, "did you mean \"allow\"?");
        let name = parse(b"{\"allow\": [\"http\"]}").expect_err("a wrong name");
        let expected = name[0].expected.as_deref();
        assert!(expected.is_some_and(|expected| expected.contains("wasi:http/types")));
        assert!(parse(b"\xff").is_err());
        assert!(parse(&vec![b' '; Limits::default().plan_bytes + 1]).is_err());
        assert!(parse("[".repeat(1000).as_bytes()).is_err());
    }
}
