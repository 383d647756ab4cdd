//! Limits of the root: what goes beyond is ended in time, with its error.

use compositor_tests::composectl;
use serde_json::Value;

use super::fixture::{Folder, Runs as _, bytes, fails, plan};
use super::wat;

fn limits() -> Folder {
    plan(bytes("limits")).trusted()
}

#[test]
fn time() {
    let folder = limits();
    // What is done but once, such as compiling, is done here.
    folder.run(&[], &["sleep", "1"]).success();
    let (output, around) = folder.timed(&[], &["sleep", "1"]);
    output.success();
    for limit in [200.0, 600.0] {
        let option = format!("cpu-ms={limit}");
        let (output, used) = folder.timed(&["--limit", &option], &["spin"]);
        fails(&output, "Exec.Timeout");
        let used = used - around;
        assert!(
            used > limit * 0.7 && used < limit * 2.0,
            "{used} of {limit}"
        );
    }
}

#[test]
fn time_of_a_start_function() {
    let spins = wat::program(("(func $s (loop $l (br $l))) (start $s)", ""));
    let output = plan(spins).trusted().run(&["--limit", "cpu-ms=200"], &[]);
    fails(&output, "Exec.Timeout");
}

#[test]
fn waiting_takes_no_time() {
    let output = limits().run(&["--limit", "cpu-ms=300"], &["sleep", "900"]);
    assert!(output.stderr.contains("done"), "{output:?}");
    output.success();
}

#[test]
fn time_by_the_clock() {
    let folder = limits();
    let limit = ["--limit", "wall-ms=300"];
    for what in [&["sleep", "60000"][..], &["spin"], &["io"]] {
        let output = folder.run(&limit, what);
        fails(&output, "Exec.Timeout");
        assert!(output.stderr.contains("limit wall-ms"), "{output:?}");
    }
    folder.run(&limit, &["sleep", "10"]).success();
}

#[test]
fn memory_is_no_more_than_there_is_time_for() {
    let grows = wat::program((
        "",
        "(loop $l
            (drop (memory.grow (i32.const 1000)))
            (memory.fill (i32.const 0) (i32.const 7)
                (i32.mul (memory.size) (i32.const 65535)))
            (br $l))",
    ));
    let folder = plan(grows).trusted();
    let (output, used) = folder.timed(&["--limit", "cpu-ms=50"], &[]);
    fails(&output, "Exec.Timeout");
    assert!(output.stderr.contains("limit cpu-ms"), "{output:?}");
    assert!(used < 1000.0, "{used}");
}

#[test]
fn what_all_of_a_run_use_together() {
    let folder = limits();
    for (limit, what, code) in [
        ("total-cpu-ms=200", "spin", "Exec.Timeout"),
        (
            "total-memory-bytes=16MiB",
            "alloc",
            "Exec.ResourceExhausted",
        ),
        (
            "process-memory-bytes=16MiB",
            "alloc",
            "Exec.ResourceExhausted",
        ),
    ] {
        let output = folder.run(&["--limit", limit], &[what]);
        fails(&output, code);
        let name = limit.split('=').next().expect("a name");
        assert!(
            output.stderr.contains(&format!("limit {name}")),
            "{output:?}"
        );
    }
}

#[test]
fn of_plan_and_option_the_lower_holds() {
    for (plan_ms, option) in [(200, "cpu-ms=3600000"), (3_600_000, "cpu-ms=200")] {
        let folder = plan(bytes("limits")).limit("cpu_ms", plan_ms).trusted();
        fails(&folder.run(&["--limit", option], &["spin"]), "Exec.Timeout");
    }
    let folder = plan(bytes("limits")).limit("io_ops", 2000).trusted();
    folder.run(&[], &["io", "1000"]).success();
    fails(&folder.run(&[], &["io"]), "Exec.ResourceExhausted");
    let folder = plan(bytes("limits"))
        .limit("memory_bytes", 8 << 20)
        .trusted();
    folder.run(&[], &["alloc", "4"]).success();
    fails(&folder.run(&[], &["alloc"]), "Exec.ResourceExhausted");
}

#[test]
fn memory() {
    const LIMIT: u64 = 32 << 20;
    let folder = limits();
    let limit = ["--limit", "memory-bytes=32MiB"];
    folder.run(&limit, &["alloc", "20"]).success();
    let output = folder.run(&limit, &["alloc"]);
    fails(&output, "Exec.ResourceExhausted");
    let numbers = output
        .stderr
        .lines()
        .filter_map(|line| line.parse::<u64>().ok());
    let taken = numbers.max().unwrap_or_default();
    assert!(taken > LIMIT / 2 && taken <= LIMIT, "{taken}");

    let grows = plan(wat::program(wat::GROWS_MEMORY)).trusted();
    fails(&grows.run(&limit, &[]), "Exec.ResourceExhausted");
}

