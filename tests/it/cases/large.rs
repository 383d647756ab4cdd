//! Plans with more instances than an index space of the binary format holds. Of
//! distinct components they have no more than runtimes take.

use compositor_tests::Artifact;
use test_generate::plan::Plan;

use super::case::BothWays as _;
use super::wat::{leaf, node};

const APP: &str = "t:n/app@0.1.0";
const LEAF: &str = "t:n/leaf@0.1.0";

fn name(index: usize) -> String {
    format!("t:n/n{index}@0.1.0")
}

/// A root over `groups` components, each over `leaves` of its own.
fn tree(groups: usize, leaves: usize, leaf: impl Fn(usize) -> String) -> Plan {
    let names: Vec<String> = (0..groups.max(leaves)).map(name).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut case = Plan::new("app", node(&names[..groups], APP, 0));
    let group = node(&names[..leaves], "t:n/group@0.1.0", 0);
    for (index, import) in names[..groups].iter().enumerate() {
        let id = format!("group-{index}");
        case = case.component(&id, &group);
        case = case.bind_as("app", import, &id, "t:n/group@0.1.0");
        for (place, import) in names[..leaves].iter().enumerate() {
            let number = index * leaves + place;
            let leaf_id = format!("leaf-{number}");
            case = case.component(&leaf_id, leaf(number));
            case = case.bind_as(&id, import, &leaf_id, LEAF);
        }
    }
    case
}

/// Leaves that differ. Each is a component and a module, of which runtimes take a
/// thousand in all.
const KINDS: usize = 400;

fn kind(number: usize) -> String {
    leaf(LEAF, (number % KINDS) as u32)
}

/// The components that are embedded in an artifact, not counting those inside
/// of them.
fn embedded(artifact: &[u8]) -> usize {
    let mut depth = 0;
    let mut count = 0;
    for payload in wasmparser::Parser::new(0).parse_all(artifact) {
        match payload.unwrap() {
            wasmparser::Payload::ComponentSection { .. } => {
                count += usize::from(depth == 0);
                depth += 1;
            }
            wasmparser::Payload::ModuleSection { .. } => depth += 1,
            wasmparser::Payload::End(_) => depth -= 1,
            _ => {}
        }
    }
    count
}

#[test]
fn as_many_as_one_component_holds() {
    // The root, its providers, what is passed, what is exported: twice.
    for (providers, kinds) in [(450, 450), (498, 498), (499, 490)] {
        let names: Vec<String> = (0..providers).map(name).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut case = Plan::new("app", node(&names, APP, 0));
        for (number, import) in names.iter().enumerate() {
            let id = format!("leaf-{number}");
            case = case.component(&id, leaf(LEAF, (number % kinds) as u32));
            case = case.bind_as("app", import, &id, LEAF);
        }
        let emitted = case.emitted();
        // One more is two groups.
        if providers < 499 {
            assert_eq!(embedded(&emitted.bytes), 1 + providers);
        }
        let mut artifact = Artifact::new(&emitted.bytes).unwrap();
        let sum: usize = (0..providers).map(|number| number % kinds).sum();
        let answer = artifact.wave(&format!("{APP}#f"), &[]).unwrap();
        assert_eq!(answer, sum.to_string());
    }
}

#[test]
fn five_thousand_components() {
    // Neither the groups nor what is in them fits into one component.
    let case = tree(50, 99, kind);
    let mut artifact = Artifact::new(&case.artifact()).unwrap();
    let sum: usize = (0..50 * 99).map(|number| number % KINDS).sum();
    let answer = artifact.wave(&format!("{APP}#f"), &[]).unwrap();
    assert_eq!(answer, sum.to_string());
}

#[test]
fn groups_larger_than_one_component_holds() {
    let emitted = tree(4, 490, kind).emitted();
    let mut artifact = Artifact::new(&emitted.bytes).unwrap();
    let sum: usize = (0..4 * 490).map(|number| number % KINDS).sum();
    let answer = artifact.wave(&format!("{APP}#f"), &[]).unwrap();
    assert_eq!(answer, sum.to_string());
}

#[test]
fn twelve_hundred_components() {
    let emitted = tree(30, 39, kind).emitted();
    let mut artifact = Artifact::new(&emitted.bytes).unwrap();
    let sum: usize = (0..30 * 39).map(|number| number % KINDS).sum();
    let answer = artifact.wave(&format!("{APP}#f"), &[]).unwrap();
    assert_eq!(answer, sum.to_string());
}

