//! What a host makes of a case, in the form of what is expected of it.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};
use wit_component::{DecodedWasm, WitPrinter};

use crate::case::{Case, Kind};
use crate::host::Host;
use crate::input::{self, digest};
use crate::room::Room;
use crate::script::steps;
use crate::temp::Temp;

/// Runs a case.
pub fn observe(case: &Case, host: &Host, vectors: &Path) -> Result<Value> {
    let room = Room {
        host,
        vectors,
        folder: Temp::new(),
    };
    let value = &case.value;
    input::write(vectors, &value["files"], &room.folder)?;
    match case.kind {
        Kind::Cbor => cbor(&room, &value["input"]),
        Kind::CborOfJson => cbor_of_json(&room, &value["input"]),
        Kind::Plan => plan(&room, &value["spellings"]),
        Kind::PlanError => plan_error(&room, &value["input"]),
        Kind::Compose => compose(&room, &value["args"]),
        Kind::CanonWit => canon_wit(&room, value),
        Kind::Script => steps(&room, &value["steps"]),
    }
}

fn cbor(room: &Room<'_>, input: &Value) -> Result<Value> {
    room.put("input.cbor", input)?;
    let answer = room.ask(&["canon", "cbor-check", "input.cbor"])?;
    match answer.status {
        0 => Ok(json!({ "accept": true })),
        _ => {
            let error = &answer.object["errors"][0];
            Ok(json!({ "rule": error["found"], "offset": error["offset"] }))
        }
    }
}

fn cbor_of_json(room: &Room<'_>, input: &Value) -> Result<Value> {
    room.put("input.json", input)?;
    let answer = room.ask(&["canon", "cbor", "input.json"])?;
    match answer.status {
        0 => Ok(json!({ "hex": answer.object["hex"] })),
        _ => Ok(json!({ "errors": errors(&answer.object, &["code"]) })),
    }
}

/// All spellings have one id; where they have not, it is a list.
fn plan(room: &Room<'_>, spellings: &Value) -> Result<Value> {
    let spellings = spellings.as_array().context("a plan lacks `spellings`")?;
    let mut ids = Vec::new();
    for (index, spelling) in spellings.iter().enumerate() {
        let name = format!("plan-{index}");
        room.put(&name, spelling)?;
        let answer = room.ask(&["plan", "digest", &name])?;
        ids.push(answer.object["id"].clone());
    }
    let id = match ids.split_first() {
        Some((first, others)) if others.iter().all(|id| id == first) => first.clone(),
        _ => Value::Array(ids),
    };
    let answer = room.ask(&["plan", "convert", "plan-0", "--to", "cbor"])?;
    Ok(json!({ "id": id, "cbor": answer.object["hex"] }))
}

fn plan_error(room: &Room<'_>, input: &Value) -> Result<Value> {
    room.put("plan", input)?;
    let answer = room.ask(&["plan", "validate", "plan", "--locked"])?;
    let fields = ["code", "pointer", "line", "column", "offset"];
    Ok(json!({ "errors": errors(&answer.object, &fields) }))
}

fn compose(room: &Room<'_>, args: &Value) -> Result<Value> {
    let mut words = vec!["emit", "build", "plan.json", "-o", "out.wasm"];
    words.extend(
        args.as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str),
    );
    let answer = room.ask(&words)?;
    let out = room.folder.join("out.wasm");
    if answer.status != 0 {
        ensure!(!out.exists(), "there is an artifact all the same");
        return Ok(json!({ "errors": errors(&answer.object, &["code", "pointer"]) }));
    }
    let bytes = input::read(&out).context("there is no artifact")?;
    let digest = digest(&bytes);
    ensure!(
        answer.object["digest"] == digest.as_str(),
        "the artifact's digest is {digest}, and not {}",
        answer.object["digest"]
    );
    Ok(json!({
        "plan_id": answer.object["plan_id"],
        "emit_key": answer.object["emit_key"],
        "digest": digest,
        "wit": wit(&bytes)?,
    }))
}

fn canon_wit(room: &Room<'_>, value: &Value) -> Result<Value> {
    let target = match (value["component"].as_str(), &value["wit"]) {
        (Some(component), _) => {
            room.put("component.wasm", &json!({ "file": component }))?;
            "component.wasm"
        }
        (None, Value::Array(paths)) => {
            for path in paths {
                let path = path.as_str().context("`wit` has what is no path")?;
                let from = input::inside(room.vectors, path)?;
                copy(&from, &room.folder.join("wit"))?;
            }
            "wit"
        }
        _ => bail!("neither `wit` nor `component`"),
    };
    let answer = room.ask(&["canon", "wit-id", target])?;
    match answer.status {
        0 => Ok(answer.object["ids"].clone()),
        _ => Ok(json!({ "errors": errors(&answer.object, &["code"]) })),
    }
}

/// Copies a file into a folder, or what is in a folder.
fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    if from.is_dir() {
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            match entry.file_type()?.is_dir() {
                true => copy(&entry.path(), &to.join(entry.file_name()))?,
                false => copy(&entry.path(), to)?,
            }
        }
        return Ok(());
    }
    let name = from.file_name().context("a file has a name")?;
    fs::copy(from, to.join(name)).with_context(|| format!("cannot copy {}", from.display()))?;
    Ok(())
}

/// Some fields of the errors that an object has; those that are null are left out.
fn errors(object: &Value, fields: &[&str]) -> Value {
    let errors = object["errors"].as_array().into_iter().flatten();
    let errors = errors.filter(|finding| finding["severity"] == "error");
    let some = |error: &Value| {
        let fields = fields.iter().filter(|name| !error[**name].is_null());
        let field = |name: &&str| ((*name).to_string(), error[*name].clone());
        Value::Object(fields.map(field).collect())
    };
    errors.map(some).collect()
}

/// A component's world, without documentation: what it asks for and gives.
fn wit(component: &[u8]) -> Result<String> {
    let DecodedWasm::Component(resolve, world) = wit_component::decode(component)? else {
        bail!("the artifact is no component");
    };
    let package = resolve.worlds[world]
        .package
        .context("a world without a package")?;
    let others: Vec<_> = resolve
        .packages
        .iter()
        .map(|(id, _)| id)
        .filter(|id| *id != package)
        .collect();
    let mut printer = WitPrinter::default();
    printer.emit_docs(false);
    printer.print(&resolve, package, &others)?;
    Ok(String::from(printer.output))
}
