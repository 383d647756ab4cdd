//! A program in Rust.

use compositor_tests::read;

use super::super::exec::fixture::{Runs as _, bytes, plan};
use super::{ambient, built, number, on_node, said, strict, stripped, the_same};

const HOUR: f64 = 3600.0;

#[test]
fn a_program_is_the_same_everywhere() {
    let folder = strict(bytes("deterministic"));
    let printed = the_same(&folder);
    for _ in 0..2 {
        assert_eq!(on_node(&folder, &[]), printed, "Node");
    }
    assert_eq!(stripped(&folder), printed);

    // The first look at the clock is one step after 2000-01-01.
    assert_eq!(said(&printed, "date"), "946684800.001s");
    assert_eq!(said(&printed, "steps"), "[1ms, 1ms, 1ms]");
    assert_eq!(said(&printed, "tick"), "1000000 ns");
    let within = |name: &str, from: f64, unit: f64| {
        let found = number(&printed, name) / unit;
        assert!((from..from + 1.0).contains(&found), "{name}: {found} s");
    };
    within("slept", HOUR, 1.0);
    within("until", HOUR, 1e9);
    within("until the past", HOUR, 1e9);
    // Both pollables, of which one waits for an hour.
    assert!(said(&printed, "ready").contains('1'), "{printed}");
    let forever = said(&printed, "for ever");
    assert!(forever.ends_with("] in order: true"), "{forever}");
}

#[test]
fn nothing_is_left_to_import() {
    let component = bytes("deterministic");
    assert!(ambient(&component).len() >= 5, "{:?}", ambient(&component));
    let folder = strict(&component);
    let artifact = ambient(&read(folder.0.join("artifact.wasm")));
    assert!(artifact.is_empty(), "{artifact:?}");
}

#[test]
fn another_plan_has_other_random_numbers() {
    let of = |limit| {
        let plan = plan(bytes("deterministic")).determinism("strict");
        let folder = plan.limit("cpu_ms", limit).trusted();
        folder.run(&[], &[]).success()
    };
    let (one, other) = (of(60_000), of(60_001));
    for name in ["date", "steps", "slept", "for ever"] {
        assert_eq!(said(&one, name), said(&other, name), "{name}");
    }
    for name in [
        "order",
        "number",
        "insecure number",
        "seed",
        "1048576 bytes",
    ] {
        assert_ne!(said(&one, name), said(&other, name), "{name}");
    }
}

#[test]
fn without_it_runs_differ() {
    let folder = built(plan(bytes("deterministic")).capabilities(&[]).trusted());
    let artifact = ambient(&read(folder.0.join("artifact.wasm")));
    assert!(artifact.len() >= 5, "{artifact:?}");
    let run = || folder.run(&[], &["numbers", "1"]).success();
    assert_ne!(run(), run());
}