#[test]
fn twelve_hundred_instances_of_one_component() {
    let emitted = tree(30, 40, |_| leaf(LEAF, 1)).emitted();
    let mut artifact = Artifact::new(&emitted.bytes).unwrap();
    let answer = artifact.wave(&format!("{APP}#f"), &[]).unwrap();
    assert_eq!(answer, "1200");
    // 1,231 instances of three components, each of which is there once.
    let leaf = wat::parse_str(leaf(LEAF, 1)).unwrap();
    let embedded = emitted.bytes.windows(leaf.len()).filter(|w| *w == leaf);
    assert_eq!(embedded.count(), 1);
}

#[test]
fn a_chain_of_twelve_hundred() {
    const LENGTH: usize = 1_200;
    let link = node(&["t:n/next@0.1.0"], "t:n/link@0.1.0", 1);
    let mut case = Plan::new("link-0", node(&["t:n/next@0.1.0"], APP, 1));
    for index in 1..=LENGTH {
        let id = format!("link-{index}");
        let last = leaf("t:n/link@0.1.0", 1);
        case = case.component(&id, if index < LENGTH { &link } else { &last });
        let consumer = format!("link-{}", index - 1);
        case = case.bind_as(&consumer, "t:n/next@0.1.0", &id, "t:n/link@0.1.0");
    }
    let emitted = case.emitted();
    let mut artifact = Artifact::new(&emitted.bytes).unwrap();
    let answer = artifact.wave(&format!("{APP}#f"), &[]).unwrap();
    assert_eq!(answer, (LENGTH + 1).to_string());
}

#[test]
fn twelve_hundred_consumers_of_the_host() {
    // The host's resource types cross groups, in two versions that are one.
    let pollable = |version: &str| {
        format!(
            r#"(component
               (import "wasi:io/poll@{version}" (instance $poll
                 (export "pollable" (type (sub resource)))))
               (alias export $poll "pollable" (type $pollable))
               (import "wasi:clocks/monotonic-clock@{version}" (instance $clock
                 (alias outer 1 $pollable (type $p))
                 (export "pollable" (type $q (eq $p)))
                 (export "subscribe-duration" (func (param "when" u64) (result (own $q))))))"#
        )
    };
    let kinds = ["0.2.0", "0.2.6"]
        .map(|version| leaf(LEAF, 1).replacen("(component", &pollable(version), 1));
    let emitted = tree(30, 40, |number| kinds[number % 2].clone()).emitted();
    let mut artifact = Artifact::new(&emitted.bytes).unwrap();
    let answer = artifact.wave(&format!("{APP}#f"), &[]).unwrap();
    assert_eq!(answer, "1200");
}

#[test]
fn types_of_an_interface_cross_groups() {
    // Every link uses `shape` alone, which is made of what nobody uses.
    const LENGTH: usize = 400;
    const TYPES: &str = r#"(import "t:n/types@0.1.0" (instance $types
            (type $p (record (field "x" u32))) (export "point" (type $point (eq $p)))
            (type $s (record (field "at" $point))) (export "shape" (type (eq $s)))))
        (alias export $types "shape" (type $shape))"#;
    let last = format!(
        r#"(component {TYPES}
            (core module $m (func (export "f") (param i32) (result i32) (local.get 0)))
            (core instance $m (instantiate $m))
            (func $f (param "s" $shape) (result u32) (canon lift (core func $m "f")))
            (instance $link (export "shape" (type $shape)) (export "f" (func $f)))
            (export "t:n/link@0.1.0" (instance $link)))"#
    );
    let next = r#"(import "t:n/next@0.1.0" (instance $next
            (alias outer 1 $shape (type $o))
            (export "shape" (type $s (eq $o)))
            (export "f" (func (param "s" $s) (result u32)))))
        (core func $next (canon lower (func $next "f")))"#;
    let link = format!(
        r#"(component {TYPES} {next}
            (core module $m
                (import "" "f" (func $next (param i32) (result i32)))
                (func (export "f") (param i32) (result i32)
                    (i32.add (i32.const 1) (call $next (local.get 0)))))
            (core instance $m (instantiate $m
                (with "" (instance (export "f" (func $next))))))
            (func $f (param "s" $shape) (result u32) (canon lift (core func $m "f")))
            (instance $link (export "shape" (type $shape)) (export "f" (func $f)))
            (export "t:n/link@0.1.0" (instance $link)))"#
    );
    let mut case = Plan::new("link-0", &link);
    for index in 1..=LENGTH {
        let (id, consumer) = (format!("link-{index}"), format!("link-{}", index - 1));
        case = case.component(&id, if index < LENGTH { &link } else { &last });
        case = case.bind_as(&consumer, "t:n/next@0.1.0", &id, "t:n/link@0.1.0");
    }
    let mut artifact = Artifact::new(&case.emitted().bytes).unwrap();
    let answer = artifact.wave("t:n/link@0.1.0#f", &["{at: {x: 5}}"]);
    assert_eq!(answer.unwrap(), (LENGTH + 5).to_string());
}
