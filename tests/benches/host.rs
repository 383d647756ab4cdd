//! Running artifacts: what a call through the linker takes against one that
//! was bound when the plan was composed, `exec run` against the stock command
//! line on the same artifact compiled before, and `exec serve` against its server.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use compositor_tests::{composectl, composectl_in, dist, load, run, start, wasmtime_cli};

use crate::cost::Cost;
use crate::row::Row;

/// Runs of one command in turn with its peer's.
const ROUNDS: usize = 15;

/// Runs of both servers.
const SERVED: usize = 3;

/// Requests in each of them, over so many connections.
const REQUESTS: (usize, usize) = (20_000, 64);

/// The rows.
pub fn rows(folder: &Path) -> Vec<Row> {
    std::fs::create_dir_all(folder).expect("a folder");
    let mut rows = calls(folder);
    rows.push(hello(folder));
    rows.push(serve(folder));
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
    std::fs::write(folder.join("calls.json"), plan).expect("a plan");
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
        row("a call through the linker: 64 bytes", bound, small, 1e-9),
        row("a call through the linker: 1 MiB", bound, large, 1e-9),
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
    row("exec run: hello", "wasmtime run", times, 1.0)
}

/// Requests to one server and the other.
fn serve(folder: &Path) -> Row {
    let plan = compositor_tests::root().join("plans/http/plan.json");
    let plan = plan.to_str().expect("a path");
    composectl(folder, ["plan", "lock", plan, "-o", "http.json"]).success();
    composectl(folder, ["trust", "add", "--plan", "http.json"]).success();
    composectl(folder, ["emit", "build", "http.json", "-o", "http.wasm"]).success();
    let mut seconds: (Vec<f64>, Vec<f64>) = Default::default();
    for _ in 0..SERVED {
        let mut command = composectl_in(folder);
        command.args(["exec", "serve", "http.json", "--addr", "127.0.0.1:0"]);
        let mut server = start(&mut command);
        let address = server.rest_of("composectl: serving on http://");
        seconds.0.push(requests(&address));
        server.signal("TERM");
        server.end().success();

        // It does not say which port it took.
        let address = "127.0.0.1:39741";
        let mut command = wasmtime_cli();
        command.args(["serve", "--addr", address, "http.wasm"]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut server = command.current_dir(folder).spawn().expect("a server");
        while std::net::TcpStream::connect(address).is_err() {
            std::thread::sleep(Duration::from_millis(20));
        }
        seconds.1.push(requests(address));
        server.kill().and_then(|()| server.wait()).expect("it ends");
    }
    row("exec serve: a request", "wasmtime serve", seconds, 1.0)
}

/// Seconds of a request, of many at once.
fn requests(address: &str) -> f64 {
    let (count, connections) = REQUESTS;
    load(address, "/", connections, count / 10);
    let report = load(address, "/", connections, count);
    assert_eq!(report.errors, 0, "{report:?}");
    report.seconds / report.requests as f64
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
