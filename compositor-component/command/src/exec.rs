//! `exec run`, `exec invoke`, `exec serve`, `exec list`, `exec describe`.

use serde_json::{Value, json};

use crate::answer::{Answer, Failure};
use crate::args::Invocation;
use crate::bindings::sys::compose::exec::{self, Options};
use crate::bindings::sys::compose::runner::Folder;
use crate::bindings::sys::compose::types::ErrorCode;
use crate::finding::Finding;
use crate::suggest::closest;
use crate::{escape, lock, store, wave};

/// Runs the artifact; the exit status is the guest's, and so is stdout.
pub fn run(invocation: &Invocation) -> Result<Answer, Failure> {
    let mut options = options(invocation)?;
    let plan = lock::read(invocation, &invocation.arguments[0])?;
    store::open_to_write(invocation)?;
    // The root's id, so that a run does not depend on where the plan lies.
    options.arguments = vec![plan.summary()?.root];
    options.arguments.extend_from_slice(&invocation.rest);
    let status = plan.check(exec::run(&plan.bytes, &options))?;
    Ok(Answer {
        // The host passes eight bits on; a status that they cannot carry
        // must not turn into success.
        status: u8::try_from(status).unwrap_or(u8::MAX),
        stdout_taken: true,
        ..Answer::default()
    })
}

/// Calls an export.
pub fn invoke(invocation: &Invocation) -> Result<Answer, Failure> {
    let options = options(invocation)?;
    let call = call(invocation)?;
    let plan = lock::read(invocation, &invocation.arguments[0])?;
    store::open_to_write(invocation)?;
    let result = plan.check(exec::invoke(&plan.bytes, &call, &options))?;
    Ok(Answer::text(format!("{}\n", escape::block(&result, ""))).field("result", result))
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

/// Serving needs a host that listens.
pub fn serve(invocation: &Invocation) -> Result<Answer, Failure> {
    if invocation.value("addr").is_none() {
        return Err(invocation.misuse("`exec serve` needs `--addr HOST:PORT`"));
    }
    Err(Finding::error(ErrorCode::NotImplemented, "this compositor does not serve HTTP")
        .help("write the artifact with `emit build PLAN -o OUT` and serve it with a runtime, as in `wasmtime serve OUT`")
        .into())
}

/// Lists the exports.
pub fn list(invocation: &Invocation) -> Result<Answer, Failure> {
    let exports = exports(invocation)?;
    let names: String = exports
        .iter()
        .map(|(name, _)| escape::line(name) + "\n")
        .collect();
    let exports: Vec<Value> = exports
        .iter()
        .map(|(name, wit)| json!({ "name": name, "wit": wit }))
        .collect();
    Ok(Answer::text(names).field("exports", exports))
}

/// Prints the WIT of an export.
pub fn describe(invocation: &Invocation) -> Result<Answer, Failure> {
    let exports = exports(invocation)?;
    let wanted = &invocation.arguments[1];
    match exports.iter().find(|(name, _)| name == wanted) {
        Some((name, wit)) => Ok(Answer::text(format!("{}\n", escape::block(wit, "")))
            .field("name", name.as_str())
            .field("wit", wit.as_str())),
        None => {
            let names = || exports.iter().map(|(name, _)| name.as_str());
            let help = match closest(wanted, names()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "`exec list PLAN` shows the exports".to_string(),
            };
            Err(Finding::error(
                ErrorCode::ExecMissingExport,
                format!("the artifact does not export `{wanted}`"),
            )
            .found(names().collect::<Vec<_>>().join(", "))
            .help(help)
            .into())
        }
    }
}

fn exports(invocation: &Invocation) -> Result<Vec<(String, String)>, Failure> {
    let plan = lock::read(invocation, &invocation.arguments[0])?;
    store::open_to_write(invocation)?;
    let exports = plan.check(exec::list(&plan.bytes))?;
    Ok(exports
        .into_iter()
        .map(|export| (export.name, export.wit))
        .collect())
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
        allow: invocation.values("allow").map(str::to_string).collect(),
    })
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
