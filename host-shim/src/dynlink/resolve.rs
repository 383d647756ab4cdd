//! What a guest asks for: a program of its plan, by an id or a digest.

use std::time::Instant;

use composectl_runtime::{Exceeded, Guest};
use wasmtime::component::Resource;

use super::instance::{Instance, instantiate};
use crate::bindings::sys::compose::runner::{Configuration, Grants, Part, Program};
use crate::error::{Error, ErrorCode, code_name, error};
use crate::guest::Member;
use crate::load::no_endpoint;
use crate::program::id_of;

/// How many may resolve each other, one from the other: each is on the stack
/// of the one before.
const DEPTH: usize = 32;

/// Resolves a program of the plan, whose first part is the one that is wanted.
pub async fn resolve(
    guest: &mut Guest,
    wanted: &str,
    is_wanted: impl Fn(&Part) -> bool,
) -> Result<Resource<Instance>, Error> {
    let started = Instant::now();
    let member = guest.data::<Member>();
    let session = member.session.clone();
    let from = member.chain.last().cloned().unwrap_or_default();
    let resolved = match look_up(member, wanted, is_wanted) {
        Ok((program, chain)) => instantiate(session.clone(), program, chain).await,
        Err(error) => Err(error),
    };
    let resolved = resolved.and_then(|(instance, digest)| {
        let id = instance.id.clone();
        let full = |_| {
            let message = Exceeded::Handles.to_string();
            error(ErrorCode::ExecResourceExhausted, message)
        };
        Ok((id, digest, guest.table.push(instance).map_err(full)?))
    });
    let events = &session.run.events;
    match resolved {
        Ok((id, digest, handle)) => {
            let duration = started.elapsed().as_micros().to_string();
            let fields = [
                ("id", id),
                ("digest", digest),
                ("from", from),
                ("duration_us", duration),
            ];
            events.emit("link.resolved", &fields);
            Ok(handle)
        }
        Err(error) => {
            let fields = [
                ("id", wanted.to_string()),
                ("from", from),
                ("code", code_name(error.code)),
            ];
            events.emit("link.refused", &fields);
            Err(error)
        }
    }
}

/// A program of the plan, and the ids that lead to it.
fn look_up(
    member: &Member,
    wanted: &str,
    is_wanted: impl Fn(&Part) -> bool,
) -> Result<(Program, Vec<String>), Error> {
    if !is_granted(member, Grants::RESOLVE) {
        return Err(denied("dynlink:resolve"));
    }
    let Configuration {
        links, uncallable, ..
    } = &member.session.run.configuration;
    let mut found = links
        .iter()
        .filter(|program| program.parts.first().is_some_and(&is_wanted));
    let Some(program) = found.next() else {
        if let Some(part) = uncallable.iter().find(|part| is_wanted(part)) {
            return Err(no_endpoint(&part.id));
        }
        let message = match links.is_empty() {
            true => format!("`{wanted}`: the plan's linkage is not \"runtime\""),
            false => format!("the plan has no component `{wanted}`"),
        };
        return Err(error(ErrorCode::InvalidInput, message));
    };
    let is_other =
        |other: &Program| other.artifact != program.artifact || other.grants != program.grants;
    if found.any(is_other) {
        let message = format!(
            "`{wanted}` is of several programs, which are bound or granted differently: resolve it by an id"
        );
        return Err(error(ErrorCode::InvalidInput, message));
    }
    let id = id_of(program);
    let mut chain = member.chain.clone();
    let is_cycle = chain.contains(&id);
    chain.push(id);
    let shown = || chain.join(" → ");
    if is_cycle {
        let message = format!("`{wanted}` needs itself: {}", shown());
        return Err(error(ErrorCode::PlanCycleDetected, message));
    }
    if chain.len() > DEPTH {
        let message = format!("more than {DEPTH} resolve each other: {}", shown());
        return Err(error(ErrorCode::ExecResourceExhausted, message));
    }
    Ok((program.clone(), chain))
}

/// Whether a guest's program is granted something.
pub fn is_granted(member: &Member, capability: Grants) -> bool {
    member.grants.contains(capability)
}

/// A capability that a guest asks for and was not granted.
pub fn denied(capability: &str) -> Error {
    let message =
        format!("`{capability}` is not granted: name it in the plan's capabilities, or allow it");
    Error {
        context: Some(capability.to_string()),
        ..error(ErrorCode::ExecCapabilityDenied, message)
    }
}
