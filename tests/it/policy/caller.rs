//! Guests that call every function that they import, made of WIT.
//!
//! A guest exports one `func(index: u32) -> list<u8>`, which calls the function
//! of that index in [`Guest::functions`] and returns what is in memory of its
//! result. Numbers are one, or zero where they are in memory, and lists have two
//! elements; handles are asked for from whatever function gives them. With a
//! command in it, `wasi:cli/run` prints what one function returned.

use std::collections::HashMap;
use std::fmt::Write as _;

use test_generate::core_type;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::{
    FutureIntrinsic, LiftLowerAbi, ManglingAndAbi, Resolve, SizeAlign, StreamIntrinsic,
    TypeDefKind, TypeId, UnresolvedPackageGroup, WasmImport, WorldId, WorldItem,
};

use super::arguments::Arguments;
use super::guest::{Called, Guest, RESULT, signature};

/// How large a result may be, less what it points at.
const AREA: u32 = 256;

const MANGLING: ManglingAndAbi = ManglingAndAbi::Legacy(LiftLowerAbi::Sync);

/// A guest of a world, of packages in WIT. With `runs`, `wasi:cli/run` calls that
/// function: the world must have it, and the streams that it prints to.
pub fn guest(world: &str, packages: &[String], runs: Option<&str>) -> Guest {
    let (resolve, id) = resolved(world, packages);
    let mut functions = Vec::new();
    for (key, item) in &resolve.worlds[id].imports {
        match item {
            WorldItem::Function(function) => functions.push(Called {
                name: function.name.clone(),
                interface: None,
                function: function.clone(),
            }),
            WorldItem::Interface { id, .. } => {
                let interface = resolve.name_world_key(key);
                let all = resolve.interfaces[*id].functions.values();
                functions.extend(all.map(|function| Called {
                    name: format!("{interface}#{}", function.name),
                    interface: Some(key.clone()),
                    function: function.clone(),
                }));
            }
            WorldItem::Type { .. } => {}
        }
    }
    let mut exports = resolve.worlds[id].exports.iter();
    let call = exports.find_map(|(_, item)| match item {
        WorldItem::Function(function) => Some(function.name.clone()),
        _ => None,
    });
    let mut sizes = SizeAlign::default();
    sizes.fill(&resolve).expect("the types of WASI have sizes");
    let mut guest = Guest {
        bytes: Vec::new(),
        functions,
        call: call.expect("a function to export"),
        resolve,
        sizes,
    };
    let text = module(&guest, runs);
    guest.bytes = encode(&guest.resolve, id, &text);
    guest
}

/// A component of a world, of packages in WIT, and of a core module in the text
/// format.
pub fn component(world: &str, packages: &[String], module: &str) -> Vec<u8> {
    let (resolve, id) = resolved(world, packages);
    encode(&resolve, id, module)
}

fn resolved(world: &str, packages: &[String]) -> (Resolve, WorldId) {
    let parse = |text: &str| UnresolvedPackageGroup::parse("test.wit", text);
    let parse = |text: &str| {
        let parsed = parse(text).map_err(|(_, error)| error);
        parsed.unwrap_or_else(|error| panic!("{error}\n{text}"))
    };
    let mut resolve = Resolve::default();
    let others = packages.iter().map(|text| parse(text)).collect();
    let package = resolve.push_groups(parse(world), others);
    let package = package.unwrap_or_else(|error| panic!("{error:?}"));
    let id = resolve.select_world(&[package], None).expect("a world");
    (resolve, id)
}

fn encode(resolve: &Resolve, world: WorldId, text: &str) -> Vec<u8> {
    let mut bytes = wat::parse_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    embed_component_metadata(&mut bytes, resolve, world, StringEncoding::UTF8, false)
        .expect("the world is encoded");
    let mut encoder = ComponentEncoder::default();
    let encoded = encoder.module(&bytes).and_then(ComponentEncoder::encode);
    encoded.unwrap_or_else(|error| panic!("{error:?}\n{text}"))
}

