//! What a command reads, so that what it writes does not take its place.

use compositor_diagnostic::Rule;

use crate::answer::Failure;
use crate::bindings::sys::compose::plan::Component;
use crate::finding::Finding;
use crate::input::is_stdin;
use crate::invocation::Invocation;
use crate::output::Output;
use crate::own::{self, Own};
use crate::plan_file::PlanFile;
use crate::{grants, paths, route, sources};

/// Files that a command reads, each with what it is to it, and those that it writes,
/// where something else is to be written as well.
#[derive(Default)]
pub struct Inputs {
    read: Vec<(String, String)>,
    written: Vec<String>,
}

impl Inputs {
    /// Those of the command line: the policy's file, and the target's.
    pub fn of(invocation: &Invocation) -> Self {
        let mut inputs = Self::default();
        inputs.extend(invocation.value("policy").map(|path| ("the policy", path)));
        inputs.extend(grants::target_files(invocation).map(|path| ("the target's WIT", path)));
        inputs
    }

    /// Those of the command line, with its operands, its plan and its outputs.
    pub fn named(invocation: &Invocation) -> Self {
        let mut inputs = Self::of(invocation);
        let plans = route::plans(invocation);
        inputs.extend(plans.map(|path| ("an operand of the command", path)));
        inputs.extend(invocation.value("plan").map(|path| ("the plan", path)));
        for output in ["output", "save"] {
            let path = invocation.value(output).filter(|path| *path != "-");
            inputs.written.extend(path.map(str::to_string));
        }
        inputs
    }

    /// Adds where a result is written.
    pub fn writes(&mut self, output: &Output) {
        if let Output::File(path) | Output::InPlace(path) = output {
            self.written.push(path.clone());
        }
    }

    /// Adds files, each with what it is.
    pub fn extend<'a>(&mut self, files: impl IntoIterator<Item = (&'a str, &'a str)>) {
        let files = files.into_iter().filter(|(_, path)| !is_stdin(path));
        self.read
            .extend(files.map(|(what, path)| (what.to_string(), path.to_string())));
    }

    /// Adds the sources of a plan's components.
    pub fn sources(&mut self, plan: &PlanFile, components: &[Component]) {
        for component in components {
            // What is no file is in nobody's way.
            let path = component.source.as_ref();
            let path = path.and_then(|source| sources::path(source, &plan.folder).ok());
            let what = format!("the source of component `{}`", component.id);
            self.read.extend(path.map(|path| (what, path)));
        }
    }

    /// Refuses an output that would replace one of them, or what belongs to the
    /// store or to the user's state.
    pub fn spare(&self, invocation: &Invocation, output: &Output) -> Result<(), Failure> {
        let (Output::File(path) | Output::InPlace(path)) = output else {
            return Ok(());
        };
        let place = paths::resolve(path)?;
        if Own::of(invocation).holds(&place) {
            return Err(refused(
                path,
                "it belongs to the store or to your state folder",
            ));
        }
        let output = own::known(place);
        let is_same =
            |other: &str| paths::resolve(other).is_ok_and(|other| own::known(other) == output);
        if let Some((what, _)) = self.read.iter().find(|(_, input)| is_same(input)) {
            return Err(refused(path, &format!("it is {what}, which is read")));
        }
        match self.written.iter().any(|written| is_same(written)) {
            true => Err(refused(path, "the result is written there")),
            false => Ok(()),
        }
    }
}

fn refused(path: &str, why: &str) -> Failure {
    Finding::error(Rule::RefusedOutput, format!("cannot write `{path}`: {why}"))
        .help("name another file")
        .into()
}
