//! The core module of a component: code for each export, by its name. `writer` has
//! what is known of it so far, `body` what the functions do, `relay` which import one
//! asks.

mod body;
mod relay;
mod writer;

use std::fmt::Write;

use wit_parser::abi::{AbiVariant, WasmSignature};
use wit_parser::{
    Function, LiftLowerAbi, ManglingAndAbi, Resolve, ResourceIntrinsic, TypeDefKind, TypeId,
    WasmExport, WasmExportKind, WasmImport, WorldId, WorldItem, WorldKey,
};

pub use writer::core_type;
use writer::{Imported, Writer};

const MANGLING: ManglingAndAbi = ManglingAndAbi::Legacy(LiftLowerAbi::Sync);

/// Writes the module of a world: of a component with that number, whose texts are
/// in UTF-16 when it is wide.
pub fn module(
    resolve: &Resolve,
    world: WorldId,
    number: u32,
    is_wide: bool,
) -> anyhow::Result<Vec<u8>> {
    let mut writer = Writer::new(resolve, number, is_wide);
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
}

fn types(signature: &WasmSignature) -> String {
    let params = signature.params.iter();
    let results = signature.results.iter();
    let params = params.map(|ty| format!("(param {}) ", core_type(*ty)));
    let results = results.map(|ty| format!("(result {}) ", core_type(*ty)));
    params.chain(results).collect()
}
