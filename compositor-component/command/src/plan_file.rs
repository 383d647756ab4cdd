//! A plan as it was read, and the core's answers about it.

use std::rc::Rc;

use crate::answer::Failure;
use crate::bindings::sys::compose::diagnostics::Diagnostic;
use crate::bindings::sys::compose::plan::{self, Summary};
use crate::bindings::sys::compose::types::ErrorCode;
use crate::finding::Finding;
use crate::{files, paths, pointer, stdio};

/// What a plan may have at most, so that a wrong file is not read whole.
const PLAN_BYTES: u64 = 16 << 20;

/// A plan's text under the name that the user knows it by.
#[derive(Debug)]
pub struct PlanText {
    /// The path, or `<stdin>`.
    pub name: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// A plan that was read.
#[derive(Clone)]
pub struct PlanFile {
    /// What the user wrote.
    pub text: Rc<PlanText>,
    /// What the core is given: the text, or that with digests set.
    pub bytes: Vec<u8>,
    /// Where its sources are looked for.
    pub folder: String,
}

/// Reads a plan; `-` is stdin.
pub fn read(path: &str) -> Result<PlanFile, Failure> {
    let (name, folder, bytes) = match path {
        "-" => ("<stdin>", ".", read_stdin()?),
        path => (
            path,
            paths::parent(path),
            files::open(path)?.read_all(PLAN_BYTES)?,
        ),
    };
    let Some(bytes) = bytes else {
        return Err(Finding::error(
            ErrorCode::InvalidInput,
            format!("`{name}` is too large to be a plan"),
        )
        .expected(format!("at most {PLAN_BYTES} bytes"))
        .help("name the plan's file, not a component or an artifact")
        .into());
    };
    let text = Rc::new(PlanText {
        name: name.to_string(),
        bytes: bytes.clone(),
    });
    Ok(PlanFile {
        text,
        bytes,
        folder: folder.to_string(),
    })
}

impl PlanFile {
    /// The core's findings, which point into this plan.
    pub fn findings(&self, mut diagnostics: Vec<Diagnostic>) -> Vec<Finding> {
        if self.bytes != self.text.bytes {
            // The user knows the text, not what locking made of it.
            let text = std::str::from_utf8(&self.text.bytes).unwrap_or_default();
            pointer::place(text, &mut diagnostics);
        }
        let plan = || Some(Rc::clone(&self.text));
        diagnostics
            .into_iter()
            .map(|diagnostic| Finding::of_plan(diagnostic, plan()))
            .collect()
    }

    /// The core's answer, or a failure that points into this plan.
    pub fn check<T>(&self, result: Result<T, Vec<Diagnostic>>) -> Result<T, Failure> {
        result.map_err(|diagnostics| Failure::of(self.findings(diagnostics)))
    }

    /// A finding about a place in this plan.
    pub fn at(&self, mut finding: Finding, pointer: String) -> Finding {
        let text = std::str::from_utf8(&self.text.bytes).unwrap_or_default();
        finding.position = pointer::position(text, &pointer);
        finding.pointer = Some(pointer);
        finding.plan = Some(Rc::clone(&self.text));
        finding
    }

    /// A finding about a component of this plan; `rest` is the pointer from
    /// there.
    pub fn at_component(&self, finding: Finding, id: &str, rest: &str) -> Finding {
        let text = std::str::from_utf8(&self.text.bytes).unwrap_or_default();
        match pointer::of_component(text, id) {
            Some(pointer) => self.at(finding, pointer + rest),
            None => self.at(finding, "/components".to_string()),
        }
    }

    /// What it says, without looking at any blob.
    pub fn summary(&self) -> Result<Summary, Failure> {
        self.check(plan::summarize(&self.bytes))
    }
}

fn read_stdin() -> Result<Option<Vec<u8>>, Failure> {
    let stdin = stdio::Stdin::open();
    let mut bytes = Vec::new();
    loop {
        let part = stdin.read(files::PART)?;
        if part.is_empty() {
            return Ok(Some(bytes));
        }
        bytes.extend_from_slice(&part);
        if bytes.len() as u64 > PLAN_BYTES {
            return Ok(None);
        }
    }
}
