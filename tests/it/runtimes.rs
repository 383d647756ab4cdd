//! The distribution on every runtime: a stock wasmtime CLI, Node, composectl,
//! an embedding, and the same code natively. One plan is one artifact.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use compositor_core::memory::MemoryStore;
use compositor_core::{HostPolicy, Limits, build, lock};
use compositor_tests::{
    Embedding, Temp, WITHOUT_PYTHON, Written as _, composectl, dist, guest, node, read, root, run,
    wasmtime_cli,
};
use serde_json::Value;
use test_generate::plan::plan;

const GREETING: &str = "Hello, world!\nBonjour, world!\nKia ora, world!\n";
const PLAN: &str = "plans/hello/plan.json";

/// A folder with what someone needs who has only the distribution.
fn checkout() -> Temp {
    let temp = Temp::new();
    temp.write(PLAN, read(root().join(PLAN)));
    temp.write("dist/compositor.wasm", read(dist("compositor.wasm")));
    for name in ["hello-root", "hello-greeter", "hello-phrases"] {
        temp.write(format!("dist/guests/{name}.wasm"), read(guest(name)));
    }
    temp
}

/// Composes `plans/hello` in a checkout by a program, and runs the artifact
/// by the same; returns the artifact.
fn compose_and_run(folder: &Temp, program: impl Fn() -> Command) -> Vec<u8> {
    let within = |args: &[&str]| run(program().args(args).current_dir(folder.path())).success();
    within(&["dist/compositor.wasm", PLAN, "-o", "hello.wasm"]);
    assert_eq!(within(&["hello.wasm"]), GREETING);
    read(folder.join("hello.wasm"))
}

/// What native code composes of a plan whose sources are files.
fn natively(path: &Path) -> Vec<u8> {
    let plan = read(path);
    let folder = path.parent().expect("a plan is in a folder");
    let parsed: Value = serde_json::from_slice(&plan).expect("a plan is JSON");
    let store = MemoryStore::new();
    let components = parsed["components"].as_array().into_iter().flatten();
    let digests = components.map(|component| {
        let text = |field: &str| component[field].as_str().expect("it is unlocked");
        let file = text("source").trim_start_matches("file:");
        (text("id").to_string(), store.put(read(folder.join(file))))
    });
    let digests: Vec<_> = digests.collect();
    let plan = lock(&plan, &digests, &Limits::default()).expect("the plan locks");
    let artifact = build(&plan, &HostPolicy::default(), store.host()).expect("the plan composes");
    store.get(&artifact.digest).expect("it is in the store")
}

/// The names of a component's own imports, not those of components inside.
pub fn imports(component: &[u8]) -> Vec<String> {
    test_generate::names(component).0
}

#[test]
fn stock_wasmtime() {
    let folder = checkout();
    let artifact = compose_and_run(&folder, || {
        let mut wasmtime = wasmtime_cli();
        wasmtime.args(["run", "--dir", "."]);
        wasmtime
    });
    assert!(artifact == natively(&root().join(PLAN)));

    // The artifact needs no folder.
    let mut alone = wasmtime_cli();
    alone.args(["run", "hello.wasm", "you"]);
    let greeting = run(alone.current_dir(folder.path())).success();
    assert_eq!(greeting, GREETING.replace("world", "you"));
}

/// The oldest stock wasmtime that artifacts are for, in Python.
#[test]
fn wasmtime_48() {
    if std::env::var_os(WITHOUT_PYTHON).is_some() {
        // Past what holds back the output of tests that pass.
        let words = "wasmtime 48 is left out: there is no python3 with venv";
        writeln!(std::io::stderr(), "\n{words}").expect("stderr");
        return;
    }
    let folder = checkout();
    let args = [
        "emit",
        "build",
        PLAN,
        "-o",
        "hello.wasm",
        "--target",
        "wasmtime@48",
    ];
    composectl(folder.path(), args).success();
    // Python finds its packages beside the program, not beside a link to it.
    let program = std::fs::read_link(dist("tools/python-wasmtime")).expect("a link");
    let mut python = Command::new(program);
    python.arg(root().join("tests/python/run48.py"));
    python
        .args(["hello.wasm", "you"])
        .current_dir(folder.path());
    assert_eq!(run(&mut python).success(), GREETING.replace("world", "you"));
}

/// A plan of so many modules and components in all, with itself: a root that is a
/// command, and a component of modules beside it.
fn counted(count: usize) -> Temp {
    let app = r#"(component
        (core module $m (func (export "f") (result i32) i32.const 0))
        (core instance $i (instantiate $m))
        (func $f (result (result)) (canon lift (core func $i "f")))
        (instance $run (export "run" (func $f)))
        (export "wasi:cli/run@0.2.6" (instance $run)))"#;
    let modules = "(core module)".repeat(count - 4);
    let other = format!("(component (instance $e) (export \"e\" (instance $e)) {modules})");
    let plan = plan(app).component("other", other).export("other", "e");
    plan.written()
}

