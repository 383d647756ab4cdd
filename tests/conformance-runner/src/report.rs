//! What came of the cases, for people and for programs.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::case::Case;
use crate::coverage::covered;

/// What came of one case.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The case.
    pub case: Case,
    /// What was expected of this host.
    pub expected: Value,
    /// What was found.
    pub found: Value,
    /// How they differ; none when they do not.
    pub difference: Option<String>,
    /// Whether something of it was expected to be refused, as the host lacks it.
    pub lacking: bool,
    /// How long it took.
    pub ms: u128,
}

/// What came of all.
#[derive(Clone, Debug)]
pub struct Report {
    /// The host's command line.
    pub host: String,
    /// What it was said to lack.
    pub without: Vec<String>,
    /// How long it took.
    pub ms: u128,
    /// In the order of the vectors.
    pub outcomes: Vec<Outcome>,
}

impl Outcome {
    fn word(&self) -> &'static str {
        match (&self.difference, self.lacking) {
            (Some(_), _) => "failed",
            (None, true) => "refused",
            (None, false) => "passed",
        }
    }
}

impl Report {
    /// Cases that are not as expected.
    pub fn failed(&self) -> usize {
        self.count("failed")
    }

    fn count(&self, word: &str) -> usize {
        let outcomes = self.outcomes.iter();
        outcomes.filter(|outcome| outcome.word() == word).count()
    }

    /// For people: the cases that failed, and a table by the first part of the ids.
    pub fn summary(&self) -> String {
        let mut text = String::new();
        for outcome in &self.outcomes {
            if let Some(difference) = &outcome.difference {
                let _ = writeln!(text, "failed  {}\n  {difference}", outcome.case.id);
            }
        }
        let _ = writeln!(text, "{}", self.host);
        let mut groups: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
        for outcome in &self.outcomes {
            let (group, _) = outcome
                .case
                .id
                .split_once('/')
                .unwrap_or((&outcome.case.id, ""));
            let column = match outcome.word() {
                "passed" => 0,
                "refused" => 1,
                _ => 2,
            };
            groups.entry(group).or_default()[column] += 1;
        }
        let all = [self.count("passed"), self.count("refused"), self.failed()];
        let rows = groups.into_iter().chain([("all", all)]);
        let _ = writeln!(text, "  {:10}  passed  refused  failed", "");
        for (group, [passed, refused, failed]) in rows {
            let _ = writeln!(text, "  {group:10}  {passed:6}  {refused:7}  {failed:6}");
        }
        let seconds = self.ms as f64 / 1000.0;
        if !self.without.is_empty() {
            let without = self.without.join(", ");
            let _ = writeln!(text, "  refused: rightly, as the host has no {without}");
        }
        let _ = writeln!(text, "  {seconds:.1} s");
        text
    }

    /// For programs.
    pub fn json(&self) -> String {
        let mut codes: BTreeMap<&str, usize> = BTreeMap::new();
        for outcome in &self.outcomes {
            for code in covered(&outcome.case) {
                *codes.entry(code).or_default() += usize::from(outcome.word() == "passed");
            }
        }
        let cases = self.outcomes.iter().map(|outcome| {
            json!({
                "id": outcome.case.id,
                "outcome": outcome.word(),
                "ms": outcome.ms as u64,
                "difference": outcome.difference,
                "expected": outcome.expected,
                "found": outcome.found,
            })
        });
        let report = json!({
            "host": self.host,
            "without": self.without,
            "passed": self.count("passed"),
            "refused": self.count("refused"),
            "failed": self.failed(),
            "ms": self.ms as u64,
            "codes": codes,
            "cases": cases.collect::<Vec<_>>(),
        });
        format!("{report:#}\n")
    }

    /// In the XML of JUnit, as continuous integration shows it.
    pub fn junit(&self) -> String {
        let seconds = |ms: u128| ms as f64 / 1000.0;
        let mut text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" time=\"{:.3}\">\n",
            escaped(&self.host),
            self.outcomes.len(),
            self.failed(),
            seconds(self.ms)
        );
        for outcome in &self.outcomes {
            let (group, name) = outcome
                .case
                .id
                .split_once('/')
                .unwrap_or(("", &outcome.case.id));
            let _ = write!(
                text,
                "  <testcase classname=\"{}\" name=\"{}\" time=\"{:.3}\"",
                escaped(group),
                escaped(name),
                seconds(outcome.ms)
            );
            let _ = match &outcome.difference {
                None => writeln!(text, "/>"),
                Some(difference) => writeln!(
                    text,
                    "><failure message=\"{0}\">{0}</failure></testcase>",
                    escaped(difference)
                ),
            };
        }
        text + "</testsuite>\n"
    }
}

/// A text in XML, which has no place for most control characters.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(letter),
            letter if letter.is_control() => escaped.extend(letter.escape_default()),
            letter => escaped.push(letter),
        }
    }
    escaped
}
