//! A plan's `file:` sources. What comes after `file:` is a path as it is,
//! without percent signs to decode; a relative one starts at the plan's folder.

use serde_json::Value;

use crate::answer::Failure;
use crate::bindings::sys::compose::plan::{self, Encoding};
use crate::bindings::sys::compose::types::ErrorCode;
use crate::finding::Finding;
use crate::paths;
use crate::plan_file::PlanFile;

/// The path of a source of a plan in a folder.
pub fn path(source: &str, folder: &str) -> Result<String, Failure> {
    match source.strip_prefix("file:") {
        Some(path) => {
            let path = match path.strip_prefix("//") {
                // An empty host, as in `file:///home/me/x.wasm`.
                Some(path) if path.starts_with('/') => path,
                _ => path,
            };
            Ok(paths::join(folder, path))
        }
        None => Err(Finding::error(
            ErrorCode::NotImplemented,
            format!("cannot read the source `{source}`: only `file:` sources are read"),
        )
        .help("fetch it, and name the file with `file:` or put it with `blob put FILE` and write its digest into the plan")
        .into()),
    }
}

/// The source of a file, for a plan in a folder; none when the way from there
/// cannot be told.
pub fn of_file(path: &str, folder: &str) -> Option<String> {
    Some(format!("file:{}", paths::relative(folder, path)?))
}

/// Makes a plan's relative sources lead from another folder to the same files,
/// so that the plan means the same there.
pub fn relocate(plan: &mut PlanFile, folder: &str) -> Result<(), Failure> {
    if paths::relative(folder, &plan.folder).is_some_and(|way| way == ".") {
        return Ok(());
    }
    let encoding = plan.summary()?.encoding;
    let bytes = plan.check(plan::convert(plan.bytes(), Encoding::Json))?;
    let mut json: Value = serde_json::from_slice(&bytes).expect("the core writes JSON");
    let mut moved = false;
    for component in json["components"].as_array_mut().into_iter().flatten() {
        let source = component["source"].as_str().unwrap_or_default();
        if !is_relative(source) {
            continue;
        }
        let Some(source) = of_file(&path(source, &plan.folder)?, folder) else {
            let message =
                format!("the way from `{folder}` to the source `{source}` cannot be told");
            let finding = Finding::error(ErrorCode::InvalidInput, message)
                .help("write the plan into the folder that it was in, or make the source absolute");
            let id = component["id"].as_str().unwrap_or_default();
            return Err(Failure::of(
                plan.at_components(vec![(finding, id, "/source")]),
            ));
        };
        component["source"] = source.into();
        moved = true;
    }
    // A plan without any stays as its author wrote it.
    if moved {
        plan.changed = Some(format!("{json:#}\n").into_bytes());
        if encoding == Encoding::Cbor {
            plan.changed = Some(plan.check(plan::convert(plan.bytes(), Encoding::Cbor))?);
        }
    }
    Ok(())
}

fn is_relative(source: &str) -> bool {
    let path = source.strip_prefix("file:");
    path.is_some_and(|path| !path.starts_with('/'))
}
