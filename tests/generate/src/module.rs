//! The core module of a component: code for each export, by its name.
//!
//! | name | answer |
//! | --- | --- |
//! | `tick` | the component's number with what each imported `tick` answers |
//! | `give`, `mix` | a constant |
//! | `take` | the component's number with the parameters |
//! | `echo`, `pass`, `pack` | the parameter |
//! | `lend` | the component's number with the lent resource's value |
//!
//! Three of four components ask an import instead that has the same type. A
//! resource stands for a number; where the component imports it too, for the
//! imported one.

use std::collections::HashMap;
use std::fmt::Write;

use wit_parser::abi::{AbiVariant, WasmSignature, WasmType};
use wit_parser::{
    Function, FunctionKind, Handle, InterfaceId, LiftLowerAbi, ManglingAndAbi, Resolve,
    ResourceIntrinsic, Type, TypeDefKind, TypeId, TypeOwner, WasmExport, WasmExportKind,
    WasmImport, WorldId, WorldItem, WorldKey,
};

use crate::component::Spec;
use crate::memory::Memory;

const MANGLING: ManglingAndAbi = ManglingAndAbi::Legacy(LiftLowerAbi::Sync);

/// Writes the module of a world.
pub fn module(resolve: &Resolve, world: WorldId, spec: &Spec) -> anyhow::Result<Vec<u8>> {
    let mut writer = Writer {
        resolve,
        number: spec.number,
        memory: Memory::new(resolve, spec.number, spec.is_wide),
        imports: Vec::new(),
        drops: HashMap::new(),
        exported: Vec::new(),
        declared: String::new(),
        code: String::new(),
    };
    let world = &resolve.worlds[world];
    for (key, item) in &world.imports {
        writer.import(key, item);
    }
    for item in world.exports.values() {
        if let WorldItem::Interface { id, .. } = item {
            writer.exported.push(*id);
        }
    }
    for (key, item) in &world.exports {
        writer.export(key, item);
    }
    let (data, end) = writer.memory.data();
    let pages = end / 0x1_0000 + 1;
    let (declared, code) = (&writer.declared, &writer.code);
    let text = format!(
        r#"(module {declared}
             (memory (export "memory") {pages})
             (global $end (mut i32) (i32.const {end}))
             {data} {code} {REALLOC})"#
    );
    wat::parse_str(&text).map_err(|error| anyhow::anyhow!("{error}\n{text}"))
}

