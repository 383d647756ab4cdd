//! Core WebAssembly for functions: a body, and what it needs.

use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, DataSection, EntityType, ExportKind, ExportSection,
    Function, FunctionSection, GlobalSection, GlobalType, ImportSection, InstructionSink, MemArg,
    MemorySection, MemoryType, Module, NameMap, NameSection, TypeSection, ValType,
};

/// A function's type: parameters and result.
pub type FuncType = (Vec<ValType>, Option<ValType>);

/// The module that the imports of a [`Core`] come from.
pub const IMPORTS: &str = "policy";

/// The memory's first bytes stay zero: a pointer there points at nothing.
const FIRST: u64 = 16;

/// What allocates: everything until it is reset.
#[derive(Clone, Copy)]
pub struct Bump {
    /// The global that says where free memory starts.
    next: u32,
    /// The global that says where it starts when all is freed.
    first: u32,
    /// The function, `cabi_realloc`.
    pub function: u32,
}

/// A core module in the making.
#[derive(Default)]
pub struct Core {
    types: Vec<FuncType>,
    imports: Vec<u32>,
    functions: Vec<(u32, String, Option<String>, Body)>,
    /// What is in memory before anything runs, from [`Core::base`] on.
    pub data: Vec<u8>,
    globals: Vec<(ValType, i64)>,
    exports_memory: bool,
    /// Whether the memory is another module's.
    imports_memory: bool,
    /// The pages of memory that are there from the start.
    pages: u64,
    bump: Option<Bump>,
}

impl Core {
    /// Where constants start in memory.
    pub const fn base() -> u64 {
        FIRST
    }

    fn ty(&mut self, ty: FuncType) -> u32 {
        let known = self.types.iter().position(|other| *other == ty);
        known.unwrap_or_else(|| {
            self.types.push(ty);
            self.types.len() - 1
        }) as u32
    }

    /// An import, named by its index; all of them come before functions.
    pub fn import(&mut self, ty: FuncType) -> u32 {
        debug_assert!(self.functions.is_empty(), "imports come first");
        let ty = self.ty(ty);
        self.imports.push(ty);
        self.imports.len() as u32 - 1
    }

    /// Uses the memory of another module, which is imported.
    pub fn borrow_memory(&mut self) {
        self.imports_memory = true;
    }

    /// A function by a name for backtraces; exported under `export`.
    pub fn function(
        &mut self,
        name: &str,
        export: Option<String>,
        ty: FuncType,
        body: Body,
    ) -> u32 {
        let ty = self.ty(ty);
        self.functions.push((ty, name.to_string(), export, body));
        (self.imports.len() + self.functions.len()) as u32 - 1
    }

    /// A variable.
    pub fn global(&mut self, ty: ValType, first: i64) -> u32 {
        self.globals.push((ty, first));
        self.globals.len() as u32 - 1
    }

    /// Has a memory, with at least that many pages.
    pub fn memory(&mut self, pages: u64) {
        self.exports_memory = true;
        self.pages = self.pages.max(pages);
    }

    /// What allocates, made when it is first asked for.
    pub fn bump(&mut self) -> Bump {
        if let Some(bump) = self.bump {
            return bump;
        }
        self.memory(0);
        let (next, first) = (self.global(ValType::I32, 0), self.global(ValType::I32, 0));
        let mut body = Body::new(4);
        let start = body.local(ValType::I32);
        let pages = body.local(ValType::I32);
        let (old, old_size, align, size) = (0, 1, 2, 3);
        // start = (next + align - 1) & -align
        let mut code = body.code();
        code.global_get(next)
            .local_get(align)
            .i32_add()
            .i32_const(1)
            .i32_sub();
        code.i32_const(0)
            .local_get(align)
            .i32_sub()
            .i32_and()
            .local_set(start);
        // The end, in 64 bits, so that nothing wraps.
        code.local_get(start)
            .i64_extend_i32_u()
            .local_get(size)
            .i64_extend_i32_u()
            .i64_add();
        code.i64_const(0xffff)
            .i64_add()
            .i64_const(16)
            .i64_shr_u()
            .i32_wrap_i64()
            .local_tee(pages);
        code.memory_size(0).i32_gt_u().if_(BlockType::Empty);
        code.local_get(pages)
            .memory_size(0)
            .i32_sub()
            .memory_grow(0);
        code.i32_const(-1)
            .i32_eq()
            .if_(BlockType::Empty)
            .unreachable()
            .end()
            .end();
        code.local_get(start)
            .local_get(size)
            .i32_add()
            .global_set(next);
        // Texts that are transcoded grow.
        code.local_get(start)
            .local_get(old)
            .local_get(old_size)
            .local_get(size);
        code.local_get(old_size)
            .local_get(size)
            .i32_lt_u()
            .select()
            .memory_copy(0, 0);
        code.local_get(start);
        let ty = (vec![ValType::I32; 4], Some(ValType::I32));
        let function = self.function("realloc", Some("realloc".to_string()), ty, body);
        let bump = Bump {
            next,
            first,
            function,
        };
        self.bump = Some(bump);
        bump
    }

