//! Each limit of `limits.rs`: what is at it is taken, one past it is an error
//! that has a code and names the limit. Those that an embedder sets hold as it
//! sets them. `texts` has those of what is read, `components` those of what is
//! composed, `sizes` those in bytes of what is walked and kept of them.

mod components;
mod sizes;
mod texts;

use std::collections::BTreeSet;

use compositor_core::memory::MemoryStore;
use compositor_core::plan::parse;
use compositor_core::{Code, Diagnostic, HostPolicy, LimitError, Limits, validate};
use serde_json::{Value, json};

const DIGEST: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

fn plan() -> Value {
    json!({ "version": "1", "root": "a", "components": [{ "id": "a", "digest": DIGEST }] })
}

/// Composes one component by itself.
fn alone(bytes: &[u8], limits: &Limits) -> Vec<Diagnostic> {
    several(bytes, 1, limits)
}

/// Composes a component several times.
fn several(bytes: &[u8], count: usize, limits: &Limits) -> Vec<Diagnostic> {
    let store = MemoryStore::new().with_limits(limits.clone());
    let digest = store.put(bytes.to_vec()).to_string();
    let component = |index: usize| json!({ "id": format!("c{index}"), "digest": digest });
    let components: Vec<Value> = (0..count).map(component).collect();
    let plan = json!({ "version": "1", "root": "c0", "components": components });
    let plan = plan.to_string();
    validate(plan.as_bytes(), &HostPolicy::default(), store.host())
        .map_or_else(|errors| errors, |_| Vec::new())
}

fn wat(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("sound WAT")
}

/// Whether the limit is what is complained of.
fn names(error: &Diagnostic, limit: &str) -> bool {
    let shown = format!(
        "{} {}",
        error.message,
        error.expected.as_deref().unwrap_or("")
    );
    shown.contains(&format!("limit `{limit}`"))
}

/// An input that has so much of what is limited is taken at the limit, and
/// refused by one that is lower by one; `complains` says of what.
#[track_caller]
fn holds(limit: &str, code: Code, size: usize, complains: impl Fn(&Limits) -> Vec<Diagnostic>) {
    for (value, is_taken) in [(size, true), (size + 1, true), (size - 1, false)] {
        let limits = Limits::with([(limit, value as u64)]);
        let limits = limits.unwrap_or_else(|error| panic!("{error}"));
        let errors = complains(&limits);
        let error = errors.iter().find(|error| names(error, limit));
        assert_eq!(error.is_none(), is_taken, "{limit} {value}: {errors:?}");
        if let Some(error) = error {
            assert_eq!(error.code, code, "{error:?}");
            assert!(!error.help.is_empty(), "{error:?}");
        }
    }
}

fn default(limit: impl Fn(Limits) -> usize) -> usize {
    limit(Limits::default())
}

#[test]
fn every_limit_has_a_test() {
    let sources = [
        include_str!("components.rs"),
        include_str!("sizes.rs"),
        include_str!("texts.rs"),
    ];
    let source: String = sources.concat().split_whitespace().collect();
    for name in Limits::names() {
        let has_test = source.contains(&format!("holds({name:?}"));
        assert!(has_test, "{name} has no test");
    }
}

#[test]
fn names_are_those_of_the_fields() {
    let names = Limits::names();
    let all: BTreeSet<&String> = names.iter().collect();
    assert_eq!(all.len(), names.len());
    for name in &names {
        assert_eq!(Limits::with([(name.as_str(), 1)]).map(drop), Ok(()));
    }
    let unknown = Limits::with([("plan_byte", 1)]).expect_err("there is none");
    assert!(matches!(unknown, LimitError::Unknown { .. }), "{unknown}");
    assert!(unknown.to_string().contains("plan-bytes"), "{unknown}");
}

#[test]
fn what_recurses_has_a_ceiling() {
    for (name, most) in [
        ("nesting", 100),
        ("component-nesting", 200),
        ("plan-bytes", 1 << 30),
    ] {
        assert_eq!(Limits::with([(name, most)]).map(drop), Ok(()));
        let error = Limits::with([(name, most + 1)]).expect_err("too high");
        assert!(error.to_string().contains(name), "{error}");
    }
    let highest = Limits::HIGHEST;
    let nested = format!(
        "{}{}",
        "[".repeat(highest.nesting),
        "]".repeat(highest.nesting)
    );
    let errors = parse(nested.as_bytes(), &highest).expect_err("not a plan");
    assert!(
        errors[0].message.contains("the plan is not valid"),
        "{errors:?}"
    );
    let complaints = alone(&components::nested(highest.component_nesting), &highest);
    assert_eq!(complaints, []);
}
