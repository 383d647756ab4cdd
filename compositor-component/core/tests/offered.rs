//! What hosts give is bound to candidates that export it where somebody chose that, one by
//! one, or all.

use compositor_core::memory::MemoryStore;
use compositor_core::{Candidate, Created, GivenChoice, GivenImports, create};

const CLOCK: &str = "wasi:clocks/monotonic-clock@0.2.0";
const WALL: &str = "wasi:clocks/wall-clock@0.2.0";

/// A component that imports instances with `f`, and exports what it has itself.
fn candidate(store: &MemoryStore, id: &str, imports: &[&str], exports: &[&str]) -> Candidate {
    let mut text = String::from(
        "(component (core module $m (func (export \"f\"))) (core instance $m (instantiate $m))
           (func $f (canon lift (core func $m \"f\"))) (instance $i (export \"f\" (func $f)))",
    );
    for import in imports {
        text += &format!("(import {import:?} (instance (export \"f\" (func))))");
    }
    for export in exports {
        text += &format!("(export {export:?} (instance $i))");
    }
    Candidate {
        id: id.to_string(),
        digest: store.put(wat::parse_str(text + ")").expect("a component")),
        source: None,
    }
}

/// A plan of `app`, which needs a clock that `one` and `two` have; `two` needs another, which
/// `three` has, and a clock, which `one` has.
fn made(given: &GivenImports) -> Created {
    let store = MemoryStore::new();
    let root = candidate(&store, "app", &[CLOCK], &[]);
    let candidates = [
        candidate(&store, "one", &[], &[CLOCK]),
        candidate(&store, "two", &[WALL, CLOCK], &[CLOCK]),
        candidate(&store, "three", &[], &[WALL]),
    ];
    create(&root, &candidates, given, store.host()).expect("a plan")
}

fn chosen(choices: &[(&str, &str, &str)]) -> Created {
    let choice = |(consumer, import, provider): &(&str, &str, &str)| GivenChoice {
        consumer: (*consumer).to_string(),
        import_name: (*import).to_string(),
        provider: (*provider).to_string(),
    };
    made(&GivenImports::Chosen(choices.iter().map(choice).collect()))
}

/// Bindings, as consumer, import and provider.
fn bindings(created: &Created) -> Vec<(&str, &str, &str)> {
    let bindings = created.plan.bindings.iter();
    let mut bindings: Vec<_> = bindings
        .map(|of| {
            let consumer = of.consumer.as_deref().unwrap_or("app");
            (consumer, of.import_name.as_str(), of.provider.as_str())
        })
        .collect();
    bindings.sort_unstable();
    bindings
}

/// What is left to the host and offered, as consumer, import and candidates.
fn offered(created: &Created) -> Vec<(&str, &str, Vec<&str>)> {
    let offered = created.manifest.iter().filter(|of| !of.offered.is_empty());
    offered
        .map(|of| {
            let ids = of.offered.iter().map(String::as_str).collect();
            (of.consumer.as_str(), of.import_name.as_str(), ids)
        })
        .collect()
}

#[test]
fn what_is_chosen_is_bound_and_nothing_else() {
    let none = made(&GivenImports::default());
    assert_eq!(bindings(&none), []);
    assert_eq!(offered(&none), [("app", CLOCK, vec!["one", "two"])]);
    assert_eq!(none.plan.components.len(), 1);

    let one = chosen(&[("app", CLOCK, "one")]);
    assert_eq!(bindings(&one), [("app", CLOCK, "one")]);
    assert_eq!(offered(&one), []);
    assert_eq!(one.manifest[0].providers, ["one"]);

    // The second candidate, and what that is offered; it does not need itself.
    let two = chosen(&[("app", CLOCK, "two")]);
    assert_eq!(bindings(&two), [("app", CLOCK, "two")]);
    let further = [("two", CLOCK, vec!["one"]), ("two", WALL, vec!["three"])];
    assert_eq!(offered(&two), further);
    let three = chosen(&[("app", CLOCK, "two"), ("two", WALL, "three")]);
    let both = [("app", CLOCK, "two"), ("two", WALL, "three")];
    assert_eq!(bindings(&three), both);
    assert_eq!(offered(&three), further[..1]);
}

#[test]
fn what_nobody_offers_changes_nothing() {
    let none = made(&GivenImports::default());
    for choice in [
        ("app", CLOCK, "three"),
        ("app", WALL, "three"),
        ("two", WALL, "three"),
        ("app", CLOCK, "none"),
        ("two", CLOCK, "two"),
    ] {
        assert_eq!(chosen(&[choice]), none, "{choice:?}");
    }
}

#[test]
fn all_is_the_first_of_each() {
    let all = made(&GivenImports::All);
    assert_eq!(bindings(&all), [("app", CLOCK, "one")]);
    assert_eq!(offered(&all), []);
    assert_eq!(all.manifest[0].providers, ["one", "two"]);
}
