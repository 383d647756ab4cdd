//! Results that are recorded under their exec key, and reused.
//!
//! Only of what depends on nothing else: static plans whose determinism is
//! `strict`, without folders, that get nothing of the host but what is in the
//! key. A recorded run has no stdin. Trust is looked at each time, before.

use crate::policy::reads_host;
use crate::run_options::Options;
use compositor_diagnostic::{Diagnostic, Digest, Error, Rule};
use compositor_host::records::{read_record, write_record};
use compositor_host::{Host, Output};
use compositor_plan::{Decided, Plan};

/// Bytes of a result that is recorded: what hosts keep of one record.
const RESULT_BYTES: usize = 64 << 20;

/// Refuses what depends on more than its exec key.
pub fn check(plan: &Plan, options: &Options, decided: &[Decided]) -> Result<(), Diagnostic> {
    let why = if !plan.is_strict() {
        "the plan's determinism is not \"strict\"".to_string()
    } else if plan.linkage.resolves() {
        "the plan is linked at run time".to_string()
    } else if !options.folders.is_empty() {
        "it is given folders".to_string()
    } else if let Some(decided) = reads_host(decided) {
        format!("it is granted import {:?}", decided.import)
    } else {
        return Ok(());
    };
    let message = format!("the result cannot be reused: {why}");
    let help = "run it without reusing results";
    Err(Diagnostic::error(Rule::NotReusable, message, help))
}

/// The result that this user recorded under a key, or what `run` gives, which is then
/// recorded unless it is too large: an answer and what was written.
pub fn reuse(
    key: &Digest,
    host: Host<'_>,
    run: impl FnOnce() -> Result<(Vec<u8>, Output), Error>,
) -> Result<(Vec<u8>, Output), Error> {
    let slot = Digest::of_domain("result:v1", key.as_bytes());
    let recorded = read_record(host.blobs, &slot, RESULT_BYTES);
    let fields = [("exec_key", key.to_string())];
    if let Some(result) = recorded.and_then(|bytes| read(&bytes)) {
        host.events.emit("result.reused", &fields);
        return Ok(result);
    }
    let (answer, output) = run()?;
    let mut bytes = Vec::new();
    for part in [&answer, &output.stdout, &output.stderr] {
        bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
        bytes.extend_from_slice(part);
    }
    if bytes.len() <= RESULT_BYTES {
        write_record(host.blobs, &slot, &bytes);
        host.events.emit("result.recorded", &fields);
    }
    Ok((answer, output))
}

fn read(mut bytes: &[u8]) -> Option<(Vec<u8>, Output)> {
    let mut part = || {
        let (length, rest) = bytes.split_first_chunk()?;
        let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
        let (part, rest) = rest.split_at_checked(length)?;
        bytes = rest;
        Some(part.to_vec())
    };
    let (answer, stdout, stderr) = (part()?, part()?, part()?);
    bytes
        .is_empty()
        .then_some((answer, Output { stdout, stderr }))
}
