//! `--watch`: which files a command depends on. The host does it again when one changes.

use crate::answer::Failure;
use crate::bindings::sys::compose::plan::Component;
use crate::bindings::sys::compose::watch;
use crate::input::is_stdin;
use crate::invocation::Invocation;
use crate::paths;
use crate::plan_file::PlanFile;
use crate::{files, route, sources};

/// Whether what the plan's files hold now is to be used, whatever the plan is locked to.
pub fn is_on(invocation: &Invocation) -> bool {
    invocation.has("watch")
}

/// Tells the files that the command line names, before they are read.
pub fn named(invocation: &Invocation) -> Result<(), Failure> {
    if !is_on(invocation) {
        return Ok(());
    }
    if invocation.has("locked") {
        let message = "`--watch` takes what files hold now, and `--locked` what the plan says";
        return Err(invocation.misuse(message));
    }
    if invocation.has("save") {
        return Err(invocation.misuse("`--save` writes once, and `--watch` goes on"));
    }
    if route::plans(invocation).any(is_stdin) {
        return Err(invocation.misuse("`--watch` needs a file, and stdin is not one"));
    }
    let named = route::plans(invocation).chain(invocation.value("policy"));
    let named: Vec<String> = named.map(str::to_string).collect();
    Ok(watch::files(&named)?)
}

/// Tells the sources of a plan, before they are read; the components whose sources are
/// there forget their digests, to be locked to what those hold now.
pub fn sources(
    invocation: &Invocation,
    plan: &PlanFile,
    components: &mut [Component],
) -> Result<(), Failure> {
    if !is_on(invocation) {
        return Ok(());
    }
    let mut watched = Vec::new();
    for component in components {
        let source = component.source.as_deref();
        let path = source.and_then(|source| sources::path(source, &plan.folder).ok());
        let Some(path) = path else { continue };
        if paths::follow(&path).is_ok_and(|place| files::exists(&place)) {
            component.digest = None;
        }
        watched.push(path);
    }
    Ok(watch::files(&watched)?)
}
