//! Running artifacts: what a call through the linker takes against one that
//! was bound when the plan was composed, `exec run` against the stock command
//! line on the same artifact compiled before, and what an edit takes until its first
//! output.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use compositor_tests::{
    Embedding, Prepared, composectl, composectl_in, dist, guest, read, run, wasmtime_cli,
};
use serde_json::{Value, json};

use crate::cost::Cost;
use crate::input::Input;
use crate::row::{Metric, Row};

/// Runs of one command in turn with its peer's.
const ROUNDS: usize = 15;

/// The rows.
pub fn rows(folder: &Path) -> Vec<Row> {
    fs::create_dir_all(folder).expect("a folder");
    let mut rows = calls(folder);
    rows.push(hello(folder));
    rows.extend(edits(folder));
    rows.push(in_parts(folder));
    rows
}

/// A call of a provider: resolved, and bound.
fn calls(folder: &Path) -> Vec<Row> {
    let plan = format!(
        r#"{{ "version": "1", "root": "app", "linkage": "runtime",
            "components": [
                {{ "id": "app", "source": "file:{0}" }},
                {{ "id": "provider", "source": "file:{1}" }} ],
            "bindings": [
                {{ "import_name": "compose:dynlink/endpoint@0.1.0", "provider_id": "provider",
                   "export_name": "compose:dynlink/endpoint@0.1.0" }} ] }}"#,
        dist("guests/dynlink-calls.wasm").display(),
        dist("guests/dynlink-counter.wasm").display(),
    );
    fs::write(folder.join("calls.json"), plan).expect("a plan");
    composectl(folder, ["trust", "add", "--plan", "calls.json"]).success();
    let mut rows: [(Vec<f64>, Vec<f64>); 2] = Default::default();
    for _ in 0..5 {
        let args = ["exec", "run", "calls.json", "--allow", "dynlink:resolve"];
        let allow = ["--allow", "dynlink:invoke", "--", "20000", "50"];
        let printed = composectl(folder, args.iter().chain(&allow)).success();
        for (line, (ours, peer)) in printed.lines().zip(&mut rows) {
            let mut numbers = line
                .split(' ')
                .map(|word| word.parse::<f64>().expect("a number"));
            peer.extend(numbers.nth(1));
            ours.extend(numbers.next());
        }
    }
    let [small, large] = rows;
    let bound = "a call that was bound";
    vec![
        row("a call through the linker: 64 bytes", bound, small, 1e-9).bound(
            Metric::Wall,
            4.0,
            2.0,
        ),
        row("a call through the linker: 1 MiB", bound, large, 1e-9).bound(Metric::Wall, 0.1, 0.05),
    ]
}

/// A program from its plan, and from its compiled artifact.
fn hello(folder: &Path) -> Row {
    let plan = compositor_tests::root().join("plans/hello/plan.json");
    let plan = plan.to_str().expect("a path");
    composectl(folder, ["plan", "lock", plan, "-o", "hello.json"]).success();
    composectl(folder, ["trust", "add", "--plan", "hello.json"]).success();
    composectl(folder, ["emit", "build", "hello.json", "-o", "hello.wasm"]).success();
    let mut compile = wasmtime_cli();
    compile.args(["compile", "hello.wasm", "-o", "hello.cwasm"]);
    run(compile.current_dir(folder)).success();
    let ours = || {
        let mut command = composectl_in(folder);
        command.args(["exec", "run", "--locked", "hello.json"]);
        command
    };
    let peer = || {
        let mut command = wasmtime_cli();
        command.args(["run", "--allow-precompiled", "hello.cwasm"]);
        command.current_dir(folder);
        command
    };
    let time = |mut command: Command| {
        let start = Instant::now();
        run(&mut command).success();
        start.elapsed().as_secs_f64()
    };
    let mut times: (Vec<f64>, Vec<f64>) = Default::default();
    for _ in 0..ROUNDS {
        times.0.push(time(ours()));
        times.1.push(time(peer()));
    }
    let row = row("exec run: hello", "wasmtime run, compiled", times, 1.0);
    row.bound(Metric::Wall, 1.5, 1.2)
}

/// Rounds of edits: in each, all is compiled once.
const EDITS: usize = 3;

/// Bytes of a large program, such as one of Python's is.
const LARGE: usize = 18 << 20;

