//! What the user gives a run, as its options say.

use std::collections::BTreeSet;

use wasip2::filesystem::types::ErrorCode as FileError;

use crate::answer::Failure;
use crate::bindings::sys::compose::exec::Options;
use crate::bindings::sys::compose::runner::Folder;
use crate::invocation::{Format, Invocation};
use crate::{files, grants, paths, shell};

/// What the options say.
pub fn options(invocation: &Invocation) -> Result<Options, Failure> {
    let environment = invocation
        .values("env")
        .map(|variable| match variable.split_once('=') {
            Some((name, value)) if !name.is_empty() => Ok((name.to_string(), value.to_string())),
            _ => Err(no_variable(invocation, variable)),
        })
        .collect::<Result<Vec<(String, String)>, _>>()?;
    if let Some(name) = twice(environment.iter().map(|(name, _)| name)) {
        return Err(invocation.misuse(format!("the variable `{name}` is given twice")));
    }
    let folders = invocation.values("dir");
    let folders = folders.map(|folder| folder_given(invocation, folder));
    let folders = folders.collect::<Result<Vec<Folder>, _>>()?;
    if let Some(guest) = twice(folders.iter().map(|folder| &folder.guest)) {
        return Err(invocation.misuse(format!("two folders are lent as `{guest}`")));
    }
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

/// The first name that comes again: only one of the two could have an effect.
fn twice<'a>(names: impl Iterator<Item = &'a String>) -> Option<&'a String> {
    let mut seen = BTreeSet::new();
    let mut names = names;
    names.find(|name| !seen.insert(*name))
}

/// What is no variable; others take one that is a name alone from their own environment.
fn no_variable(invocation: &Invocation, given: &str) -> Failure {
    let message = format!("`--env {given}` is not `--env NAME=VALUE`");
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    match !given.is_empty() && given.bytes().all(is_part) {
        true => {
            let help = format!("`--env {given}=\"${given}\"` hands on yours");
            invocation.misuse_with(message, help)
        }
        false => invocation.misuse(message),
    }
}

/// Reads a folder that there is.
fn folder_given(invocation: &Invocation, given: &str) -> Result<Folder, Failure> {
    let Some(folder) = folder_of(given) else {
        return Err(invocation.misuse(format!("`--dir {given}` is not `--dir HOST[::GUEST][:ro]`")));
    };
    let is_there = |path: &str| paths::follow(path).is_ok_and(|place| files::is_folder(&place));
    if is_there(&folder.host) {
        return Ok(folder);
    }
    // As docker has it.
    if let Some((host, guest)) = folder
        .host
        .split_once(':')
        .filter(|(host, _)| is_there(host))
    {
        let access = if folder.read_only { ":ro" } else { "" };
        let meant = shell::word(&format!("{host}::{guest}{access}"));
        let message = format!("`--dir {given}`: there is no folder `{}`", folder.host);
        return Err(invocation.misuse_with(message, format!("did you mean `--dir {meant}`?")));
    }
    Err(files::failure("lend", &folder.host, FileError::NoEntry))
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
