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
    let guest = guest(SHAPES, &[], None);
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
    let text = SHAPES;
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

/// What is hard to satisfy, and a world that imports it.
const SHAPES: &str = "package test:caller;
package hard:shapes@1.0.0 {
  interface base {
    resource thing {
      constructor();
      poke: func();
    }
    record deep { things: list<u8>, more: option<option<string>> }
  }

  interface middle {
    use base.{thing, deep};
    type other = thing;
    record pair { left: deep, right: deep }
    give: func() -> other;
  }

  interface top {
    use middle.{other, pair};
    use base.{thing};
    same: func(one: borrow<thing>, two: borrow<other>) -> result<pair>;
    take: func(one: thing, two: other) -> result<list<pair>, string>;
  }

  interface large {
    use base.{thing};
    record wide {
      a: u8, b: u16, c: u32, d: u64, e: s8, f: s16, g: s32, h: s64,
      i: f32, j: f64, k: bool, l: char, m: string, n: list<u32>, o: option<f32>, p: u8,
    }
    many: func(all: wide, more: string) -> result<wide, string>;
    handles: func(all: wide, last: list<borrow<thing>>) -> result<_, string>;
    own-many: func(all: wide, last: list<tuple<u8, option<thing>>>) -> option<wide>;
    sixteen: func(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8, i: u8, j: u8,
      k: u8, l: u8, m: u8, n: u8, o: u8, p: borrow<thing>) -> result;
  }

  interface mixed {
    use base.{thing};
    variant number { single(f32), whole(s64), double(f64), small(u8), text(string) }
    variant held { none, lent(borrow<thing>), many(list<borrow<thing>>) }
    variant kept { single(f32), owned(thing), pair(tuple<s64, thing>) }
    flags few { a, b, c }
    flags nine { a, b, c, d, e, f, g, h, i }
    flags full {
      a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, b0, b1, b2, b3, b4, b5,
      b6, b7, b8, b9, c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, d0, d1,
    }
    as-is: func(n: number) -> number;
    or-number: func(n: option<number>) -> result<number, string>;
    flagged: func(a: few, b: nine, c: full) -> tuple<few, nine, full>;
    lends: func(a: held, b: option<borrow<thing>>) -> option<number>;
    keeps: func(a: kept, b: result<thing, f64>) -> result<few, string>;
    nested: func(a: list<list<borrow<thing>>>, b: list<option<tuple<string, borrow<thing>>>>) -> list<number>;
    tuples: func(a: tuple<u8, tuple<f64, list<u8>>>) -> tuple<list<u8>, string, option<s64>>;
  }

  interface errors {
    enum plain { gone, forbidden }
    enum silent { gone, other }
    variant rich { other(string), not-permitted(string), access(u64) }
    variant first { a, permission-denied(tuple<u32, string>), denied }
    enum code { ok, not-supported }
    record coded { code: code, detail: option<string>, text: string }
    record numbered { code: u32, text: list<u8> }
    flags bits { a, b }
    as-plain: func() -> result<u64, plain>;
    as-silent: func() -> result<u64, silent>;
    as-rich: func() -> result<u64, rich>;
    as-first: func() -> result<u64, first>;
    as-coded: func() -> result<u64, coded>;
    as-numbered: func() -> result<u64, numbered>;
    as-string: func() -> result<u64, string>;
    as-none: func() -> result<u64>;
    as-number: func() -> result<string, u32>;
    as-flags: func() -> result<u8, bits>;
    as-option: func() -> result<u8, option<string>>;
    as-list: func() -> result<u8, list<string>>;
    as-result: func() -> result<u8, result<u8, string>>;
    neither: func() -> result;
  }

  interface ends {
    use base.{thing};
    read: func(data: stream<u8>) -> result<u64, string>;
    later: func(done: future<result<u8, string>>, more: option<stream<string>>) -> result<_, string>;
    several: func(all: list<stream<u8>>, one: tuple<future<u8>, u8>) -> list<u8>;
    things: func(all: stream<thing>) -> result<_, string>;
    gives: func() -> stream<u8>;
    gives-pair: func() -> tuple<stream<u8>, future<result<_, string>>>;
    slow: async func(data: stream<u8>, t: borrow<thing>) -> result<_, string>;
  }
}

world caller {
  import hard:shapes/base@1.0.0;
  import hard:shapes/middle@1.0.0;
  import hard:shapes/top@1.0.0;
  import hard:shapes/large@1.0.0;
  import hard:shapes/mixed@1.0.0;
  import hard:shapes/errors@1.0.0;
  import hard:shapes/ends@1.0.0;
  import alone: func(a: string) -> result<string, string>;
  import nothing: func();
  export call: async func(index: u32) -> list<u8>;
}
";
