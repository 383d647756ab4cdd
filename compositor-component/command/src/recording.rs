//! `--events`: where what happens is written, from when all is known that the
//! command reads and writes beside it.

use compositor_diagnostic::Rule;
use wasip2::filesystem::types::{ErrorCode as FileError, PathFlags};

use crate::answer::{Answer, Failure};
use crate::bindings::sys::compose::events;
use crate::bindings::sys::compose::plan::Component;
use crate::bindings::sys::compose::types::ErrorCode;
use crate::finding::Finding;
use crate::inputs::Inputs;
use crate::invocation::{Invocation, Recording};
use crate::output::Output;
use crate::plan_file::PlanFile;
use crate::write::{self, Durability};
use crate::{files, json, paths, stdio};

/// Has events appended to the file that `--events` names, which a host opens. What happened before is written as well.
///
/// # Errors
/// When the command reads or writes that file, or it belongs to the store.
pub fn begin(invocation: &Invocation, inputs: &Inputs) -> Result<(), Failure> {
    let (Some(target), Recording::NotYet) =
        (invocation.value("events"), invocation.recording.get())
    else {
        return Ok(());
    };
    let mut path = target.to_string();
    if target != "-" {
        inputs.spare(invocation, &Output::File(target.to_string()))?;
        // A host may take `..` behind a link to be another folder: it is given the path
        // that was looked at.
        let place = paths::resolve(target)?;
        path = paths::join(place.folder_name, &place.path);
        // It may also follow a link where nobody could look. Those of devices are the
        // system's, and lead to no file of the command's.
        let seen = files::look(&place, PathFlags::SYMLINK_FOLLOW);
        if seen == Err(FileError::NotPermitted) && !path.starts_with("/dev/") {
            return Err(leads_away(target));
        }
    }
    invocation.recording.set(match events::record(&path) {
        Ok(()) => Recording::AsItHappens,
        Err(error) if matches!(error.code, ErrorCode::NotImplemented) => Recording::AtTheEnd,
        Err(error) => return Err(error.into()),
    });
    Ok(())
}

fn leads_away(path: &str) -> Failure {
    let message = format!(
        "cannot write `{path}`: a link on the way leads out of the opened folder, or to an \
         absolute path"
    );
    Finding::error(Rule::PathNotOpened, message)
        .help("name the file that it leads to; `--events -` writes to stdout")
        .into()
}

/// Begins for a command that reads a plan, whose sources are read as well.
///
/// # Errors
/// As those of [`begin`].
pub fn begin_with_plan(
    invocation: &Invocation,
    plan: &PlanFile,
    components: &[Component],
) -> Result<(), Failure> {
    begin_with_plans(invocation, &[(plan, components)])
}

/// Begins for a command that reads several plans, each with its components.
///
/// # Errors
/// As those of [`begin`].
pub fn begin_with_plans(
    invocation: &Invocation,
    plans: &[(&PlanFile, &[Component])],
) -> Result<(), Failure> {
    if invocation.has("events") {
        let mut inputs = Inputs::named(invocation);
        for (plan, components) in plans {
            inputs.sources(plan, components);
        }
        begin(invocation, &inputs)?;
    }
    Ok(())
}

/// Writes the events of a command that has ended, where its host did not write them
/// as they happened. A command that failed before it knew what it reads leaves the
/// file as it was.
///
/// # Errors
/// The command's own; or when the file cannot be written.
pub fn end(invocation: &Invocation, result: Result<Answer, Failure>) -> Result<Answer, Failure> {
    if result.is_ok() {
        begin(invocation, &Inputs::named(invocation))?;
    }
    let (Some(target), Recording::AtTheEnd) =
        (invocation.value("events"), invocation.recording.get())
    else {
        return result;
    };
    let lines: String = events::drain().iter().map(json::event).collect();
    let written = match target {
        "-" => stdio::out(lines.as_bytes()).map(drop),
        path => append(path, lines.as_bytes()),
    };
    result.and_then(|answer| written.map(|()| answer))
}

/// Appends to a file, or makes it.
fn append(path: &str, bytes: &[u8]) -> Result<(), Failure> {
    let is_there = paths::resolve(path).is_ok_and(|place| files::exists(&place));
    let mut before = is_there.then(|| files::open(path)).transpose()?;
    write::file(path, Durability::Derived, |file| {
        while let Some(before) = &mut before {
            let part = before.read(files::PART)?;
            if part.is_empty() {
                break;
            }
            file.write(&part)?;
        }
        file.write(bytes)
    })
    .map(drop)
}
