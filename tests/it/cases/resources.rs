//! Resources: one type for everyone who means the same, whatever they call it.

use compositor_core::Code;
use compositor_tests::Artifact;
use test_generate::plan::Plan;
use wasmtime::component::Val;

use super::case::{BothWays as _, says};

/// Defines a resource that holds a number.
const OWNER: &str = r#"(component
    (type $rep (resource (rep i32)))
    (core func $new (canon resource.new $rep))
    (core module $m
        (import "" "new" (func $new (param i32) (result i32)))
        (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
        (func (export "value") (param i32) (result i32) (local.get 0)))
    (core instance $m (instantiate $m (with "" (instance (export "new" (func $new))))))
    (func $make (param "n" u32) (result (own $rep)) (canon lift (core func $m "make")))
    (func $value (param "r" (borrow $rep)) (result u32) (canon lift (core func $m "value")))
    (component $bundle
        (import "r" (type $r (sub resource)))
        (import "make" (func $make (param "n" u32) (result (own $r))))
        (import "value" (func $value (param "r" (borrow $r)) (result u32)))
        (export $named "r" (type $r))
        (export "make" (func $make) (func (param "n" u32) (result (own $named))))
        (export "value" (func $value) (func (param "r" (borrow $named)) (result u32))))
    (instance $own (instantiate $bundle
        (with "r" (type $rep)) (with "make" (func $make)) (with "value" (func $value))))
    (export "t:r/own@0.1.0" (instance $own)))"#;

/// Passes the resource of another through.
const MIDDLE: &str = r#"(component
    (import "t:r/own@0.1.0" (instance $own (export "r" (type (sub resource)))))
    (alias export $own "r" (type $r))
    (core module $m (func (export "pass") (param i32) (result i32) (local.get 0)))
    (core instance $m (instantiate $m))
    (func $pass (param "r" (own $r)) (result (own $r)) (canon lift (core func $m "pass")))
    (instance $mid (export "r" (type $r)) (export "pass" (func $pass)))
    (export "t:m/mid@0.1.0" (instance $mid)))"#;

/// Knows both by names of its own.
const USER: &str = r#"(component
    (import "x:alias/own@0.1.0" (instance $own
        (export "r" (type $r (sub resource)))
        (export "make" (func (param "n" u32) (result (own $r))))
        (export "value" (func (param "r" (borrow $r)) (result u32)))))
    (alias export $own "r" (type $r))
    (import "x:alias/mid@0.1.0" (instance $mid
        (alias outer 1 $r (type $o))
        (export "r" (type $s (eq $o)))
        (export "pass" (func (param "r" (own $s)) (result (own $s))))))
    (core func $make (canon lower (func $own "make")))
    (core func $value (canon lower (func $own "value")))
    (core func $pass (canon lower (func $mid "pass")))
    (core module $m
        (import "" "make" (func $make (param i32) (result i32)))
        (import "" "value" (func $value (param i32) (result i32)))
        (import "" "pass" (func $pass (param i32) (result i32)))
        (func (export "run") (param i32) (result i32)
            (call $value (call $pass (call $make (local.get 0))))))
    (core instance $m (instantiate $m (with "" (instance
        (export "make" (func $make))
        (export "value" (func $value))
        (export "pass" (func $pass))))))
    (func (export "run") (param "n" u32) (result u32) (canon lift (core func $m "run"))))"#;

#[test]
fn resources_under_other_names() {
    let emitted = Plan::new("app", USER)
        .component("owner", OWNER)
        .component("middle", MIDDLE)
        .bind_as("app", "x:alias/own@0.1.0", "owner", "t:r/own@0.1.0")
        .bind_as("app", "x:alias/mid@0.1.0", "middle", "t:m/mid@0.1.0")
        .bind("middle", "t:r/own@0.1.0", "owner")
        .emitted();
    let mut artifact = Artifact::new(&emitted.bytes).unwrap();
    assert_eq!(artifact.wave("run", &["7"]).unwrap(), "7");
}

#[test]
fn two_owners_are_two_types() {
    let errors = Plan::new("app", USER)
        .component("owner", OWNER)
        .component("imposter", OWNER)
        .component("middle", MIDDLE)
        .bind_as("app", "x:alias/own@0.1.0", "owner", "t:r/own@0.1.0")
        .bind_as("app", "x:alias/mid@0.1.0", "middle", "t:m/mid@0.1.0")
        .bind("middle", "t:r/own@0.1.0", "imposter")
        .refused();
    assert_eq!(errors.len(), 1, "{errors:#?}");
    let words = ["x:alias/mid@0.1.0", "\"middle\"", "\"app\""];
    says(&errors[0], Code::EmitLinkError, &errors[0].pointer, &words);
}

