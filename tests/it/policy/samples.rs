//! A function of each interface on each runtime: composectl, a stock wasmtime
//! CLI, Node through jco. Only the first two run WASI 0.3.

use std::process::Command;

use compositor_tests::{
    Output, Temp, Written as _, composectl, composectl_in, node, run, wasmtime_cli,
};
use serde_json::json;

use super::fixture::plan;
use super::reach::grants;
use super::wasi::{caller, command};

/// A list of nothing, wherever that is.
const EMPTY: Option<&str> = Some("????????00000000");

/// What is denied, and how that shows: bytes of a result, in hexadecimal with
/// `?` for those that mean nothing, or a trap.
const SAMPLES: &[(&str, Option<&str>)] = &[
    ("wasi:clocks/monotonic-clock@V#now", None),
    ("wasi:clocks/wall-clock@V#now", None),
    ("wasi:random/random@V#get-random-u64", None),
    // Nothing, in lists.
    ("wasi:cli/environment@V#get-environment", EMPTY),
    ("wasi:filesystem/preopens@V#get-directories", EMPTY),
    // An error, `access-denied`.
    (
        "wasi:sockets/tcp-create-socket@V#create-tcp-socket",
        Some("01??????01"),
    ),
    (
        "wasi:sockets/udp-create-socket@V#create-udp-socket",
        Some("01??????01"),
    ),
    // An error, `forbidden`.
    (
        "wasi:http/types@V#[static]fields.from-list",
        Some("01??????01"),
    ),
    // An error, `HTTP-request-denied`, of a request that was made.
    (
        "wasi:http/outgoing-handler@V#handle",
        Some("01??????????????0f"),
    ),
];

/// The same of WASI 0.3.
const SAMPLES_3: &[(&str, Option<&str>)] = &[
    ("wasi:clocks/monotonic-clock@0.3.0#now", None),
    ("wasi:clocks/monotonic-clock@0.3.0#wait-for", None),
    ("wasi:random/random@0.3.0#get-random-u64", None),
    ("wasi:cli/environment@0.3.0#get-environment", EMPTY),
    ("wasi:filesystem/preopens@0.3.0#get-directories", EMPTY),
    (
        "wasi:sockets/types@0.3.0#[static]tcp-socket.create",
        Some("01??????00"),
    ),
    (
        "wasi:sockets/ip-name-lookup@0.3.0#resolve-addresses",
        Some("01??????00"),
    ),
    (
        "wasi:http/types@0.3.0#[static]fields.from-list",
        Some("01??????01"),
    ),
];

/// A version that Node's shim and the others have.
const VERSION: &str = "0.2.3";

fn wasmtime(folder: &Temp) -> Command {
    let mut command = wasmtime_cli();
    command.current_dir(folder.path()).arg("run");
    command.args(["--dir", ".", "--env", "VARIABLE=value"]);
    command.args(["-S", "http,inherit-network"]);
    command
}

/// Checks what was printed, or that it trapped and said of what.
#[track_caller]
fn shows(output: &Output, name: &str, expected: Option<&str>) {
    match expected {
        Some(expected) => {
            assert_eq!(output.status, 0, "{name}: {output:?}");
            let printed = digits(&output.stdout);
            assert!(printed.len() >= expected.len(), "{name}: {output:?}");
            let mut both = printed.chars().zip(expected.chars());
            let fits = both.all(|(one, other)| other == '?' || one == other);
            assert!(fits, "{name}: {printed}");
        }
        None => {
            assert_ne!(output.status, 0, "{name}: {output:?}");
            assert_eq!(output.stdout, "", "{name}");
            let says = ["policy denies", "called what is denied to it,"];
            let says = says.map(|start| output.stderr.contains(&format!("{start} {name}")));
            assert!(says.contains(&true), "{name}: {output:?}");
        }
    }
}

/// What was printed in hexadecimal, if it is not so already.
fn digits(printed: &str) -> String {
    let printed = printed.trim_end();
    let Some(list) = printed.strip_prefix('[') else {
        return printed.to_string();
    };
    let bytes = list.trim_end_matches(']').split(", ");
    let bytes = bytes.map(|byte| byte.parse::<u8>().expect("a byte"));
    bytes.map(|byte| format!("{byte:02x}")).collect()
}

/// Composes a sample under the policy that grants nothing, in a folder.
fn composed(bytes: &[u8]) -> Temp {
    let folder = plan(bytes).policy(grants("")).written();
    let within = |args: &[&str]| composectl(folder.path(), args).success();
    within(&["emit", "build", "plan.json", "-o", "out.wasm"]);
    within(&["trust", "add", "--plan", "plan.json"]);
    folder
}