#[test]
fn as_many_modules_and_components_as_stock_wasmtime_takes() {
    let emit = ["emit", "build", "plan.json", "-o", "out.wasm"];
    let run_out = |folder: &Temp| {
        let mut wasmtime = wasmtime_cli();
        run(wasmtime
            .args(["run", "out.wasm"])
            .current_dir(folder.path()))
    };
    let most = counted(1000);
    composectl(most.path(), emit).success();
    run_out(&most).success();

    let more = counted(1001);
    let refused = composectl(more.path(), emit);
    assert_eq!(refused.status, 1, "{refused:?}");
    assert!(!more.join("out.wasm").exists());
    for word in [
        "Emit.CompositionFailed",
        "wasmtime@50",
        "\"other\" brings 998",
    ] {
        assert!(refused.stderr.contains(word), "no {word} in {refused:?}");
    }
    // What is refused would not have run.
    let any = emit.iter().copied().chain(["--target", "any"]);
    composectl(more.path(), any).success();
    let refused = run_out(&more);
    assert_ne!(refused.status, 0);
    assert!(
        refused.stderr.contains("modules and components"),
        "{refused:?}"
    );
}

#[test]
fn jco_on_node() {
    let artifact = compose_and_run(&checkout(), node);
    assert!(artifact == natively(&root().join(PLAN)));
}

#[test]
fn the_hosts_runtime_over_a_folder() {
    let folder = checkout();
    let artifact = compose_and_run(&folder, || {
        let mut host = Command::new(dist("tools/bench-host"));
        host.arg("run");
        host
    });
    assert!(artifact == natively(&root().join(PLAN)));
}

#[test]
fn the_compositor_in_composectl() {
    let folder = checkout();
    composectl(folder.path(), [PLAN, "-o", "hello.wasm"]).success();
    assert!(read(folder.join("hello.wasm")) == natively(&root().join(PLAN)));
}

#[test]
fn composectl_takes_paths_from_anywhere() {
    let folder = checkout();
    let elsewhere = Temp::new();
    let out = elsewhere.join("out/hello.wasm");
    elsewhere.write("out/here", "");
    let absolute = folder.join(PLAN).display().to_string();
    let args = [&absolute, "-o", "out/hello.wasm", "--store", "store"];
    composectl(elsewhere.path(), args).success();
    assert!(read(&out) == natively(&root().join(PLAN)));
    assert!(elsewhere.join("store/oci-layout").exists());

    let up = format!("../{PLAN}");
    let args = [&up, "-o", "../dist/hello.wasm", "--store", "../store"];
    composectl(&folder.join("plans"), args).success();
    assert!(read(folder.join("dist/hello.wasm")) == read(&out));
}

#[test]
fn an_embedding_in_a_sandbox() {
    let folder = checkout();
    let sandbox = Embedding::new(folder.path()).memory(64 << 20);
    let args = [PLAN, "-o", "hello.wasm"];
    sandbox.run(&read(dist("compositor.wasm")), args).success();
    let artifact = read(folder.join("hello.wasm"));
    assert!(artifact == natively(&root().join(PLAN)));
    let none: [&str; 0] = [];
    assert_eq!(sandbox.run(&artifact, none).success(), GREETING);
}

#[test]
fn the_compositor_composes_itself() {
    let plan = "plans/compositor.json";
    let compositor = read(dist("compositor.wasm"));
    assert!(compositor == natively(&root().join(plan)), "stage 1");

    let folder = Temp::new();
    folder.write(plan, read(root().join(plan)));
    for part in ["command", "core", "store", "standalone", "wit"] {
        let part = format!("parts/{part}.wasm");
        folder.write(format!("dist/{part}"), read(dist(&part)));
    }
    folder.write("compositor.wasm", &compositor);
    let args = ["compositor.wasm", plan, "-o", "stage-2.wasm"];
    run(node().args(args).current_dir(folder.path())).success();
    assert!(compositor == read(folder.join("stage-2.wasm")), "stage 2");
}

#[test]
fn the_core_imports_no_wasi() {
    let core = read(dist("compositor-core.wasm"));
    let imports = imports(&core);
    assert!(imports.contains(&"sys:compose/blobs@1.0.0".to_string()));
    assert!(
        imports.iter().all(|name| name.starts_with("sys:compose/")),
        "{imports:?}"
    );
}

#[test]
fn the_compositor_imports_only_wasi() {
    let imports = imports(&read(dist("compositor.wasm")));
    assert!(!imports.is_empty());
    assert!(
        imports.iter().all(|name| name.starts_with("wasi:")),
        "{imports:?}"
    );
}

/// What only the build and the tests do is not in what is handed out.
#[test]
fn composectl_runs_plans_alone() {
    let folder = checkout();
    let compositor = dist("compositor.wasm");
    let compositor = compositor.to_str().expect("a path");
    for args in [
        &["--component", compositor][..],
        &["--precompile", compositor, "out"],
    ] {
        let output = composectl(folder.path(), args);
        assert_eq!(output.status, 2, "{args:?} {output:?}");
        assert!(!folder.join("out").exists(), "{args:?}");
    }
}