/// Passes a resource on to the next, which passes it back.
const LINK: &str = r#"(component
    (import "t:r/own@0.1.0" (instance $own (export "r" (type (sub resource)))))
    (alias export $own "r" (type $r))
    (import "t:m/next@0.1.0" (instance $next
        (alias outer 1 $r (type $o))
        (export "r" (type $s (eq $o)))
        (export "pass" (func (param "r" (own $s)) (result (own $s))))))
    (core func $next (canon lower (func $next "pass")))
    (core module $m
        (import "" "pass" (func $next (param i32) (result i32)))
        (func (export "pass") (param i32) (result i32) (call $next (local.get 0))))
    (core instance $m (instantiate $m
        (with "" (instance (export "pass" (func $next))))))
    (func $pass (param "r" (own $r)) (result (own $r)) (canon lift (core func $m "pass")))
    (instance $mid (export "r" (type $r)) (export "pass" (func $pass)))
    (export "t:m/mid@0.1.0" (instance $mid)))"#;

#[test]
fn a_resource_that_a_thousand_components_share() {
    // More than one index space holds, so the type crosses groups.
    const LENGTH: usize = 1_000;
    let mut case = Plan::new("app", USER)
        .component("owner", OWNER)
        .component(&format!("link-{LENGTH}"), MIDDLE)
        .bind_as("app", "x:alias/own@0.1.0", "owner", "t:r/own@0.1.0")
        .bind_as("app", "x:alias/mid@0.1.0", "link-0", "t:m/mid@0.1.0");
    for index in 0..=LENGTH {
        let id = format!("link-{index}");
        if index < LENGTH {
            let next = format!("link-{}", index + 1);
            case = case.component(&id, LINK);
            case = case.bind_as(&id, "t:m/next@0.1.0", &next, "t:m/mid@0.1.0");
        }
        case = case.bind(&id, "t:r/own@0.1.0", "owner");
    }
    let emitted = case.emitted();
    let mut artifact = Artifact::new(&emitted.bytes).unwrap();
    assert_eq!(artifact.wave("run", &["7"]).unwrap(), "7");
}

/// Hands out what it imports.
const ADAPTER: &str = r#"(component
    (import "t:r/own@0.1.0" (instance $own
        (export "r" (type $r (sub resource)))
        (export "make" (func (param "n" u32) (result (own $r))))
        (export "value" (func (param "r" (borrow $r)) (result u32)))))
    (export "t:r/own@0.1.0" (instance $own)))"#;

#[test]
fn a_resource_that_a_provider_hands_on() {
    // What stays open is made of a resource that comes through two providers:
    // it is the open import's that the last of them has.
    let emitted = Plan::new("app", USER)
        .component("near", ADAPTER)
        .component("far", ADAPTER)
        .bind_as("app", "x:alias/own@0.1.0", "near", "t:r/own@0.1.0")
        .bind("near", "t:r/own@0.1.0", "far")
        .open("t:r/own@0.1.0")
        .open("x:alias/mid@0.1.0")
        .emitted();
    let mut open = crate::runtimes::imports(&emitted.bytes);
    open.sort();
    assert_eq!(open, ["t:r/own@0.1.0", "x:alias/mid@0.1.0"]);
    let outer = Plan::new("app", &emitted.bytes)
        .component("owner", OWNER)
        .component("middle", MIDDLE)
        .bind("app", "t:r/own@0.1.0", "owner")
        .bind_as("app", "x:alias/mid@0.1.0", "middle", "t:m/mid@0.1.0")
        .bind("middle", "t:r/own@0.1.0", "owner");
    let mut artifact = Artifact::new(&outer.emitted().bytes).unwrap();
    assert_eq!(artifact.wave("run", &["7"]).unwrap(), "7");

    // When a provider makes it, nothing outside can be made of it.
    let error = Plan::new("app", USER)
        .component("near", ADAPTER)
        .component("owner", OWNER)
        .bind_as("app", "x:alias/own@0.1.0", "near", "t:r/own@0.1.0")
        .bind("near", "t:r/own@0.1.0", "owner")
        .open("x:alias/mid@0.1.0")
        .refusal();
    let words = ["x:alias/mid@0.1.0", "x:alias/own@0.1.0", "bound"];
    says(&error, Code::EmitLinkError, "/components/0", &words);
}