/// From an edit beside a large root to its first output, against the same where
/// nothing was ever compiled.
fn edits(folder: &Path) -> Vec<Row> {
    let folder = folder.join("edits");
    let input = Input::program(&folder, LARGE);
    let sources = fs::read_to_string(folder.join("sources.json")).expect("a plan");
    let mut plan: Value = serde_json::from_str(&sources).expect("a plan");
    let phrases = read(guest("hello-phrases"));
    // Each edit is one that was never there before.
    let mut number = 0..;
    let mut provider = |plan: &mut Value| {
        let word = format!("Bon{:04}", number.next().unwrap_or_default());
        fs::write(input.file("phrases"), said(&phrases, &word)).expect("a provider");
        plan.as_object_mut().expect("a plan").remove("policy");
    };
    let names = [
        "clocks",
        "random",
        "filesystem",
        "sockets",
        "cli/environment",
    ];
    let mut subsets = 1..;
    let mut policy = |plan: &mut Value| {
        let subset: usize = subsets.next().unwrap_or_default();
        let granted = (0..names.len()).filter(|bit| subset >> bit & 1 == 1);
        let granted = granted
            .map(|bit| json!({ "name": format!("wasi:{}", names[bit]), "level": "optional" }));
        plan["policy"] = json!({ "capabilities": granted.collect::<Vec<_>>() });
    };
    let mut edit = |what: Edit<'_>, cache: &str| {
        what(&mut plan);
        fs::write(folder.join("edited.json"), plan.to_string()).expect("a plan");
        rustix::fs::sync();
        let started = Instant::now();
        composectl(&folder, ["trust", "add", "--plan", "edited.json"]).success();
        let mut exec = composectl_in(&folder);
        exec.env("XDG_CACHE_HOME", folder.join(cache));
        let printed = run(exec.args(["exec", "run", "edited.json"])).success();
        let seconds = started.elapsed().as_secs_f64();
        assert!(printed.contains("Hello, world!"), "{printed}");
        seconds
    };
    edit(&mut |_| {}, "kept");
    let mut rows = Vec::new();
    let edits: [(&str, Edit<'_>); 2] = [
        ("18 MB root, a provider replaced", &mut provider),
        ("18 MB root, a word of its policy", &mut policy),
    ];
    for (name, what) in edits {
        let mut times: (Vec<f64>, Vec<f64>) = Default::default();
        for _ in 0..EDITS {
            times.0.push(edit(&mut *what, "kept"));
            times.1.push(edit(&mut *what, "none"));
            fs::remove_dir_all(folder.join("none")).expect("a cache");
        }
        let row = row(name, "compiling all", times, 1.0);
        rows.push(row.bound(Metric::Wall, 0.05, 0.03));
    }
    rows
}

/// A change of a plan.
type Edit<'a> = &'a mut dyn FnMut(&mut Value);

/// A component that says something else in French.
fn said(component: &[u8], word: &str) -> Vec<u8> {
    let french = b"Bonjour";
    let mut windows = component.windows(french.len());
    let at = windows.position(|window| window == french).expect("French");
    let mut other = component.to_vec();
    other[at..at + french.len()].copy_from_slice(word.as_bytes());
    other
}

/// What a program takes whose core modules were compiled apart, as `composectl` runs it,
/// against the whole: the compositor, which composes a large program.
fn in_parts(folder: &Path) -> Row {
    let folder = folder.join("parts");
    Input::program(&folder, LARGE);
    let compositor = read(dist("compositor.wasm"));
    let (parts, whole) = (
        Prepared::in_parts(&compositor),
        Prepared::whole(&compositor),
    );
    let embedding = Embedding::new(&folder);
    let time = |command: &Prepared| {
        let args = ["emit", "build", "plan.json", "--locked", "-o", "out.wasm"];
        let started = Instant::now();
        let args = args.iter().chain(&["--store", "store"]);
        embedding.run_prepared(command, args).success();
        started.elapsed().as_secs_f64()
    };
    time(&whole);
    let mut times: (Vec<f64>, Vec<f64>) = Default::default();
    for _ in 0..ROUNDS {
        times.0.push(time(&parts));
        times.1.push(time(&whole));
    }
    let row = row("compositor.wasm in parts", "as a whole", times, 1.0);
    row.bound(Metric::Wall, 1.05, 1.0)
}

/// A row of times alone, in a unit.
fn row(name: &str, against: &str, (ours, other): (Vec<f64>, Vec<f64>), unit: f64) -> Row {
    let costs = |times: Vec<f64>| {
        let times = times.into_iter().map(|time| Cost {
            wall: time * unit,
            processor: f64::NAN,
            memory: None,
        });
        times.collect::<Vec<_>>()
    };
    Row::new(name, against, &costs(ours), &costs(other))
}