    /// Where free memory starts once all constants are written.
    pub fn free(&self) -> u64 {
        (FIRST + self.data.len() as u64).next_multiple_of(16)
    }

    /// The module.
    pub fn finish(mut self) -> Module {
        let free = self.free();
        if let Some(Bump { next, first, .. }) = self.bump {
            for global in [next, first] {
                self.globals[global as usize].1 = free as i64;
            }
        }
        if !self.data.is_empty() {
            self.memory(free.div_ceil(1 << 16));
        }
        let mut module = Module::new();
        let mut types = TypeSection::new();
        for (params, result) in &self.types {
            types.ty().function(params.iter().copied(), *result);
        }
        module.section(&types);
        let mut imports = ImportSection::new();
        for (index, ty) in self.imports.iter().enumerate() {
            imports.import(IMPORTS, &index.to_string(), EntityType::Function(*ty));
        }
        if self.imports_memory {
            imports.import(IMPORTS, "memory", memory(0));
        }
        module.section(&imports);
        let mut functions = FunctionSection::new();
        let mut exports = ExportSection::new();
        let mut code = CodeSection::new();
        let mut names = NameMap::new();
        let first = self.imports.len() as u32;
        for (index, (ty, name, export, body)) in (first..).zip(self.functions) {
            functions.function(ty);
            if let Some(export) = export {
                exports.export(&export, ExportKind::Func, index);
            }
            code.function(&body.finish());
            names.append(index, &name);
        }
        module.section(&functions);
        if self.exports_memory {
            let mut memories = MemorySection::new();
            memories.memory(memory(self.pages));
            exports.export("memory", ExportKind::Memory, 0);
            module.section(&memories);
        }
        let mut globals = GlobalSection::new();
        for (ty, first) in &self.globals {
            let first = match ty {
                ValType::I64 => ConstExpr::i64_const(*first),
                _ => ConstExpr::i32_const(*first as i32),
            };
            let ty = GlobalType {
                val_type: *ty,
                mutable: true,
                shared: false,
            };
            globals.global(ty, &first);
        }
        module.section(&globals);
        module.section(&exports);
        module.section(&code);
        if !self.data.is_empty() {
            let mut data = DataSection::new();
            data.active(0, &ConstExpr::i32_const(FIRST as i32), self.data);
            module.section(&data);
        }
        let mut section = NameSection::new();
        section.functions(&names);
        module.section(&section);
        module
    }
}

fn memory(minimum: u64) -> MemoryType {
    MemoryType {
        minimum,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    }
}

/// A function's code, with locals that are added while it is written.
pub struct Body {
    params: u32,
    locals: Vec<ValType>,
    bytes: Vec<u8>,
}

impl Body {
    /// Of a function with that many parameters.
    pub fn new(params: usize) -> Self {
        let params = params as u32;
        Self {
            params,
            locals: Vec::new(),
            bytes: Vec::new(),
        }
    }

    /// That traps.
    pub fn trap(params: usize) -> Self {
        let mut body = Self::new(params);
        body.code().unreachable();
        body
    }

    /// Another local.
    pub fn local(&mut self, ty: ValType) -> u32 {
        self.locals.push(ty);
        self.params + self.locals.len() as u32 - 1
    }

    /// What comes next.
    pub fn code(&mut self) -> InstructionSink<'_> {
        InstructionSink::new(&mut self.bytes)
    }

    /// Frees all that was allocated.
    pub fn reset(&mut self, bump: Bump) {
        self.code().global_get(bump.first).global_set(bump.next);
    }

    /// A constant of a type, of its bytes.
    pub fn constant(&mut self, ty: Option<ValType>, bits: u64) {
        let mut code = self.code();
        match ty {
            Some(ValType::I64) => code.i64_const(bits as i64),
            Some(ValType::F32) => code.f32_const(f32::from_bits(bits as u32).into()),
            Some(ValType::F64) => code.f64_const(f64::from_bits(bits).into()),
            _ => code.i32_const(bits as i32),
        };
    }

    fn finish(mut self) -> Function {
        self.code().end();
        let mut function = Function::new_with_locals_types(self.locals);
        function.raw(self.bytes);
        function
    }
}

/// A place in memory, by its offset from the address on the stack.
pub fn at(offset: u64, align: u32) -> MemArg {
    MemArg {
        offset,
        align,
        memory_index: 0,
    }
}
