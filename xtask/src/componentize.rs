//! Core modules to components.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use wit_component::{ComponentEncoder, DecodedWasm};

use crate::shell::read;

/// Makes a component of a core module whose custom sections hold its world,
/// as `wit-bindgen` leaves them.
pub fn componentize(module: &Path) -> Result<Vec<u8>> {
    ComponentEncoder::default()
        .validate(true)
        .module(&read(module)?)
        .and_then(|encoder| encoder.encode())
        .with_context(|| format!("cannot make a component of {}", module.display()))
}

/// The names of a component's imports.
pub fn imports(component: &[u8]) -> Result<Vec<String>> {
    let DecodedWasm::Component(resolve, world) = wit_component::decode(component)? else {
        bail!("not a component but a WIT package");
    };
    let imports = resolve.worlds[world].imports.keys();
    Ok(imports.map(|key| resolve.name_world_key(key)).collect())
}
