//! How values are passed: the component model's canonical ABI (CanonicalABI.md,
//! "Alignment", "Element Size", "Flattening").

use compositor_wasm::types::{DefinedType, FuncTypeId, Primitive, Types, ValueType};
use wasm_encoder::ValType;

/// More flat parameters than this are passed in memory, as are more results
/// than one.
const MOST_FLAT: usize = 16;

/// Where a value is in memory: its size and alignment in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    pub size: u64,
    pub align: u64,
}

impl Layout {
    const fn of(size: u64) -> Self {
        Self { size, align: size }
    }

    /// One after the other, as the fields of a record.
    fn then(self, next: Self) -> Self {
        Self {
            size: align_to(self.size, next.align).saturating_add(next.size),
            align: self.align.max(next.align),
        }
    }

    fn padded(self) -> Self {
        let size = align_to(self.size, self.align);
        Self { size, ..self }
    }
}

pub fn align_to(offset: u64, align: u64) -> u64 {
    offset.checked_next_multiple_of(align).unwrap_or(u64::MAX)
}

/// A case of a variant, an option or a result.
pub type Cases = Vec<Option<ValueType>>;

/// What a type is, as far as passing it is concerned.
pub enum Kind {
    Primitive(Primitive),
    /// Fields one after the other.
    Fields(Vec<ValueType>),
    /// A list of a fixed length.
    Repeated(ValueType, u32),
    Cases(Cases),
    /// A list of elements elsewhere in memory.
    List(Vec<ValueType>),
    Flags(usize),
    /// An index of a handle, a stream or a future.
    Handle,
}

/// What a type is.
pub fn kind(types: &Types, ty: ValueType) -> Kind {
    let id = match ty {
        ValueType::Primitive(ty) => return Kind::Primitive(ty),
        ValueType::Defined(id) => id,
    };
    match types.defined(id) {
        DefinedType::Primitive(ty) => Kind::Primitive(ty),
        DefinedType::Record(record) => Kind::Fields(record.types().collect()),
        DefinedType::Tuple(tuple) => Kind::Fields(tuple.types().collect()),
        DefinedType::FixedLengthList(element, length) => Kind::Repeated(element, length),
        DefinedType::Variant(variant) => Kind::Cases(variant.types().collect()),
        DefinedType::Enum(names) => Kind::Cases(vec![None; names.names().len()]),
        DefinedType::Option(ty) => Kind::Cases(vec![None, Some(ty)]),
        DefinedType::Result(ok, err) => Kind::Cases(vec![ok, err]),
        DefinedType::List(element) => Kind::List(vec![element]),
        DefinedType::Map(key, value) => Kind::List(vec![key, value]),
        DefinedType::Flags(names) => Kind::Flags(names.names().len()),
        DefinedType::Own(_)
        | DefinedType::Borrow(_)
        | DefinedType::Future(_)
        | DefinedType::Stream(_) => Kind::Handle,
    }
}

/// How many bytes tell a variant's case.
pub fn discriminant(cases: usize) -> Layout {
    Layout::of(match cases {
        0..=0x100 => 1,
        0x101..=0x1_0000 => 2,
        _ => 4,
    })
}

/// A value's place in memory.
pub fn layout(types: &Types, ty: ValueType) -> Layout {
    match kind(types, ty) {
        Kind::Primitive(ty) => primitive(ty).0,
        Kind::Fields(fields) => record(types, &fields),
        Kind::Repeated(element, length) => {
            let element = layout(types, element);
            let size = element.size.saturating_mul(length.into());
            Layout { size, ..element }
        }
        Kind::Cases(cases) => {
            let payload = payload(types, &cases);
            discriminant(cases.len()).then(payload).padded()
        }
        Kind::List(_) => Layout { size: 8, align: 4 },
        Kind::Flags(count) => Layout::of(match count {
            0..=8 => 1,
            9..=16 => 2,
            _ => 4,
        }),
        Kind::Handle => Layout::of(4),
    }
}

/// The layout of values one after the other.
pub fn record(types: &Types, fields: &[ValueType]) -> Layout {
    let fields = fields.iter().map(|ty| layout(types, *ty));
    let whole = fields.fold(Layout { size: 0, align: 1 }, Layout::then);
    whole.padded()
}

