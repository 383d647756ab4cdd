//! What each function does, by its name.
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

use std::fmt::Write;

use wit_parser::abi::{WasmSignature, WasmType};
use wit_parser::{Function, FunctionKind, Type, TypeDefKind, TypeId};

use super::writer::{Imported, Writer, core_type};

impl<'a> Writer<'a> {
    pub(super) fn body(&mut self, func: &'a Function, signature: &WasmSignature) -> String {
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
            let param = match core_type(*ty) {
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
