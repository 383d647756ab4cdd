//! Values of a module's memory: constants of any type, and where results go.

use wit_parser::{FlagsRepr, Int, Resolve, SizeAlign, Type, TypeDefKind, TypeId};

use crate::noise::next;

/// Where the data starts: nothing has the address 0.
const BASE: usize = 1024;

/// A memory in the making.
pub struct Memory<'a> {
    resolve: &'a Resolve,
    pub sizes: SizeAlign,
    bytes: Vec<u8>,
    state: u64,
    is_wide: bool,
}

impl<'a> Memory<'a> {
    pub fn new(resolve: &'a Resolve, number: u32, is_wide: bool) -> Self {
        let mut sizes = SizeAlign::default();
        sizes
            .fill(resolve)
            .expect("the types of a component have sizes");
        Self {
            resolve,
            sizes,
            bytes: Vec::new(),
            state: number.into(),
            is_wide,
        }
    }

    /// The data, as the text format has it, and where it ends.
    pub fn data(&self) -> (String, usize) {
        let text: String = self
            .bytes
            .iter()
            .map(|byte| format!("\\{byte:02x}"))
            .collect();
        let data = format!("(data (i32.const {BASE}) \"{text}\")");
        (data, BASE + self.bytes.len().next_multiple_of(16))
    }

    /// Room for so many bytes.
    fn room(&mut self, size: usize, align: usize) -> usize {
        let start = self.bytes.len().next_multiple_of(align.max(1));
        self.bytes.resize(start + size, 0);
        BASE + start
    }

    /// Room for a value.
    pub fn area(&mut self, ty: &Type) -> usize {
        let size = self.sizes.size(ty).size_wasm32();
        self.room(size, self.sizes.align(ty).align_wasm32())
    }

    /// A constant of a type; its address.
    pub fn constant(&mut self, ty: &Type) -> usize {
        let at = self.area(ty);
        self.fill(ty, at);
        at
    }

    fn put(&mut self, at: usize, bytes: &[u8]) {
        let at = at - BASE;
        self.bytes[at..at + bytes.len()].copy_from_slice(bytes);
    }

    fn below(&mut self, bound: usize) -> usize {
        (next(&mut self.state) % bound as u64) as usize
    }

    fn fill(&mut self, ty: &Type, at: usize) {
        let number = next(&mut self.state) >> 20;
        match ty {
            Type::Bool => self.put(at, &[number as u8 & 1]),
            Type::U8 | Type::S8 => self.put(at, &[number as u8]),
            Type::U16 | Type::S16 => self.put(at, &(number as u16).to_le_bytes()),
            Type::U32 | Type::S32 => self.put(at, &(number as u32).to_le_bytes()),
            Type::U64 | Type::S64 => self.put(at, &number.to_le_bytes()),
            Type::F32 => self.put(at, &f32::from(number as u16).to_le_bytes()),
            Type::F64 => self.put(at, &f64::from(number as u32).to_le_bytes()),
            Type::Char => self.put(at, &(number as u32 % 0xd800).to_le_bytes()),
            Type::String => self.text(at),
            Type::ErrorContext => {}
            Type::Id(id) => self.defined(*id, at),
        }
    }

    fn text(&mut self, at: usize) {
        let text = format!("é{}", "x".repeat(self.below(5)));
        let (bytes, length): (Vec<u8>, usize) = match self.is_wide {
            true => {
                let units: Vec<u16> = text.encode_utf16().collect();
                let bytes = units.iter().flat_map(|unit| unit.to_le_bytes());
                (bytes.collect(), units.len())
            }
            false => (text.clone().into_bytes(), text.len()),
        };
        let start = self.room(bytes.len(), 2);
        self.put(start, &bytes);
        self.pair(at, start, length);
    }

    fn pair(&mut self, at: usize, pointer: usize, length: usize) {
        self.put(at, &(pointer as u32).to_le_bytes());
        self.put(at + 4, &(length as u32).to_le_bytes());
    }

