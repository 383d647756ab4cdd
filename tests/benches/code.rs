//! Real code in bulk: a program's own functions, over and over.
//!
//! What reads it has as much to do as with a program of that size: its functions
//! are those of a compiler, and as valid.

use wasm_encoder::Encode;
use wasmparser::BinaryReader;

/// A module or component without its sections.
const HEADER: usize = 8;

const CORE_MODULE: u8 = 1;
const TYPE: u8 = 1;
const FUNCTION: u8 = 3;
const EXPORT: u8 = 7;
const CODE: u8 = 10;
const DATA: u8 = 11;
const DATA_COUNT: u8 = 12;

/// A component whose core module has its functions as often as it takes to be
/// so many bytes. It does the same.
pub fn grown(component: &[u8], bytes: usize) -> Vec<u8> {
    let module = repeated(module(component), bytes, 0);
    with_module(component, &module)
}

/// A component with another's core module in it beside its own: so many bytes
/// of functions, and so many of data. It does the same.
pub fn laden(component: &[u8], other: &[u8], code: usize, data: usize) -> Vec<u8> {
    let mut out = component.to_vec();
    push(&mut out, CORE_MODULE, &repeated(module(other), code, data));
    out
}

/// A component that lifts `f: func() -> u32` of its core module, with another's core
/// module in place of that: so many bytes of functions, so many of data, and an `f`
/// that gives a number. It has one module.
pub fn filled(component: &[u8], other: &[u8], code: usize, data: usize, own: u32) -> Vec<u8> {
    let module = answering(&repeated(module(other), code, data), own);
    with_module(component, &module)
}

/// The largest core module of a component.
fn module(component: &[u8]) -> &[u8] {
    let modules = sections(component).into_iter();
    let modules = modules.filter_map(|(id, bytes)| (id == CORE_MODULE).then_some(bytes));
    modules.max_by_key(|bytes| bytes.len()).expect("a module")
}

/// A component with a module in place of its largest.
fn with_module(component: &[u8], new: &[u8]) -> Vec<u8> {
    let old = module(component);
    let mut out = component[..HEADER].to_vec();
    for (id, section) in sections(component) {
        match std::ptr::eq(section, old) {
            true => push(&mut out, id, new),
            false => push(&mut out, id, section),
        }
    }
    out
}

/// A module with all its functions, and then as many of them again, from the first
/// on, as it takes to be so many bytes.
fn repeated(module: &[u8], code: usize, data: usize) -> Vec<u8> {
    let sections = sections(module);
    let section = |wanted| {
        let section = sections.iter().find(|(id, _)| *id == wanted);
        section.expect("functions and their code").1
    };
    let (types, bodies) = (types(section(FUNCTION)), bodies(section(CODE)));
    let mut length = 0;
    let mut count = 0;
    while count < bodies.len() || length < code {
        length += bodies[count % bodies.len()].len();
        count += 1;
    }
    let mut out = module[..HEADER].to_vec();
    for (id, section) in &sections {
        let mut bytes = Vec::new();
        let (items, rest) = counted(section);
        match *id {
            FUNCTION => {
                count.encode(&mut bytes);
                for ty in types.iter().cycle().take(count) {
                    ty.encode(&mut bytes);
                }
            }
            CODE => {
                count.encode(&mut bytes);
                for body in bodies.iter().cycle().take(count) {
                    body.encode(&mut bytes);
                }
            }
            DATA if data > 0 => {
                (items + 1).encode(&mut bytes);
                bytes.extend_from_slice(rest);
                // A passive segment.
                bytes.push(1);
                vec![0x5a_u8; data].encode(&mut bytes);
            }
            DATA_COUNT if data > 0 => (items + 1).encode(&mut bytes),
            _ => bytes.extend_from_slice(section),
        }
        push(&mut out, *id, &bytes);
    }
    out
}

/// A module without imported functions, with a function more, which gives a number
/// and is exported as `f`.
fn answering(module: &[u8], own: u32) -> Vec<u8> {
    let count = |wanted| {
        let sections = sections(module).into_iter();
        let mut sections = sections.filter(|(id, _)| *id == wanted);
        sections.next().map_or(0, |(_, section)| counted(section).0)
    };
    let mut out = module[..HEADER].to_vec();
    for (id, section) in sections(module) {
        let (items, rest) = counted(section);
        let mut item = Vec::new();
        match id {
            TYPE => item.extend([0x60, 0, 1, 0x7f]),
            FUNCTION => count(TYPE).encode(&mut item),
            EXPORT => {
                "f".encode(&mut item);
                item.push(0);
                count(FUNCTION).encode(&mut item);
            }
            CODE => {
                let mut body = vec![0, 0x41];
                i32::encode(&own.cast_signed(), &mut body);
                body.push(0x0b);
                body.encode(&mut item);
            }
            _ => {}
        }
        if item.is_empty() {
            push(&mut out, id, section);
            continue;
        }
        let mut bytes = Vec::new();
        (items + 1).encode(&mut bytes);
        bytes.extend_from_slice(rest);
        bytes.extend_from_slice(&item);
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

/// The numbers of the types of a section's functions.
fn types(section: &[u8]) -> Vec<u32> {
    let (count, items) = counted(section);
    let mut reader = BinaryReader::new(items, 0);
    let each = (0..count).map(|_| reader.read_var_u32().expect("a type"));
    each.collect()
}

/// The bodies of a section's functions.
fn bodies(section: &[u8]) -> Vec<&[u8]> {
    let (count, items) = counted(section);
    let mut reader = BinaryReader::new(items, 0);
    let each = (0..count).map(|_| {
        let size = reader.read_var_u32().expect("a size");
        reader.read_bytes(size as usize).expect("a body")
    });
    each.collect()
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
