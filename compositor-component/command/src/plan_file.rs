//! A plan as it was read, and the core's answers about it.

use std::rc::Rc;

use compositor_diagnostic::Rule;

use crate::answer::Failure;
use crate::bindings::sys::compose::diagnostics::Diagnostic;
use crate::bindings::sys::compose::plan::{self, Summary};
use crate::convert;
use crate::finding::Finding;
use crate::input::Input;
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
}

/// Reads a plan; `-` is stdin.
pub fn read(path: &str) -> Result<PlanFile, Failure> {
    let mut input = Input::open(path)?;
    if input.is_wasm()? {
        let help = match path {
            "-" => "`plan info -` says what it was made of".to_string(),
            path => format!(
                "`plan new {path} --dir DIR` writes one; `plan info {path}` says what it was made of"
            ),
        };
        let message = format!("`{}` is a WebAssembly file, not a plan", input.name);
        return Err(Finding::error(Rule::NotAPlan, message).help(help).into());
    }
    read_input(input)
}

/// Reads a plan from what may have been looked at.
pub fn read_input(mut input: Input) -> Result<PlanFile, Failure> {
    let text = input.text("a plan")?;
    Ok(PlanFile {
        text: Rc::new(text),
        changed: None,
        folder: input.folder,
    })
}

impl PlanFile {
    /// What the core is given.
    pub fn bytes(&self) -> &[u8] {
        self.changed.as_ref().unwrap_or(&self.text.bytes)
    }

    /// The core's findings, which point into this plan.
    pub fn findings(&self, diagnostics: Vec<Diagnostic>) -> Vec<Finding> {
        let plan = || Some(Rc::clone(&self.text));
        let findings = diagnostics.into_iter();
        let findings = findings.map(|diagnostic| Finding::of_plan(diagnostic, plan()));
        let mut findings: Vec<Finding> = findings.collect();
        if self.changed.is_some() {
            // The user knows the text, not what locking made of it.
            self.place(&mut findings);
        }
        findings
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
