//! The compositor in a small sandbox: bulk bytes stay out of its memory.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use compositor_core::{Digest, Inspection, Limits, Provenance};
use compositor_tests::{Embedding, Temp, dist, read};
use serde_json::json;
use wasm_encoder::{
    CanonicalFunctionSection, CodeSection, Component, ComponentAliasSection, ComponentExportKind,
    ComponentExportSection, ComponentTypeSection, CustomSection, DataSection, ExportKind,
    ExportSection, Function, FunctionSection, InstanceSection, MemorySection, MemoryType, Module,
    ModuleArg, ModuleSection, PrimitiveValType, TypeSection, ValType,
};

const MIB: usize = 1 << 20;

/// What a component's bytes are made of beside its type.
struct Bulk {
    data: usize,
    functions: usize,
    custom: usize,
}

/// A component that exports `f: func() -> u32`, with so much beside it.
fn component(seed: u8, bulk: &Bulk) -> Vec<u8> {
    let mut module = Module::new();
    let mut types = TypeSection::new();
    types.ty().function([], [ValType::I32]);
    module.section(&types);
    let mut functions = FunctionSection::new();
    let mut code = CodeSection::new();
    for _ in 0..=bulk.functions {
        functions.function(0);
        let mut body = Function::new([]);
        // About a hundred bytes, as functions of real programs have.
        for _ in 0..16 {
            body.instructions().i32_const(i32::MAX).drop();
        }
        body.instructions().i32_const(seed.into()).end();
        code.function(&body);
    }
    module.section(&functions);
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: 1,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    module.section(&memories);
    let mut exports = ExportSection::new();
    exports.export("f", ExportKind::Func, 0);
    module.section(&exports);
    module.section(&code);
    let mut data = DataSection::new();
    for _ in 0..2 {
        data.passive(std::iter::repeat_n(seed, bulk.data / 2));
    }
    module.section(&data);

    let mut component = Component::new();
    component.section(&ModuleSection(&module));
    drop(module);
    let mut instances = InstanceSection::new();
    instances.instantiate::<[(&str, ModuleArg); 0], _>(0, []);
    component.section(&instances);
    let mut aliases = ComponentAliasSection::new();
    aliases.alias(wasm_encoder::Alias::CoreInstanceExport {
        instance: 0,
        kind: ExportKind::Func,
        name: "f",
    });
    component.section(&aliases);
    let mut types = ComponentTypeSection::new();
    types
        .function()
        .params::<[(&str, PrimitiveValType); 0], _>([])
        .result(Some(PrimitiveValType::U32.into()));
    component.section(&types);
    let mut canonical = CanonicalFunctionSection::new();
    canonical.lift(0, 0, []);
    component.section(&canonical);
    let mut exports = ComponentExportSection::new();
    exports.export("f", ComponentExportKind::Func, 0, None);
    component.section(&exports);
    component.section(&CustomSection {
        name: "bulk".into(),
        data: vec![seed; bulk.custom].into(),
    });
    component.finish()
}

fn put(blobs: &Path, bytes: &[u8]) -> Digest {
    let digest = Digest::of(bytes);
    fs::write(blobs.join(digest.hex()), bytes).expect("a blob is written");
    digest
}

