//! Files that a case puts into its folder.

use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::temp::Temp;

/// Bytes that a vector may make of a few.
const MOST_BYTES: usize = 64 << 20;

/// What an input is: `{"file": PATH}` of the vectors, `{"text": …}`,
/// `{"json": …}`, or `{"hex": …}`; the last may go on with
/// `"repeat": {"hex": …, "times": N}`.
pub fn bytes(vectors: &Path, input: &Value) -> Result<Vec<u8>> {
    if let Some(path) = input["file"].as_str() {
        let path = inside(vectors, path)?;
        return read(&path);
    }
    if let Some(text) = input["text"].as_str() {
        return Ok(text.as_bytes().to_vec());
    }
    if let Some(json) = input.get("json") {
        return Ok(json.to_string().into_bytes());
    }
    let Some(digits) = input["hex"].as_str() else {
        bail!("{input} is not one of file, text, json, hex");
    };
    let mut bytes = hex(digits)?;
    if let Some(repeat) = input.get("repeat") {
        let part = hex(repeat["hex"].as_str().context("`repeat` lacks `hex`")?)?;
        let times = repeat["times"].as_u64().context("`repeat` lacks `times`")?;
        let times = usize::try_from(times)?;
        ensure!(
            part.len().saturating_mul(times) <= MOST_BYTES,
            "{input} is too large"
        );
        bytes.extend(part.repeat(times));
    }
    Ok(bytes)
}

/// The bytes of a regular file: to open a FIFO waits, and a device has no end.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    let shown = || format!("cannot read {}", path.display());
    ensure!(
        fs::metadata(path).with_context(shown)?.is_file(),
        "{}: it is not a regular file",
        shown()
    );
    fs::read(path).with_context(shown)
}

/// Writes the `files` of a case: inputs by their paths, or `{"folder": true}`.
pub fn write(vectors: &Path, files: &Value, folder: &Temp) -> Result<()> {
    for (path, input) in files.as_object().into_iter().flatten() {
        let to = inside(folder.path(), path)?;
        if input["folder"] == true {
            fs::create_dir_all(&to)?;
        } else {
            folder.write(&to, bytes(vectors, input)?);
        }
    }
    Ok(())
}

/// A path of a vector, which must not lead elsewhere.
pub fn inside(folder: &Path, path: &str) -> Result<PathBuf> {
    let mut parts = Path::new(path).components();
    ensure!(
        parts.all(|part| matches!(part, Component::Normal(_))),
        "`{path}` leads out of its folder"
    );
    Ok(folder.join(path))
}

/// The bytes of hexadecimal digits.
pub fn hex(digits: &str) -> Result<Vec<u8>> {
    let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    ensure!(
        is_hex && digits.len().is_multiple_of(2),
        "`{digits}` is not hex"
    );
    let pair = |at| u8::from_str_radix(&digits[at..at + 2], 16).context("not hex");
    (0..digits.len()).step_by(2).map(pair).collect()
}

/// The hexadecimal digits of bytes.
pub fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `sha256:<hex>` of bytes.
pub fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", to_hex(&Sha256::digest(bytes)))
}
