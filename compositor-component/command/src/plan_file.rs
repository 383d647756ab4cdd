//! A plan as it was read, and the core's answers about it.

use std::rc::Rc;

use compositor_diagnostic::Rule;
use compositor_diagnostic::suggest::nearest;

use crate::answer::Failure;
use crate::bindings::sys::compose::diagnostics::Diagnostic;
use crate::bindings::sys::compose::plan::{self, Component, Summary};
use crate::bindings::sys::compose::types::Digest;
use crate::convert;
use crate::finding::Finding;
use crate::input::Input;
use crate::invocation::Verbosity;
use crate::kind::{self, Kind};
use crate::report;
use crate::text::Text;

/// A plan that was read.
#[derive(Clone)]
pub struct PlanFile {
    /// What the user wrote.
    pub text: Rc<Text>,
    /// What the core is given in its place: the same with digests set.
    pub changed: Option<Vec<u8>>,
    /// Where its sources are looked for.
    pub folder: String,
    /// What its own files give: the components whose sources are at hand, with their
    /// digests.
    pub given: Vec<(String, Digest)>,
    /// What is to be said of it beside the core's findings.
    pub warnings: Vec<Finding>,
    /// Whether nobody wrote it: findings have no place in it then.
    is_guessed: bool,
}

/// Reads a plan; `-` is stdin.
pub fn read(path: &str) -> Result<PlanFile, Failure> {
    read_input(Input::open(path)?)
}

/// What is no plan is where one belongs.
pub fn no_plan(input: &mut Input) -> Result<Failure, Failure> {
    let name = input.name.clone();
    let kind = Kind::of(&name, input.prefix(kind::START)?);
    Ok(refused(&name, kind))
}

fn refused(name: &str, kind: Kind) -> Failure {
    let message = format!("`{name}` is {}, not a plan", kind.what());
    Finding::error(Rule::NotAPlan, message)
        .help(kind.instead_of_plan(name))
        .into()
}

/// Reads a plan from what may have been looked at.
pub fn read_input(mut input: Input) -> Result<PlanFile, Failure> {
    let name = input.name.clone();
    let kind = Kind::of(&name, input.prefix(kind::START)?);
    if !kind.may_be_plan() {
        return Err(refused(&name, kind));
    }
    let text = input.text("a plan")?;
    Ok(PlanFile {
        text: Rc::new(text),
        changed: None,
        folder: input.folder,
        given: Vec::new(),
        warnings: Vec::new(),
        is_guessed: false,
    })
}

/// The core's answer about a plan that nobody wrote.
pub fn check_guessed<T>(result: Result<T, Vec<Diagnostic>>) -> Result<T, Failure> {
    result.map_err(|diagnostics| {
        let findings = diagnostics.into_iter();
        Failure::of(findings.map(|of| Finding::of_text(of, None)).collect())
    })
}

impl PlanFile {
    /// A plan that was made of what the user named.
    pub fn guessed(name: &str, bytes: Vec<u8>) -> Self {
        let name = name.to_string();
        Self {
            text: Rc::new(Text { name, bytes }),
            changed: None,
            folder: ".".to_string(),
            given: Vec::new(),
            warnings: Vec::new(),
            is_guessed: true,
        }
    }

    /// Whether it was made of what the user named, and nobody wrote it.
    pub fn is_guessed(&self) -> bool {
        self.is_guessed
    }

    /// The same plan with another text.
    pub fn with_text(&self, bytes: Vec<u8>) -> Self {
        let name = self.text.name.clone();
        Self {
            text: Rc::new(Text { name, bytes }),
            changed: None,
            ..self.clone()
        }
    }

    /// What the core is given.
    pub fn bytes(&self) -> &[u8] {
        self.changed.as_ref().unwrap_or(&self.text.bytes)
    }

    /// The warnings, and behind them the core's findings, which point into this plan.
    pub fn findings(&self, diagnostics: Vec<Diagnostic>) -> Vec<Finding> {
        let plan = || Some(Rc::clone(&self.text));
        let found = diagnostics.into_iter().map(|diagnostic| {
            let mut finding = Finding::of_plan(diagnostic, plan());
            finding.plan = Some(self.text.name.clone());
            if self.is_guessed && finding.text.is_some() {
                (finding.text, finding.pointer, finding.position) = (None, None, None);
                finding.context = Some(self.text.name.clone());
            }
            finding
        });
        let mut found: Vec<Finding> = found.collect();
        if self.changed.is_some() {
            // The user knows the text, not what locking made of it.
            self.place(&mut found);
        }
        self.warnings.iter().cloned().chain(found).collect()
    }

    /// Says the warnings now, before something that may take long or says much.
    pub fn warn(&mut self, verbosity: Verbosity) {
        report::findings(&std::mem::take(&mut self.warnings), verbosity);
    }

    /// The core's answer, or a failure that points into this plan.
    pub fn check<T>(&self, result: Result<T, Vec<Diagnostic>>) -> Result<T, Failure> {
        result.map_err(|diagnostics| Failure::of(self.findings(diagnostics)))
    }

    /// Findings about places in this plan, each with its pointer.
    pub fn at(&self, findings: Vec<(Finding, String)>) -> Vec<Finding> {
        let about = |(finding, pointer): (Finding, String)| Finding {
            pointer: Some(pointer),
            text: Some(Rc::clone(&self.text)),
            ..finding
        };
        let mut findings: Vec<Finding> = findings.into_iter().map(about).collect();
        self.place(&mut findings);
        findings
    }

    /// No component of this plan has an id.
    pub fn no_component(&self, id: &str, components: &[Component]) -> Finding {
        let ids = || components.iter().map(|of| of.id.as_str());
        let help = match nearest(id, ids()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("`plan info {}` lists the ids", self.text.name),
        };
        let message = format!("no component of `{}` has the id `{id}`", self.text.name);
        let finding = Finding::error(Rule::UnknownId, message).help(help);
        self.at_one(finding, "/components")
    }

    /// A finding about a place in this plan.
    pub fn at_one(&self, finding: Finding, pointer: &str) -> Finding {
        let mut findings = self.at(vec![(finding, pointer.to_string())]);
        findings.pop().expect("one was given")
    }

    /// Gives findings that have pointers their places in the text as the user wrote it.
    fn place(&self, findings: &mut [Finding]) {
        let pointers: Vec<String> = findings.iter().filter_map(|f| f.pointer.clone()).collect();
        let places = plan::places(&self.text.bytes, &pointers).unwrap_or_default();
        let mut places = places.into_iter();
        for finding in findings.iter_mut().filter(|f| f.pointer.is_some()) {
            finding.position = places.next().map(convert::position);
        }
    }

    /// What it says, without looking at any blob.
    pub fn summary(&self) -> Result<Summary, Failure> {
        self.check(plan::summarize(self.bytes()))
    }
}