/// One gigabyte of blobs, composed by the component under 64 MiB, all its
/// memories together: data, code and custom sections, each in bulk.
#[test]
fn a_gigabyte_composes_in_64_mib() {
    let temp = Temp::new();
    let blobs = temp.join("blobs/sha256");
    fs::create_dir_all(&blobs).expect("a folder is made");
    let bulks = [
        (127, 0, 0),
        (127, 0, 0),
        (127, 0, 0),
        (127, 0, 0),
        (0, 0, 120),
    ]
    .into_iter()
    .chain([(120, 0, 60), (100, 300_000, 0), (100, 500_000, 10)]);
    let mut total = 0;
    let (mut components, mut bindings, mut imports) = (Vec::new(), Vec::new(), String::new());
    for (index, (data, functions, custom)) in bulks.enumerate() {
        let bulk = Bulk {
            data: data * MIB,
            functions,
            custom: custom * MIB,
        };
        let bytes = component(index as u8, &bulk);
        total += bytes.len();
        let id = format!("p{index}");
        imports += &format!("(import \"f{index}\" (func $f{index} (result u32)))");
        bindings.push(json!({
            "import_name": format!("f{index}"), "provider_id": id, "export_name": "f",
        }));
        components.push(json!({ "id": id, "digest": put(&blobs, &bytes).to_string() }));
    }
    assert!(total >= 1 << 30, "{total} bytes are less than a gigabyte");
    let root = wat::parse_str(format!(
        "(component {imports} (export \"first\" (func $f0)))"
    ));
    let root = put(&blobs, &root.expect("sound WAT"));
    components.push(json!({ "id": "root", "digest": root.to_string() }));
    let plan = json!({
        "version": "1", "root": "root", "components": components, "bindings": bindings,
    });
    temp.write("plan.json", plan.to_string());

    let compositor = read(dist("compositor.wasm"));
    let ended = Embedding::new(temp.path())
        .memory(64 * MIB)
        .run(&compositor, ["plan.json", "-o", "out.wasm", "--store", "."]);
    let memory = ended.memory;
    ended.success();
    println!("{total} bytes of blobs, {memory} bytes of memory");
    assert!(memory <= 64 * MIB);

    // The artifact is what it says: as large as its parts, each in its place.
    let artifact = temp.join("out.wasm");
    let size = fs::metadata(&artifact).expect("it was written").len() as usize;
    assert!(size > total && size < total + 64 * 1024, "{size} bytes");
    let bytes = fs::read(&artifact).expect("it can be read");
    let Inspection::Found(provenance) = Provenance::inspect(&bytes[..MIB], &Limits::default())
    else {
        panic!("the artifact does not say what it was made of");
    };
    assert_eq!(provenance.root, "root");
    let digest = Digest::of(&bytes);
    assert!(
        blobs.join(digest.hex()).exists(),
        "the store has it under its digest"
    );
    wasmparser::Validator::new()
        .validate_all(&bytes)
        .expect("the artifact is valid");
}

/// What is stripped is copied by the store: neither what stays nor what goes is ever
/// in the component's memory.
#[test]
fn large_components_are_stripped_in_64_mib() {
    let temp = Temp::new();
    let blobs = temp.join("blobs/sha256");
    fs::create_dir_all(&blobs).expect("a folder is made");
    let bulk = Bulk {
        data: 90 * MIB,
        functions: 100_000,
        custom: 80 * MIB,
    };
    let bytes = component(1, &bulk);
    let plan = json!({
        "version": "1", "root": "root", "bindings": [],
        "components": [{ "id": "root", "digest": put(&blobs, &bytes).to_string() }],
    });
    temp.write("plan.json", plan.to_string());
    let compositor = read(dist("compositor.wasm"));
    let args = ["plan.json", "--strip", "-o", "out.wasm", "--store", "."];
    let ended = Embedding::new(temp.path())
        .memory(64 * MIB)
        .run(&compositor, args);
    let memory = ended.memory;
    ended.success();
    println!("{} bytes, {memory} bytes of memory", bytes.len());
    let size = fs::metadata(temp.join("out.wasm"))
        .expect("it was written")
        .len() as usize;
    let stays = bytes.len() - bulk.custom;
    assert!(
        size < stays + 64 * 1024 && size > stays - 64 * 1024,
        "{size} bytes"
    );
}

/// A file that grows without end is not read without end.
#[test]
fn a_huge_plan_is_an_error_that_says_so() {
    let temp = Temp::new();
    let mut file = fs::File::create(temp.join("plan.json")).expect("a file is made");
    let spaces = vec![b' '; MIB];
    for _ in 0..40 {
        file.write_all(&spaces).expect("it is written");
    }
    let compositor = read(dist("compositor.wasm"));
    let ended = Embedding::new(temp.path())
        .memory(64 * MIB)
        .run(&compositor, ["plan", "validate", "plan.json"]);
    assert_eq!(ended.trap, None);
    assert_eq!(ended.output.status, 1);
    assert!(
        ended.output.stderr.contains("too large"),
        "{}",
        ended.output.stderr
    );
}
