//! Values and JSON to canonical CBOR.

use super::read::{check, decode};
use crate::json;
use crate::nfc::nfc;
use compositor_diagnostic::limits::Limits;
use compositor_diagnostic::order::sort_by;
use compositor_diagnostic::tree::{Node, Value};

/// Encodes a value; the caller gives maps in canonical key order, which
/// [`decode`] holds it to in debug builds.
pub fn encode(value: &ciborium::Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing to memory does not fail, and a `Value` has nothing that does not serialize.
    if ciborium::into_writer(value, &mut bytes).is_err() {
        bytes.clear();
    }
    debug_assert!(
        decode(&bytes, &Limits::HIGHEST).is_ok(),
        "{:?}",
        decode(&bytes, &Limits::HIGHEST)
    );
    bytes
}

/// The items of an array that are encoded one by one: as values all at once they
/// would take many times their bytes.
pub fn array(items: impl ExactSizeIterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut bytes = head(4, items.len());
    items.for_each(|item| bytes.extend(item));
    bytes
}

/// A map of what is encoded, keys ascending.
pub fn map(entries: Vec<(u64, Vec<u8>)>) -> Vec<u8> {
    let mut bytes = head(5, entries.len());
    for (key, value) in entries {
        bytes.extend(encode(&key.into()));
        bytes.extend(value);
    }
    bytes
}

/// The head of an item that holds others: that of a number, of another type.
fn head(major: u8, count: usize) -> Vec<u8> {
    let mut bytes = encode(&(count as u64).into());
    bytes
        .iter_mut()
        .take(1)
        .for_each(|first| *first |= major << 5);
    bytes
}

/// Puts a map's entries in canonical order.
pub fn sort_map(map: &mut [(ciborium::Value, ciborium::Value)]) {
    let bytes = |key: &ciborium::Value| {
        let mut bytes = Vec::new();
        // Writing to memory does not fail.
        let _ = ciborium::into_writer(key, &mut bytes);
        bytes
    };
    sort_by(map, |(a, _), (b, _)| bytes(a).cmp(&bytes(b)));
}

/// Encodes a JSON text: objects become maps with text keys, text is put in
/// normalization form C, and integers stay integers.
pub fn from_json(text: &str, limits: &Limits) -> Result<Vec<u8>, String> {
    fn convert(node: Node) -> Result<ciborium::Value, String> {
        Ok(match node.value {
            Value::Null => ciborium::Value::Null,
            Value::Bool(value) => value.into(),
            Value::Integer(value) => value.into(),
            Value::Large(value) => ciborium::Value::Integer(
                (*value)
                    .try_into()
                    .map_err(|_| format!("{value} does not fit in 64 bits"))?,
            ),
            Value::Float(value) => value.into(),
            Value::Text(text) => ciborium::Value::Text(nfc(text)),
            Value::Bytes(bytes) => bytes.into(),
            Value::Array(items) => {
                ciborium::Value::Array(items.into_iter().map(convert).collect::<Result<_, _>>()?)
            }
            Value::Object(fields) => {
                let mut map = Vec::with_capacity(fields.len());
                for field in fields {
                    let key = nfc(field.name.to_string());
                    map.push((ciborium::Value::Text(key), convert(field.node)?));
                }
                sort_map(&mut map);
                if let Some(pair) = map.windows(2).find(|pair| pair[0].0 == pair[1].0) {
                    return Err(format!(
                        "key {:?} stands twice",
                        pair[0].0.as_text().unwrap_or("")
                    ));
                }
                ciborium::Value::Map(map)
            }
        })
    }

    let tree = json::parse(text, "the text", limits).map_err(|error| error.message)?;
    let bytes = encode(&convert(tree)?);
    check(&bytes, limits).map_err(|violation| violation.to_string())?;
    Ok(bytes)
}
