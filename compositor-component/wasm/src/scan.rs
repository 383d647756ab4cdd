//! A component to its skeleton: the same type, a fraction of the bytes.
//!
//! One walk over the sections, by range, keeps what makes the type and checks
//! the rest: the store validates each core module, and validating the
//! skeleton covers the component around the modules, because a module
//! and its skeleton have the same type.

use wasm_encoder::Encode;
use wasmparser::WasmFeatures;

use crate::module;
use crate::scan_error::ScanError;
use crate::section::{custom, payload, section};
use crate::window::Window;
use compositor_diagnostic::Digest;
use compositor_host::Host;

/// A component without code, data and custom sections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skeleton {
    /// A valid component of the same type.
    pub bytes: Vec<u8>,
    /// The proposals that its code needs beyond what every runtime has.
    pub code: WasmFeatures,
}

/// Walks a blob; has its core modules validated and makes its skeleton. What is
/// around the modules is valid when the skeleton is: [`crate::World::of`]
/// says so.
pub fn scan(host: Host<'_>, digest: &Digest, size: u64) -> Result<Skeleton, ScanError> {
    // Which hashes it, also one that is too short to be read.
    host.blobs.read(digest, 0, 0)?;
    let mut window = Window::new(host, digest, size);
    let mut bytes = Vec::new();
    component(&mut window, 0, size, 0, &mut bytes)?;
    match host.blobs.validate_modules(digest, &window.modules)? {
        Ok(code) => Ok(Skeleton { bytes, code }),
        Err((at, what)) => Err(module::invalid(at, &what)),
    }
}

/// Whether bytes start as a component does; else what starts like that.
pub(super) fn start_of_component(bytes: &[u8]) -> Result<(), &'static str> {
    Err(match bytes {
        [0, b'a', b's', b'm', 13, 0, 1, 0, ..] => return Ok(()),
        [0, b'a', b's', b'm', 1, 0, 0, 0, ..] => "a core module",
        [0, b'a', b's', b'm', ..] => "WebAssembly of another version",
        [0x7f, b'E', b'L', b'F', ..] => "a native or precompiled file",
        _ => "something other than WebAssembly",
    })
}

fn component(
    window: &mut Window<'_>,
    start: u64,
    end: u64,
    depth: usize,
    out: &mut Vec<u8>,
) -> Result<(), ScanError> {
    let most = window.limits.component_nesting;
    if depth > most {
        return Err(ScanError::Limit {
            what: "nested components",
            name: "component-nesting",
            at: start,
            found: depth as u64,
            most: most as u64,
        });
    }
    let header = match end - start {
        0..8 => &[][..],
        _ => &window.peek(start, 8)?[..8],
    };
    start_of_component(header).map_err(|what| ScanError::NotAComponent { what })?;
    out.extend_from_slice(header);
    let mut at = start + 8;
    while at < end {
        let section = section(window, at, end)?;
        match section.id {
            0 => {
                custom(window, &section)?;
            }
            1 => {
                let skeleton = module::scan(window, section.at, section.end)?;
                push(window, out, 1, &skeleton, section.at)?;
            }
            4 => {
                let mut nested = Vec::new();
                component(window, section.at, section.end, depth + 1, &mut nested)?;
                push(window, out, 4, &nested, section.at)?;
            }
            id => {
                let payload = payload(window, &section)?;
                push(window, out, id, &payload, section.at)?;
            }
        }
        at = section.end;
    }
    Ok(())
}

/// Appends a section to a skeleton.
fn push(
    window: &Window<'_>,
    out: &mut Vec<u8>,
    id: u8,
    payload: &[u8],
    at: u64,
) -> Result<(), ScanError> {
    out.push(id);
    payload.encode(out);
    let most = window.limits.skeleton_bytes;
    if out.len() > most {
        return Err(ScanError::Limit {
            what: "bytes of a skeleton",
            name: "skeleton-bytes",
            at,
            found: out.len() as u64,
            most: most as u64,
        });
    }
    Ok(())
}
