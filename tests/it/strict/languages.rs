//! Programs in JavaScript and Python, whose runtimes import all of WASI,
//! whether the program uses it or not: they start where the network is denied.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;

use compositor_tests::{Temp, WITHOUT_PYTHON, dist, read, root, start};

use super::{ambient, imports, number, said, strict, stripped, the_same};

/// A command.
const WORLD: &str = "
    package languages:program;
    world program { export wasi:cli/run@0.2.0; }
    package wasi:cli@0.2.0 { interface run { run: func() -> result; } }
";

const HOUR: f64 = 3600.0;

fn source(name: &str) -> PathBuf {
    root().join("tests/languages").join(name)
}

/// A component that a command writes to `program.wasm`, in a folder with a
/// program and `program.wit`.
fn made(program: &str, command: &mut Command) -> Vec<u8> {
    let temp = Temp::new();
    temp.write(program, read(source(program)));
    temp.write("program.wit", WORLD);
    start(command.current_dir(temp.path())).end().success();
    let component = read(temp.join("program.wasm"));
    assert!(ambient(&component).len() >= 3, "{:?}", ambient(&component));
    component
}

#[track_caller]
fn lasts(printed: &str, name: &str, hours: f64, unit: f64) {
    let found = number(printed, name) / unit;
    let hours = hours * HOUR;
    assert!((hours..hours + 1.0).contains(&found), "{name}: {found} s");
}

#[test]
fn javascript_is_the_same_everywhere() {
    let installed = source("node_modules").exists();
    assert!(installed, "nothing is installed: run `cargo xtask test`");
    let mut node = Command::new("node");
    node.arg(source("componentize.mjs")).arg("deterministic.js");
    node.args(["program.wit", "program", "program.wasm"]);
    let component = made("deterministic.js", &mut node);
    let is_http = |name: &String| name.starts_with("wasi:http/");
    assert!(imports(&component).iter().any(is_http));

    let printed = the_same(&strict(component));
    assert!(said(&printed, "date").starts_with("2000-01-01T00:00:00.0"));
    assert_eq!(said(&printed, "steps"), "1 1");
    lasts(&printed, "waited", 1.0, 1000.0);
    // Three timers, and one that goes on until they are done.
    assert!(number(&printed, "waited for all") > 5.0 * HOUR * 1000.0);
    assert_eq!(said(&printed, "fetch"), "refused");
}

#[test]
fn python_is_the_same_everywhere() {
    if std::env::var_os(WITHOUT_PYTHON).is_some() {
        // Past what holds back the output of tests that pass.
        let words = "strict determinism of Python is left out: there is no python3 with venv";
        writeln!(std::io::stderr(), "\n{words}").expect("stderr");
        return;
    }
    let mut python = Command::new(dist("tools/componentize-py"));
    python.args(["-d", "program.wit", "-w", "program", "componentize"]);
    // Its module is found in the current folder.
    python.args(["deterministic", "-o", "program.wasm"]);
    let component = made("deterministic.py", &mut python);
    let is_socket = |name: &String| name.starts_with("wasi:sockets/");
    assert!(imports(&component).iter().any(is_socket));

    let folder = strict(component);
    let printed = the_same(&folder);
    assert_eq!(stripped(&folder), printed);
    assert_eq!(said(&printed, "date"), "2000-01-01 00:00:00.001000+00:00");
    assert_eq!(said(&printed, "steps"), "[1000000, 1000000]");
    lasts(&printed, "slept", 1.0, 1.0);
    assert!(said(&printed, "awaited").starts_with("[1, 3, 5] "));
    lasts(&printed, "timed out", 6.0, 1.0);
    assert_eq!(said(&printed, "network"), "Permission denied");
}
