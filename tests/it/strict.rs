//! Plans whose determinism is `strict`: two runs print the same bytes, on every
//! runtime.

mod inputs;
mod languages;
mod program;
mod random;
mod three;

use std::process::{Command, Stdio};

use compositor_tests::{node, read, start, wasmtime_cli};

use super::exec::fixture::{Folder, Runs as _, plan};
use super::runtimes::imports;

/// A trusted plan of one component, its artifact as `artifact.wasm`, and that
/// compiled by stock wasmtime.
fn strict(component: impl AsRef<[u8]>) -> Folder {
    built(plan(component).determinism("strict").trusted())
}

fn built(folder: Folder) -> Folder {
    folder.good(&["emit", "build", "plan.json", "-o", "artifact.wasm"]);
    let mut compile = wasmtime_cli();
    compile.args(["compile", "artifact.wasm", "-o", "artifact.cwasm"]);
    end(&folder, compile.arg("-Wcomponent-model-async"));
    folder
}

/// What a program prints in a plan's folder, which has to succeed, and soon:
/// guests wait for hours.
fn end(folder: &Folder, command: &mut Command) -> String {
    command.current_dir(folder.0.path()).stdin(Stdio::null());
    start(command).end().success()
}

/// The artifact in stock wasmtime.
fn stock(folder: &Folder, options: &[&str], args: &[&str]) -> String {
    let mut wasmtime = wasmtime_cli();
    wasmtime.args(["run", "--allow-precompiled"]).args(options);
    end(folder, wasmtime.arg("artifact.cwasm").args(args))
}

/// What the artifact prints in stock wasmtime when no component has a custom section;
/// it is smaller.
fn stripped(folder: &Folder) -> String {
    folder.good(&[
        "emit",
        "build",
        "plan.json",
        "--strip=all",
        "-o",
        "stripped.wasm",
    ]);
    let size = |name: &str| read(folder.0.join(name)).len();
    let (whole, stripped) = (size("artifact.wasm"), size("stripped.wasm"));
    assert!(stripped < whole, "{stripped} of {whole}");
    let mut wasmtime = wasmtime_cli();
    wasmtime.args(["run", "-Wcomponent-model-async", "stripped.wasm"]);
    end(folder, &mut wasmtime)
}

/// The artifact on Node.
fn on_node(folder: &Folder, args: &[&str]) -> String {
    end(folder, node().arg("artifact.wasm").args(args))
}

/// What the plan's program prints in two runs of composectl and two of stock
/// wasmtime.
#[track_caller]
fn the_same(folder: &Folder) -> String {
    let printed = folder.run(&[], &[]).success();
    assert_eq!(folder.run(&[], &[]).success(), printed, "composectl, again");
    for turn in ["first", "second"] {
        assert_eq!(stock(folder, &[], &[]), printed, "stock wasmtime, {turn}");
    }
    printed
}

/// What was printed behind a name.
#[track_caller]
fn said<'a>(printed: &'a str, name: &str) -> &'a str {
    let of = |line: &'a str| line.strip_prefix(name)?.strip_prefix(": ");
    let mut lines = printed.lines();
    let found = lines.find_map(of);
    found.unwrap_or_else(|| panic!("no {name:?} in {printed}"))
}

/// What was printed behind a name, as a number.
#[track_caller]
fn number(printed: &str, name: &str) -> f64 {
    let text = said(printed, name);
    let text = text.trim_end_matches(|end: char| !end.is_ascii_digit());
    text.parse()
        .unwrap_or_else(|error| panic!("{name}: {text}: {error}"))
}

/// The imports of clocks and randomness.
fn ambient(component: &[u8]) -> Vec<String> {
    let mut names = imports(component);
    names.retain(|name| name.starts_with("wasi:clocks/") || name.starts_with("wasi:random/"));
    names
}