/// The layout of whichever case's payload.
pub fn payload(types: &Types, cases: &Cases) -> Layout {
    let payloads = cases.iter().flatten().map(|ty| layout(types, *ty));
    let widest = |a: Layout, b: Layout| Layout {
        size: a.size.max(b.size),
        align: a.align.max(b.align),
    };
    payloads.fold(Layout { size: 0, align: 1 }, widest)
}

fn primitive(ty: Primitive) -> (Layout, &'static [ValType]) {
    use Primitive::*;
    match ty {
        Bool | S8 | U8 => (Layout::of(1), &[ValType::I32]),
        S16 | U16 => (Layout::of(2), &[ValType::I32]),
        S32 | U32 | Char | ErrorContext => (Layout::of(4), &[ValType::I32]),
        S64 | U64 => (Layout::of(8), &[ValType::I64]),
        F32 => (Layout::of(4), &[ValType::F32]),
        F64 => (Layout::of(8), &[ValType::F64]),
        String => (Layout { size: 8, align: 4 }, &[ValType::I32, ValType::I32]),
    }
}

/// A value as core values.
pub fn flatten(types: &Types, ty: ValueType) -> Vec<ValType> {
    match kind(types, ty) {
        Kind::Primitive(ty) => primitive(ty).1.to_vec(),
        Kind::Fields(fields) => flatten_all(types, fields.into_iter()),
        Kind::Repeated(element, length) => {
            let element = flatten(types, element);
            // What is longer than anything flat is in memory, however long.
            element.repeat((length as usize).min(MOST_FLAT + 1))
        }
        Kind::Cases(cases) => {
            let mut flat = vec![ValType::I32];
            for payload in cases.into_iter().flatten() {
                for (place, ty) in flatten(types, payload).into_iter().enumerate() {
                    match flat.get_mut(place + 1) {
                        Some(known) => *known = join(*known, ty),
                        None => flat.push(ty),
                    }
                }
            }
            flat
        }
        Kind::List(_) => vec![ValType::I32, ValType::I32],
        Kind::Flags(_) | Kind::Handle => vec![ValType::I32],
    }
}

fn flatten_all(types: &Types, all: impl Iterator<Item = ValueType>) -> Vec<ValType> {
    let mut flat = Vec::new();
    for ty in all {
        flat.extend(flatten(types, ty));
    }
    flat
}

fn join(a: ValType, b: ValType) -> ValType {
    match (a, b) {
        _ if a == b => a,
        (ValType::I32, ValType::F32) | (ValType::F32, ValType::I32) => ValType::I32,
        _ => ValType::I64,
    }
}

/// The core signature of a function that is lifted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    pub params: Vec<ValType>,
    pub result: Option<ValType>,
    /// The parameters are behind a pointer.
    pub params_in_memory: bool,
    /// The result is behind a pointer.
    pub result_in_memory: bool,
}

pub fn signature(types: &Types, id: FuncTypeId) -> Signature {
    let ty = types.func(id);
    let params = flatten_all(types, ty.param_types());
    let result = ty.result().map_or(Vec::new(), |ty| flatten(types, ty));
    let (params_in_memory, result_in_memory) = (params.len() > MOST_FLAT, result.len() > 1);
    Signature {
        params: match params_in_memory {
            true => vec![ValType::I32],
            false => params,
        },
        result: match result_in_memory {
            true => Some(ValType::I32),
            false => result.first().copied(),
        },
        params_in_memory,
        result_in_memory,
    }
}

/// Whether a value has something of it elsewhere in memory: lists and strings.
pub fn has_pointer(types: &Types, ty: ValueType) -> bool {
    match kind(types, ty) {
        Kind::Primitive(ty) => ty == Primitive::String,
        Kind::Fields(fields) => fields.iter().any(|ty| has_pointer(types, *ty)),
        Kind::Repeated(element, _) => has_pointer(types, element),
        Kind::Cases(cases) => cases.iter().flatten().any(|ty| has_pointer(types, *ty)),
        Kind::List(_) => true,
        Kind::Flags(_) | Kind::Handle => false,
    }
}
