//! Providers that misbehave: each ends alone, and the guest goes on.

use compositor_tests::{composectl_in, start};

use super::fixture::{Folder, Runs as _, fails, linked, says, twin};
use super::wat;

/// A plan with a hostile provider `h` and a good one, under limits.
fn hostile(options: &[&str], script: &[&str]) -> Vec<String> {
    let folder: Folder = linked()
        .guest("hostile", "dynlink-hostile")
        .guest("counter", "dynlink-counter")
        .trusted();
    let before = ["resolve c counter", "resolve h hostile", "invoke h echo hi"];
    let after = ["invoke c add 1"];
    let script = [&before[..], script, &after].concat();
    let output = folder.run(options, &script).success();
    // What the provider printed is before a line of the root.
    let line = |line: &str| line.trim_start_matches('x').to_string();
    let mut lines: Vec<String> = output.lines().map(line).collect();
    says(&lines[..3], &["ok", "ok", "ok hi"]);
    assert_eq!(lines.pop().as_deref(), Some("ok 1"), "{lines:?}");
    lines.split_off(3)
}

#[test]
fn traps() {
    let script = [
        "invoke h trap",
        "invoke h echo hi",
        "resolve g hostile",
        "invoke g echo hi",
        "invoke h echo hi",
        "drop h",
    ];
    let trap = "err exec-trap …";
    let lines = hostile(&[], &script);
    says(&lines, &[trap, trap, "ok", "ok hi", trap, "ok"]);
}

#[test]
fn what_a_provider_may_not_end_or_take() {
    let folder = linked().guest("hostile", "dynlink-hostile").trusted();
    let input = folder.0.write("input", "of the root");
    let mut command = composectl_in(folder.0.path());
    command.args(["exec", "run", "plan.json", "--", "resolve h hostile"]);
    command.args(["invoke h input", "invoke h exit", "invoke h echo hi"]);
    let stdin = std::fs::File::open(input).expect("a file");
    let output = start(command.stdin(stdin)).end().success();
    let lines: Vec<String> = output.lines().map(str::to_string).collect();
    says(&lines, &["ok", "ok", "err exec-trap …", "err exec-trap …"]);
}

#[test]
fn spins() {
    let lines = hostile(
        &["--limit", "cpu-ms=300"],
        &["invoke h spin", "invoke h echo hi"],
    );
    says(&lines, &["err exec-timeout …", "err exec-…"]);
}

#[test]
fn spins_no_longer_than_twice_its_limit() {
    let folder = linked().guest("hostile", "dynlink-hostile").trusted();
    let script = |last| ["resolve h hostile", last];
    folder.run(&[], &script("invoke h echo")).success();
    let (output, around) = folder.timed(&[], &script("invoke h echo"));
    output.success();
    let (output, used) = folder.timed(&["--limit", "cpu-ms=400"], &script("invoke h spin"));
    assert!(output.success().contains("err exec-timeout "));
    let used = used - around;
    assert!(used > 280.0 && used < 800.0, "{used}");
}

#[test]
fn all_instances_of_a_component_share_its_time() {
    let script = ["invoke h spin", "resolve g hostile", "invoke g spin"];
    let lines = hostile(&["--limit", "cpu-ms=300"], &script);
    assert!(lines[0].starts_with("err exec-timeout "), "{lines:?}");
    assert!(
        lines[1..]
            .iter()
            .any(|line| line.starts_with("err exec-timeout ")),
        "{lines:?}"
    );
}

/// Of a chain only the one that misbehaves ends, and it alone pays.
#[test]
fn behind_another_provider() {
    let folder = linked()
        .guest("relay", "dynlink-relay")
        .guest("hostile", "dynlink-hostile")
        .trusted();
    let script = [
        "resolve r relay",
        "invoke r call hostile trap",
        "invoke r call hostile alloc",
        "invoke r call hostile spin",
        "invoke r echo hi",
    ];
    let options = ["--limit", "cpu-ms=300", "--limit", "memory-bytes=16MiB"];
    let expected = [
        "ok",
        "err exec-trap …",
        "err exec-resource-exhausted …",
        "err exec-timeout …",
        "ok hi",
    ];
    let lines = folder.script(&options, &script);
    says(&lines, &expected);
    assert!(lines[3].contains("hostile"), "{lines:?}");
}

