//! Modules that are small to write and long to validate, and others that are as
//! wide and no more work than they look like.

use std::convert::Infallible;
use std::fmt::Write as _;

/// What is wrong with a module, and with a few of them in one blob.
fn fault(module: &[u8]) -> Option<String> {
    fault_of(&[module])
}

fn fault_of(modules: &[&[u8]]) -> Option<String> {
    let blob = modules.concat();
    let mut start = 0;
    let ranges = modules.iter().map(|module| {
        let range = (start, start + module.len() as u64);
        start = range.1;
        range
    });
    let ranges: Vec<_> = ranges.collect();
    let read = |at: u64, most: u64| {
        let end = blob.len().min((at + most) as usize);
        Ok::<_, Infallible>(blob[at as usize..end].to_vec())
    };
    let Ok(validated) = compositor_validator::modules(read, &ranges);
    validated.err().map(|(_, what)| what)
}

fn wat(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap_or_else(|error| panic!("{error}"))
}

/// So many of a word.
fn many(word: &str, count: usize) -> String {
    format!("{word} ").repeat(count)
}

fn assert_costly(what: &str, module: &[u8]) {
    let fault = fault(module).unwrap_or_else(|| panic!("{what}: {} bytes pass", module.len()));
    assert!(fault.contains("too long to validate"), "{what}: {fault}");
}

/// Each of these takes a validator a thousand steps and more for a byte or two.
#[test]
fn what_takes_long_is_refused() {
    let wide = many("i32", 1000);
    let drops = many("drop", 1000);
    let bodies = [
        (
            "targets of a table",
            format!(
                "(block (result {wide}) unreachable (br_table {})) {drops}",
                many("0", 20_000)
            ),
        ),
        (
            "branches",
            format!(
                "(block (result {wide}) unreachable {}) {drops}",
                many("(br_if 0)", 6_000)
            ),
        ),
        (
            "jumps",
            format!(
                "(block (result {wide}) unreachable {}) {drops}",
                many("(br 0)", 6_000)
            ),
        ),
        (
            "calls",
            format!("unreachable {}", many("(call $wide)", 6_000)),
        ),
        (
            "calls through a table",
            format!("unreachable {}", many("(call_indirect (type $w))", 6_000)),
        ),
        (
            "blocks",
            format!("unreachable {} {drops}", many("(block (type $w))", 6_000)),
        ),
        (
            "structures",
            format!("unreachable {}", many("(struct.new $s) drop", 5_000)),
        ),
        (
            "arrays",
            format!(
                "unreachable {}",
                many("(array.new_fixed $a 9999) drop", 5_000)
            ),
        ),
        (
            "handlers",
            format!(
                "(block (result {wide}) (try_table {} unreachable) unreachable) {drops}",
                many("(catch $t 0)", 9_000)
            ),
        ),
    ];
    for (what, body) in bodies {
        let module = wat(&format!(
            "(module
                (type $w (func (param {wide}) (result {wide})))
                (type $s (struct {}))
                (type $a (array i32))
                (tag $t (param {wide}))
                (table 1 funcref)
                (func $wide (type $w) unreachable)
                (func {body} unreachable))",
            many("(field i32)", 2000)
        ));
        assert_costly(what, &module);
    }
}

/// Each function has some steps for itself, and all of them have no more of those
/// that are beside these than one has.
#[test]
fn many_small_functions_take_as_long() {
    let wide = many("i64", 1000);
    let mut text = format!("(module (type $w (func (param {wide}) (result {wide})))");
    for _ in 0..3_000 {
        text.push_str("(func (type $w) unreachable)");
    }
    text.push(')');
    assert_costly("functions", &wat(&text));
    // And so do many small modules of a blob.
    let mut text = format!("(module (type $w (func (param {wide}) (result {wide})))");
    for _ in 0..60 {
        text.push_str("(func (type $w) unreachable)");
    }
    text.push(')');
    let module = wat(&text);
    assert_eq!(fault(&module), None);
    let modules = vec![&module[..]; 100];
    let fault = fault_of(&modules).expect("they take too long together");
    assert!(fault.contains("too long to validate"), "{fault}");
}

/// A program that has a thousand values pushes them before.
#[test]
fn what_is_wide_and_honest_is_valid() {
    let wide = many("i32", 1000);
    let mut text = format!(
        "(module
            (type $w (func (param {wide}) (result i32)))
            (type $s (struct {}))
            (func $f (type $w) local.get 999)",
        many("(field i32)", 1000)
    );
    for number in 0..10 {
        let pushes = many(&format!("(i32.const {number})"), 1000);
        write!(text, "(func (result i32) {pushes} (call $f))").expect("it fits");
        write!(text, "(func {pushes} (struct.new $s) drop)").expect("it fits");
        write!(
            text,
            "(func (param i32) (block (block (block (br_table {} (local.get 0))))))",
            many("0 1 2", 2_000)
        )
        .expect("it fits");
    }
    text.push(')');
    assert_eq!(fault(&wat(&text)), None);
}

/// What is invalid is said before what takes too long, when it comes before it,
/// whoever looks at which function first.
#[test]
fn the_first_fault_is_told_of() {
    let wide = many("i32", 1000);
    let long = format!(
        "(func unreachable {} unreachable)",
        many("(call $wide)", 6_000)
    );
    let filler = "(func (param i32) (result i32) local.get 0 local.get 0 i32.add)".repeat(8_000);
    let module = |functions: &str| {
        wat(&format!(
            "(module (type $w (func (param {wide}) (result {wide})))
                (func $wide (type $w) unreachable) {functions})"
        ))
    };
    let invalid = "(func (result i32))";
    for _ in 0..3 {
        let fault = |functions: String| fault(&module(&functions)).expect("it is invalid");
        let costly = fault(format!("{filler}{long}{filler}{invalid}"));
        assert!(costly.contains("too long to validate"), "{costly}");
        let wrong = fault(format!("{filler}{invalid}{filler}{long}"));
        assert!(wrong.contains("expected i32"), "{wrong}");
    }
}