fn module(guest: &Guest, runs: Option<&str>) -> String {
    let mut text = String::from("(module\n");
    let mut ends = HashMap::new();
    for (index, called) in guest.functions.iter().enumerate() {
        import(guest, index, called, &mut text);
        ends_of(guest, index, called, &mut ends, &mut text);
    }
    let _ = writeln!(
        text,
        r#"(memory (export "memory") 4)
           (global $next (mut i32) (i32.const {free}))
           (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (local i32)
             (local.set 4 (i32.and
               (i32.sub (i32.add (global.get $next) (local.get 2)) (i32.const 1))
               (i32.sub (i32.const 0) (local.get 2))))
             (global.set $next (i32.add (local.get 4) (local.get 3)))
             (local.get 4))"#,
        free = RESULT + AREA,
    );
    let mut arguments = Arguments::new(guest, &ends);
    let mut calls = String::new();
    let mut table = String::new();
    for (index, called) in guest.functions.iter().enumerate() {
        let call = arguments.call(index, &called.function, RESULT);
        let _ = writeln!(calls, "(func $c{index} {call})");
        let _ = write!(table, "$c{index} ");
    }
    text.push_str(&arguments.makers());
    text.push_str(&calls);
    // Results are told from what was there before.
    let _ = writeln!(
        text,
        r#"(table funcref (elem {table}))
           (func $call (export "{call}") (param i32) (result i32)
             (memory.fill (i32.const {RESULT}) (i32.const 0xee) (i32.const {AREA}))
             (call_indirect (local.get 0))
             (i32.store (i32.const 8) (i32.const {RESULT}))
             (i32.store (i32.const 12) (i32.sub (global.get $next) (i32.const {RESULT})))
             (i32.const 8))"#,
        call = guest.call,
    );
    if let Some(name) = runs {
        text.push_str(&command(guest, name));
    }
    text.push(')');
    text
}

fn import(guest: &Guest, index: usize, called: &Called, text: &mut String) {
    let Called {
        interface,
        function,
        ..
    } = called;
    let (interface, func) = (interface.as_ref(), function);
    let wanted = WasmImport::Func { interface, func };
    let (module, name) = guest.resolve.wasm_import_name(MANGLING, wanted);
    let _ = write!(text, "(import {module:?} {name:?} (func $f{index}");
    let signature = signature(guest, func);
    for ty in signature.params {
        let _ = write!(text, " (param {})", core_type(ty));
    }
    for ty in signature.results {
        let _ = write!(text, " (result {})", core_type(ty));
    }
    text.push_str("))\n");
}

/// Imports what makes the streams and futures that a function takes.
fn ends_of(
    guest: &Guest,
    index: usize,
    called: &Called,
    ends: &mut HashMap<(usize, TypeId), String>,
    text: &mut String,
) {
    let (interface, func) = (called.interface.as_ref(), &called.function);
    let found = func.find_futures_and_streams(&guest.resolve);
    for (position, id) in found.into_iter().enumerate() {
        let (exported, async_, ty) = (false, false, Some(id));
        let wanted = match guest.resolve.types[id].kind {
            TypeDefKind::Stream(_) => WasmImport::StreamIntrinsic {
                interface,
                func,
                ty,
                intrinsic: StreamIntrinsic::New,
                exported,
                async_,
            },
            _ => WasmImport::FutureIntrinsic {
                interface,
                func,
                ty,
                intrinsic: FutureIntrinsic::New,
                exported,
                async_,
            },
        };
        let (module, name) = guest.resolve.wasm_import_name(MANGLING, wanted);
        let id_of = format!("$end{index}-{position}");
        let _ = writeln!(
            text,
            "(import {module:?} {name:?} (func {id_of} (result i64)))"
        );
        ends.insert((index, id), id_of);
    }
}

/// `wasi:cli/run`, which prints the first bytes of a result in hexadecimal.
fn command(guest: &Guest, runs: &str) -> String {
    let chosen = guest.index(runs);
    let find = |start: &str, end: &str| {
        let fits = |called: &Called| called.name.starts_with(start) && called.name.ends_with(end);
        let found = guest.functions.iter().position(fits);
        found.unwrap_or_else(|| panic!("{start}…{end} is not imported"))
    };
    let stdout = find("wasi:cli/stdout@", "#get-stdout");
    let write = find(
        "wasi:io/streams@",
        "#[method]output-stream.blocking-write-and-flush",
    );
    let name = &guest.functions[stdout].name;
    let version = name.split(['@', '#']).nth(1).expect("a version");
    format!(
        r#"(func (export "wasi:cli/run@{version}#run") (result i32) (local i32 i32 i32)
             (drop (call $call (i32.const {chosen})))
             (loop $digits
               (local.set 1 (i32.and
                 (i32.shr_u
                   (i32.load8_u (i32.add (i32.const {RESULT})
                     (i32.shr_u (local.get 0) (i32.const 1))))
                   (i32.shl (i32.and (i32.eqz (i32.and (local.get 0) (i32.const 1)))
                     (i32.const 1)) (i32.const 2)))
                 (i32.const 15)))
               (i32.store8 (i32.add (i32.const 64) (local.get 0))
                 (i32.add (local.get 1)
                   (select (i32.const 48) (i32.const 87)
                     (i32.lt_u (local.get 1) (i32.const 10)))))
               (local.set 0 (i32.add (local.get 0) (i32.const 1)))
               (br_if $digits (i32.lt_u (local.get 0) (i32.const 32))))
             (i32.store8 (i32.const 96) (i32.const 10))
             (call $f{write} (call $f{stdout}) (i32.const 64) (i32.const 33) (i32.const 32))
             (i32.load8_u (i32.const 32)))"#
    )
}
