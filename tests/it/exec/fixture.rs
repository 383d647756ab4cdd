//! Plans of guests, in folders that are their own store.

use std::process::{Command, Stdio};

use compositor_tests::{
    Output, Running, Temp, composectl, composectl_in, dist, guest, read, run, start, state_of,
};
use serde_json::{Value, json};

/// What grants everything of `compose:dynlink`.
pub const DYNLINK: [&str; 2] = ["dynlink:resolve", "dynlink:invoke"];

/// A plan in the making; its components are `ID.wasm` beside it.
pub struct Plan {
    value: Value,
    folder: Temp,
}

/// A plan whose root has the id `app`.
pub fn plan(root: impl AsRef<[u8]>) -> Plan {
    let plan = Plan {
        value: json!({ "version": "1", "root": "app", "components": [], "bindings": [] }),
        folder: Temp::new(),
    };
    plan.component("app", root)
}

/// The bytes of a guest.
pub fn bytes(name: &str) -> Vec<u8> {
    read(guest(name))
}

/// A plan with `dynlink-root` and the two capabilities.
pub fn linked() -> Plan {
    plan(bytes("dynlink-root")).runtime().capabilities(&DYNLINK)
}

impl Plan {
    /// Adds a component, in binary.
    pub fn component(mut self, id: &str, bytes: impl AsRef<[u8]>) -> Self {
        self.folder.write(format!("{id}.wasm"), bytes);
        let component = json!({ "id": id, "source": format!("file:{id}.wasm") });
        self.list("components").push(component);
        self
    }

    /// Adds a guest by its name, under an id.
    pub fn guest(self, id: &str, name: &str) -> Self {
        self.component(id, bytes(name))
    }

    /// Adds a binding whose two sides have the same name.
    pub fn bind(mut self, consumer: &str, name: &str, provider: &str) -> Self {
        self.list("bindings").push(json!({
            "consumer_id": consumer, "import_name": name,
            "provider_id": provider, "export_name": name,
        }));
        self
    }

    /// Binds when it runs.
    pub fn runtime(mut self) -> Self {
        self.value["linkage"] = "runtime".into();
        self
    }

    /// States a policy with capabilities.
    pub fn capabilities(mut self, names: &[&str]) -> Self {
        let of = |name| json!({ "name": name, "level": "required" });
        self.value["policy"]["capabilities"] = names.iter().map(of).collect();
        self
    }

    /// States a whole policy.
    pub fn policy(mut self, policy: Value) -> Self {
        self.value["policy"] = policy;
        self
    }

    /// States a limit in the policy.
    pub fn limit(mut self, name: &str, value: u64) -> Self {
        self.value["policy"]["limits"][name] = value.into();
        self
    }

    /// States how far runs may differ.
    pub fn determinism(mut self, word: &str) -> Self {
        self.value["policy"]["determinism"] = word.into();
        self
    }

    /// Leaves an import open.
    pub fn open(mut self, name: &str) -> Self {
        self.value["imports"] = json!([name]);
        self
    }

    /// States a tenant in the policy.
    pub fn tenant(mut self, name: &str) -> Self {
        self.value["policy"]["tenant"] = name.into();
        self
    }

    /// Writes it; nothing is trusted.
    pub fn written(self) -> Folder {
        self.folder.write("plan.json", self.value.to_string());
        Folder(self.folder)
    }

    /// Writes it, and trusts all its components.
    pub fn trusted(self) -> Folder {
        let folder = self.written();
        folder.good(&["trust", "add", "--plan", "plan.json"]);
        folder
    }

    fn list(&mut self, name: &str) -> &mut Vec<Value> {
        self.value[name].as_array_mut().expect("a list")
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

    /// What a run wrote to the file `events`, a JSON object a line.
    pub fn events(&self) -> Vec<Value> {
        let text = String::from_utf8(read(self.0.join("events"))).expect("a text");
        let line = |line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        text.lines().map(line).collect()
    }
}

/// The events of a kind.
pub fn of_kind<'a>(events: &'a [Value], kind: &'a str) -> impl Iterator<Item = &'a Value> {
    events.iter().filter(move |event| event["kind"] == kind)
}

/// Checks that a command failed with a code, as people see it.
#[track_caller]
pub fn fails(output: &Output, code: &str) {
    assert_eq!(output.status, 1, "{output:?}");
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