/// Holds a resource of its own in a record.
const HOLDER: &str = r#"(component
    (type $rep (resource (rep i32)))
    (core func $new (canon resource.new $rep))
    (core module $m
        (import "" "new" (func $new (param i32) (result i32)))
        (func (export "hold") (param i32) (result i32) (call $new (local.get 0)))
        (func (export "value") (param i32) (result i32) (local.get 0)))
    (core instance $m (instantiate $m (with "" (instance (export "new" (func $new))))))
    (type $owned (own $rep))
    (type $holder' (record (field "r" $owned)))
    (func $hold (param "n" u32) (result $holder') (canon lift (core func $m "hold")))
    (func $value (param "r" (borrow $rep)) (result u32) (canon lift (core func $m "value")))
    (component $own-bundle
        (import "r" (type $r (sub resource)))
        (import "value" (func $value (param "r" (borrow $r)) (result u32)))
        (export $named "r" (type $r))
        (export "value" (func $value) (func (param "r" (borrow $named)) (result u32))))
    (instance $own (instantiate $own-bundle
        (with "r" (type $rep)) (with "value" (func $value))))
    (export $own' "t:r/own@0.1.0" (instance $own))
    (alias export $own' "r" (type $r))
    (component $bundle
        (import "r" (type $r (sub resource)))
        (type $owned (own $r))
        (type $h (record (field "r" $owned)))
        (import "holder" (type $holder (eq $h)))
        (import "hold" (func $hold (param "n" u32) (result $holder)))
        (export $r' "r" (type $r))
        (type $owned' (own $r'))
        (type $h' (record (field "r" $owned')))
        (export $holder' "holder" (type $h'))
        (export "hold" (func $hold) (func (param "n" u32) (result $holder'))))
    (type $owned' (own $r))
    (type $h (record (field "r" $owned')))
    (instance $holder (instantiate $bundle
        (with "r" (type $r)) (with "holder" (type $h)) (with "hold" (func $hold))))
    (export "t:r/holder@0.1.0" (instance $holder)))"#;

/// Exports a function whose result has a handle in it to a resource that the
/// exported interface does not name.
const INDIRECT: &str = r#"(component
    (import "t:r/own@0.1.0" (instance $own (export "r" (type (sub resource)))))
    (alias export $own "r" (type $r))
    (import "t:r/holder@0.1.0" (instance $h
        (alias outer 1 $r (type $o))
        (export "r" (type $s (eq $o)))
        (type $owned (own $s))
        (type $rec (record (field "r" $owned)))
        (export "holder" (type $holder (eq $rec)))
        (export "hold" (func (param "n" u32) (result $holder)))))
    (alias export $h "holder" (type $holder))
    (alias export $h "hold" (func $hold))
    (instance $api (export "holder" (type $holder)) (export "get" (func $hold)))
    (export "t:x/api@0.1.0" (instance $api)))"#;

fn indirect() -> Plan {
    Plan::new("app", INDIRECT)
        .component("holder", HOLDER)
        .bind("app", "t:r/own@0.1.0", "holder")
        .bind("app", "t:r/holder@0.1.0", "holder")
}

#[test]
fn an_export_of_a_resource_that_nothing_names() {
    let error = indirect().refusal();
    let words = ["t:x/api@0.1.0", "\"app\"", "explicit_exports"];
    says(&error, Code::EmitLinkError, &error.pointer, &words);
}

#[test]
fn an_export_of_a_resource_that_another_export_names() {
    // In either order, the names come before the export that needs them.
    let (own, holder) = ("t:r/own@0.1.0", "t:r/holder@0.1.0");
    let emitted = indirect().export("holder", own).export("holder", holder);
    let emitted = emitted.emitted();
    let mut artifact = Artifact::new(&emitted.bytes).unwrap();
    let args = [Val::U32(7)];
    let held = artifact.call("t:x/api@0.1.0#get", &args).unwrap().remove(0);
    let Val::Record(fields) = held else {
        panic!("{held:?}");
    };
    let value = artifact.call("t:r/own@0.1.0#value", &[fields[0].1.clone()]);
    assert_eq!(value.unwrap(), [Val::U32(7)]);
}

#[test]
fn an_open_import_of_a_bound_resource() {
    // Whoever gives the middle later cannot know the owner inside.
    let error = Plan::new("app", USER)
        .component("owner", OWNER)
        .bind_as("app", "x:alias/own@0.1.0", "owner", "t:r/own@0.1.0")
        .open("x:alias/mid@0.1.0")
        .refusal();
    let words = ["x:alias/mid@0.1.0", "x:alias/own@0.1.0"];
    says(&error, Code::EmitLinkError, &error.pointer, &words);
}