#[test]
fn resolving_and_calling_count_for_the_root() {
    let folder = linked().guest("counter", "dynlink-counter").trusted();
    let script = ["resolve c counter", "times c 1000 add 1"];
    folder.run(&["--limit", "io-ops=2000"], &script).success();
    let output = folder.run(&["--limit", "io-ops=900"], &script);
    fails(&output, "Exec.ResourceExhausted");
    // With all its handles it cannot even say so.
    let output = folder.run(&["--limit", "handles=30"], &["hold c 50 counter"]);
    fails(&output, "Exec.ResourceExhausted");
    assert!(output.stderr.contains("handles"), "{output:?}");
}

#[test]
fn waiting_is_no_use_of_a_processor() {
    let lines = hostile(&["--limit", "cpu-ms=300"], &["invoke h sleep 700"]);
    says(&lines, &["ok 700"]);
}

#[test]
fn memory() {
    let limit = ["--limit", "memory-bytes=16MiB"];
    let lines = hostile(
        &limit,
        &["invoke h alloc 8", "invoke h alloc", "invoke h echo hi"],
    );
    says(
        &lines,
        &["ok 8", "err exec-resource-exhausted …", "err exec-…"],
    );
    // Each instance has the whole of it.
    let lines = hostile(
        &limit,
        &[
            "invoke h alloc 10",
            "resolve g hostile",
            "invoke g alloc 10",
        ],
    );
    says(&lines, &["ok 10", "ok", "ok 10"]);
}

#[test]
fn calls_of_the_host() {
    let limit = ["--limit", "io-ops=5000"];
    let lines = hostile(&limit, &["invoke h io 4000", "invoke h io"]);
    says(&lines, &["ok 4000", "err exec-resource-exhausted …"]);
}

#[test]
fn handles() {
    let limit = ["--limit", "handles=500"];
    let lines = hostile(&limit, &["invoke h handles 200", "invoke h handles"]);
    says(&lines, &["ok 200", "err exec-resource-exhausted …"]);
}

#[test]
fn output() {
    let limit = ["--limit", "output-bytes=65536"];
    let lines = hostile(&limit, &["invoke h output 4", "invoke h output"]);
    says(&lines, &["ok 4", "err exec-resource-exhausted …"]);
    let script = ["length h answer 65536", "length h answer 65537"];
    let lines = hostile(&limit, &script);
    says(&lines, &["ok 65536", "err exec-resource-exhausted …"]);
}

#[test]
fn tables() {
    let folder = linked()
        .component("grows", wat::provider(wat::GROWS_TABLE))
        .component("starts", wat::provider(("(table 100000 funcref)", "")))
        .trusted();
    let script = ["resolve g grows", "invoke g grow", "resolve s starts"];
    let lines = folder.script(&["--limit", "table-elements=50000"], &script);
    let exhausted = "err exec-resource-exhausted …";
    says(&lines, &["ok", exhausted, exhausted]);
    let script = ["resolve s starts", "invoke s anything"];
    says(&folder.script(&[], &script), &["ok", "ok"]);
}

#[test]
fn instances() {
    let folder = linked()
        .guest("counter", "dynlink-counter")
        .guest("relay", "dynlink-relay")
        .trusted();
    let script = [
        "hold a 10 counter",
        "drop a0",
        "resolve b counter",
        "invoke b add 5",
        "resolve c counter",
        "drop b",
        // It holds one itself.
        "resolve r relay",
        "drop a1",
        "invoke r keep counter",
        "invoke r keep counter",
        "drop r",
        "hold c 2 counter",
        "drop c0",
        "renew c1 1000 counter",
    ];
    let exhausted = "err exec-resource-exhausted …";
    let expected = [
        exhausted,
        "ok",
        "ok",
        "ok 5",
        exhausted,
        "ok",
        "ok",
        "ok",
        "ok counter",
        exhausted,
        "ok",
        "ok 2",
        "ok",
        "ok 1000",
    ];
    says(
        &folder.script(&["--limit", "instances=3"], &script),
        &expected,
    );
}

#[test]
fn starting() {
    let folder = linked()
        .component(
            "traps",
            wat::provider(("(func $s unreachable) (start $s)", "")),
        )
        .component(
            "spins",
            wat::provider(("(func $s (loop $l (br $l))) (start $s)", "")),
        )
        .component("good", twin(&wat::provider(("", "")), "good"))
        .trusted();
    let script = [
        "resolve t traps",
        "resolve s spins",
        "resolve g good",
        "invoke g anything",
    ];
    let expected = ["err exec-trap …", "err exec-timeout …", "ok", "ok"];
    says(
        &folder.script(&["--limit", "cpu-ms=300"], &script),
        &expected,
    );
}
