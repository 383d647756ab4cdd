//! Every function of WASI 0.2: with nothing granted none is reached, with one
//! package granted those of that package are.

use std::collections::BTreeMap;

use compositor_tests::Temp;
use serde_json::{Value, json};
use wasmtime_wasi::{FsPerms, WasiCtxBuilder};

use super::fixture::{imports, is_base, outcomes, plan};
use super::guest::Guest;
use super::wasi::caller;

const VERSION: &str = "0.2.12";

/// Packages, each with functions that show that they are the host's and not
/// something that only seems so.
const PACKAGES: &[(&str, &[(&str, Shows)])] = &[
    (
        "wasi:clocks",
        &[
            ("wasi:clocks/monotonic-clock@0.2.12#now", is_number),
            ("wasi:clocks/wall-clock@0.2.12#now", is_date),
        ],
    ),
    (
        "wasi:random",
        &[
            ("wasi:random/random@0.2.12#get-random-u64", is_number),
            (
                "wasi:random/insecure@0.2.12#get-insecure-random-u64",
                is_number,
            ),
        ],
    ),
    (
        "wasi:filesystem",
        &[
            ("wasi:filesystem/preopens@0.2.12#get-directories", is_folder),
            (
                "wasi:filesystem/types@0.2.12#[method]descriptor.stat",
                is_ok,
            ),
        ],
    ),
    (
        "wasi:sockets",
        &[
            (
                "wasi:sockets/tcp-create-socket@0.2.12#create-tcp-socket",
                is_ok,
            ),
            (
                "wasi:sockets/udp-create-socket@0.2.12#create-udp-socket",
                is_ok,
            ),
            (
                "wasi:sockets/tcp@0.2.12#[method]tcp-socket.hop-limit",
                is_ok,
            ),
        ],
    ),
    (
        "wasi:http",
        &[
            ("wasi:http/types@0.2.12#[constructor]fields", is_the_hosts),
            ("wasi:http/outgoing-handler@0.2.12#handle", is_the_hosts),
        ],
    ),
    (
        "wasi:cli",
        &[("wasi:cli/environment@0.2.12#get-environment", is_variable)],
    ),
];

/// Whether what came of a call shows that the host was asked.
type Shows = fn(&str) -> bool;

fn is_number(outcome: &str) -> bool {
    let number = outcome
        .strip_prefix("returns ")
        .and_then(|n| n.parse().ok());
    number.is_some_and(|number: u64| number > 0)
}

fn is_date(outcome: &str) -> bool {
    outcome.starts_with("returns (") && !outcome.starts_with("returns (0,")
}

fn is_folder(outcome: &str) -> bool {
    outcome == r#"returns [(a handle, "there")]"#
}

fn is_variable(outcome: &str) -> bool {
    outcome == r#"returns [("VARIABLE", "value")]"#
}

fn is_ok(outcome: &str) -> bool {
    outcome.starts_with("returns ok")
}

fn is_the_hosts(outcome: &str) -> bool {
    outcome == "asks the host"
}

/// Whether what came of calling a function is an answer of what denies it.
pub fn is_denied(name: &str, outcome: &str) -> bool {
    if let Some(error) = outcome.strip_prefix("returns err ") {
        let denials = [
            "access-denied",
            "access",
            "forbidden",
            "HTTP-request-denied",
            "not-supported",
        ];
        return denials.contains(&error);
    }
    // A network, or what is made, that does nothing.
    let gives_handle = name.ends_with("#instance-network") || name.contains("#[constructor]");
    let is_made = gives_handle && outcome == "returns a handle";
    // A name that is the artifact's.
    let is_name = name.ends_with("#get-arguments") && outcome == r#"returns ["program"]"#;
    // Nothing gives a handle: what would is denied.
    let others = ["returns []", "returns none", "returns err", "has no handle"];
    is_made || is_name || others.contains(&outcome) || outcome.starts_with("traps")
}

/// A host that has everything: a folder, a variable, the network.
pub fn generous(folder: &Temp) -> impl Fn() -> WasiCtxBuilder {
    let path = folder.path().to_path_buf();
    move || {
        let mut wasi = WasiCtxBuilder::new();
        wasi.env("VARIABLE", "value");
        wasi.inherit_network().allow_tcp(true).allow_udp(true);
        let opened = wasi.preopened_dir(&path, "there", FsPerms::ReadWrite);
        opened.expect("a folder to open");
        wasi
    }
}

/// Denies clocks and randomness but for a package, and asks for that.
pub fn grants(package: &str) -> Value {
    let ambient = ["wasi:clocks", "wasi:random"].into_iter();
    let denied = ambient.filter(|name| *name != package);
    let denials: Vec<Value> = denied.map(|name| json!({ "name": name })).collect();
    let capabilities = match package {
        "" => json!([]),
        _ => json!([{ "name": package, "level": "required" }]),
    };
    json!({ "denials": denials, "capabilities": capabilities })
}