/// Takes new memory each time; a component answers few calls.
const REALLOC: &str = r#"
    (func (export "cabi_realloc") (param $old i32) (param $size i32) (param $align i32) (param $new i32)
      (result i32) (local $at i32)
      (local.set $at (i32.and
        (i32.add (global.get $end) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
      (global.set $end (i32.add (local.get $at) (local.get $new)))
      (block $fits
        (br_if $fits (i32.le_u (global.get $end) (i32.shl (memory.size) (i32.const 16))))
        (br_if $fits (i32.ge_s
          (memory.grow (i32.add (i32.const 1) (i32.shr_u (local.get $new) (i32.const 16))))
          (i32.const 0)))
        unreachable)
      (memory.copy (local.get $at) (local.get $old) (local.get $size))
      (local.get $at))"#;

struct Imported<'a> {
    func: &'a Function,
    signature: WasmSignature,
}

struct Writer<'a> {
    resolve: &'a Resolve,
    number: u32,
    memory: Memory<'a>,
    imports: Vec<Imported<'a>>,
    /// Functions that drop handles of imported resources.
    drops: HashMap<TypeId, String>,
    exported: Vec<InterfaceId>,
    declared: String,
    code: String,
}

impl<'a> Writer<'a> {
    fn import(&mut self, key: &'a WorldKey, item: &'a WorldItem) {
        match item {
            WorldItem::Function(func) => self.imported(None, func),
            WorldItem::Interface { id, .. } => {
                let interface = &self.resolve.interfaces[*id];
                for func in interface.functions.values() {
                    self.imported(Some(key), func);
                }
                for id in interface.types.values() {
                    if let TypeDefKind::Resource = self.resolve.types[*id].kind {
                        let name = format!("$drop{}", self.drops.len());
                        let intrinsic = ResourceIntrinsic::ImportedDrop;
                        self.intrinsic(key, *id, intrinsic, &name, "(param i32)");
                        self.drops.insert(*id, name);
                    }
                }
            }
            WorldItem::Type { .. } => {}
        }
    }

    fn imported(&mut self, interface: Option<&WorldKey>, func: &'a Function) {
        let import = WasmImport::Func { interface, func };
        let (module, name) = self.resolve.wasm_import_name(MANGLING, import);
        let signature = self.resolve.wasm_signature(AbiVariant::GuestImport, func);
        let (index, types) = (self.imports.len(), types(&signature));
        let _ = writeln!(
            self.declared,
            "(import {module:?} {name:?} (func $i{index} {types}))"
        );
        self.imports.push(Imported { func, signature });
    }

    fn intrinsic(
        &mut self,
        interface: &WorldKey,
        resource: TypeId,
        intrinsic: ResourceIntrinsic,
        name: &str,
        types: &str,
    ) {
        let import = WasmImport::ResourceIntrinsic {
            interface: Some(interface),
            resource,
            intrinsic,
        };
        let (module, field) = self.resolve.wasm_import_name(MANGLING, import);
        let _ = writeln!(
            self.declared,
            "(import {module:?} {field:?} (func {name} {types}))"
        );
    }

    fn export(&mut self, key: &WorldKey, item: &'a WorldItem) {
        match item {
            WorldItem::Function(func) => self.exported(None, func),
            WorldItem::Interface { id, .. } => {
                let interface = &self.resolve.interfaces[*id];
                for id in interface.types.values() {
                    if let TypeDefKind::Resource = self.resolve.types[*id].kind {
                        self.resource(key, *id);
                    }
                }
                for func in interface.functions.values() {
                    self.exported(Some(key), func);
                }
            }
            WorldItem::Type { .. } => {}
        }
    }

    /// What makes and reads handles of a resource of the component's own, and
    /// what is called when the last one is dropped.
    fn resource(&mut self, interface: &WorldKey, resource: TypeId) {
        let number = resource.index();
        let conversion = "(param i32) (result i32)";
        let (new, rep) = (format!("$new{number}"), format!("$rep{number}"));
        self.intrinsic(
            interface,
            resource,
            ResourceIntrinsic::ExportedNew,
            &new,
            conversion,
        );
        self.intrinsic(
            interface,
            resource,
            ResourceIntrinsic::ExportedRep,
            &rep,
            conversion,
        );
        let export = WasmExport::ResourceDtor {
            interface,
            resource,
        };
        let name = self.resolve.wasm_export_name(MANGLING, export);
        let told = match self.ticks().next() {
            Some(index) => format!("(drop (call $i{index} (i32.const 0)))"),
            None => String::new(),
        };
        let _ = writeln!(self.code, "(func (export {name:?}) (param i32) {told})");
    }

    /// Imported functions that a `tick` calls.
    fn ticks(&self) -> impl Iterator<Item = usize> {
        let imports = self.imports.iter().enumerate();
        imports
            .filter(|(_, import)| import.func.name.starts_with("tick"))
            .map(|(index, _)| index)
    }

    fn exported(&mut self, interface: Option<&WorldKey>, func: &'a Function) {
        let export = WasmExport::Func {
            interface,
            func,
            kind: WasmExportKind::Normal,
        };
        let name = self.resolve.wasm_export_name(MANGLING, export);
        let signature = self.resolve.wasm_signature(AbiVariant::GuestExport, func);
        let body = self.body(func, &signature);
        let types = types(&signature);
        let _ = writeln!(self.code, "(func (export {name:?}) {types} {body})");
    }

    fn body(&mut self, func: &'a Function, signature: &WasmSignature) -> String {
        let own = self.number;
        match func.kind {
            FunctionKind::Constructor(id) | FunctionKind::Method(id) | FunctionKind::Static(id) => {
                self.of_resource(func, id)
            }
            _ if func.name.starts_with("tick") => {
                let mut text = format!("(i32.const {own})");
                for index in self.ticks() {
                    let next = "(i32.sub (local.get 0) (i32.const 1))";
                    text = format!(
                        "(i32.add (i32.mul {text} (i32.const 31)) (if (result i32) (local.get 0)
                           (then (call $i{index} {next})) (else (i32.const 1))))"
                    );
                }
                text
            }
            _ => match self.relay(func).filter(|_| own % 4 != 3) {
                Some(import) => self.ask(import, func, signature),
                None => self.answer(func, signature),
            },
        }
    }

    /// What a resource's own functions do.
    fn of_resource(&self, func: &Function, id: TypeId) -> String {
        let (number, own) = (id.index(), self.number);
        let same =
            |import: &Imported<'_>| import.func.kind == func.kind && import.func.name == func.name;
        let import = self.imports.iter().position(same);
        match (&func.kind, import) {
            (FunctionKind::Constructor(_), Some(index)) => {
                format!("(call $new{number} (call $i{index} (local.get 0)))")
            }
            (FunctionKind::Constructor(_), None) => {
                format!("(call $new{number} (i32.add (local.get 0) (i32.const {own})))")
            }
            (FunctionKind::Method(_), Some(index)) => {
                format!("(i32.add (call $i{index} (local.get 0)) (i32.const {own}))")
            }
            (FunctionKind::Method(_), None) => "(local.get 0)".to_string(),
            (_, Some(index)) => format!(
                "(call $new{number} (call $i{index} (call $rep{number} (local.get 0)) (local.get 1)))"
            ),
            (_, None) => format!(
                "(call $new{number} (i32.add (i32.mul (call $rep{number} (local.get 0))
                   (i32.const 31)) (local.get 1)))"
            ),
        }
    }

    /// The import that has an export's type.
    fn relay(&self, func: &Function) -> Option<usize> {
        let types = |func: &Function| {
            let params = func.params.iter().map(|param| param.ty);
            params.chain(func.result).collect::<Vec<_>>()
        };
        let wanted = types(func);
        let fits = |import: &Imported<'_>| {
            let given = types(import.func);
            import.func.kind == FunctionKind::Freestanding
                && import.func.params.len() == func.params.len()
                && given.len() == wanted.len()
                && given.iter().zip(&wanted).all(|(a, b)| self.same(a, b))
        };
        let named = |import: &Imported<'_>| import.func.name == func.name && fits(import);
        let mut imports = self.imports.iter();
        imports
            .position(named)
            .or_else(|| self.imports.iter().position(fits))
    }

    /// Whether a type of an import is one of an export: by structure, and for
    /// resources that are not the component's own.
    fn same(&self, a: &Type, b: &Type) -> bool {
        let (a, b) = (self.plain(a), self.plain(b));
        let (Type::Id(a), Type::Id(b)) = (a, b) else {
            return a == b;
        };
        let both = |a: &Option<Type>, b: &Option<Type>| match (a, b) {
            (Some(a), Some(b)) => self.same(a, b),
            (a, b) => a.is_none() && b.is_none(),
        };
        match (&self.resolve.types[a].kind, &self.resolve.types[b].kind) {
            (TypeDefKind::Record(a), TypeDefKind::Record(b)) => {
                a.fields.len() == b.fields.len()
                    && a.fields
                        .iter()
                        .zip(&b.fields)
                        .all(|(a, b)| self.same(&a.ty, &b.ty))
            }
            (TypeDefKind::Tuple(a), TypeDefKind::Tuple(b)) => {
                a.types.len() == b.types.len()
                    && a.types.iter().zip(&b.types).all(|(a, b)| self.same(a, b))
            }
            (TypeDefKind::Variant(a), TypeDefKind::Variant(b)) => {
                a.cases.len() == b.cases.len()
                    && a.cases
                        .iter()
                        .zip(&b.cases)
                        .all(|(a, b)| both(&a.ty, &b.ty))
            }
            (TypeDefKind::Enum(a), TypeDefKind::Enum(b)) => a.cases.len() == b.cases.len(),
            (TypeDefKind::Flags(a), TypeDefKind::Flags(b)) => a.flags.len() == b.flags.len(),
            (TypeDefKind::Option(a), TypeDefKind::Option(b)) => self.same(a, b),
            (TypeDefKind::Result(a), TypeDefKind::Result(b)) => {
                both(&a.ok, &b.ok) && both(&a.err, &b.err)
            }
            (TypeDefKind::List(a), TypeDefKind::List(b)) => self.same(a, b),
            (TypeDefKind::Handle(Handle::Own(a)), TypeDefKind::Handle(Handle::Own(b)))
            | (TypeDefKind::Handle(Handle::Borrow(a)), TypeDefKind::Handle(Handle::Borrow(b))) => {
                let (a, b) = (self.resource_of(*a), self.resource_of(*b));
                a == b && !self.is_own(b)
            }
            _ => false,
        }
    }

    /// A type behind its other names.
    fn plain(&self, ty: &Type) -> Type {
        match ty {
            Type::Id(id) => match &self.resolve.types[*id].kind {
                TypeDefKind::Type(ty) => self.plain(ty),
                _ => *ty,
            },
            _ => *ty,
        }
    }

    /// The resource that a name means.
    fn resource_of(&self, id: TypeId) -> TypeId {
        match self.plain(&Type::Id(id)) {
            Type::Id(id) => id,
            _ => id,
        }
    }

    fn is_own(&self, resource: TypeId) -> bool {
        match self.resolve.types[resource].owner {
            TypeOwner::Interface(id) => self.exported.contains(&id),
            _ => false,
        }
    }

    /// The imported resource that is lent by the only parameter.
    fn lent(&self, func: &Function) -> Option<TypeId> {
        let [param] = &func.params[..] else {
            return None;
        };
        let Type::Id(id) = self.plain(&param.ty) else {
            return None;
        };
        match &self.resolve.types[id].kind {
            TypeDefKind::Handle(Handle::Borrow(id)) => {
                Some(self.resource_of(*id)).filter(|id| !self.is_own(*id))
            }
            _ => None,
        }
    }

    /// Calls an import of the same type.
    fn ask(&mut self, import: usize, func: &Function, signature: &WasmSignature) -> String {
        let mut text: String = (0..signature.params.len())
            .map(|index| format!("(local.get {index}) "))
            .collect();
        if self.imports[import].signature.retptr {
            let area = func.result.map_or(0, |ty| self.memory.area(&ty));
            let _ = write!(
                text,
                "(i32.const {area}) (call $i{import}) (i32.const {area})"
            );
        } else {
            let _ = write!(text, "(call $i{import})");
        }
        if let Some(drop) = self.lent(func).and_then(|id| self.drops.get(&id)) {
            let _ = write!(text, " (call {drop} (local.get 0))");
        }
        text
    }

    /// Answers without asking anyone, but what is lent.
    fn answer(&mut self, func: &Function, signature: &WasmSignature) -> String {
        let word = func.name.trim_end_matches(|c: char| c.is_ascii_digit());
        let word = word.split('-').next().unwrap_or_default();
        let Some(result) = func.result else {
            return String::new();
        };
        match word {
            "echo" | "pass" | "pack" => self.echo(&result, signature),
            "take" => match signature.indirect_params {
                true => format!("(i32.const {})", self.number),
                false => self.sum(&signature.params),
            },
            "lend" => self.lend(func),
            _ => self.constant(&result, signature),
        }
    }

    fn constant(&mut self, ty: &Type, signature: &WasmSignature) -> String {
        let at = self.memory.constant(ty);
        match signature.retptr {
            true => format!("(i32.const {at})"),
            false => format!("({} (i32.const {at}))", self.memory.load(ty)),
        }
    }

    fn sum(&self, params: &[WasmType]) -> String {
        let mut text = format!("(i32.const {})", self.number);
        for (index, ty) in params.iter().enumerate() {
            let param = format!("(local.get {index})");
            let param = match core(ty) {
                "i64" => format!("(i32.wrap_i64 {param})"),
                "f32" => format!("(i32.reinterpret_f32 {param})"),
                "f64" => format!("(i32.wrap_i64 (i64.reinterpret_f64 {param}))"),
                _ => param,
            };
            text = format!("(i32.add (i32.mul {text} (i32.const 31)) {param})");
        }
        text
    }

    fn lend(&self, func: &Function) -> String {
        let own = self.number;
        let Some(resource) = self.lent(func) else {
            // Of its own resources a component sees the number.
            return format!("(i32.add (local.get 0) (i32.const {own}))");
        };
        let method = FunctionKind::Method(resource);
        let value = self
            .imports
            .iter()
            .position(|import| import.func.kind == method);
        let value = value.map(|index| format!("(call $i{index} (local.get 0))"));
        let drop = self.drops.get(&resource);
        let drop = drop.map(|name| format!("(call {name} (local.get 0))"));
        let value = value.unwrap_or_else(|| "(i32.const 0)".to_string());
        let drop = drop.unwrap_or_default();
        format!("(i32.add {value} (i32.const {own})) {drop}")
    }

    fn echo(&mut self, ty: &Type, signature: &WasmSignature) -> String {
        if signature.indirect_params || !signature.retptr {
            // Where the parameter is, or what it is.
            return "(local.get 0)".to_string();
        }
        let area = self.memory.area(ty);
        let (mut text, mut local) = (String::new(), 0);
        match self.spill(ty, area, &mut local, &mut text) {
            true => format!("{text} (i32.const {area})"),
            false => self.constant(ty, signature),
        }
    }

    /// Stores a parameter that is spread over locals; false for a variant,
    /// whose locals depend on the case.
    fn spill(&mut self, ty: &Type, at: usize, local: &mut usize, text: &mut String) -> bool {
        let plain = self.plain(ty);
        let mut put = |at: usize, store: &str| {
            let _ = write!(text, "({store} (i32.const {at}) (local.get {local})) ");
            *local += 1;
            true
        };
        let Type::Id(id) = plain else {
            return match plain {
                Type::String => put(at, "i32.store") && put(at + 4, "i32.store"),
                _ => put(at, self.memory.store(&plain)),
            };
        };
        let fields: Vec<Type> = match &self.resolve.types[id].kind {
            TypeDefKind::List(_) => return put(at, "i32.store") && put(at + 4, "i32.store"),
            TypeDefKind::Record(record) => record.fields.iter().map(|field| field.ty).collect(),
            TypeDefKind::Tuple(tuple) => tuple.types.clone(),
            TypeDefKind::Flags(_) | TypeDefKind::Enum(_) | TypeDefKind::Handle(_) => {
                return put(at, self.memory.store(&plain));
            }
            _ => return false,
        };
        let offsets = self.memory.offsets(&fields);
        let mut fields = offsets.into_iter();
        fields.all(|(offset, ty)| self.spill(&ty, at + offset, local, text))
    }
}

fn types(signature: &WasmSignature) -> String {
    let params = signature.params.iter();
    let results = signature.results.iter();
    let params = params.map(|ty| format!("(param {}) ", core(ty)));
    let results = results.map(|ty| format!("(result {}) ", core(ty)));
    params.chain(results).collect()
}

fn core(ty: &WasmType) -> &'static str {
    match ty {
        WasmType::I32 | WasmType::Pointer | WasmType::Length => "i32",
        WasmType::I64 | WasmType::PointerOrI64 => "i64",
        WasmType::F32 => "f32",
        WasmType::F64 => "f64",
    }
}
