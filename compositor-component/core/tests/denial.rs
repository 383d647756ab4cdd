//! Components whose imports are denied in ways that are easy to get wrong.

use compositor_core::memory::MemoryStore;
use compositor_core::{Limits, build, host_policy, lock};
use wasmparser::{Validator, WasmFeatures};

/// Composes a component whose imports of `t:t` are denied in a mode.
fn denied(text: &str, mode: &str) -> Vec<u8> {
    let store = MemoryStore::new();
    let digest = store.put(wat::parse_str(text).expect("a component"));
    let plan = br#"{ "version": "1", "root": "app",
        "components": [{ "id": "app", "source": "file:app.wasm" }] }"#;
    let policy = format!(r#"{{ "deny": [{{ "name": "t:t", "mode": {mode:?} }}] }}"#);
    let policy = host_policy::parse(policy.as_bytes(), &Limits::default()).expect("a policy");
    let plan = lock(plan, &[("app".to_string(), digest)], &Limits::default()).expect("a plan");
    let artifact = build(&plan, &policy, store.host());
    let artifact = artifact.unwrap_or_else(|errors| panic!("{errors:#?}\n{text}"));
    let bytes = store.get(&artifact.digest).expect("it is in the store");
    let features = WasmFeatures::default() | WasmFeatures::CM_ASYNC;
    let validated = Validator::new_with_features(features).validate_all(&bytes);
    validated.unwrap_or_else(|error| panic!("{error}\n{text}"));
    bytes
}

/// Checks that a component is composed in each mode.
#[track_caller]
fn composes(text: &str) {
    for mode in ["trap", "error", "empty"] {
        assert!(!denied(text, mode).is_empty(), "{mode}");
    }
}

/// Both are of another interface, and the one that is made of the other comes
/// first.
#[test]
fn a_type_before_what_it_is_made_of() {
    composes(
        r#"(component
          (import "t:t/a" (instance $a
            (type $r (record (field "x" u8)))
            (export "r" (type $r2 (eq $r)))
            (type $v (variant (case "at" $r2)))
            (export "v" (type (eq $v)))))
          (alias export $a "r" (type $r))
          (alias export $a "v" (type $v))
          (import "t:t/b" (instance $b
            (alias outer 1 $v (type $v1))
            (export "v" (type $v (eq $v1)))
            (alias outer 1 $r (type $r1))
            (export "r" (type $r (eq $r1)))
            (export "f" (func (result $r)))
            (export "g" (func (result $v)))
            (export "h" (func (result u32)))))
          (alias export $b "h" (func $h))
          (export "h" (func $h)))"#,
    );
}

/// A record of variants that another interface names, under names of its own.
#[test]
fn types_that_are_made_of_used_types() {
    composes(
        r#"(component
          (import "t:t/a" (instance $a
            (type $v (variant (case "x")))
            (export "v" (type $ve (eq $v)))
            (type $r (record (field "f" $ve)))
            (export "r" (type (eq $r)))))
          (alias export $a "v" (type $v))
          (alias export $a "r" (type $r))
          (import "t:t/b" (instance
            (alias outer 1 $v (type $vo)) (export "v" (type $vb (eq $vo)))
            (alias outer 1 $r (type $ro)) (export "r" (type $rb (eq $ro)))
            (type $o (variant (case "y" $rb) (case "z" $vb)))
            (export "o" (type $ob (eq $o)))
            (export "f" (func (param "p" $ob) (result $rb))))))"#,
    );
}

/// What is denied is made of types of an interface of types alone, which are
/// made of those of one that is denied.
#[test]
fn types_between_two_denied_interfaces() {
    composes(
        r#"(component
          (import "t:t/a" (instance $a
            (type $v (variant (case "x")))
            (export "v" (type $ve (eq $v)))
            (type $r (record (field "f" $ve)))
            (export "r" (type (eq $r)))
            (export "f" (func (param "p" $ve)))))
          (alias export $a "r" (type $r))
          (import "t:u/b" (instance $b
            (alias outer 1 $r (type $ro))
            (type $o (variant (case "y" $ro)))
            (export "o" (type (eq $o)))))
          (alias export $b "o" (type $o))
          (import "t:t/c" (instance
            (alias outer 1 $o (type $oo)) (export "o" (type $oc (eq $oo)))
            (type $e (enum "one"))
            (export "e" (type $ee (eq $e)))
            (export "f" (func (param "p" $oc) (result $ee))))))"#,
    );
}
