//! A server in a folder of its own, and what the tests ask of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use compositor_tests::{
    Client, Output, Running, Temp, Written as _, composectl, composectl_in, full_audit_log, guest,
    read, root, start,
};
use serde_json::{Value, json};
use test_generate::plan::plan;

/// A server that listens.
pub struct Server {
    /// `HOST:PORT`.
    pub address: String,
    process: Running,
    folder: Temp,
}

/// Serves a guest that needs no provider.
pub fn serve(name: &str, options: &[&str]) -> Server {
    let folder = Temp::new();
    let plan = alone(&folder, name);
    listening(folder, &plan, options)
}

/// Serves a guest whose plan denies something.
pub fn denying(name: &str, what: &str) -> Server {
    let folder = Temp::new();
    let policy = json!({ "denials": [{ "name": what }] });
    let plan = with_policy(&folder, name, Some(&policy));
    listening(folder, &plan, &[])
}

/// Serves a guest whose plan has every use of the host recorded, where nothing
/// can be.
pub fn unrecorded(name: &str) -> Server {
    let folder = Temp::new();
    let policy = json!({ "determinism": "audit" });
    let plan = with_policy(&folder, name, Some(&policy));
    trust(&folder, &plan);
    full_audit_log(folder.path());
    let mut command = composectl_in(folder.path());
    command.args(["exec", "serve"]).arg(plan);
    command.args(["--addr", "127.0.0.1:0"]);
    started(folder, &mut command)
}

/// Serves `plans/http`.
pub fn greeter(options: &[&str]) -> Server {
    listening(Temp::new(), &root().join("plans/http/plan.json"), options)
}

/// Serves a plan that is in a folder.
pub fn of_plan(folder: Temp, plan: &Path, options: &[&str]) -> Server {
    listening(folder, plan, options)
}

/// A trusted plan of one guest.
pub fn alone(folder: &Temp, name: &str) -> PathBuf {
    with_policy(folder, name, None)
}

fn with_policy(folder: &Temp, name: &str, policy: Option<&Value>) -> PathBuf {
    let mut plan = plan(read(guest(name)));
    if let Some(policy) = policy {
        plan = plan.policy(policy.clone());
    }
    plan.write_to(folder)
}

/// The command that serves a plan, as it ends by itself.
pub fn refused(folder: &Temp, plan: &Path, address: &str) -> Output {
    trust(folder, plan);
    let mut command = composectl_in(folder.path());
    command.args(["exec", "serve"]).arg(plan);
    start(command.args(["--addr", address]).stdin(Stdio::null())).end()
}

pub fn trust(folder: &Temp, plan: &Path) {
    let plan = plan.to_str().expect("a path in UTF-8");
    composectl(folder.path(), ["trust", "add", "--plan", plan]).success();
}

fn listening(folder: Temp, plan: &Path, options: &[&str]) -> Server {
    trust(&folder, plan);
    let mut command = composectl_in(folder.path());
    command
        .args(["--events", "events.jsonl", "exec", "serve"])
        .arg(plan);
    command.args(["--addr", "127.0.0.1:0"]).args(options);
    started(folder, &mut command)
}

fn started(folder: Temp, command: &mut Command) -> Server {
    at(folder, command, "composectl: serving on http://")
}

/// Starts a server that says where it listens after this.
pub fn at(folder: Temp, command: &mut Command, start_of_address: &str) -> Server {
    let mut process = start(command.stdin(Stdio::null()));
    let address = process.rest_of(start_of_address);
    Server {
        address,
        process,
        folder,
    }
}

impl Server {
    /// A connection.
    pub fn connect(&self) -> Client {
        Client::connect(&self.address).expect("a connection")
    }

    /// Asks for a path over a connection of its own.
    pub fn get(&self, path: &str) -> (u16, String) {
        let (status, body) = self.connect().get(path).expect("an answer");
        (status, String::from_utf8(body).expect("a text"))
    }

    /// Sends it a signal, such as `TERM`.
    pub fn signal(&self, name: &str) {
        self.process.signal(name);
    }

    /// Waits until it says a line that starts so.
    pub fn says(&mut self, start: &str) -> String {
        self.process.rest_of(start)
    }

    /// The folder that it was started in.
    pub fn folder(&self) -> &Temp {
        &self.folder
    }

    /// Trusts nothing any more.
    pub fn distrust(&self) {
        let listed = composectl(self.folder.path(), ["trust", "list"]).success();
        let digests = listed
            .lines()
            .flat_map(|line| line.split_whitespace().next());
        composectl(
            self.folder.path(),
            ["trust", "remove"].into_iter().chain(digests),
        )
        .success();
    }

    /// How many files and sockets it has open.
    pub fn files(&self) -> usize {
        let path = format!("/proc/{}/fd", self.process.id());
        fs::read_dir(path).expect("its files").count()
    }

    /// Waits for its end; returns what it said, and its events of a kind, or all
    /// for none.
    pub fn end(self, kind: &str) -> (Output, Vec<Value>) {
        let output = self.process.end();
        let mut events = events(&self.folder);
        events.retain(|event| kind.is_empty() || event["kind"] == kind);
        (output, events)
    }

    /// Waits for its end; returns what it said.
    pub fn output(self) -> Output {
        self.process.end()
    }

    /// What it has told so far.
    pub fn events(&self) -> Vec<Value> {
        events(&self.folder)
    }

    /// Tells it to stop; returns its events of a kind.
    pub fn stop(self, kind: &str) -> Vec<Value> {
        self.signal("TERM");
        let (output, events) = self.end(kind);
        assert_eq!(output.status, 0, "{output:?}");
        events
    }

    /// Its memory now, or the most that it had, in bytes: `VmRSS` or `VmHWM`.
    pub fn memory(&self, which: &str) -> u64 {
        let path = format!("/proc/{}/status", self.process.id());
        let status = fs::read_to_string(path).expect("the status of a process");
        let line = status.lines().find_map(|line| line.strip_prefix(which));
        let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
        kilobytes.expect("a line of that name") << 10
    }
}

fn events(folder: &Temp) -> Vec<Value> {
    let events = fs::read_to_string(folder.join("events.jsonl")).expect("its events");
    // The last line may be half there.
    let whole = events.rfind('\n').map_or("", |end| &events[..end]);
    let event = |line| serde_json::from_str(line).expect("an event");
    whole.lines().map(event).collect()
}