#[test]
fn memory_over_all_memories() {
    let three = "(memory 200) (memory 200) (memory 200)";
    let folder = plan(wat::program((three, ""))).trusted();
    folder
        .run(&["--limit", "memory-bytes=40MiB"], &[])
        .success();
    let output = folder.run(&["--limit", "memory-bytes=32MiB"], &[]);
    fails(&output, "Exec.ResourceExhausted");
}

#[test]
fn tables() {
    let limit = ["--limit", "table-elements=10000"];
    let grows = plan(wat::program(wat::GROWS_TABLE)).trusted();
    fails(&grows.run(&limit, &[]), "Exec.ResourceExhausted");
    let two = "(table 6000 funcref) (table 6000 funcref)";
    let folder = plan(wat::program((two, ""))).trusted();
    folder.run(&[], &[]).success();
    fails(&folder.run(&limit, &[]), "Exec.ResourceExhausted");
}

#[test]
fn calls_of_the_host() {
    let folder = limits();
    let limit = ["--limit", "io-ops=10000"];
    folder.run(&limit, &["io", "9000"]).success();
    for what in ["io", "errors"] {
        fails(&folder.run(&limit, &[what]), "Exec.ResourceExhausted");
    }
}

#[test]
fn handles() {
    let folder = limits();
    folder.0.write("data/file", "");
    let limit = ["--limit", "handles=1000", "--dir", "data"];
    for what in ["handles", "files"] {
        // Of a host's handle there may be another one that it is made of.
        folder.run(&limit, &[what, "450"]).success();
        fails(&folder.run(&limit, &[what]), "Exec.ResourceExhausted");
    }
}

#[test]
fn output() {
    let folder = limits();
    let limit = ["--limit", "output-bytes=65536"];
    let output = folder.run(&limit, &["output", "8"]).success();
    assert_eq!(output.len(), 8 * 4096);
    let output = folder.run(&limit, &["output"]);
    fails(&output, "Exec.ResourceExhausted");
    let size = output.stdout.len();
    assert!(size > 32_768 && size <= 65_536, "{size}");
    let output = folder.run(&limit, &["errors"]);
    fails(&output, "Exec.ResourceExhausted");
    let size = output.stderr.matches("errors").count() * "errors\n".len();
    assert!(size > 32_768 && size <= 65_536, "{size}");
}

#[test]
fn none_of_anything() {
    let folder = limits();
    for name in [
        "memory-bytes",
        "io-ops",
        "table-elements",
        "handles",
        "output-bytes",
    ] {
        let limit = format!("{name}=0");
        let output = folder.run(&["--limit", &limit], &["io", "10"]);
        fails(&output, "Exec.ResourceExhausted");
        assert!(output.stderr.contains(name), "{output:?}");
    }
    let output = folder.run(&["--limit", "cpu-ms=0"], &["spin"]);
    fails(&output, "Exec.Timeout");
    assert!(output.stderr.contains("cpu-ms"), "{output:?}");
}

#[test]
fn calls_of_exports() {
    let folder = limits();
    folder.0.write("data/file", "");
    let run = ["wasi:cli/run@0.2.0#run()"];
    assert_eq!(folder.invoke(&[], &run).success(), "err\n");
    let spins = wat::program(("", "(loop $l (br $l))"));
    let folder = plan(spins).trusted();
    let limit = ["--limit", "cpu-ms=200"];
    fails(&folder.invoke(&limit, &run), "Exec.Timeout");
    let traps = plan(wat::program(("", "unreachable"))).trusted();
    fails(&traps.invoke(&[], &run), "Exec.Trap");
}

#[test]
fn limits_that_are_none() {
    let folder = limits();
    let output = folder.run(&["--limit", "cpu=5"], &["io", "1"]);
    fails(&output, "InvalidInput");
    assert!(output.stderr.contains("cpu-ms"), "{output:?}");
    for wrong in ["cpu-ms", "cpu-ms=", "cpu-ms=x", "cpu-ms=-1"] {
        let output = folder.run(&["--limit", wrong], &["io", "1"]);
        assert_eq!(output.status, 2, "{output:?}");
    }
}

#[test]
fn for_programs() {
    let folder = limits();
    for (limit, what, status, code) in [
        ("cpu-ms=100", "spin", 124, "Exec.Timeout"),
        ("io-ops=1000", "io", 137, "Exec.ResourceExhausted"),
        ("io-ops=1000", "trap", 134, "Exec.Trap"),
    ] {
        let args = [
            "exec",
            "run",
            "plan.json",
            "--format",
            "json",
            "--limit",
            limit,
            "--",
            what,
        ];
        let output = composectl(folder.0.path(), args);
        assert_eq!(output.status, status, "{output:?}");
        let line = output.stdout.lines().last().unwrap_or_default();
        let said: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {output:?}"));
        assert_eq!(said["ok"], false, "{said}");
        assert_eq!(said["errors"][0]["code"], code, "{said}");
        let message = said["errors"][0]["message"].as_str().unwrap_or_default();
        assert!(!message.is_empty(), "{said}");
    }
}
