//! `exec run`, `exec invoke`, `exec serve`, `exec list`, `exec describe`.

use compositor_diagnostic::suggest::nearest;
use compositor_diagnostic::{Code, Rule, Severity};
use serde_json::{Value, json};

use crate::answer::{Answer, Failure};
use crate::bindings::sys::compose::exec::{self, Exported, Options};
use crate::bindings::sys::compose::runner::{Folder, Output, Server, Tls};
use crate::finding::Finding;
use crate::input::{Input, is_stdin};
use crate::invocation::{Format, Invocation};
use crate::plan_file::PlanFile;
use crate::{escape, grants, guess, lock, plan_file, stdio, store, trust, watch, wave, wave_json};

/// Runs the artifact; the exit status is the guest's, and so is stdout, where it is not
/// the object's for programs.
pub fn run(invocation: &Invocation) -> Result<Answer, Failure> {
    run_guest(invocation).map_err(with_status)
}

/// Exit statuses of `exec run` and `exec invoke` beside the guest's own, as `timeout`, `docker run` and
/// shells have them: what is ours is not to look like a guest's.
mod statuses {
    /// It ran for too long.
    pub const TIME: u8 = 124;
    /// The guest was not run, or could not be run to its end, for a reason of ours.
    pub const OURS: u8 = 125;
    /// It called what is denied to it.
    pub const DENIED: u8 = 126;
    /// It trapped.
    pub const TRAP: u8 = 134;
    /// It took more of something than a limit allows.
    pub const LIMIT: u8 = 137;
}

/// A failure with the status that says whose it is. A command line that is
/// wrong is known before anything is run.
fn with_status(failure: Failure) -> Failure {
    let is_error = |finding: &&Finding| matches!(finding.severity, Severity::Error);
    let status = match failure
        .findings
        .iter()
        .find(is_error)
        .map(|first| first.code)
    {
        _ if failure.usage.is_some() => failure.status,
        Some(Code::ExecTrap) => statuses::TRAP,
        Some(Code::ExecTimeout) => statuses::TIME,
        Some(Code::ExecResourceExhausted) => statuses::LIMIT,
        Some(Code::ExecCapabilityDenied) => statuses::DENIED,
        _ => statuses::OURS,
    };
    Failure { status, ..failure }
}

fn run_guest(invocation: &Invocation) -> Result<Answer, Failure> {
    let mut options = options(invocation)?;
    let mut plan = ready(invocation)?;
    plan.warn(invocation.verbosity());
    // The root's id, so that a run does not depend on where the plan lies.
    options.arguments = vec![plan.summary()?.root];
    options.arguments.extend_from_slice(&invocation.rest);
    let ran = plan
        .check(exec::run(plan.bytes(), &options))
        .map_err(|failure| trust::hinted(invocation, failure))?;
    written(invocation, &ran.output)?;
    let answer = Answer {
        // The host passes eight bits on; a status that they cannot carry
        // must not turn into success.
        status: u8::try_from(ran.status).unwrap_or(u8::MAX),
        stdout_taken: invocation.format == Format::Text,
        findings: plan.findings(ran.findings),
        ..Answer::default()
    };
    Ok(answer
        .field("ok", ran.status == 0)
        .field("status", ran.status))
}

/// Calls an export; for programs the result is in WAVE and in JSON.
pub fn invoke(invocation: &Invocation) -> Result<Answer, Failure> {
    invoke_guest(invocation).map_err(with_status)
}

fn invoke_guest(invocation: &Invocation) -> Result<Answer, Failure> {
    let options = options(invocation)?;
    let call = call(invocation)?;
    let plan = ready(invocation)?;
    let returned = plan
        .check(exec::invoke(plan.bytes(), &call, &options))
        .map_err(|failure| trust::hinted(invocation, failure))?;
    written(invocation, &returned.output)?;
    let result = returned.value;
    let value = wave_json::value(&result);
    let answer = Answer::text(format!("{}\n", escape::block(&result, "")))
        .field("result", result)
        .findings(plan.findings(returned.findings));
    Ok(match value {
        Some(value) => answer.field("value", value),
        None => answer,
    })
}

/// Reads the plan that is to run, and trusts for this run what `--trust` says.
fn ready(invocation: &Invocation) -> Result<PlanFile, Failure> {
    watch::named(invocation)?;
    let mut plan = read(invocation)?;
    store::open_to_write(invocation)?;
    if invocation.has("trust") {
        trust::assume(&mut plan)?;
    }
    Ok(plan)
}

