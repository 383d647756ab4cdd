//! Hosts that conform, and programs that do not.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use compositor_tests::{Output, Temp, dist, read, root, run, start, wasmtime_cli};
use conformance_runner::{Host, Options, Progress, Report, Suite};
use serde_json::Value;

/// The vectors of the checkout.
pub fn vectors() -> PathBuf {
    root().join("tests/vectors")
}

/// A command line that runs `dist/composectl`.
pub fn composectl_line() -> String {
    format!("'{}' {{args}}", dist("composectl").display())
}

/// What the runner makes of a host.
pub fn report(suite: &Suite, options: &Options) -> Report {
    let host = Host::new(options).unwrap_or_else(|error| panic!("{error:#}"));
    conformance_runner::run(suite, &host, options.jobs, Progress::none())
}

/// Runs `dist/conformance-runner` on a host, with `--json` and `--junit` in a folder.
fn conformance(folder: &Temp, host: &str, options: &[&str]) -> Output {
    let mut command = Command::new(dist("conformance-runner"));
    command
        .args(["run", "--host", host, "--vectors"])
        .arg(vectors())
        .args(["--json", "out.json", "--junit", "out.xml"])
        .args(options)
        .current_dir(folder.path());
    run(&mut command)
}

fn summary(folder: &Temp) -> Value {
    serde_json::from_slice(&read(folder.join("out.json"))).expect("a summary in JSON")
}

/// Runs all vectors on a host, which has to pass; returns the summary.
fn conforms(folder: &Temp, host: &str, options: &[&str]) -> Value {
    let printed = conformance(folder, host, options).success();
    let summary = summary(folder);
    let all = summary["cases"].as_array().map_or(0, Vec::len) as u64;
    let count = |name: &str| summary[name].as_u64().unwrap_or_default();
    assert_eq!(count("passed") + count("refused"), all, "{printed}");
    assert!(all > 400 && count("failed") == 0, "{printed}");
    let junit = String::from_utf8(read(folder.join("out.xml"))).expect("a text");
    assert_eq!(junit.matches("<testcase ").count() as u64, all);
    assert!(!junit.contains("<failure"), "{junit}");
    summary
}

#[test]
fn composectl() {
    let folder = Temp::new();
    let summary = conforms(&folder, &composectl_line(), &[]);
    assert_eq!(summary["refused"], 0);
    // Every code was brought about, by a case that passed.
    let codes = summary["codes"].as_object().expect("codes");
    assert_eq!(codes.len(), conformance_runner::CODES.len(), "{codes:?}");
    assert!(codes.values().all(|count| *count != 0), "{codes:?}");
}

#[test]
fn stock_wasmtime() {
    let folder = Temp::new();
    // A code cache of its own, so that it compiles once.
    let cache = folder.join("cache");
    let config = format!("[cache]\ndirectory = {:?}\n", cache.display().to_string());
    folder.write("wasmtime.toml", config);
    let host = format!(
        "'{}' run -C cache-config={} --dir . '{}' {{args}}",
        wasmtime_cli().get_program().display(),
        folder.join("wasmtime.toml").display(),
        dist("compositor.wasm").display(),
    );
    let summary = conforms(&folder, &host, &["--without", "exec"]);
    assert!(summary["refused"].as_u64() > Some(20), "{summary}");
}

#[test]
fn jco_on_node() {
    let folder = Temp::new();
    let cache = folder.join("cache");
    let host = format!(
        "env 'COMPOSITOR_NODE_CACHE={}' node '{}' '{}' {{args}}",
        cache.display(),
        root().join("tests/node/run.mjs").display(),
        dist("compositor.wasm").display(),
    );
    let summary = conforms(&folder, &host, &["--without", "exec"]);
    assert!(summary["refused"].as_u64() > Some(20), "{summary}");
}