#[test]
fn wasi_0_2() {
    for (name, expected) in SAMPLES {
        let name = name.replace("@V", &format!("@{VERSION}"));
        let folder = composed(&command(VERSION, &name).bytes);
        let mut here = composectl_in(folder.path());
        here.args(["exec", "run", "plan.json"]);
        shows(&run(&mut here), &name, *expected);
        let mut on_node = node();
        on_node.arg("out.wasm").current_dir(folder.path());
        shows(&run(&mut on_node), &name, *expected);
        shows(&run(wasmtime(&folder).arg("out.wasm")), &name, *expected);
    }
}

/// Node is left out: its transpiler does not run WASI 0.3.
#[test]
fn wasi_0_3() {
    let guest = caller("0.3.0");
    let folder = composed(&guest.bytes);
    for (name, expected) in SAMPLES_3 {
        let call = format!("{}({})", guest.call, guest.index(name));
        let mut here = composectl_in(folder.path());
        here.args(["exec", "invoke", "plan.json", &call]);
        shows(&run(&mut here), name, *expected);
        let mut stock = wasmtime(&folder);
        stock.args(["-S", "p3", "-W", "component-model-async"]);
        stock.args(["--invoke", &call, "out.wasm"]);
        shows(&run(&mut stock), name, *expected);
    }
}

/// What is granted is there, on each runtime.
#[test]
fn a_granted_one() {
    let name = format!("wasi:random/random@{VERSION}#get-random-u64");
    let bytes = command(VERSION, &name).bytes;
    let folder = plan(bytes).policy(grants("wasi:random")).written();
    let within = |args: &[&str]| composectl(folder.path(), args).success();
    within(&["emit", "build", "plan.json", "-o", "out.wasm"]);
    within(&["trust", "add", "--plan", "plan.json"]);
    let mut on_node = node();
    on_node.arg("out.wasm").current_dir(folder.path());
    let mut here = composectl_in(folder.path());
    here.args(["exec", "run", "plan.json"]);
    let printed = [
        run(wasmtime(&folder).arg("out.wasm")).success(),
        run(&mut on_node).success(),
        run(&mut here).success(),
    ];
    for (index, one) in printed.iter().enumerate() {
        assert_eq!(one.len(), 33, "{one:?}");
        assert!(printed[index + 1..].iter().all(|other| other != one));
    }
}

/// Denied at run time by the host's options, where the plan has no policy.
#[test]
fn denied_by_options() {
    let name = format!("wasi:random/random@{VERSION}#get-random-u64");
    let folder = plan(command(VERSION, &name).bytes).written();
    composectl(folder.path(), ["trust", "add", "--plan", "plan.json"]).success();
    let with = |options: &[&str]| {
        let mut here = composectl_in(folder.path());
        run(here.args(["exec", "run", "plan.json"]).args(options))
    };
    assert_eq!(with(&[]).success().len(), 33);
    shows(&with(&["--deny", "wasi:random"]), &name, None);
    let policy = json!({ "deny": ["wasi:random/random"] });
    folder.write("policy.json", policy.to_string());
    shows(&with(&["--policy", "policy.json"]), &name, None);
    let both = ["--deny", "wasi:random", "--allow", "wasi:random/random"];
    assert_eq!(with(&both).success().len(), 33);
}

/// A program has its arguments on each runtime, and no variables.
#[test]
fn arguments_are_no_capability() {
    let name = format!("wasi:cli/environment@{VERSION}#get-arguments");
    let bytes = command(VERSION, &name).bytes;
    let three = Some("????????03000000");
    for policy in [json!({}), json!({ "determinism": "strict" })] {
        let folder = plan(&bytes).policy(policy).written();
        let within = |args: &[&str]| composectl(folder.path(), args).success();
        within(&["emit", "build", "plan.json", "-o", "out.wasm"]);
        within(&["trust", "add", "--plan", "plan.json"]);
        let mut here = composectl_in(folder.path());
        here.args(["exec", "run", "plan.json", "--", "one", "two"]);
        shows(&run(&mut here), &name, three);
        let mut on_node = node();
        on_node
            .args(["out.wasm", "one", "two"])
            .current_dir(folder.path());
        shows(&run(&mut on_node), &name, three);
        let mut stock = wasmtime(&folder);
        shows(&run(stock.args(["out.wasm", "one", "two"])), &name, three);
        // The same artifact, with arguments and without.
        within(&["exec", "run", "plan.json"]);
        within(&["emit", "build", "plan.json", "-o", "again.wasm"]);
        let read = |name: &str| std::fs::read(folder.join(name)).expect("an artifact");
        assert_eq!(read("out.wasm"), read("again.wasm"));
    }
}
