//! What is said of each interface of WASI, before anything runs, is what `exec` does: in
//! README, by `plan info`, and by what guests get.

use std::collections::BTreeSet;

use compositor_tests::{Output, Temp, Written as _, composectl, read, root};
use serde_json::Value;

use super::caller::component;
use super::describe::outcome;
use super::fixture::plan;
use super::guest::Guest;
use super::wasi::{caller, caller_of, interfaces};

/// Versions of WASI, the newest of each track that the runtime has.
const VERSIONS: [&str; 2] = ["0.2.12", "0.3.0"];

/// What `exec` has for nobody.
const LACKS: &str = "`exec` does not have it";

/// What reaches others, by what is granted for it.
const NETWORK: [&str; 2] = ["wasi:sockets", "wasi:http"];

/// What `plan info` says of an import: the decision and why; none where the component does
/// not import it.
fn said(folder: &Temp, interface: &str, options: &[&str]) -> Option<(String, String)> {
    let args = [&["plan", "info", "plan.json", "--format", "json"], options].concat();
    let info = composectl(folder.path(), args).success();
    let info: Value = serde_json::from_str(&info).expect("an object");
    let imports = info["imports"].as_array().expect("imports");
    let import = imports.iter().find(|of| of["interface"] == interface)?;
    let field = |name: &str| import[name].as_str().expect("a text").to_string();
    Some((field("decision"), field("why")))
}

/// Calls a function of a guest's.
fn call(folder: &Temp, export: &str, index: usize, options: &[&str]) -> Output {
    let call = format!("{export}({index})");
    let args = [
        "exec",
        "invoke",
        "plan.json",
        &call,
        "--trust",
        "--format",
        "json",
    ];
    let limit = ["--limit", "wall-ms=3000"];
    composectl(folder.path(), [&args[..], options, &limit[..]].concat())
}

fn is_lacking(output: &Output) -> bool {
    output.stdout.contains("\"host-lacks-import\"")
}

/// Whether an instance is made, or what is imported is not there.
#[track_caller]
fn hold(component: Vec<u8>, export: &str, interface: &str) -> Option<String> {
    let folder = plan(component).written();
    let (decision, why) = said(&folder, interface, &[])?;
    let is_said_to_lack = why.contains(LACKS);
    let output = call(&folder, export, 0, &[]);
    assert_eq!(
        is_lacking(&output),
        is_said_to_lack,
        "{interface}: {decision}, {why}\n{output:?}"
    );
    assert_eq!(
        is_said_to_lack || why.contains("`exec` does where it is allowed"),
        decision == "left to the host",
        "{interface}: {decision}, {why}"
    );
    Some(decision)
}

#[test]
fn exec_has_what_plan_info_says_that_it_has() {
    let mut granted = 0;
    for version in VERSIONS {
        for interface in interfaces(version) {
            let guest = caller_of(&interface);
            let decision = hold(guest.bytes, &guest.call, &interface);
            granted += usize::from(decision.is_some_and(|decision| decision == "granted"));
        }
    }
    assert!(granted > 30, "{granted}");
}

/// What the runtime's own packages of WIT do not have.
#[test]
fn exec_lacks_what_plan_info_says_that_it_lacks() {
    for interface in [
        "wasi:config/store@0.2.0-rc.1",
        "wasi:keyvalue/store@0.2.0-draft",
        "wasi:nn/graph@0.2.0-rc-2024-10-28",
        "wasi:tls/client@0.2.0-draft",
        "wasi:blobstore/container@0.2.0-draft",
        "wasi:logging/logging@0.1.0-draft",
    ] {
        let (name, version) = interface.split_once('@').expect("a version");
        let (package, name) = name.split_once('/').expect("an interface");
        let wit = format!("package {package}@{version};\ninterface {name} {{ f: func(); }}\n");
        let world = format!(
            "package test:caller;\nworld caller {{\nimport {interface};\nexport call: func(index: \
             u32);\n}}\n"
        );
        let module = format!(
            "(module (import {interface:?} \"f\" (func $f)) (memory (export \"memory\") 1)
               (func (export \"call\") (param i32) (call $f)))"
        );
        let component = component(&world, &[wit], &module);
        let decision = hold(component, "call", interface);
        assert_eq!(decision.as_deref(), Some("left to the host"), "{interface}");
    }
}

/// The interfaces of the network of which a function does something.
fn working(guest: &Guest, folder: &Temp, options: &[&str]) -> BTreeSet<String> {
    let mut works = BTreeSet::new();
    for (index, called) in guest.functions.iter().enumerate() {
        let (interface, _) = called.name.split_once('#').expect("an interface");
        let is_network = NETWORK.iter().any(|package| interface.starts_with(package));
        if !is_network || works.contains(interface) {
            continue;
        }
        let output = call(folder, &guest.call, index, options);
        let said: Value = serde_json::from_str(&output.stdout).expect("an object");
        let result = match said["value"].as_array() {
            Some(bytes) => {
                let bytes = bytes
                    .iter()
                    .map(|byte| byte.as_u64().expect("a byte") as u8);
                Ok(bytes.collect())
            }
            None => {
                let mut errors = said["errors"].as_array().expect("errors").iter();
                let error = errors.find(|error| error["severity"] == "error");
                Err(error.expect("an error")["message"].to_string())
            }
        };
        let outcome = outcome(guest, index, result);
        // The guest's request names nobody, which is found before anything would be sent.
        let refusals = [
            "access-denied",
            "request-denied",
            "request-URI-invalid",
            "permanent-resolver-failure",
            "no handle",
            "handle index",
        ];
        if !refusals.iter().any(|refusal| outcome.contains(refusal)) {
            works.insert(interface.to_string());
        }
    }
    works
}

/// What reaches others does so where it is allowed, and `plan info` and README say when.
#[test]
fn the_network_is_there_where_it_is_allowed() {
    let readme = String::from_utf8(read(root().join("README.md"))).expect("a text");
    let sentence =
        "`exec` gives the network (`wasi:sockets`, outgoing `wasi:http`) where `--allow`";
    assert!(
        readme.replace('\n', " ").contains(sentence),
        "README says it otherwise"
    );
    let allow = ["--allow", NETWORK[0], "--allow", NETWORK[1]];
    for version in VERSIONS {
        let guest = caller(version);
        let folder = plan(&guest.bytes).written();
        let decided = |interface: &str, options: &[&str]| {
            let said = said(&folder, interface, options);
            said.map_or_else(String::new, |(decision, _)| decision)
        };
        let without = working(&guest, &folder, &[]);
        let with = working(&guest, &folder, &allow);
        for interface in &without {
            assert_eq!(decided(interface, &[]), "granted", "{interface}");
        }
        let reach: Vec<&String> = with.difference(&without).collect();
        for interface in &reach {
            assert_eq!(decided(interface, &[]), "left to the host", "{interface}");
            assert_eq!(decided(interface, &allow), "granted", "{interface}");
        }
        let names = match version.starts_with("0.3") {
            true => &["sockets/types", "sockets/ip-name-lookup"][..],
            false => &[
                "sockets/tcp-create-socket",
                "sockets/udp-create-socket",
                "sockets/ip-name-lookup",
            ],
        };
        for name in names {
            let interface = format!("wasi:{name}@{version}");
            assert!(reach.contains(&&interface), "{interface}: {reach:?}");
        }
    }
}
