//! What is said of an import and what a run is given are one: for every interface of WASI,
//! under each kind of policy. What has no effect on a run is said.

use std::cell::RefCell;

use compositor_core::exec::run;
use compositor_core::host::{
    Configuration, Grants, Host, Output, Program, Route, Runner, Server, Unserved,
};
use compositor_core::memory::MemoryStore;
use compositor_core::plan::Rule;
use compositor_core::{Decision, Diagnostic, Error, HostPolicy, Options, Target, validate};
use serde_json::{Value, json};

/// Every interface of WASI that a host gives, without its version.
const INTERFACES: [&str; 37] = [
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stderr",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stderr",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:cli/types",
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/system-clock",
    "wasi:clocks/timezone",
    "wasi:clocks/types",
    "wasi:clocks/wall-clock",
    "wasi:filesystem/preopens",
    "wasi:filesystem/types",
    "wasi:http/client",
    "wasi:http/outgoing-handler",
    "wasi:http/types",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:random/insecure",
    "wasi:random/insecure-seed",
    "wasi:random/random",
    "wasi:sockets/instance-network",
    "wasi:sockets/ip-name-lookup",
    "wasi:sockets/network",
    "wasi:sockets/tcp",
    "wasi:sockets/tcp-create-socket",
    "wasi:sockets/types",
    "wasi:sockets/udp",
    "wasi:sockets/udp-create-socket",
    "wasi:config/store",
    "wasi:keyvalue/store",
];

/// Keeps what it is asked to run.
#[derive(Default)]
struct Kept(RefCell<Option<Program>>);

impl Runner for Kept {
    fn fingerprint(&self) -> String {
        "kept".into()
    }

    fn run(&self, root: &Program, _: &Configuration) -> Result<(u32, Output), Error> {
        *self.0.borrow_mut() = Some(root.clone());
        Ok((0, Output::default()))
    }

    fn invoke(
        &self,
        root: &Program,
        _: &str,
        with: &Configuration,
    ) -> Result<(String, Output), Error> {
        self.run(root, with)
            .map(|(_, output)| (String::new(), output))
    }

    fn serve(&self, _: &[Route], _: &Server) -> Result<(), Unserved> {
        unreachable!("nothing is served")
    }
}