/// Reads a plan, or makes one of a component: nothing that an artifact says of its making
/// is believed, so it is a component like another.
fn read(invocation: &Invocation) -> Result<PlanFile, Failure> {
    let path = &invocation.arguments[0];
    let mut input = Input::open(path)?;
    match (input.is_wasm()?, is_stdin(path)) {
        (true, true) => return Err(plan_file::no_plan(&input, path)),
        (true, false) => return guess::of_component(invocation, path),
        _ => {}
    }
    if invocation.has("save") {
        let message = "`--save` writes a plan for a component, and this is a plan already";
        return Err(invocation.misuse(message));
    }
    lock::complete(invocation, plan_file::read_input(input)?)
}

/// Writes what the guest wrote, where the host kept it.
fn written(invocation: &Invocation, output: &Output) -> Result<(), Failure> {
    stdio::err_bytes(&output.stderr);
    match invocation.format {
        Format::Text => stdio::out(&output.stdout).map(drop),
        Format::Json => {
            stdio::err_bytes(&output.stdout);
            Ok(())
        }
    }
}

/// The call in WAVE: as it was given, or made of an export and JSON.
fn call(invocation: &Invocation) -> Result<String, Failure> {
    let (export, arguments) = (&invocation.arguments[1], &invocation.arguments[2..]);
    match (export.contains('('), arguments) {
        (true, []) => Ok(export.clone()),
        (true, [extra, ..]) => Err(invocation.misuse(format!(
            "`{export}` has its arguments already; `{extra}` is one too many"
        ))),
        (false, arguments) => {
            wave::call(export, arguments).map_err(|message| invocation.misuse(message))
        }
    }
}

/// Serves HTTP until the host is told to stop.
pub fn serve(invocation: &Invocation) -> Result<Answer, Failure> {
    let options = options(invocation)?;
    let Some(address) = invocation.value("addr") else {
        return Err(invocation.misuse("`exec serve` needs `--addr HOST:PORT`"));
    };
    let server = Server {
        address: address.to_string(),
        tls: tls(invocation)?,
        health: health(invocation)?,
        access_log: invocation.has("access-log"),
    };
    let mut plan = ready(invocation)?;
    plan.warn(invocation.verbosity());
    let warnings = plan
        .check(exec::serve(plan.bytes(), &server, &options))
        .map_err(|failure| trust::hinted(invocation, failure))?;
    Ok(Answer::default().findings(plan.findings(warnings)))
}

/// The files of `--tls-cert` and `--tls-key`.
fn tls(invocation: &Invocation) -> Result<Option<Tls>, Failure> {
    match (invocation.value("tls-cert"), invocation.value("tls-key")) {
        (None, None) => Ok(None),
        (Some(certificate), Some(key)) => Ok(Some(Tls {
            certificate: certificate.to_string(),
            key: key.to_string(),
        })),
        _ => Err(invocation.misuse("`--tls-cert` and `--tls-key` go together")),
    }
}

/// The path of `--health`.
fn health(invocation: &Invocation) -> Result<Option<String>, Failure> {
    match invocation.value("health") {
        Some(path) if !path.starts_with('/') => Err(invocation.misuse(format!(
            "`--health {path}` is not `--health PATH` with a path such as /healthz"
        ))),
        path => Ok(path.map(str::to_string)),
    }
}

/// Lists the exports.
pub fn list(invocation: &Invocation) -> Result<Answer, Failure> {
    let (exports, findings) = exports(invocation)?;
    let names: String = exports
        .iter()
        .map(|export| escape::line(&export.name) + "\n")
        .collect();
    let exports: Vec<Value> = exports
        .iter()
        .map(|export| json!({ "name": export.name, "wit": export.wit }))
        .collect();
    Ok(Answer::text(names)
        .field("exports", exports)
        .findings(findings))
}

/// Prints the WIT of an export.
pub fn describe(invocation: &Invocation) -> Result<Answer, Failure> {
    let (exports, findings) = exports(invocation)?;
    let wanted = &invocation.arguments[1];
    match exports.iter().find(|export| export.name == *wanted) {
        Some(Exported { name, wit }) => {
            let answer = Answer::text(format!("{}\n", escape::block(wit, "")));
            let answer = answer.field("name", name.as_str());
            Ok(answer.field("wit", wit.as_str()).findings(findings))
        }
        None => {
            let names = || exports.iter().map(|export| export.name.as_str());
            let help = match nearest(wanted, names()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "`exec list PLAN` shows the exports".to_string(),
            };
            Err(Finding::error(
                Rule::MissingExport,
                format!("the artifact does not export `{wanted}`"),
            )
            .found(names().collect::<Vec<_>>().join(", "))
            .help(help)
            .into())
        }
    }
}

