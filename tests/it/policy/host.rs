//! What a host has that is not WASI: denied in each mode, granted by name.

use std::collections::BTreeMap;

use compositor_tests::{Temp, Written as _, composectl, read};
use serde_json::{Value, json};
use wasmtime_wasi::WasiCtxBuilder;

use super::caller::guest;
use super::fixture::{imports, outcomes, plan};
use super::guest::Guest;
use super::reach::golden;

pub const MODES: [&str; 4] = ["", "trap", "error", "empty"];

fn acme() -> Guest {
    guest(ACME, &[], None)
}

/// A rule that denies a name in a mode.
pub fn denial(name: &str, mode: &str) -> Value {
    match mode {
        "" => json!({ "name": name }),
        _ => json!({ "name": name, "mode": mode }),
    }
}

/// What comes of each call in each mode, in one line.
pub fn in_each_mode(of: impl Fn(&str) -> BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    for mode in MODES {
        let word = if mode.is_empty() { "default" } else { mode };
        for (name, outcome) in of(mode) {
            assert_ne!(outcome, "asks the host", "{name} in {mode:?}");
            assert!(
                !outcome.starts_with("fails"),
                "{name} in {mode:?} {outcome}"
            );
            let denied = outcome.starts_with("traps") || outcome == "has no handle";
            assert!(mode != "trap" || denied, "{name} {outcome}");
            let line = all.entry(name).or_default();
            line.push_str(&format!("\n  {word}: {outcome}"));
        }
    }
    all
}

#[test]
fn denied_in_each_mode() {
    let guest = acme();
    let all = in_each_mode(|mode| {
        let denied = json!({ "deny": [denial("acme:host", mode)] });
        let artifact = plan(&guest.bytes).host(denied).artifact();
        assert_eq!(imports(&artifact), (vec![], vec![]));
        outcomes(&guest, &artifact, WasiCtxBuilder::new)
    });
    golden("acme", &all);
}

/// A plan that denies gives the same artifact as a host that does, and options
/// of the command the same as a file.
#[test]
fn whoever_denies() {
    let guest = acme();
    let folder = plan(&guest.bytes).written();
    for mode in MODES {
        let rule = denial("acme:host", mode);
        let by_host = json!({ "deny": [rule] });
        let by_host = plan(&guest.bytes).policy(json!({})).host(by_host);
        let by_plan = plan(&guest.bytes).policy(json!({ "denials": [rule] }));
        let functions = |bytes: &[u8]| outcomes(&guest, bytes, WasiCtxBuilder::new);
        assert_eq!(
            functions(&by_host.artifact()),
            functions(&by_plan.artifact()),
            "{mode:?}"
        );
        let option = match mode {
            "" => "acme:host".to_string(),
            _ => format!("acme:host={mode}"),
        };
        let args = [
            "emit",
            "build",
            "plan.json",
            "-o",
            "out.wasm",
            "--deny",
            &option,
        ];
        composectl(folder.path(), args).success();
        let expected = plan(&guest.bytes)
            .host(json!({ "deny": [rule] }))
            .artifact();
        assert!(read(folder.join("out.wasm")) == expected, "{mode:?}");
    }
}

#[test]
fn granted_by_name() {
    let guest = acme();
    let policy = json!({ "capabilities": [{ "name": "acme:host", "level": "required" }] });
    let artifact = plan(&guest.bytes).policy(policy).artifact();
    let (open, _) = imports(&artifact);
    assert_eq!(open, ["acme:host/types@1.0.0", "acme:host/store@1.0.0"]);
    for (name, outcome) in outcomes(&guest, &artifact, WasiCtxBuilder::new) {
        assert_eq!(outcome, "asks the host", "{name}");
    }
    let policy = json!({ "capabilities": [{ "name": "acme:host/types", "level": "required" }] });
    let both = json!({ "deny": ["acme:host/store"] });
    let artifact = plan(&guest.bytes).policy(policy).host(both).artifact();
    let (open, _) = imports(&artifact);
    assert_eq!(open, ["acme:host/types@1.0.0"]);
    let outcomes = outcomes(&guest, &artifact, WasiCtxBuilder::new);
    assert_eq!(
        outcomes["acme:host/types@1.0.0#[constructor]key"],
        "asks the host"
    );
    assert_eq!(outcomes["acme:host/store@1.0.0#places"], "traps");
}

/// What nobody names is nobody's.
#[test]
fn not_named() {
    let folder: Temp = plan(acme().bytes).policy(json!({})).written();
    let output = composectl(folder.path(), ["emit", "build", "plan.json", "-o", "a"]);
    assert_eq!(output.status, 1);
    assert!(
        output.stderr.contains("acme:host/types@1.0.0"),
        "{output:?}"
    );
}

/// What a host has that is not WASI, and a world that imports it.
const ACME: &str = "package test:caller;
package acme:host@1.0.0 {
  interface types {
    record place { name: string, x: f32, y: s64 }
    variant shape { dot, at(place), round(f32), wide(s64), both(tuple<f64, u8>) }
    enum reason { broken, access-denied, gone }
    flags rights { read, write, run }
    resource key {
      constructor(name: string);
      name: func() -> string;
      join: func(other: borrow<key>, taken: key) -> key;
      find: static func(name: string) -> result<key, reason>;
      rights: func() -> rights;
      all: func(keys: list<borrow<key>>) -> list<string>;
      wait: async func(taken: option<key>) -> result<u32, string>;
    }
  }

  interface store {
    use types.{key, shape, reason, place};
    open: func(key: borrow<key>) -> result<list<u8>, string>;
    put: func(keys: list<key>, what: shape) -> result<_, string>;
    measure: func(what: shape) -> f64;
    places: func() -> list<place>;
    best: func() -> option<place>;
    shapes: func(which: list<tuple<borrow<key>, string>>) -> result<shape, reason>;
    log: func(text: string);
    later: async func(text: string) -> result<place, reason>;
    soon: async func() -> u64;
  }
}

world caller {
  import acme:host/types@1.0.0;
  import acme:host/store@1.0.0;
  export call: async func(index: u32) -> list<u8>;
}
";