/// What a guest gets under a policy, whose artifact imports only the base and
/// a package.
pub fn under(guest: &Guest, policy: Value, package: &str) -> BTreeMap<String, String> {
    let artifact = plan(&guest.bytes).policy(policy).artifact();
    let (open, _) = imports(&artifact);
    let of_package = |name: &String| {
        let interface = name.strip_prefix(package);
        !package.is_empty() && interface.is_some_and(|rest| rest.starts_with('/'))
    };
    let others: Vec<&String> = open
        .iter()
        .filter(|name| !is_base(name) && !of_package(name))
        .collect();
    assert!(others.is_empty(), "{package:?}: {others:?}");
    assert_eq!(open.iter().any(of_package), !package.is_empty(), "{open:?}");
    assert!(open.iter().any(|name| is_base(name)), "{open:?}");
    outcomes(guest, &artifact, generous(&Temp::new()))
}

/// Lines of what came of each call, held to a golden file, which
/// `COMPOSITOR_BLESS=1` writes.
pub fn golden(name: &str, outcomes: &BTreeMap<String, String>) {
    let lines = outcomes
        .iter()
        .map(|(name, what)| format!("{name}: {what}\n"));
    let printed: String = lines.collect();
    compositor_tests::golden(&format!("tests/it/policy/golden/{name}.txt"), &printed);
}

#[test]
fn nothing_granted() {
    let guest = caller(VERSION);
    let outcomes = under(&guest, grants(""), "");
    for package in PACKAGES {
        let of_package = |name: &&String| name.starts_with(&format!("{}/", package.0));
        assert!(outcomes.keys().any(|name| of_package(&name)), "{package:?}");
    }
    for (name, outcome) in &outcomes {
        assert!(is_denied(name, outcome), "{name} {outcome}");
    }
    golden("nothing", &outcomes);
}

#[test]
fn one_package_granted() {
    let guest = caller(VERSION);
    for (package, shown) in PACKAGES {
        let outcomes = under(&guest, grants(package), package);
        for (name, outcome) in &outcomes {
            match name.starts_with(&format!("{package}/")) {
                false => assert!(is_denied(name, outcome), "{package}: {name} {outcome}"),
                true => assert!(!outcome.starts_with("traps"), "{name} {outcome}"),
            }
        }
        for (name, shows) in *shown {
            assert!(shows(&outcomes[*name]), "{name} {}", outcomes[*name]);
        }
    }
}

/// Where everything is empty, handles are had, and so methods are called.
#[test]
fn nothing_granted_and_all_empty() {
    let guest = caller(VERSION);
    let denies = json!({ "deny": [{ "name": "*", "mode": "empty" }] });
    let artifact = plan(&guest.bytes).host(denies).artifact();
    let (open, _) = imports(&artifact);
    assert!(open.iter().all(|name| is_base(name)), "{open:?}");
    let outcomes = outcomes(&guest, &artifact, generous(&Temp::new()));
    let fields = "wasi:http/types@0.2.12#[method]fields.entries";
    assert_eq!(outcomes[fields], "returns []");
    golden("nothing-empty", &outcomes);
}

/// The tests above can fail: what shows the host is none of what is denied.
#[test]
fn what_is_granted_is_told_from_what_is_denied() {
    let guest = caller(VERSION);
    let artifact = plan(&guest.bytes).artifact();
    let (open, _) = imports(&artifact);
    assert!(open.iter().any(|name| !is_base(name)));
    let outcomes = outcomes(&guest, &artifact, generous(&Temp::new()));
    for (_, shown) in PACKAGES {
        for (name, shows) in *shown {
            let outcome = &outcomes[*name];
            assert!(
                shows(outcome) && !is_denied(name, outcome),
                "{name} {outcome}"
            );
        }
    }
}

/// Clocks and randomness are granted by the policy that says nothing.
#[test]
fn an_empty_policy() {
    let guest = caller(VERSION);
    let artifact = plan(&guest.bytes).policy(json!({})).artifact();
    let (open, _) = imports(&artifact);
    let is_ambient =
        |name: &str| name.starts_with("wasi:clocks/") || name.starts_with("wasi:random/");
    assert!(open.iter().all(|name| is_base(name) || is_ambient(name)));
    for (name, outcome) in outcomes(&guest, &artifact, generous(&Temp::new())) {
        let is_denied = is_denied(&name, &outcome);
        assert_eq!(is_denied, !is_ambient(&name), "{name} {outcome}");
    }
}
