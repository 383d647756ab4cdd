//! What came of a call, in words.

use wit_parser::{Type, TypeDefKind};

use super::arguments::{cases, fields, payload_offset};
use super::guest::{Guest, RESULT};

/// What came of calling a function: what it returned, or why it trapped.
///
/// - `returns VALUE`
/// - `traps`: it is denied and says so; `traps in NAME` when that is another
///   one, which gives the handles that it takes.
/// - `has no handle`: nothing gave a handle that it takes.
/// - `asks the host`: the artifact imports it.
/// - `fails: WHY`
pub fn outcome(guest: &Guest, index: usize, result: Result<Vec<u8>, String>) -> String {
    let called = &guest.functions[index];
    match result {
        Ok(memory) => match called.function.result {
            Some(ty) => format!("returns {}", Memory { guest, memory }.value(ty, RESULT)),
            None => "returns".to_string(),
        },
        Err(trap) => {
            let denied = trap.split_once("policy denies ").map(|(_, rest)| {
                let end = rest.find(['\n', '>']);
                rest[..end.unwrap_or(rest.len())].trim()
            });
            match denied {
                Some(name) if name.rsplit('!').next() == Some(&called.name) => "traps".to_string(),
                Some(name) => format!("traps in {name}"),
                None if trap.contains("unknown handle index 0") => "has no handle".to_string(),
                None if trap.contains("unknown import") => "asks the host".to_string(),
                None => format!("fails: {trap}"),
            }
        }
    }
}

struct Memory<'a> {
    guest: &'a Guest,
    memory: Vec<u8>,
}

impl Memory<'_> {
    fn bytes(&self, at: u32, length: u32) -> &[u8] {
        let start = at.checked_sub(RESULT).expect("a pointer to a result") as usize;
        let bytes = self.memory.get(start..start + length as usize);
        bytes.expect("a result within the memory")
    }

    fn number(&self, at: u32, size: u32) -> u64 {
        let bytes = self.bytes(at, size).iter().rev();
        bytes.fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    fn pair(&self, at: u32) -> (u32, u32) {
        let part = |at| self.number(at, 4) as u32;
        (part(at), part(at + 4))
    }

    fn value(&self, ty: Type, at: u32) -> String {
        let Guest { resolve, sizes, .. } = self.guest;
        let size = sizes.size(&ty).size_wasm32() as u32;
        let id = match ty {
            Type::Id(id) => id,
            Type::String => {
                let (pointer, length) = self.pair(at);
                // Nothing is where an empty one points.
                let text = match length {
                    0 => &[],
                    _ => self.bytes(pointer, length),
                };
                return format!("{:?}", String::from_utf8_lossy(text));
            }
            Type::F32 => return f32::from_bits(self.number(at, 4) as u32).to_string(),
            Type::F64 => return f64::from_bits(self.number(at, 8)).to_string(),
            _ => return self.number(at, size).to_string(),
        };
        let kind = &resolve.types[id].kind;
        match kind {
            TypeDefKind::Type(ty) => self.value(*ty, at),
            TypeDefKind::List(element) => {
                let (pointer, length) = self.pair(at);
                let size = sizes.size(element).size_wasm32() as u32;
                let elements =
                    (0..length).map(|place| self.value(*element, pointer + place * size));
                format!("[{}]", elements.collect::<Vec<_>>().join(", "))
            }
            TypeDefKind::Flags(_) => format!("flags {}", self.number(at, size.min(4))),
            TypeDefKind::Handle(_) => "a handle".to_string(),
            TypeDefKind::Stream(_) => "a stream".to_string(),
            TypeDefKind::Future(_) => "a future".to_string(),
            kind => {
                if let Some(parts) = fields(kind) {
                    let parts = sizes.field_offsets(&parts).into_iter();
                    let parts =
                        parts.map(|(offset, ty)| self.value(*ty, at + offset.size_wasm32() as u32));
                    return format!("({})", parts.collect::<Vec<_>>().join(", "));
                }
                let all = cases(kind).expect("a type that has values");
                let tag = if all.len() > 256 { 2 } else { 1 };
                let case = self.number(at, tag) as usize;
                let name = match kind {
                    TypeDefKind::Variant(variant) => variant.cases[case].name.as_str(),
                    TypeDefKind::Enum(names) => names.cases[case].name.as_str(),
                    TypeDefKind::Option(_) => ["none", "some"][case],
                    _ => ["ok", "err"][case],
                };
                match all[case] {
                    Some(ty) => {
                        let inner = self.value(ty, at + payload_offset(self.guest, &all));
                        format!("{name} {inner}")
                    }
                    None => name.to_string(),
                }
            }
        }
    }
}
