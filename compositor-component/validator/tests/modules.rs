//! Modules that are valid, and that are not, however they are read and whoever
//! looks at their functions.

use std::convert::Infallible;

use compositor_validator::FEATURES;
use wasm_encoder::{
    CodeSection, ConstExpr, CustomSection, DataSection, Function, FunctionSection, MemorySection,
    MemoryType, Module, RawSection, TypeSection, ValType,
};
use wasmparser::Validator;

/// A module of so many functions, of about 100 bytes each; some of them are
/// invalid.
fn module(functions: u32, invalid: &[(u32, Function)], data: usize) -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function([ValType::I32], [ValType::I32]);
    let (mut section, mut code) = (FunctionSection::new(), CodeSection::new());
    for index in 0..functions {
        section.function(0);
        match invalid.iter().find(|(other, _)| *other == index) {
            Some((_, body)) => code.function(body),
            None => code.function(&sum()),
        };
    }
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: 1,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut segments = DataSection::new();
    segments.active(0, &ConstExpr::i32_const(7), vec![1; data]);
    segments.passive(vec![2; 3]);
    let mut module = Module::new();
    module
        .section(&types)
        .section(&section)
        .section(&memories)
        .section(&code)
        .section(&segments)
        .section(&CustomSection {
            name: "name".into(),
            data: (&[3; 9][..]).into(),
        });
    module.finish()
}

fn sum() -> Function {
    let mut body = Function::new([]);
    body.instructions().local_get(0);
    for number in 0..30 {
        body.instructions().i32_const(number).i32_add();
    }
    body.instructions().end();
    body
}

/// It leaves nothing.
fn empty() -> Function {
    let mut body = Function::new([]);
    body.instructions().end();
    body
}

/// It asks for a local that is not there.
fn strange() -> Function {
    let mut body = Function::new([]);
    body.instructions().local_get(9).end();
    body
}

/// What is wrong with bytes that start somewhere in a blob and are read so
/// many at a time.
fn fault(bytes: &[u8], at_a_time: usize) -> Option<String> {
    let before = 5;
    let blob = [&[0; 5], bytes, &[0; 9]].concat();
    let read = |at: u64, most: u64| {
        let end = blob.len().min(at as usize + at_a_time.min(most as usize));
        Ok::<_, Infallible>(blob[at as usize..end].to_vec())
    };
    let range = (before, before + bytes.len() as u64);
    let Ok(validated) = compositor_validator::modules(read, &[range]);
    let (at, what) = validated.err()?;
    assert_eq!(at, before);
    Some(what)
}

/// More than one thread's work.
const MANY: u32 = 12_000;

#[test]
fn valid_ones() {
    for bytes in [module(10, &[], 100), module(MANY, &[], 1 << 20)] {
        for at_a_time in [100_000, usize::MAX] {
            assert_eq!(fault(&bytes, at_a_time), None);
        }
    }
    assert_eq!(fault(&module(10, &[], 100), 1), None);
    assert_eq!(fault(&Module::new().finish(), 1), None);
}

#[test]
fn the_first_function_that_is_invalid_is_told_of() {
    let nothing = fault(&module(3, &[(1, empty())], 0), 7).expect("it is invalid");
    let local = fault(&module(3, &[(1, strange())], 0), 7).expect("it is invalid");
    assert!(nothing.contains("expected i32"), "{nothing}");
    assert!(local.contains("unknown local 9"), "{local}");
    for _ in 0..5 {
        let both = [(9_000, empty()), (9_001, strange()), (11_000, strange())];
        assert_eq!(
            fault(&module(MANY, &both, 0), usize::MAX),
            Some(nothing.clone())
        );
        let both = [(100, strange()), (9_000, empty()), (11_000, empty())];
        assert_eq!(
            fault(&module(MANY, &both, 0), usize::MAX),
            Some(local.clone())
        );
    }
}

#[test]
fn a_function_comes_before_what_is_wrong_behind_it() {
    let mut bytes = module(MANY, &[(MANY - 1, empty())], 1000);
    let nothing = fault(&module(3, &[(1, empty())], 0), 7);
    // A section that may not come last.
    bytes.extend([1, 1, 0]);
    assert_eq!(fault(&bytes, usize::MAX), nothing);
}

#[test]
fn cut_short() {
    let bytes = module(2, &[], 50);
    // Without its last section, whose name nobody reads here.
    for length in 0..bytes.len() - 16 {
        let bytes = &bytes[..length];
        let is_valid = Validator::new_with_features(FEATURES).validate_all(bytes);
        assert_eq!(fault(bytes, 9).is_none(), is_valid.is_ok(), "{length}");
    }
    let bytes = module(MANY, &[], 0);
    assert!(fault(&bytes[..bytes.len() / 2], usize::MAX).is_some());
}

#[test]
fn data_that_is_no_data() {
    let with = |data: &[u8]| {
        let mut module = Module::new();
        module.section(&RawSection { id: 11, data });
        fault(&module.finish(), 3)
    };
    assert_eq!(with(&[0]), None);
    assert_eq!(with(&[1, 1, 2, 7, 7]), None);
    for (data, what) in [
        (&[][..], "unexpected end"),
        (&[1], "unexpected end"),
        (&[1, 1, 9, 0], "unexpected end"),
        (&[0, 0], "bytes follow"),
        (&[1, 9], "data segment"),
        (&[1, 0, 0xff, 0], "data segment"),
        (&[1, 0, 0x41, 0, 0x0b, 0], "unknown memory"),
    ] {
        let fault = with(data).unwrap_or_default();
        assert!(fault.contains(what), "{data:?}: {fault}");
    }
}

#[test]
fn errors_of_the_reader() {
    let bytes = module(10, &[], 100);
    let read = |at: u64, _: u64| match at {
        0 => Ok(bytes[..100].to_vec()),
        at => Err(at),
    };
    assert_eq!(
        compositor_validator::modules(read, &[(0, bytes.len() as u64)]),
        Err(100)
    );
}