/// The exports with their WIT, and what is to be said of the plan.
fn exports(invocation: &Invocation) -> Result<(Vec<Exported>, Vec<Finding>), Failure> {
    let policy = grants::policy(invocation)?;
    let plan = read(invocation)?;
    store::open_to_write(invocation)?;
    let exports = plan.check(exec::list(plan.bytes(), &policy))?;
    Ok((exports, plan.findings(Vec::new())))
}

fn options(invocation: &Invocation) -> Result<Options, Failure> {
    let environment = invocation
        .values("env")
        .map(|variable| match variable.split_once('=') {
            Some((name, value)) if !name.is_empty() => Ok((name.to_string(), value.to_string())),
            _ => Err(invocation.misuse(format!("`--env {variable}` is not `--env NAME=VALUE`"))),
        })
        .collect::<Result<_, _>>()?;
    let folders = invocation
        .values("dir")
        .map(|folder| {
            folder_of(folder).ok_or_else(|| {
                invocation.misuse(format!(
                    "`--dir {folder}` is not `--dir HOST[::GUEST][:ro]`"
                ))
            })
        })
        .collect::<Result<_, _>>()?;
    Ok(Options {
        arguments: Vec::new(),
        environment,
        folders,
        policy: grants::policy(invocation)?,
        limits: invocation
            .values("limit")
            .map(|limit| {
                limit_of(limit).ok_or_else(|| {
                    invocation.misuse(format!(
                        "`--limit {limit}` is not `--limit NAME=VALUE` with a whole number, \
                         as in `cpu-ms=500` or `memory-bytes=64MiB`"
                    ))
                })
            })
            .collect::<Result<_, _>>()?,
        reuse: invocation.has("reuse"),
        redirect: invocation.format == Format::Json,
    })
}

/// Reads `NAME=VALUE`; the value may end with `KiB`, `MiB` or `GiB`.
fn limit_of(text: &str) -> Option<(String, u64)> {
    let (name, value) = text.split_once('=')?;
    let units = [("KiB", 10), ("MiB", 20), ("GiB", 30)];
    let unit = units
        .iter()
        .find_map(|(unit, shift)| Some((value.strip_suffix(unit)?, *shift)));
    let (digits, shift) = unit.unwrap_or((value, 0));
    // `parse` would take a sign.
    let value = match digits.bytes().all(|digit| digit.is_ascii_digit()) {
        true => digits.parse::<u64>().ok()?.checked_mul(1 << shift)?,
        false => return None,
    };
    Some((name.to_string(), value))
}

/// Reads `HOST[::GUEST][:ro]`.
fn folder_of(text: &str) -> Option<Folder> {
    let (text, read_only) = match text.strip_suffix(":ro") {
        Some(text) => (text, true),
        None => (text, false),
    };
    let (host, guest) = text.split_once("::").unwrap_or((text, text));
    let is_whole = !host.is_empty() && !guest.is_empty();
    is_whole.then(|| Folder {
        host: host.to_string(),
        guest: guest.to_string(),
        read_only,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits() {
        let limit = |name: &str, value| Some((name.to_string(), value));
        assert_eq!(limit_of("cpu-ms=20"), limit("cpu-ms", 20));
        assert_eq!(
            limit_of("memory-bytes=2MiB"),
            limit("memory-bytes", 2 << 20)
        );
        for wrong in ["cpu-ms", "cpu-ms=", "cpu-ms=-1", "cpu-ms=+1", "cpu-ms=1k"] {
            assert_eq!(limit_of(wrong), None, "{wrong}");
        }
        assert_eq!(limit_of("memory-bytes=99999999999GiB"), None);
    }

    #[test]
    fn folders() {
        let read = |text| folder_of(text).map(|f| (f.host, f.guest, f.read_only));
        let folder = |host: &str, guest: &str, ro| Some((host.to_string(), guest.to_string(), ro));
        assert_eq!(read("a"), folder("a", "a", false));
        assert_eq!(read("a::/b:ro"), folder("a", "/b", true));
        assert_eq!(read("a:ro"), folder("a", "a", true));
        assert_eq!(read("::b"), None);
        assert_eq!(read(":ro"), None);
    }
}
