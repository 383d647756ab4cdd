//! Custom sections: put into components wherever they may be, and taken out again as
//! `wasm-tools strip` does.

use compositor_core::wasm::encoded::sections;
use wasmparser::{Parser, Payload};

use crate::noise::next;

/// Names that custom sections have, and names that look like them.
pub const NAMES: &[&str] = &[
    "",
    ".debug_info",
    ".debug_line",
    "sourceMappingURL",
    "external_debug_info",
    "build_id",
    "name",
    "name2",
    "component-name",
    "producers",
    ".dep-v0",
    "target_features",
    "metadata.code.branch_hint",
    "metadata.code",
    "component-type:world",
    "component-type",
    "dylink.0",
    "sys:compose/provenance",
    "linking",
    "reloc.CODE",
    "näme",
];

/// The id of a section that is a core module, in a component.
const MODULE: u8 = 1;
/// The id of a section that is a component, in a component.
const COMPONENT: u8 = 4;

/// The same component with custom sections before, between and behind the sections of
/// all that is in it, and with some sizes in more bytes than they take. A number decides.
pub fn sprinkled(component: &[u8], state: &mut u64) -> Vec<u8> {
    let is_component = component[4] == 13;
    let mut out = component[..8].to_vec();
    customs(&mut out, state);
    for section in sections(component) {
        let is_walked = is_component && matches!(section.id, MODULE | COMPONENT);
        match is_walked {
            true => push(
                &mut out,
                section.id,
                &sprinkled(section.contents, state),
                state,
            ),
            false => push(&mut out, section.id, section.contents, state),
        }
        customs(&mut out, state);
    }
    out
}

fn customs(out: &mut Vec<u8>, state: &mut u64) {
    for _ in 0..next(state) % 3 {
        let name = NAMES[next(state) as usize % NAMES.len()];
        let mut contents = vec![name.len() as u8];
        contents.extend_from_slice(name.as_bytes());
        // Now and then more than one byte of size, and more than a small buffer.
        let length = match next(state) % 400 {
            0 => 300_000,
            1..80 => 200,
            _ => next(state) as usize % 20,
        };
        contents.resize(contents.len() + length, next(state) as u8);
        push(out, 0, &contents, state);
    }
}

fn push(out: &mut Vec<u8>, id: u8, contents: &[u8], state: &mut u64) {
    out.push(id);
    let least = if next(state).is_multiple_of(8) { 5 } else { 1 };
    size(out, contents.len(), least);
    out.extend_from_slice(contents);
}

/// A size in LEB128, in at least so many bytes.
fn size(out: &mut Vec<u8>, mut value: usize, least: usize) {
    let mut width = 1;
    while value >= 0x80 || width < least {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
        width += 1;
    }
    out.push(value as u8);
}

/// A component without its custom sections, but for those of the names that stay, made
/// as `wasm-tools strip` makes it: every section that stays is written anew.
///
/// # Panics
///
/// When it is not WebAssembly.
pub fn stripped(component: &[u8], stays: impl Fn(&str) -> bool) -> Vec<u8> {
    let mut outer: Vec<Vec<u8>> = Vec::new();
    let mut out = Vec::new();
    for payload in Parser::new(0).parse_all(component) {
        let payload = payload.expect("a payload");
        match &payload {
            Payload::Version { range, .. } => {
                out.extend_from_slice(&component[range.start as usize..range.end as usize]);
            }
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => {
                outer.push(std::mem::take(&mut out));
                continue;
            }
            Payload::End(_) => {
                if let Some(mut around) = outer.pop() {
                    around.push(if out[4] == 13 { COMPONENT } else { MODULE });
                    size(&mut around, out.len(), 1);
                    around.append(&mut out);
                    out = around;
                }
            }
            Payload::CustomSection(section) if !stays(section.name()) => continue,
            _ => {}
        }
        if let Some((id, range)) = payload.as_section() {
            out.push(id);
            let contents = &component[range.start as usize..range.end as usize];
            size(&mut out, contents.len(), 1);
            out.extend_from_slice(contents);
        }
    }
    out
}
