//! Two tenants, a process each: what one does does not reach the other.

use super::fixture::{Runs as _, bytes, fails, plan};

#[test]
fn one_is_ended_and_the_other_goes_on() {
    let calm = plan(bytes("program")).tenant("calm").trusted();
    let wild = plan(bytes("limits")).tenant("wild").trusted();
    let mut working = calm.start(&[], &["work", "1500"]);
    working.until("working");
    for (limit, what, code) in [
        ("cpu-ms=200", "spin", "Exec.Timeout"),
        ("memory-bytes=64MiB", "alloc", "Exec.ResourceExhausted"),
        ("io-ops=10000", "io", "Exec.ResourceExhausted"),
        ("handles=1000", "handles", "Exec.ResourceExhausted"),
        ("output-bytes=100000", "output", "Exec.ResourceExhausted"),
        ("cpu-ms=1000", "trap", "Exec.Trap"),
    ] {
        fails(&wild.run(&["--limit", limit], &[what]), code);
    }
    let output = working.end();
    assert!(!output.stderr.contains("error["), "{output:?}");
    assert!(output.success().ends_with("working\ndone\n"));
}

#[test]
fn tenants_share_a_store_and_no_limits() {
    let calm = plan(bytes("limits")).tenant("calm").trusted();
    let plan = String::from_utf8(compositor_tests::read(calm.0.join("plan.json")));
    let wild = plan.expect("a text").replace("calm", "wild");
    calm.0.write("wild.json", wild);
    let spin = [
        "exec",
        "run",
        "wild.json",
        "--limit",
        "cpu-ms=200",
        "--",
        "spin",
    ];
    fails(&calm.composectl(&spin), "Exec.Timeout");
    calm.run(&["--limit", "cpu-ms=5000"], &["io", "1000"])
        .success();
    // Nor does a run leave something to the next.
    fails(
        &calm.run(&["--limit", "cpu-ms=200"], &["spin"]),
        "Exec.Timeout",
    );
    calm.run(&["--limit", "cpu-ms=200"], &["io", "10"])
        .success();
}