/// A plan of a component that imports a function of an interface.
fn plan(store: &MemoryStore, interface: &str, policy: Option<&Value>) -> String {
    let text = format!(r#"(component (import "{interface}" (instance (export "f" (func)))))"#);
    let digest = store.put(wat::parse_str(text).expect("a component"));
    store.trust(digest);
    let mut plan = json!({
        "version": "1", "root": "app", "bindings": [],
        "components": [{ "id": "app", "digest": digest.to_string() }],
    });
    if let Some(policy) = policy {
        plan["policy"] = policy.clone();
    }
    plan.to_string()
}

fn allowing(names: &[&str]) -> HostPolicy {
    let rule = |name: &&str| Rule {
        name: (*name).to_string(),
        mode: None,
        components: None,
    };
    HostPolicy {
        allow: names.iter().map(rule).collect(),
        target: Target::COMPOSECTL,
        ..HostPolicy::default()
    }
}

/// What is said of the one import, and what a run is given.
fn said_and_given(interface: &str, policy: Option<&Value>, allow: &[&str]) -> (Decision, Grants) {
    let store = MemoryStore::new();
    let plan = plan(&store, interface, policy);
    let host_policy = allowing(allow);
    let report = validate(plan.as_bytes(), &host_policy, store.host()).expect("it is valid");
    let [decided] = &report.imports[..] else {
        panic!("{:?}", report.imports);
    };
    let kept = Kept::default();
    let host = Host {
        runner: &kept,
        ..store.host()
    };
    let options = Options {
        policy: host_policy,
        ..Options::default()
    };
    run(plan.as_bytes(), &options, host).expect("it runs");
    let program = kept.0.borrow().clone().expect("it ran");
    (decided.decision, program.grants)
}

/// What a host gives for an interface beyond what every guest has.
fn gives(interface: &str) -> Grants {
    let mut gives = Grants::default();
    match interface {
        "wasi:cli/environment" => gives.variables = true,
        "wasi:filesystem/preopens" => gives.folders = true,
        "wasi:sockets/tcp" | "wasi:sockets/tcp-create-socket" => gives.tcp = true,
        "wasi:sockets/udp" | "wasi:sockets/udp-create-socket" => gives.udp = true,
        "wasi:sockets/types" => (gives.tcp, gives.udp) = (true, true),
        "wasi:sockets/ip-name-lookup" => gives.name_lookup = true,
        "wasi:http/outgoing-handler" | "wasi:http/client" => gives.http = true,
        _ => {}
    }
    gives
}

#[test]
fn every_interface_of_wasi() {
    let all = ["wasi:sockets", "wasi:http"];
    let nothing = json!({});
    for name in INTERFACES {
        for version in ["0.2.0", "0.3.0"] {
            let interface = format!("{name}@{version}");
            let given = gives(name);
            for (policy, allow) in [
                (None, &[][..]),
                (None, &all[..]),
                (Some(&nothing), &[]),
                (Some(&nothing), &all),
            ] {
                let (decision, grants) = said_and_given(&interface, policy, allow);
                let expected = match decision {
                    Decision::Granted => given,
                    _ => Grants::default(),
                };
                assert_eq!(
                    grants, expected,
                    "{interface} {policy:?} {allow:?} {decision:?}"
                );
                let is_network = ["wasi:sockets/", "wasi:http/"]
                    .iter()
                    .any(|network| name.starts_with(network));
                let is_had = Target::COMPOSECTL.gives_interface(&interface);
                let takes_a_word = is_network && given != Grants::default() && allow.is_empty();
                assert_eq!(
                    decision == Decision::Left,
                    policy.is_none() && (takes_a_word || !is_had),
                    "{interface} {policy:?} {allow:?}"
                );
            }
        }
    }
}

/// The warnings of a run of a component that imports an interface.
fn warnings(interface: &str, policy: Option<&Value>, options: &Options) -> Vec<Diagnostic> {
    let store = MemoryStore::new();
    let plan = plan(&store, interface, policy);
    let kept = Kept::default();
    let host = Host {
        runner: &kept,
        ..store.host()
    };
    run(plan.as_bytes(), options, host)
        .expect("it runs")
        .findings
}

#[test]
fn arguments_that_nobody_asks_for() {
    let arguments = |count: usize| Options {
        arguments: (0..count).map(|index| format!("a{index}")).collect(),
        ..Options::default()
    };
    let found = |interface: &str, count| warnings(interface, None, &arguments(count));
    let [warning] = &found("wasi:cli/stdout@0.2.0", 2)[..] else {
        panic!("{:?}", found("wasi:cli/stdout@0.2.0", 2));
    };
    assert!(
        warning.message.contains("the arguments have no effect"),
        "{warning:?}"
    );
    assert_eq!(warning.found.as_deref(), Some("\"a1\""));
    // The first one is the program's name.
    assert!(found("wasi:cli/stdout@0.2.0", 1).is_empty());
    assert!(found("wasi:cli/environment@0.2.0", 2).is_empty());
}

#[test]
fn limits_that_change_nothing() {
    let limit = |name: &str, value| Options {
        limits: vec![(name.to_string(), value)],
        ..Options::default()
    };
    let policy = json!({ "limits": { "cpu_ms": 100 } });
    let found =
        |name: &str, value| warnings("wasi:cli/stdout@0.2.0", Some(&policy), &limit(name, value));
    let [warning] = &found("cpu-ms", 200)[..] else {
        panic!("{:?}", found("cpu-ms", 200));
    };
    assert!(
        warning
            .message
            .contains("the limit cpu-ms of 200 has no effect"),
        "{warning:?}"
    );
    assert_eq!(warning.found.as_deref(), Some("cpu-ms 100"));
    assert!(found("cpu-ms", 50).is_empty());
    assert!(found("io-ops", 50).is_empty());
    let [warning] = &found("instances", 5)[..] else {
        panic!("{:?}", found("instances", 5));
    };
    let says = "the limit instances of 5 has no effect: it is of providers that are linked at run";
    assert!(warning.message.starts_with(says), "{warning:?}");
    let store = MemoryStore::new();
    let plan = plan(&store, "wasi:cli/stdout@0.2.0", None);
    let refused = run(plan.as_bytes(), &limit("cpu-mss", 1), store.host());
    let refused = refused.expect_err("there is no such limit");
    assert_eq!(refused[0].help, "did you mean \"cpu-ms\"?");
}
