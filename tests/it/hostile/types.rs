//! Types that are small to write and large to read. What validators limit
//! themselves is here too: at the limit, and one past it.

use std::fmt::Write as _;

use super::row::{Folder, bounded};

const CODE: &str = "Emit.CompositionFailed";

/// A component that imports `a:a/a`, of these items.
fn interface(items: &str) -> Vec<u8> {
    wat::parse_str(format!("(component (import \"a:a/a\" (instance {items})))")).expect("WAT")
}

/// Each type is made of the one before.
fn chain(length: usize, next: impl Fn(&str) -> String) -> String {
    let mut text = "(type $t0 u8)".to_string();
    for index in 1..=length {
        let ty = next(&format!("$t{}", index - 1));
        let _ = write!(text, "(type $t{index} {ty})");
    }
    text + &format!("(export \"t\" (type (eq $t{length})))")
}

/// Is taken: its import may stay open.
#[track_caller]
fn taken(name: &str, bytes: &[u8]) {
    let folder = Folder::new();
    let digest = folder.put(bytes);
    let plan = super::row::plan_of(&digest)
        .replace("\"components\"", "\"imports\":[\"a:a/a\"],\"components\"");
    folder.0.write("plan.json", plan);
    let output = bounded(name, folder.run(&["plan", "validate", "plan.json"]));
    assert_eq!(output.status, 0, "{name}: {output:?}");
}

#[test]
fn size() {
    let pairs = |length: usize| interface(&chain(length, |t| format!("(tuple {t} {t})")));
    // 2^n parts and as many pairs: a million is the most.
    taken("pairs of pairs", &pairs(18));
    Folder::of_component(pairs(19)).refused("a pair more", CODE);
    Folder::of_component(pairs(90)).refused("pairs of pairs of pairs", CODE);
    let wide = |length: usize| {
        interface(&chain(length, |t| {
            format!("(tuple {})", format!("{t} ").repeat(9000))
        }))
    };
    Folder::of_component(wide(2)).refused("a tuple of tuples", CODE);
}

#[test]
fn depth() {
    let lists = |length: usize| interface(&chain(length, |t| format!("(list {t})")));
    taken("lists of lists", &lists(90));
    for depth in [101, 1000, 100_000] {
        Folder::of_component(lists(depth)).refused(&format!("{depth} lists"), CODE);
    }
}

#[test]
fn width() {
    let record = |count: usize| {
        let fields: String = (0..count)
            .map(|at| format!("(field \"f{at}\" u8)"))
            .collect();
        interface(&format!(
            "(type $r (record {fields})) (export \"r\" (type (eq $r)))"
        ))
    };
    taken("a record", &record(10_000));
    Folder::of_component(record(10_001)).refused("a field more", CODE);
    let function = |count: usize| {
        let params: String = (0..count)
            .map(|at| format!("(param \"p{at}\" u8)"))
            .collect();
        interface(&format!("(export \"f\" (func {params}))"))
    };
    taken("a function", &function(1000));
    Folder::of_component(function(1001)).refused("a parameter more", CODE);
    let name = |length: usize| interface(&format!("(export \"{}\" (func))", "n".repeat(length)));
    taken("a name", &name(99_999));
    Folder::of_component(name(100_001)).refused("a letter more", CODE);
}

/// Interfaces that use types of the one before, which doubles in careless hands.
#[test]
fn uses() {
    let mut text = String::new();
    let length = 250;
    for index in 0..length {
        let _ = write!(text, "(import \"a:a/i{index}\" (instance $i{index}");
        if index > 0 {
            let _ = write!(
                text,
                "(alias outer 1 $a{0} (type $x)) (export \"a\" (type $y (eq $x)))
                 (alias outer 1 $b{0} (type $z)) (export \"b\" (type $w (eq $z)))
                 (type $p (record (field \"l\" $y) (field \"r\" $w))) (export \"c\" (type (eq $p)))",
                index - 1
            );
        } else {
            text += "(type $p (record (field \"x\" u8))) (export \"a\" (type (eq $p)))
                     (type $q (record (field \"x\" u8))) (export \"b\" (type (eq $q)))";
        }
        let _ = write!(
            text,
            ")) (alias export $i{index} \"a\" (type $a{index}))
             (alias export $i{index} \"b\" (type $b{index}))"
        );
    }
    let bytes = wat::parse_str(format!("(component {text} (import \"f\" (func)))")).expect("WAT");
    Folder::of_component(bytes).refused("a chain of uses", "Emit.LinkError");
}

/// A component is small, and there ten thousand times.
#[test]
fn work() {
    let imports: String = (0..9000)
        .map(|at| format!("(import \"i{at}\" (func))"))
        .collect();
    let folder = Folder::new();
    let digest = folder.put(&wat::parse_str(format!("(component {imports})")).expect("WAT"));
    let component =
        |index: usize| serde_json::json!({ "id": format!("c{index}"), "digest": digest });
    let components: Vec<_> = (0..10_000).map(component).collect();
    let plan = serde_json::json!({ "version": "1", "root": "c0", "components": components });
    folder.0.write("plan.json", plan.to_string());
    // The first time keeps the skeleton, and is held to the same bounds.
    super::row::held("one often", folder.run(&["plan", "validate", "plan.json"]));
    let refusal = folder.refused("one often", CODE);
    assert!(refusal.text.contains("limit `work`"), "{}", refusal.text);
}