    fn defined(&mut self, id: TypeId, at: usize) {
        match &self.resolve.types[id].kind {
            TypeDefKind::Type(ty) => self.fill(ty, at),
            TypeDefKind::Record(record) => {
                let types: Vec<Type> = record.fields.iter().map(|field| field.ty).collect();
                self.fields(&types, at);
            }
            TypeDefKind::Tuple(tuple) => self.fields(&tuple.types, at),
            TypeDefKind::Flags(flags) => {
                let (count, length) = (flags.flags.len(), self.sizes.size(&Type::Id(id)));
                let bits = self.below(1 << count) as u64;
                self.put(at, &bits.to_le_bytes()[..length.size_wasm32()]);
            }
            TypeDefKind::Enum(cases) => {
                let case = self.below(cases.cases.len());
                self.tag(cases.tag(), at, case);
            }
            TypeDefKind::Variant(variant) => {
                let cases: Vec<Option<Type>> = variant.cases.iter().map(|case| case.ty).collect();
                self.variant(variant.tag(), &cases, at);
            }
            TypeDefKind::Option(some) => self.variant(Int::U8, &[None, Some(*some)], at),
            TypeDefKind::Result(result) => {
                self.variant(Int::U8, &[result.ok, result.err], at);
            }
            TypeDefKind::List(element) => {
                let (element, count) = (*element, self.below(3));
                let size = self.sizes.size(&element).size_wasm32();
                let align = self.sizes.align(&element).align_wasm32();
                let start = self.room(size * count, align);
                for index in 0..count {
                    self.fill(&element, start + size * index);
                }
                self.pair(at, start, count);
            }
            // Nothing else is in a value that is a constant.
            _ => {}
        }
    }

    fn fields(&mut self, types: &[Type], at: usize) {
        for (offset, ty) in self.offsets(types) {
            self.fill(&ty, at + offset);
        }
    }

    /// Where fields are.
    pub fn offsets(&self, types: &[Type]) -> Vec<(usize, Type)> {
        let offsets = self.sizes.field_offsets(types);
        let offset =
            |(offset, ty): (wit_parser::ArchitectureSize, &Type)| (offset.size_wasm32(), *ty);
        offsets.into_iter().map(offset).collect()
    }

    fn variant(&mut self, tag: Int, cases: &[Option<Type>], at: usize) {
        let case = self.below(cases.len());
        self.tag(tag, at, case);
        if let Some(ty) = cases[case] {
            let offset = self
                .sizes
                .payload_offset(tag, cases.iter().map(Option::as_ref));
            self.fill(&ty, at + offset.size_wasm32());
        }
    }

    fn tag(&mut self, tag: Int, at: usize, case: usize) {
        let width = match tag {
            Int::U8 => 1,
            Int::U16 => 2,
            Int::U32 | Int::U64 => 4,
        };
        self.put(at, &case.to_le_bytes()[..width]);
    }

    /// The instruction that loads a value which is one of core WebAssembly.
    pub fn load(&self, ty: &Type) -> &'static str {
        self.access(
            ty,
            [
                "i32.load8_u",
                "i32.load16_u",
                "i32.load",
                "i64.load",
                "f32.load",
                "f64.load",
            ],
        )
    }

    /// The instruction that stores it.
    pub fn store(&self, ty: &Type) -> &'static str {
        self.access(
            ty,
            [
                "i32.store8",
                "i32.store16",
                "i32.store",
                "i64.store",
                "f32.store",
                "f64.store",
            ],
        )
    }

    fn access(&self, ty: &Type, words: [&'static str; 6]) -> &'static str {
        let [byte, half, word, double, single_float, double_float] = words;
        match ty {
            Type::Bool | Type::U8 | Type::S8 => byte,
            Type::U16 | Type::S16 => half,
            Type::U64 | Type::S64 => double,
            Type::F32 => single_float,
            Type::F64 => double_float,
            Type::Id(id) => match &self.resolve.types[*id].kind {
                TypeDefKind::Type(ty) => self.access(ty, words),
                TypeDefKind::Record(record) => self.access(&record.fields[0].ty, words),
                TypeDefKind::Tuple(tuple) => self.access(&tuple.types[0], words),
                TypeDefKind::Flags(flags) => match flags.repr() {
                    FlagsRepr::U8 => byte,
                    FlagsRepr::U16 => half,
                    FlagsRepr::U32(_) => word,
                },
                // A variant without payloads has a byte: its cases are few.
                TypeDefKind::Enum(_) | TypeDefKind::Variant(_) | TypeDefKind::Result(_) => byte,
                _ => word,
            },
            _ => word,
        }
    }
}
