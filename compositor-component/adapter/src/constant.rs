//! Values that are there before anything runs: the refusals that denied
//! functions return.

use super::abi::{self, Kind, Layout};
use compositor_wasm::types::{DefinedType, Primitive, Types, ValueType};

/// The cases of an error that say what a denial is, the plainest first.
const DENIALS: &[&str] = &[
    "access-denied",
    "permission-denied",
    "capability-denied",
    "exec-capability-denied",
    "HTTP-request-denied",
    "not-permitted",
    "forbidden",
    "denied",
    "access",
    "unauthorized",
    "not-supported",
    "unsupported",
];

/// A value of a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Constant {
    /// All of its bytes are zero: zero, false, empty, none, the first case.
    Zero,
    /// A case of a variant, an option or a result.
    Case(u32, Option<Box<Constant>>),
    /// Fields in their order.
    Fields(Vec<Constant>),
    /// The text that says what is refused.
    Text,
    /// Another text.
    Word(&'static str),
    /// Elements in their order.
    List(Vec<Constant>),
}

/// The empty value of a type; none where a value needs a handle.
pub fn empty(types: &Types, ty: ValueType) -> Option<Constant> {
    let is_empty = match abi::kind(types, ty) {
        Kind::Primitive(_) | Kind::List(_) | Kind::Flags(_) => true,
        Kind::Fields(fields) => fields.iter().all(|ty| empty(types, *ty).is_some()),
        Kind::Repeated(element, _) => empty(types, element).is_some(),
        Kind::Cases(cases) => match cases.first() {
            Some(Some(payload)) => empty(types, *payload).is_some(),
            first => first.is_some(),
        },
        Kind::Handle => false,
    };
    is_empty.then_some(Constant::Zero)
}

/// Whether a value of a type can be empty of itself, and not only zero: a list,
/// a text, an option, or what is made of these.
pub fn is_container(types: &Types, ty: ValueType) -> bool {
    match abi::kind(types, ty) {
        Kind::Primitive(ty) => ty == Primitive::String,
        Kind::List(_) => true,
        Kind::Fields(fields) => fields.iter().all(|ty| is_container(types, *ty)),
        Kind::Repeated(..) | Kind::Flags(_) | Kind::Handle => false,
        Kind::Cases(_) => is_option(types, ty),
    }
}

fn is_option(types: &Types, ty: ValueType) -> bool {
    let ValueType::Defined(id) = ty else {
        return false;
    };
    matches!(types.defined(id), DefinedType::Option(_))
}

/// The error of a result that says that something is denied. Where the type
/// has no case that says so, another is taken only when it is asked for.
pub fn refusal(types: &Types, result: ValueType, any: bool) -> Option<Constant> {
    let ValueType::Defined(id) = result else {
        return None;
    };
    let DefinedType::Result(_, err) = types.defined(id) else {
        return None;
    };
    let error = match err {
        None => None,
        Some(ty) => {
            let said = denial(types, ty);
            let said = said.or_else(|| any.then(|| empty(types, ty)).flatten());
            Some(Box::new(said?))
        }
    };
    Some(Constant::Case(1, error))
}

/// The value of an error type that says that something is denied.
fn denial(types: &Types, ty: ValueType) -> Option<Constant> {
    let id = match ty {
        ValueType::Primitive(Primitive::String) => {
            return Some(Constant::Text);
        }
        ValueType::Primitive(_) => return None,
        ValueType::Defined(id) => id,
    };
    let case_of = |names: &mut dyn Iterator<Item = &str>| {
        let names: Vec<&str> = names.collect();
        let mut denials = DENIALS.iter();
        denials.find_map(|denial| names.iter().position(|name| name == denial))
    };
    match types.defined(id) {
        DefinedType::Primitive(ty) => denial(types, ValueType::Primitive(ty)),
        DefinedType::Enum(names) => {
            let case = case_of(&mut names.names())?;
            Some(Constant::Case(case as u32, None))
        }
        DefinedType::Variant(variant) => {
            let case = case_of(&mut variant.cases().map(|(name, _)| name))?;
            let payload = variant
                .types()
                .nth(case)
                .expect("it is the position of a case");
            let payload = match payload {
                None => None,
                Some(ty) => Some(Box::new(denial(types, ty).or_else(|| empty(types, ty))?)),
            };
            Some(Constant::Case(case as u32, payload))
        }
        // A code that says it, beside what else an error has.
        DefinedType::Record(record) => {
            let fields = record.types().map(|ty| denial(types, ty));
            let fields: Vec<Option<Constant>> = fields.collect();
            if fields.iter().all(Option::is_none) {
                return None;
            }
            let fields = fields.into_iter().zip(record.types());
            let fields = fields.map(|(said, ty)| said.or_else(|| empty(types, ty)));
            Some(Constant::Fields(fields.collect::<Option<_>>()?))
        }
        _ => None,
    }
}

