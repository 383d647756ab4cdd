//! WASI 0.3, each version of WASI 0.2, and several versions in one artifact.

use compositor_tests::Temp;
use serde_json::json;

use super::fixture::{imports, is_base, outcomes, plan};
use super::reach::{generous, golden, grants, is_denied, under};
use super::wasi::caller;

const OLDER: &[&str] = &["0.2.0", "0.2.3", "0.2.6", "0.2.9"];

/// Packages of WASI 0.3, and a function that gives what only the host has.
const PACKAGES: &[(&str, &str, &str)] = &[
    ("wasi:clocks", "monotonic-clock@0.3.0#now", ""),
    ("wasi:random", "random@0.3.0#get-random-u64", ""),
    (
        "wasi:filesystem",
        "preopens@0.3.0#get-directories",
        r#"returns [(a handle, "there")]"#,
    ),
    (
        "wasi:sockets",
        "types@0.3.0#[static]tcp-socket.create",
        "returns ok a handle",
    ),
    (
        "wasi:http",
        "types@0.3.0#[constructor]fields",
        "asks the host",
    ),
    (
        "wasi:cli",
        "environment@0.3.0#get-environment",
        r#"returns [("VARIABLE", "value")]"#,
    ),
];

#[test]
fn older_ones_are_denied_the_same() {
    let newest = under(&caller("0.2.12"), grants(""), "");
    for version in OLDER {
        let older = under(&caller(version), grants(""), "");
        assert!(older.keys().all(|name| name.contains(version)));
        assert!(older.len() + 1 >= newest.len());
        for (name, outcome) in older {
            let same = name.replace(version, "0.2.12");
            let expected = newest[&same].replace("0.2.12", version);
            assert_eq!(outcome, expected, "{name}");
        }
    }
}

#[test]
fn wasi_0_3_nothing_granted() {
    let outcomes = under(&caller("0.3.0"), grants(""), "");
    for (package, function, _) in PACKAGES {
        assert!(outcomes.contains_key(&format!("{package}/{function}")));
    }
    for (name, outcome) in &outcomes {
        assert!(is_denied(name, outcome), "{name} {outcome}");
    }
    golden("nothing-0.3", &outcomes);
}

#[test]
fn wasi_0_3_one_package_granted() {
    let guest = caller("0.3.0");
    for (package, function, gives) in PACKAGES {
        let outcomes = under(&guest, grants(package), package);
        for (name, outcome) in &outcomes {
            match name.starts_with(&format!("{package}/")) {
                false => assert!(is_denied(name, outcome), "{package}: {name} {outcome}"),
                true => assert!(!outcome.starts_with("traps"), "{name} {outcome}"),
            }
        }
        let outcome = &outcomes[&format!("{package}/{function}")];
        match *gives {
            "" => {
                let number = outcome.strip_prefix("returns ").map(str::parse::<u64>);
                assert!(matches!(number, Some(Ok(1..))), "{function} {outcome}");
            }
            gives => assert_eq!(outcome, gives, "{function}"),
        }
    }
}

/// One plan of components that were built for different versions: each of
/// them is denied all of its own.
#[test]
fn several_at_once() {
    let versions = ["0.2.12", "0.2.0", "0.2.3", "0.2.6", "0.2.9", "0.3.0"];
    let guests = versions.map(caller);
    let mut made = plan(&guests[0].bytes);
    let mut exports = Vec::new();
    for guest in &guests[1..] {
        made = made.component(&guest.call, &guest.bytes);
        let export = json!({ "source_instance": guest.call, "interface_name": guest.call });
        exports.push(export);
    }
    made.value["explicit_exports"] = exports.into();
    let artifact = made.policy(grants("")).artifact();
    let (open, _) = imports(&artifact);
    assert!(open.iter().all(|name| is_base(name)), "{open:?}");
    for (version, guest) in versions.iter().zip(&guests) {
        let outcomes = outcomes(guest, &artifact, generous(&Temp::new()));
        assert!(outcomes.keys().all(|name| name.contains(version)));
        for (name, outcome) in outcomes {
            assert!(is_denied(&name, &outcome), "{name} {outcome}");
        }
    }
}
