//! Plans of guests, in folders that are their own store.

use std::fs;
use std::process::{Command, Stdio};

use compositor_tests::{
    Output, Running, Temp, Written as _, composectl, composectl_in, dist, guest, read, run, start,
    state_of,
};
use serde_json::Value;
pub use test_generate::plan::{Plan, plan};

/// What grants everything of `compose:dynlink`.
pub const DYNLINK: [&str; 2] = ["dynlink:resolve", "dynlink:invoke"];

/// The bytes of a guest.
pub fn bytes(name: &str) -> Vec<u8> {
    read(guest(name))
}

/// A plan with `dynlink-root` and the two capabilities.
pub fn linked() -> Plan {
    plan(bytes("dynlink-root")).runtime().capabilities(&DYNLINK)
}

/// What a plan of guests does beside: it runs.
pub trait Runs {
    /// Adds a guest by its name, under an id.
    fn guest(self, id: &str, name: &str) -> Self;

    /// Writes it; nothing is trusted.
    fn untrusted(&self) -> Folder;

    /// Writes it, and trusts all its components.
    fn trusted(&self) -> Folder;
}

impl Runs for Plan {
    fn guest(self, id: &str, name: &str) -> Self {
        self.component(id, bytes(name))
    }

    fn untrusted(&self) -> Folder {
        let folder = Temp::new();
        self.write_to(&folder);
        Folder(folder)
    }

    fn trusted(&self) -> Folder {
        let folder = self.untrusted();
        folder.good(&["trust", "add", "--plan", "plan.json"]);
        folder
    }
}

/// A folder with `plan.json`.
pub struct Folder(pub Temp);

impl Folder {
    /// Runs composectl in it.
    pub fn composectl(&self, args: &[&str]) -> Output {
        start(composectl_in(self.0.path()).args(args).stdin(Stdio::null())).end()
    }

    /// Runs composectl, which has to succeed; returns what it printed.
    pub fn good(&self, args: &[&str]) -> String {
        composectl(self.0.path(), args).success()
    }

    /// Runs the plan, with options and with arguments of the program.
    pub fn run(&self, options: &[&str], args: &[&str]) -> Output {
        self.start(options, args).end()
    }

    /// Starts the plan.
    pub fn start(&self, options: &[&str], args: &[&str]) -> Running {
        let mut command = composectl_in(self.0.path());
        command.args(["exec", "run", "plan.json"]).args(options);
        start(command.arg("--").args(args).stdin(Stdio::null()))
    }

    /// Runs `dynlink-root` with a script; returns what it says of each line.
    pub fn script(&self, options: &[&str], script: &[&str]) -> Vec<String> {
        let output = self.run(options, script).success();
        output.lines().map(str::to_string).collect()
    }

    /// Runs the plan; returns also how much of a processor it took, in milliseconds.
    pub fn timed(&self, options: &[&str], args: &[&str]) -> (Output, f64) {
        let mut shell = Command::new("sh");
        shell
            .args(["-c", r#""$@"; status=$?; times >&2; exit $status"#, "sh"])
            .arg(dist("composectl"))
            .args(["exec", "run", "plan.json"])
            .args(options)
            .arg("--")
            .args(args)
            .current_dir(self.0.path())
            .env("XDG_STATE_HOME", state_of(self.0.path()))
            .env_remove("COMPOSE_STORE");
        let output = run(&mut shell);
        let children = output.stderr.lines().last().unwrap_or_default();
        let part = |part: &str| {
            let (minutes, seconds) = part.trim_end_matches('s').split_once('m')?;
            Some((minutes.parse::<f64>().ok()? * 60.0 + seconds.parse::<f64>().ok()?) * 1000.0)
        };
        let parts: Option<Vec<f64>> = children.split(' ').map(part).collect();
        let parts = parts.unwrap_or_else(|| panic!("no times in {output:?}"));
        (output, parts.iter().sum())
    }

    /// Calls an export of the plan.
    pub fn invoke(&self, options: &[&str], call: &[&str]) -> Output {
        let invoke = ["exec", "invoke", "plan.json"];
        self.composectl(&[&invoke[..], call, options].concat())
    }

    /// What runs wrote to the file `events` since this was read, a JSON object a line.
    pub fn events(&self) -> Vec<Value> {
        let events = self.0.join("events");
        let text = String::from_utf8(read(&events)).expect("a text");
        fs::remove_file(events).expect("a file");
        let line = |line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        text.lines().map(line).collect()
    }
}

/// The events of a kind.
pub fn of_kind<'a>(events: &'a [Value], kind: &'a str) -> impl Iterator<Item = &'a Value> {
    events.iter().filter(move |event| event["kind"] == kind)
}

/// Checks that `exec run` or `exec invoke` failed with a code, as people see it, and
/// with the status that says whose doing it was.
#[track_caller]
pub fn fails(output: &Output, code: &str) {
    let status = match code {
        "Exec.Timeout" => 124,
        "Exec.CapabilityDenied" => 126,
        "Exec.Trap" => 134,
        "Exec.ResourceExhausted" => 137,
        _ => 125,
    };
    fails_with(output, status, code);
}

/// Checks that a command failed with a status and a code, as people see it.
#[track_caller]
pub fn fails_with(output: &Output, status: i32, code: &str) {
    assert_eq!(output.status, status, "{output:?}");
    let code = format!("error[{code}/");
    assert!(output.stderr.contains(&code), "no {code} in {output:?}");
}

/// Checks lines of a script; `…` at the end of one stands for anything.
#[track_caller]
pub fn says(lines: &[String], expected: &[&str]) {
    let fits = |(line, expected): (&String, &&str)| match expected.strip_suffix('…') {
        Some(start) => line.starts_with(start),
        None => line == expected,
    };
    let all = lines.len() == expected.len() && lines.iter().zip(expected).all(fits);
    assert!(all, "{lines:#?}\nis not\n{expected:#?}");
}

/// A component that does the same and has another digest.
pub fn twin(component: &[u8], name: &str) -> Vec<u8> {
    let mut twin = component.to_vec();
    let mut section = vec![name.len() as u8];
    section.extend(name.bytes());
    twin.extend([0, section.len() as u8]);
    twin.extend(section);
    twin
}
