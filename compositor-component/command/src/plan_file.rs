//! A plan as it was read, and the core's answers about it.

use std::rc::Rc;

use compositor_diagnostic::Rule;

use crate::answer::Failure;
use crate::bindings::sys::compose::diagnostics::Diagnostic;
use crate::bindings::sys::compose::plan::{self, Summary};
use crate::finding::Finding;
use crate::input::Input;
use crate::pointer::Places;
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
            let mut places = self.places();
            for finding in &mut findings {
                if let Some(pointer) = &finding.pointer {
                    finding.position = places.position(pointer);
                }
            }
        }
        findings
    }

    /// The core's answer, or a failure that points into this plan.
    pub fn check<T>(&self, result: Result<T, Vec<Diagnostic>>) -> Result<T, Failure> {
        result.map_err(|diagnostics| Failure::of(self.findings(diagnostics)))
    }

    /// A finding about a place in this plan.
    pub fn at(&self, finding: Finding, pointer: String) -> Finding {
        self.place(&mut self.places(), finding, pointer)
    }

    /// Findings about components of this plan: each with the component's id,
    /// and the pointer from there.
    pub fn at_components(&self, findings: Vec<(Finding, &str, &str)>) -> Vec<Finding> {
        let mut places = self.places();
        findings
            .into_iter()
            .map(|(finding, id, rest)| {
                let pointer = match places.component(id) {
                    Some(index) => format!("/components/{index}{rest}"),
                    None => "/components".to_string(),
                };
                self.place(&mut places, finding, pointer)
            })
            .collect()
    }

    fn places(&self) -> Places<'_> {
        Places::new(std::str::from_utf8(&self.text.bytes).unwrap_or_default())
    }

    fn place(&self, places: &mut Places<'_>, mut finding: Finding, pointer: String) -> Finding {
        finding.position = places.position(&pointer);
        finding.pointer = Some(pointer);
        finding.text = Some(Rc::clone(&self.text));
        finding
    }

    /// What it says, without looking at any blob.
    pub fn summary(&self) -> Result<Summary, Failure> {
        self.check(plan::summarize(self.bytes()))
    }
}
