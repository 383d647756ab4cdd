//! Every way to cut a small input short, and every byte of it changed: an error
//! with a code, or a success, and never anything else.

use std::panic::{AssertUnwindSafe, catch_unwind};

use compositor_core::memory::MemoryStore;
use compositor_core::plan::Encoding;
use compositor_core::{Digest, HostPolicy, Limits, convert, exec, validate};

use super::row::{Folder, bounded, plan_of};

/// What has most kinds of sections and types, and nothing more.
const COMPONENT: &str = r#"(component
  (import "t:t/t@0.1.0" (instance $t
    (export "r" (type $r (sub resource)))
    (export "[method]r.f" (func (param "self" (borrow $r)) (result u32)))))
  (alias export $t "[method]r.f" (func $f))
  (core func $f (canon lower (func $f)))
  (core module $m
    (import "" "f" (func (param i32) (result i32)))
    (memory (export "m") 1)
    (global i32 (i32.const 7))
    (func (export "g") (param i32) (result i32) local.get 0)
    (data (i32.const 8) "data"))
  (core instance $i (instantiate $m (with "" (instance (export "f" (func $f))))))
  (type $record (record (field "x" u8) (field "y" (list string))))
  (component $c (type $u u8) (export "t" (type $u)))
  (instance $n (instantiate $c))
  (func $g (param "x" u32) (result u32) (canon lift (core func $i "g")))
  (export "g" (func $g)))"#;

fn component() -> Vec<u8> {
    wat::parse_str(COMPONENT).expect("WAT")
}

fn plan(digest: &str) -> String {
    let plan = plan_of(digest).replace(
        "\"components\"",
        "\"imports\":[\"t:t/t@0.1.0\"],\"components\"",
    );
    let binding =
        r#","bindings":[],"policy":{"capabilities":[{"name":"wasi:http","level":"optional"}]}}"#;
    plan.strip_suffix('}').expect("an object").to_string() + binding
}

/// Validates, which is to end with a code if at all.
fn survives(name: &str, plan: &[u8], store: &MemoryStore) -> bool {
    let run = || {
        let policy = HostPolicy::default();
        let validated = validate(plan, &policy, store.host()).map(drop);
        let listed = exec::exports(plan, &policy, store.host()).map(drop);
        (validated, listed)
    };
    let (validated, listed) =
        catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| panic!("{name} panics"));
    for findings in [&validated, &listed] {
        if let Err(findings) = findings {
            assert!(!findings.is_empty(), "{name}: no finding");
        }
    }
    validated.is_ok()
}

/// Truncations, and each byte with each of its bits flipped, and with others.
fn variants(bytes: &[u8]) -> impl Iterator<Item = (String, Vec<u8>)> {
    let cut = (0..bytes.len()).map(|end| (format!("cut at {end}"), bytes[..end].to_vec()));
    let flips = (0..bytes.len()).flat_map(|at| {
        let masks = (0..8).map(|bit| 1 << bit).chain([0xff]);
        masks.map(move |mask| (at, mask))
    });
    let flipped = flips.map(|(at, mask)| {
        let mut changed = bytes.to_vec();
        changed[at] ^= mask;
        (format!("byte {at} xor {mask:#x}"), changed)
    });
    cut.chain(flipped)
}

#[test]
fn of_a_component() {
    let mut sound = 0;
    for (name, bytes) in variants(&component()) {
        let store = MemoryStore::new();
        let plan = plan(&store.put(bytes).to_string());
        sound += u32::from(survives(&name, plan.as_bytes(), &store));
    }
    // A letter of a name may be another one.
    assert!(sound > 10, "{sound}");
}

#[test]
fn of_a_plan() {
    let store = MemoryStore::new();
    let digest = store.put(component()).to_string();
    let json = plan(&digest);
    let cbor = convert(json.as_bytes(), Encoding::Cbor, &Limits::default()).expect("a plan");
    for bytes in [json.as_bytes(), &cbor] {
        assert!(survives("as it is", bytes, &store));
        for (name, bytes) in variants(bytes) {
            survives(&name, &bytes, &store);
        }
    }
}

/// The same through the program, of fewer.
#[test]
fn through_the_program() {
    let bytes = component();
    let cuts = (0..bytes.len()).step_by(5).map(|end| bytes[..end].to_vec());
    let flips = (0..bytes.len()).step_by(5).map(|at| {
        let mut changed = bytes.clone();
        changed[at] ^= 0xff;
        changed
    });
    for (index, bytes) in cuts.chain(flips).enumerate() {
        let folder = Folder::new();
        let digest = folder.put(&bytes);
        folder.0.write("plan.json", plan(&digest));
        let args = ["emit", "build", "plan.json", "-o", "out.wasm"];
        let output = bounded(&format!("component {index}"), folder.run(&args));
        assert!(matches!(output.status, 0 | 1), "{output:?}");
        assert_eq!(output.status == 0, folder.0.join("out.wasm").exists());
        assert_eq!(
            output.status == 1,
            output.stderr.contains("error["),
            "{output:?}"
        );
    }
    let json = plan(&Digest::of(&bytes).to_string());
    let cbor = convert(json.as_bytes(), Encoding::Cbor, &Limits::default()).expect("a plan");
    for end in 0..cbor.len() {
        let folder = Folder::of(&cbor[..end]);
        let output = folder.run(&["plan", "validate", "plan.json"]);
        let output = super::row::held(&format!("a plan of {end} bytes"), output);
        assert!(output.stderr.contains("error[Plan.Invalid"), "{output:?}");
    }
}
