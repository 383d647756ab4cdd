//! Real code in bulk: a program's own functions, over and over.
//!
//! What reads it has as much to do as with a program of that size: its functions
//! are those of a compiler, and as valid.

use wasm_encoder::Encode;
use wasmparser::BinaryReader;

/// A module or component without its sections.
const HEADER: usize = 8;

const CORE_MODULE: u8 = 1;
const FUNCTION: u8 = 3;
const CODE: u8 = 10;
const DATA: u8 = 11;
const DATA_COUNT: u8 = 12;

/// A component whose core module has its functions as often as it takes to be
/// so many bytes. It does the same.
pub fn grown(component: &[u8], bytes: usize) -> Vec<u8> {
    let module = module(component);
    let mut out = component[..HEADER].to_vec();
    for (id, section) in sections(component) {
        match std::ptr::eq(section, module) {
            true => push(&mut out, id, &repeated(section, bytes, 0)),
            false => push(&mut out, id, section),
        }
    }
    out
}

/// A component with another's core module in it beside its own: so many bytes
/// of functions, and so many of data. It does the same.
pub fn laden(component: &[u8], other: &[u8], code: usize, data: usize) -> Vec<u8> {
    let mut out = component.to_vec();
    push(&mut out, CORE_MODULE, &repeated(module(other), code, data));
    out
}

/// The largest core module of a component.
fn module(component: &[u8]) -> &[u8] {
    let modules = sections(component).into_iter();
    let modules = modules.filter_map(|(id, bytes)| (id == CORE_MODULE).then_some(bytes));
    modules.max_by_key(|bytes| bytes.len()).expect("a module")
}

fn repeated(module: &[u8], code: usize, data: usize) -> Vec<u8> {
    let sections = sections(module);
    let (_, bodies) = sections.iter().find(|(id, _)| *id == CODE).expect("code");
    let times = code.div_ceil(bodies.len()).max(1);
    let mut out = module[..HEADER].to_vec();
    for (id, section) in sections {
        let (count, items) = counted(section);
        let mut bytes = Vec::new();
        match id {
            FUNCTION | CODE => {
                (count * times as u32).encode(&mut bytes);
                for _ in 0..times {
                    bytes.extend_from_slice(items);
                }
            }
            DATA if data > 0 => {
                (count + 1).encode(&mut bytes);
                bytes.extend_from_slice(items);
                // A passive segment.
                bytes.push(1);
                vec![0x5a_u8; data].encode(&mut bytes);
            }
            DATA_COUNT if data > 0 => (count + 1).encode(&mut bytes),
            _ => bytes.extend_from_slice(section),
        }
        push(&mut out, id, &bytes);
    }
    out
}

/// How many items a section has, and the items.
fn counted(section: &[u8]) -> (u32, &[u8]) {
    let mut reader = BinaryReader::new(section, 0);
    let count = reader.read_var_u32().unwrap_or_default();
    (count, &section[reader.original_position() as usize..])
}

fn sections(bytes: &[u8]) -> Vec<(u8, &[u8])> {
    let mut reader = BinaryReader::new(&bytes[HEADER..], 0);
    let mut sections = Vec::new();
    while !reader.eof() {
        let id = reader.read_u8().expect("a section");
        let size = reader.read_var_u32().expect("its size");
        sections.push((id, reader.read_bytes(size as usize).expect("its bytes")));
    }
    sections
}

fn push(out: &mut Vec<u8>, id: u8, section: &[u8]) {
    out.push(id);
    section.encode(out);
}