/// A capability that a host has and was said to lack is as wrong as one that
/// it lacks.
#[test]
fn what_a_host_has_is_not_lacking() {
    let folder = Temp::new();
    let only = ["--only", "script/exec/hello"];
    let said = conformance(
        &folder,
        &composectl_line(),
        &[&only[..], &["--without", "exec"]].concat(),
    );
    assert_eq!(said.status, 1, "{said:?}");
    assert_eq!(summary(&folder)["cases"][0]["outcome"], "failed");
    let host = format!(
        "'{}' run --dir . '{}' {{args}}",
        wasmtime_cli().get_program().display(),
        dist("compositor.wasm").display(),
    );
    let said = conformance(&folder, &host, &only);
    assert_eq!(said.status, 1, "{said:?}");
    assert!(said.stdout.contains("script/exec/hello"), "{said:?}");
}

#[test]
fn hosts_that_hang_die_or_lie() {
    let folder = Temp::new();
    let of = |name: &str, script: &str| {
        let path = folder.write(name, format!("#!/bin/sh\n{script}\n"));
        run(Command::new("chmod").arg("+x").arg(&path)).success();
        format!("'{}' {{args}}", path.display())
    };
    let hangs = of("hangs", "exec sleep 1000");
    let dies = of("dies", "kill -9 $$");
    let silent = of("silent", "exit 0");
    let yes = of("yes", r#"echo '{"ok":true}'"#);
    let no = of("no", r#"echo '{"ok":false,"errors":[]}'; exit 1"#);
    for (host, words) in [
        (hangs, "did not end"),
        (dies, "died"),
        (silent, ""),
        (yes, ""),
        (no, ""),
        ("absent-program {args}".to_string(), "cannot start"),
    ] {
        for only in ["cbor/rfc8949/35", "compose/binding", "script/emit"] {
            let said = conformance(&folder, &host, &["--only", only, "--timeout", "1"]);
            assert_eq!(said.status, 1, "{host} {said:?}");
            let case = &summary(&folder)["cases"][0];
            assert_eq!(
                (&case["id"], &case["outcome"]),
                (&only.into(), &"failed".into())
            );
            let difference = case["difference"].as_str().unwrap_or_default();
            assert!(
                !difference.is_empty() && difference.contains(words),
                "{host} {difference}"
            );
            let junit = String::from_utf8(read(folder.join("out.xml"))).expect("a text");
            assert!(junit.contains("<failure"), "{junit}");
        }
    }
}

#[test]
fn command_lines_that_are_wrong() {
    for (args, word) in [
        (&[][..], "`run`"),
        (&["--host", "h {args}"], "`run`"),
        (&["run", "run"], "run"),
        (&["run", "--host", "host"], "{args}"),
        (&["run", "--without", "wings"], "wings"),
        (&["run", "--vectors", "absent"], "--vectors"),
        (&["run", "--only", "absent"], "absent"),
        (&["run", "--jobs", "0"], "--jobs"),
        (&["run", "--frobnicate"], "frobnicate"),
    ] {
        let mut command = Command::new(dist("conformance-runner"));
        let said = start(command.args(args).current_dir(root())).end();
        assert_eq!(said.status, 2, "{args:?} {said:?}");
        assert!(said.stderr.contains(word), "{args:?} {said:?}");
    }
    let help = run(Command::new(dist("conformance-runner")).arg("--help")).success();
    assert_eq!(help, conformance_runner::USAGE);
}

/// A case's time is limited, and so is the whole.
#[test]
fn a_hang_takes_no_longer_than_it_may() {
    let mut suite = Suite::read(&vectors()).expect("the vectors");
    suite.keep("cbor/rfc8949/01").expect("a case");
    let options = Options {
        timeout: Duration::from_millis(200),
        ..Options::new("sleep 1000 {args}")
    };
    let report = report(&suite, &options);
    assert_eq!(report.failed(), 1);
    assert!(report.ms < 30_000, "{} ms", report.ms);
}
