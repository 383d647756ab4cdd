//! Components whose imports are denied in ways that are easy to get wrong.

use serde_json::json;
use test_generate::plan::plan;

/// Composes a component whose imports of `t:t` are denied in a mode.
fn denied(text: &str, mode: &str) -> Vec<u8> {
    let host = json!({ "deny": [{ "name": "t:t", "mode": mode }] });
    plan(text).host(host).artifact()
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
