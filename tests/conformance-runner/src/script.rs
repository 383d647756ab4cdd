//! Commands in a row, in one folder.

use anyhow::{Context as _, Result};
use serde_json::{Map, Value, json};

use crate::host::Host;
use crate::input::{self, digest};
use crate::room::Room;

/// What a host makes of the steps, as far as it is asked for.
pub fn steps(room: &Room<'_>, steps: &Value) -> Result<Value> {
    let steps = steps.as_array().context("a script lacks `steps`")?;
    steps.iter().map(|step| run(room, step)).collect()
}

fn run(room: &Room<'_>, step: &Value) -> Result<Value> {
    input::write(room.vectors, &step["files"], &room.folder)?;
    let stdin = match step.get("stdin") {
        Some(stdin) => input::bytes(room.vectors, stdin)?,
        None => Vec::new(),
    };
    let mut args: Vec<String> = ["--format", "json"].map(str::to_string).to_vec();
    let words = step["args"].as_array().context("a step lacks `args`")?;
    for word in words {
        args.push(word.as_str().context("an argument is a text")?.to_string());
    }
    let answer = room.answer(&args, &stdin)?;
    let mut object = answer.object;
    let mut found = Map::new();
    found.insert("status".into(), answer.status.into());
    found.insert("stdout".into(), answer.stdout.into());
    found.insert("stderr".into(), answer.stderr.into());
    let errors = object
        .as_object_mut()
        .and_then(|fields| fields.remove("errors"));
    let mut errors = errors.unwrap_or(json!([]));
    // Warnings that come with them are the host's own.
    if let Some(errors) = errors.as_array_mut() {
        errors.retain(|error| error["severity"] != "warning");
    }
    found.insert("errors".into(), errors);
    found.insert("answer".into(), object);
    let expected = &step["expect"];
    if expected.get("events").is_some() {
        found.insert("events".into(), events(room)?);
    }
    if let Some(files) = expected["files"].as_object() {
        let files = files
            .keys()
            .map(|path| Ok((path.clone(), file(room, path)?)));
        found.insert("files".into(), files.collect::<Result<Map<_, _>>>()?.into());
    }
    Ok(found.into())
}

/// What is expected of the steps by a host: where it lacks what a step needs,
/// it says so, and what to do instead.
pub fn expected(steps: &Value, host: &Host) -> Value {
    let steps = steps.as_array().into_iter().flatten();
    let lacks = |step: &Value| {
        let needs = step["needs"].as_array().into_iter().flatten();
        let mut needs = needs.filter_map(Value::as_str);
        needs.any(|name| host.lacks(name))
    };
    let expected = steps.map(|step| match lacks(step) {
        true => json!({
            "status": 125,
            "stdout": "",
            "errors": [{ "code": "NotImplemented", "help": { "has": "emit build" } }],
        }),
        false => step["expect"].clone(),
    });
    expected.collect()
}

/// What the command wrote to `events`, a JSON object a line.
fn events(room: &Room<'_>) -> Result<Value> {
    let bytes = input::read(&room.folder.join("events")).context("there are no events")?;
    let text = String::from_utf8(bytes).context("the events are no text")?;
    let event =
        |line| serde_json::from_str::<Value>(line).with_context(|| format!("no event: {line}"));
    text.lines().map(event).collect()
}

/// A file's digest; null when there is none.
fn file(room: &Room<'_>, path: &str) -> Result<Value> {
    let path = input::inside(room.folder.path(), path)?;
    match path.exists() {
        true => Ok(digest(&input::read(&path)?).into()),
        false => Ok(Value::Null),
    }
}
