//! Blobs that are no components, or components without end.

use std::process::Command;

use compositor_tests::{Temp, dist, run};
use wasm_encoder::{
    Component, ComponentSectionId, CustomSection, Module, NestedComponentSection, RawSection,
};

use super::row::Folder;

const CODE: &str = "Emit.CompositionFailed";

const MODULE: [u8; 8] = [0, b'a', b's', b'm', 1, 0, 0, 0];
const COMPONENT: [u8; 8] = [0, b'a', b's', b'm', 13, 0, 1, 0];

/// A component of one section.
fn section(id: u8, payload: &[u8]) -> Vec<u8> {
    let mut component = Component::new();
    component.section(&RawSection { id, data: payload });
    component.finish()
}

/// A section that says that it is longer than it is.
fn claims(id: u8, size: &[u8]) -> Vec<u8> {
    [&COMPONENT[..], &[id], size].concat()
}

#[test]
fn that_are_none() {
    let mut module = Module::new();
    let long = vec![1; 1 << 20];
    module.section(&CustomSection {
        name: "c".into(),
        data: (&long).into(),
    });
    let noise: Vec<u8> = (0..100_000u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let rows: Vec<(&str, Vec<u8>)> = vec![
        ("nothing", Vec::new()),
        ("a byte", vec![0]),
        ("half a header", COMPONENT[..4].to_vec()),
        ("a core module", MODULE.to_vec()),
        ("a long core module", module.finish()),
        (
            "another version",
            [0, b'a', b's', b'm', 14, 0, 1, 0].to_vec(),
        ),
        (
            "an older layer",
            [0, b'a', b's', b'm', 10, 0, 1, 0].to_vec(),
        ),
        ("a compiled one", compiled()),
        (
            "a native program",
            b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec(),
        ),
        ("a script", b"#!/bin/sh\nrm -rf /\n".to_vec()),
        ("the text format", b"(component)".to_vec()),
        ("noise", noise),
        ("zeros", vec![0; 1 << 20]),
        (
            "a header and noise",
            [&COMPONENT[..], &[0xa5; 4096]].concat(),
        ),
        ("an unknown section", section(0x7f, &[0])),
        (
            "a section of four gigabytes",
            claims(7, &[0xff, 0xff, 0xff, 0xff, 0x0f]),
        ),
        (
            "a module of four gigabytes",
            claims(1, &[0xff, 0xff, 0xff, 0xff, 0x0f]),
        ),
        ("a size without end", claims(7, &[0xff; 20])),
        (
            "a list of four billion types",
            section(7, &[0xff, 0xff, 0xff, 0xff, 0x0f]),
        ),
        (
            "a list of four billion imports",
            section(10, &[0xff, 0xff, 0xff, 0xff, 0x0f]),
        ),
        ("a module that is none", section(1, b"nothing")),
        ("a component that is none", section(4, b"nothing")),
        ("a start of nothing", section(9, &[0, 0, 0])),
        (
            "an export of nothing",
            section(11, &[1, 0, 1, b'f', 1, 0, 0]),
        ),
        ("an instance of nothing", section(5, &[1, 0, 0, 0])),
    ];
    for (name, bytes) in rows {
        Folder::of_component(bytes).refused(name, CODE);
    }
}

/// What a runtime has compiled is code for a machine, and is never believed.
fn compiled() -> Vec<u8> {
    let temp = Temp::new();
    let component = temp.write("c.wasm", wat::parse_str("(component)").expect("sound WAT"));
    let out = temp.join("c.cwasm");
    run(Command::new(dist("tools/bench-host"))
        .arg("precompile")
        .args([&component, &out]))
    .success();
    std::fs::read(out).expect("it was compiled")
}

#[test]
fn components_in_components() {
    for depth in [101, 1000, 5000] {
        let mut component = Component::new();
        for _ in 0..depth {
            let inner = std::mem::take(&mut component);
            component.section(&NestedComponentSection(&inner));
        }
        let name = format!("{depth} in each other");
        let refusal = Folder::of_component(component.finish()).refused(&name, CODE);
        assert!(
            refusal.text.contains("component-nesting"),
            "{}",
            refusal.text
        );
    }
    let mut many = Component::new();
    for _ in 0..1001 {
        many.section(&NestedComponentSection(&Component::new()));
    }
    Folder::of_component(many.finish()).refused("a thousand and one beside each other", CODE);
    let mut modules = Component::new();
    for _ in 0..200_000 {
        modules.section(&RawSection {
            id: ComponentSectionId::CoreModule.into(),
            data: &MODULE,
        });
    }
    Folder::of_component(modules.finish()).refused("modules by the hundred thousand", CODE);
}

/// Types without end cost what their text costs.
#[test]
fn core_code() {
    let wat = |text: &str| wat::parse_str(text).expect("WAT");
    for (name, text) in [
        (
            "a function of nothing",
            "(component (core module (func (result i32))))".to_string(),
        ),
        (
            "blocks in blocks",
            format!(
                "(component (core module (func {} {} i32.add)))",
                "(block ".repeat(500),
                ")".repeat(500)
            ),
        ),
    ] {
        Folder::of_component(wat(&text)).refused(name, CODE);
    }
    // 50,000 blocks in each other, as bytes: the text format has a limit.
    let body = [
        &[0][..],
        &[0x02, 0x40].repeat(50_000),
        &[0x0b].repeat(50_000),
        &[0x6a, 0x0b],
    ]
    .concat();
    let mut code = wasm_encoder::CodeSection::new();
    code.raw(&body);
    let mut module = Module::new();
    let mut types = wasm_encoder::TypeSection::new();
    types.ty().function([], []);
    let mut functions = wasm_encoder::FunctionSection::new();
    functions.function(0);
    module.section(&types).section(&functions).section(&code);
    let mut component = Component::new();
    component.section(&wasm_encoder::ModuleSection(&module));
    Folder::of_component(component.finish()).refused("blocks in blocks by the thousand", CODE);
}
