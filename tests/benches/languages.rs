//! Programs in Python, JavaScript and C, made components by the tools that people
//! who write in these languages use.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use compositor_tests::{Temp, WITHOUT_PYTHON, dist, read, root, run};

/// What `tests/languages/hello.*` import.
const HELLO: &str = "
    package hello:greeter@0.1.0 {
        interface greet { greet: func(salutation: string, name: string) -> string; }
    }
    package hello:phrases@0.1.0 {
        interface phrases {
            languages: func() -> list<string>;
            hello: func(language: string) -> option<string>;
        }
    }
";

const HELLO_IMPORTS: &str = "
    import hello:greeter/greet@0.1.0;
    import hello:phrases/phrases@0.1.0;
";

/// What a command exports.
const RUN: &str = "package wasi:cli@0.2.0 { interface run { run: func() -> result; } }";

/// Greets in every language, in Python; none where there is no Python to make it.
pub fn python() -> Option<Vec<u8>> {
    python_program(&read(source("hello.py")), &command(HELLO_IMPORTS, HELLO))
}

/// Prints the sum of what so many capabilities give, in Python. Each is an interface
/// `t:n/nNUMBER@0.1.0` with `f: func() -> u32`.
pub fn python_over(count: usize) -> Option<Vec<u8>> {
    let all = |each: fn(usize) -> String, between| {
        let all: Vec<String> = (0..count).map(each).collect();
        all.join(between)
    };
    let source = format!(
        "from wit_world import exports\n\
         from wit_world.imports import {}\n\n\
         class Run(exports.Run):\n    def run(self) -> None:\n        print({})\n",
        all(|number| format!("n{number}"), ", "),
        all(|number| format!("n{number}.f()"), " + "),
    );
    let imports = all(|number| format!("import t:n/n{number}@0.1.0;"), " ");
    let interface = |number| format!("interface n{number} {{ f: func() -> u32; }}");
    let package = format!("package t:n@0.1.0 {{ {} }}", all(interface, " "));
    python_program(source.as_bytes(), &command(&imports, &package))
}

/// Greets in every language, in JavaScript.
///
/// # Panics
///
/// When componentize-js was not installed.
pub fn javascript() -> Vec<u8> {
    let folder = Temp::new();
    folder.write("program.js", read(source("hello.js")));
    folder.write("program.wit", command(HELLO_IMPORTS, HELLO));
    let mut node = Command::new("node");
    node.arg(source("componentize.mjs")).arg("program.js");
    node.args(["program.wit", "program", "program.wasm"]);
    made(&folder, &mut node)
}

/// Greets in every language, in C; none where there is no Python, whose package the
/// compiler is. The library of C, and what makes a component, are of Rust's toolchain.
pub fn c() -> Option<Vec<u8>> {
    has_python().then(|| {
        let folder = Temp::new();
        folder.write("hello.c", read(source("hello.c")));
        // It is the linker that exports `run`, and not the program.
        folder.write("program.wit", world(HELLO_IMPORTS, HELLO));
        let mut compile = Command::new(dist("tools/python-zig"));
        compile.args(["cc", "-target", "wasm32-wasi", "-O2", "-Wall", "-Werror"]);
        compile.args(["-c", "hello.c", "-o", "hello.o"]);
        // What it keeps, it keeps with the program.
        for cache in ["ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR"] {
            compile.env(cache, folder.join("cache"));
        }
        run(compile.current_dir(folder.path())).success();

        let host = libraries(&[]);
        let tools = host.parent().expect("a folder of libraries").join("bin");
        let wasm = libraries(&["--target", "wasm32-wasip2"]);
        let libc = wasm.join("self-contained");
        let mut link = Command::new(tools.join("wasm-component-ld"));
        link.arg("--wasm-ld-path").arg(tools.join("gcc-ld/wasm-ld"));
        link.args(["--component-type", "program.wit", "hello.o"]);
        link.arg(libc.join("crt1-command.o")).arg("-L").arg(&libc);
        link.arg("-lc").arg(starting(&wasm, "libcompiler_builtins"));
        made(&folder, link.args(["-o", "program.wasm"]))
    })
}

/// A world `program` of such items, and the packages that they are of.
fn world(items: &str, packages: &str) -> String {
    format!("package hello:app; world program {{ {items} }} {packages}")
}

/// The world of a command with such imports.
fn command(imports: &str, packages: &str) -> String {
    let items = format!("{imports} export wasi:cli/run@0.2.0;");
    world(&items, &format!("{RUN} {packages}"))
}

fn python_program(source: &[u8], wit: &str) -> Option<Vec<u8>> {
    has_python().then(|| {
        let folder = Temp::new();
        folder.write("program.py", source);
        folder.write("program.wit", wit);
        let mut python = Command::new(dist("tools/componentize-py"));
        python.args(["-d", "program.wit", "-w", "program", "componentize"]);
        // Its module is found in the current folder.
        python.args(["program", "-o", "program.wasm"]);
        made(&folder, &mut python)
    })
}

fn has_python() -> bool {
    let has = std::env::var_os(WITHOUT_PYTHON).is_none();
    if !has {
        eprintln!("  left out: there is no python3 with venv");
    }
    has
}

/// What a command writes to `program.wasm` in a folder.
fn made(folder: &Temp, command: &mut Command) -> Vec<u8> {
    run(command.current_dir(folder.path())).success();
    read(folder.join("program.wasm"))
}

fn source(name: &str) -> PathBuf {
    let path = root().join("tests/languages").join(name);
    assert!(
        root().join("tests/languages/node_modules").exists(),
        "nothing is installed: run `cargo xtask bench`"
    );
    path
}

/// The folder of libraries that Rust's toolchain has for a target.
fn libraries(target: &[&str]) -> PathBuf {
    let mut rustc = Command::new("rustc");
    rustc.args(["--print", "target-libdir"]).args(target);
    let printed = run(rustc.current_dir(root())).success();
    PathBuf::from(printed.trim())
}

/// The archive in a folder whose name starts so.
fn starting(folder: &Path, start: &str) -> PathBuf {
    let files = fs::read_dir(folder).expect("a folder of libraries");
    let mut paths = files.map(|file| file.expect("a library").path());
    let is_it = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(start) && name.ends_with(".rlib")
    };
    paths.find(is_it).expect("a library of the toolchain")
}
