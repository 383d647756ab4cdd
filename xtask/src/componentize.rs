//! Core modules to components.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use wasmparser::BinaryReader;
use wit_component::{ComponentEncoder, DecodedWasm};

use crate::shell::read;

/// The id of a custom section.
const CUSTOM: u8 = 0;

/// Makes a component of a core module whose custom sections hold its world,
/// as `wit-bindgen` leaves them.
pub fn componentize(module: &Path) -> Result<Vec<u8>> {
    ComponentEncoder::default()
        .validate(true)
        .module(&read(module)?)
        .and_then(|encoder| encoder.encode())
        .and_then(|component| Ok(without_names(&component)?))
        .with_context(|| format!("cannot make a component of {}", module.display()))
}

/// A component without its section of names, which are for people who debug
/// the encoding: the modules in it have none either.
fn without_names(component: &[u8]) -> wasmparser::Result<Vec<u8>> {
    let mut reader = BinaryReader::new(component, 0);
    // The magic number and the version.
    let mut kept = reader.read_bytes(8)?.to_vec();
    while !reader.eof() {
        let start = reader.original_position() as usize;
        let id = reader.read_u8()?;
        let size = reader.read_var_u32()?;
        let section = reader.read_bytes(size as usize)?;
        let end = reader.original_position() as usize;
        let is_names = || {
            BinaryReader::new(section, 0)
                .read_string()
                .is_ok_and(|name| name == "component-name")
        };
        if id != CUSTOM || !is_names() {
            kept.extend_from_slice(&component[start..end]);
        }
    }
    Ok(kept)
}

/// The names of a component's imports.
pub fn imports(component: &[u8]) -> Result<Vec<String>> {
    let DecodedWasm::Component(resolve, world) = wit_component::decode(component)? else {
        bail!("not a component but a WIT package");
    };
    let imports = resolve.worlds[world].imports.keys();
    Ok(imports.map(|key| resolve.name_world_key(key)).collect())
}
