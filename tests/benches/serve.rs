//! `exec serve` against the stock server on the same artifact: time per request and
//! memory, of one connection and of many.

use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use compositor_tests::{
    Report, composectl, composectl_in, guest, load, load_echo, memory_of, root, start, wasmtime_cli,
};
use serde_json::json;

use crate::cost::Cost;
use crate::row::{Metric, Row};

/// Runs of both servers, in turn.
const ROUNDS: usize = 3;

/// Connections at once.
const CONNECTIONS: [usize; 3] = [1, 64, 1000];

/// What is asked for, of a guest.
struct Service {
    /// What it is called in a row.
    name: &'static str,
    /// The guest of a plan of its own; none for `plans/http`.
    guest: Option<&'static str>,
    path: &'static str,
    /// Bytes that are sent, and come back as they come in; none are asked for with GET.
    body: usize,
    /// Requests over each number of connections.
    requests: [usize; 3],
}

const SMALL: [usize; 3] = [2_000, 10_000, 10_000];
const STREAMED: [usize; 3] = [500, 2_000, 3_000];

const SERVICES: [Service; 4] = [
    Service {
        name: "0.2, small",
        guest: None,
        path: "/",
        body: 0,
        requests: SMALL,
    },
    Service {
        name: "0.3, small",
        guest: Some("http-three"),
        path: "/",
        body: 0,
        requests: SMALL,
    },
    Service {
        name: "0.2, 64 KiB",
        guest: Some("http-behaviours"),
        path: "/echo",
        body: 64 << 10,
        requests: STREAMED,
    },
    Service {
        name: "0.3, 64 KiB",
        guest: Some("http-three"),
        path: "/echo",
        body: 64 << 10,
        requests: STREAMED,
    },
];

/// The rows.
pub fn rows(folder: &Path) -> Vec<Row> {
    let services = SERVICES.iter().zip(0..);
    let rows = services.flat_map(|(service, number)| {
        let folder = folder.join(format!("{number}"));
        fs::create_dir_all(&folder).expect("a folder");
        of_service(service, &folder)
    });
    rows.collect()
}

fn of_service(service: &Service, folder: &Path) -> Vec<Row> {
    let plan = match service.guest {
        None => root().join("plans/http/plan.json"),
        Some(name) => {
            let plan = json!({
                "version": "1", "root": "app", "bindings": [],
                "components": [
                    { "id": "app", "source": format!("file:{}", guest(name).display()) }
                ],
            });
            fs::write(folder.join("alone.json"), plan.to_string()).expect("a plan");
            folder.join("alone.json")
        }
    };
    let plan = plan.to_str().expect("a path");
    composectl(folder, ["plan", "lock", plan, "-o", "http.json"]).success();
    composectl(folder, ["trust", "add", "--plan", "http.json"]).success();
    composectl(folder, ["emit", "build", "http.json", "-o", "http.wasm"]).success();
    let mut loads = vec![(Vec::new(), Vec::new()); CONNECTIONS.len()];
    for round in 0..ROUNDS {
        eprintln!("  serve, {}: round {round} of {ROUNDS}", service.name);
        for ((all, _), load) in loads.iter_mut().zip(ours(service, folder)) {
            all.push(load);
        }
        for ((_, all), load) in loads.iter_mut().zip(stock(service, folder)) {
            all.push(load);
        }
    }
    let rows = CONNECTIONS.iter().zip(loads);
    let rows = rows.map(|(connections, (ours, other))| {
        let name = format!(
            "exec serve, {}, {}{}",
            service.name,
            counted(*connections),
            refused(&ours, &other),
        );
        let [ours, other] = [ours, other].map(|loads| {
            let costs = loads.iter().map(|load| load.cost);
            costs.collect::<Vec<_>>()
        });
        let row = Row::new(&name, "wasmtime serve", &ours, &other);
        match connections {
            1 => row,
            // 1.3 times as many requests a second are 0.77 of the time for each.
            _ => row.bound(Metric::Wall, 1.05, 0.77),
        }
    });
    rows.collect()
}

fn ours(service: &Service, folder: &Path) -> Vec<Load> {
    let mut command = composectl_in(folder);
    command.args(["exec", "serve", "http.json", "--addr", "127.0.0.1:0"]);
    let mut server = start(&mut command);
    let address = server.rest_of("composectl: serving on http://");
    let costs = under_load(service, "composectl", &address, server.id());
    server.signal("TERM");
    server.end().success();
    costs
}

fn stock(service: &Service, folder: &Path) -> Vec<Load> {
    // It does not say which port it took.
    let address = "127.0.0.1:39741";
    let mut command = wasmtime_cli();
    command.args(["serve", "--addr", address, "http.wasm"]);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let server = command.current_dir(folder).spawn().expect("a server");
    let server = Ended(server);
    while std::net::TcpStream::connect(address).is_err() {
        std::thread::sleep(Duration::from_millis(20));
    }
    under_load(service, "wasmtime", address, server.0.id())
}

/// A server that ends with this.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill().and_then(|()| self.0.wait());
    }
}

/// What came of load.
#[derive(Clone)]
struct Load {
    /// Of each request that was answered.
    cost: Cost,
    /// The part of requests that were not.
    refused: f64,
}

/// How many requests were not answered, for a row's name; nothing where all were.
fn refused(ours: &[Load], other: &[Load]) -> String {
    let [ours, other] = [ours, other].map(|loads| {
        let part: f64 = loads.iter().map(|load| load.refused).sum();
        (part / loads.len() as f64 * 100.0).ceil()
    });
    match ours + other > 0.0 {
        true => format!(" ({ours}% refused, {other}% by the peer)"),
        false => String::new(),
    }
}

/// What a request takes over each number of connections, and the memory that the
/// server has had by then.
fn under_load(service: &Service, who: &str, address: &str, id: u32) -> Vec<Load> {
    let body = vec![0x5a; service.body];
    let load = |connections, requests| match body.is_empty() {
        true => load(address, service.path, connections, requests),
        false => load_echo(address, service.path, &body, connections, requests),
    };
    let counts = CONNECTIONS.into_iter().zip(service.requests);
    let loads = counts.map(|(connections, requests)| {
        load(connections, requests / 10);
        let report: Report = load(connections, requests);
        let answered = report.requests - report.errors;
        assert_ne!(answered, 0, "{who}, {connections}: {report:?}");
        let memory = memory_of(id).expect("a server that runs");
        eprintln!(
            "    {who}, {}: {:.0} answers/s, {} refused, p50 {:.2} ms, p99 {:.2} ms, {} MiB",
            counted(connections),
            answered as f64 / report.seconds,
            report.errors,
            report.p50 * 1e3,
            report.p99 * 1e3,
            memory >> 20,
        );
        let cost = Cost {
            wall: report.seconds / answered as f64,
            processor: f64::NAN,
            memory: Some(memory as f64),
        };
        let refused = report.errors as f64 / report.requests as f64;
        Load { cost, refused }
    });
    loads.collect()
}

fn counted(connections: usize) -> String {
    match connections {
        1 => "1 connection".to_string(),
        1000 => "1,000 connections".to_string(),
        some => format!("{some} connections"),
    }
}