/// Writes a constant into `bytes`, which start at `base` in memory; returns
/// where it is. Texts are the given one, written behind it.
pub fn write(
    types: &Types,
    ty: ValueType,
    constant: &Constant,
    text: &str,
    base: u64,
    bytes: &mut Vec<u8>,
) -> u64 {
    let layout = abi::layout(types, ty);
    let at = reserve(layout, base, bytes);
    place(types, ty, constant, (at, text, base), bytes);
    at
}

fn reserve(layout: Layout, base: u64, bytes: &mut Vec<u8>) -> u64 {
    let at = abi::align_to(base + bytes.len() as u64, layout.align);
    bytes.resize((at - base + layout.size) as usize, 0);
    at
}

/// Writes a constant where room was made for it.
fn place(
    types: &Types,
    ty: ValueType,
    constant: &Constant,
    (at, text, base): (u64, &str, u64),
    bytes: &mut Vec<u8>,
) {
    let put = |bytes: &mut Vec<u8>, at: u64, value: &[u8]| {
        let start = (at - base) as usize;
        bytes[start..start + value.len()].copy_from_slice(value);
    };
    match (constant, abi::kind(types, ty)) {
        (Constant::Zero, _) => {}
        (Constant::Text | Constant::Word(_), _) => {
            let text = match constant {
                Constant::Word(word) => word,
                _ => text,
            };
            let start = base + bytes.len() as u64;
            bytes.extend_from_slice(text.as_bytes());
            put(bytes, at, &(start as u32).to_le_bytes());
            put(bytes, at + 4, &(text.len() as u32).to_le_bytes());
        }
        (Constant::List(values), Kind::List(parts)) => {
            let element = abi::record(types, &parts);
            let count = values.len() as u64;
            let size = element.size * count;
            let start = reserve(Layout { size, ..element }, base, bytes);
            put(bytes, at, &(start as u32).to_le_bytes());
            put(bytes, at + 4, &(count as u32).to_le_bytes());
            let Some(ty) = parts.first() else { return };
            for (index, value) in (0..).zip(values) {
                place(
                    types,
                    *ty,
                    value,
                    (start + index * element.size, text, base),
                    bytes,
                );
            }
        }
        (Constant::Case(case, value), Kind::Cases(cases)) => {
            let discriminant = abi::discriminant(cases.len());
            put(bytes, at, &case.to_le_bytes()[..discriminant.size as usize]);
            if let (Some(value), Some(Some(ty))) = (value, cases.get(*case as usize)) {
                let offset = abi::align_to(discriminant.size, abi::payload(types, &cases).align);
                place(types, *ty, value, (at + offset, text, base), bytes);
            }
        }
        (Constant::Fields(values), Kind::Fields(fields)) => {
            let mut offset = 0;
            for (ty, value) in fields.into_iter().zip(values) {
                let layout = abi::layout(types, ty);
                offset = abi::align_to(offset, layout.align);
                place(types, ty, value, (at + offset, text, base), bytes);
                offset += layout.size;
            }
        }
        // Constants were made of the same types.
        (Constant::Case(..) | Constant::Fields(_) | Constant::List(_), _) => {}
    }
}
