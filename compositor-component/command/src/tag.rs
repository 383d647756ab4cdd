//! Names for artifacts that tools of OCI understand: a manifest, and an entry of the
//! store's `index.json`.

use std::collections::BTreeSet;

use compositor_diagnostic::Rule;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::answer::Failure;
use crate::bindings::sys::compose::types::{Digest, ErrorCode};
use crate::bindings::sys::compose::{blobs, store};
use crate::digest;
use crate::finding::Finding;
use crate::invocation::Invocation;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const CONFIG: &str = "application/vnd.wasm.config.v0+json";
const LAYER: &str = "application/wasm";
const NAME: &str = "org.opencontainers.image.ref.name";

/// What a name may have at most, as tags of registries.
const NAME_CHARS: usize = 128;

/// How often an index is written that others write too, before that is an error.
const WRITES: usize = 20;

/// The name that `--tag` says, if it is one.
pub fn given(invocation: &Invocation) -> Result<Option<&str>, Failure> {
    let Some(name) = invocation.value("tag") else {
        return Ok(None);
    };
    let is_start = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let is_rest = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let is_name = name.as_bytes().first().is_some_and(is_start)
        && name.bytes().all(is_rest)
        && name.len() <= NAME_CHARS;
    match is_name {
        true => Ok(Some(name)),
        false => Err(invocation.misuse(format!(
            "`--tag {name}` is not a tag: 1 to {NAME_CHARS} letters, digits or `._-`, the first neither `.` nor `-`"
        ))),
    }
}

/// Names an artifact of the open store; returns the digest of its manifest.
pub fn put(name: &str, artifact: &Digest, size: u64) -> Result<Digest, Failure> {
    let layer = digest::show(artifact);
    let config = json!({
        "architecture": "wasm",
        "os": "wasip2",
        "layerDigests": [layer],
    });
    let config = config.to_string().into_bytes();
    let config_digest = put_blob(&config)?;
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": {
            "mediaType": CONFIG, "digest": digest::show(&config_digest), "size": config.len(),
        },
        "layers": [{ "mediaType": LAYER, "digest": layer, "size": size }],
    });
    let manifest = manifest.to_string().into_bytes();
    let manifest_digest = put_blob(&manifest)?;
    let entry = json!({
        "mediaType": MANIFEST,
        "digest": digest::show(&manifest_digest),
        "size": manifest.len(),
        "annotations": { NAME: name },
    });
    let key = Sha256::digest(name.as_bytes()).to_vec();
    store::put_tag(&key, entry.to_string().as_bytes())?;
    write_index()?;
    Ok(manifest_digest)
}

fn put_blob(bytes: &[u8]) -> Result<Digest, Failure> {
    let writer = blobs::create(false)?;
    writer.write(bytes)?;
    Ok(blobs::Writer::finish(writer)?)
}

/// Writes the index until it has every name: another process may write it meanwhile,
/// from what it knew.
fn write_index() -> Result<(), Failure> {
    for _ in 0..WRITES {
        let before = store::index()?;
        let wanted = with_tags(&before)?;
        if before == wanted {
            return Ok(());
        }
        store::set_index(&wanted)?;
    }
    let message = "another process writes the store's `index.json` all the time";
    Err(Finding::error(Rule::StoreFailed, message)
        .help("try again")
        .into())
}

/// An index with an entry for every name that was given here, and all that others put
/// there under other names.
fn with_tags(index: &[u8]) -> Result<Vec<u8>, Failure> {
    let tags = store::tags()?;
    let tags = tags
        .iter()
        .filter_map(|tag| serde_json::from_slice::<Value>(tag).ok());
    let tags: Vec<Value> = tags.filter(|tag| name(tag).is_some()).collect();
    let names: BTreeSet<&str> = tags.iter().filter_map(name).collect();
    let mut object = parsed(index)?;
    let others = match object.remove("manifests") {
        Some(Value::Array(entries)) => entries,
        _ => Vec::new(),
    };
    let is_other = |entry: &Value| name(entry).is_none_or(|name| !names.contains(name));
    let mut entries: Vec<Value> = others.into_iter().filter(is_other).collect();
    entries.extend(tags.iter().cloned());
    object.entry("schemaVersion").or_insert(json!(2));
    object.entry("mediaType").or_insert(json!(INDEX));
    object.insert("manifests".to_string(), entries.into());
    Ok((Value::Object(object).to_string() + "\n").into_bytes())
}

/// An index, which is empty where there is no such file.
fn parsed(index: &[u8]) -> Result<Map<String, Value>, Failure> {
    if index.is_empty() {
        return Ok(Map::new());
    }
    let object = serde_json::from_slice(index).map_err(|error| {
        let message = format!("the store's `index.json` is not a JSON object: {error}");
        Finding::error(Rule::StoreFailed, message)
            .help("correct or remove it: it is made again, without what other tools named")
    })?;
    Ok(object)
}

fn name(entry: &Value) -> Option<&str> {
    entry["annotations"][NAME].as_str()
}

/// The digests that the index leads to, through manifests and indexes that it names.
///
/// # Errors
/// When the index, or a manifest that is there, cannot be read: nobody knows then what
/// it leads to.
pub fn reached() -> Result<BTreeSet<Digest>, Failure> {
    /// Read of a manifest at most; registries take no larger ones.
    const MOST_BYTES: u64 = 4 << 20;
    let mut reached = BTreeSet::new();
    let mut next: Vec<Value> = store::tags()?
        .iter()
        .filter_map(|tag| serde_json::from_slice(tag).ok())
        .collect();
    next.push(parsed(&store::index()?)?.into());
    while let Some(value) = next.pop() {
        let lists = ["manifests", "layers"]
            .into_iter()
            .filter_map(|of| value[of].as_array());
        let mut named: Vec<&Value> = lists.flatten().collect();
        named.extend([&value["config"], &value["subject"], &value]);
        for entry in named {
            let Some(digest) = entry["digest"]
                .as_str()
                .and_then(|of| digest::parse(of).ok())
            else {
                continue;
            };
            let is_manifest = entry["mediaType"]
                .as_str()
                .is_some_and(|of| of == MANIFEST || of == INDEX || of.contains("manifest"));
            if reached.insert(digest.clone()) && is_manifest {
                let bytes = match store::peek(&digest, MOST_BYTES) {
                    // Whoever named it has it elsewhere.
                    Err(error) if matches!(error.code, ErrorCode::BlobNotFound) => continue,
                    bytes => bytes?,
                };
                next.push(serde_json::from_slice(&bytes).map_err(|error| {
                    Finding::error(
                        Rule::BlobDamaged,
                        format!("a manifest is not JSON: {error}"),
                    )
                    .about(digest::show(&digest))
                    .help("put a good copy with `blob put FILE`, or take it out of `index.json`")
                })?);
            }
        }
    }
    Ok(reached)
}
