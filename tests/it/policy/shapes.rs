//! Interfaces that are hard to satisfy: values in memory and flat, handles
//! wherever they can be, streams, errors of every kind.

use serde_json::json;
use wasmtime_wasi::WasiCtxBuilder;

use super::caller::{component, guest};
use super::fixture::{imports, outcomes, plan};
use super::host::{MODES, denial, in_each_mode};
use super::reach::golden;

#[test]
fn denied_in_each_mode() {
    let guest = guest(include_str!("shapes.wit"), &[], None);
    let all = in_each_mode(|mode| {
        let denied = json!({ "deny": [denial("hard:shapes", mode), denial("*", mode)] });
        let mut made = plan(&guest.bytes).host(denied);
        made.value["imports"] = json!(["alone", "nothing"]);
        let artifact = made.artifact();
        assert_eq!(imports(&artifact), (vec![], vec![]));
        outcomes(&guest, &artifact, WasiCtxBuilder::new)
    });
    golden("shapes", &all);
}

/// What gives the handles is another component: they are lent as handles, and
/// each has to be gone when a denied function returns.
#[test]
fn handles_of_another_component() {
    let text = include_str!("shapes.wit");
    let (packages, _) = text.split_once("world caller").expect("a world");
    let world = format!("{packages} world provider {{ export hard:shapes/base@1.0.0; }}");
    let base = "hard:shapes/base@1.0.0";
    let provider = component(
        &world,
        &[],
        &format!(
            r#"(module
                 (import "[export]{base}" "[resource-new]thing"
                   (func $new (param i32) (result i32)))
                 (global $alive (mut i32) (i32.const 0))
                 (func (export "{base}#[constructor]thing") (result i32)
                   (global.set $alive (i32.add (global.get $alive) (i32.const 1)))
                   (call $new (i32.const 7)))
                 (func (export "{base}#[method]thing.poke") (param i32))
                 (func (export "{base}#[dtor]thing") (param i32)
                   (if (i32.eqz (global.get $alive)) (then unreachable))
                   (global.set $alive (i32.sub (global.get $alive) (i32.const 1)))))"#
        ),
    );
    let guest = guest(text, &[], None);
    let all = in_each_mode(|mode| {
        let denied = json!({ "deny": [denial("hard:shapes", mode), denial("*", mode)] });
        let mut made = plan(&guest.bytes).component("base", &provider);
        made = made.bind("app", base, "base").host(denied);
        made.value["imports"] = json!(["alone", "nothing"]);
        let mut outcomes = outcomes(&guest, &made.artifact(), WasiCtxBuilder::new);
        for (name, outcome) in &outcomes {
            assert!(!outcome.starts_with("traps in hard:"), "{name} {outcome}");
        }
        let given = format!("{base}#[constructor]thing");
        assert_eq!(outcomes[&given], "returns a handle");
        outcomes.retain(|name, _| !name.starts_with(base));
        outcomes
    });
    golden("shapes-lent", &all);
}

/// Composed and valid; runtimes do not have them on yet.
#[test]
fn lists_of_a_fixed_length() {
    let world = r#"
        package test:caller;
        package hard:fixed@1.0.0 {
          interface lists {
            resource thing { constructor(); }
            flat: func(a: list<u8, 3>, b: list<borrow<thing>, 2>) -> list<u16, 4>;
            long: func(a: list<borrow<thing>, 20>) -> result<list<u8, 100>, string>;
            inside: func(a: option<list<thing, 3>>) -> result<u8, list<string, 2>>;
            large: func() -> result<list<u64, 100000>, string>;
          }
        }
        world caller {
          import hard:fixed/lists@1.0.0;
          export call: func(index: u32) -> list<u8>;
        }"#;
    let guest = guest(world, &[], None);
    for mode in MODES {
        let denied = json!({ "deny": [denial("hard:fixed", mode)] });
        let artifact = plan(&guest.bytes).host(denied).artifact();
        assert_eq!(imports(&artifact), (vec![], vec![]), "{mode:?}");
    }
}
