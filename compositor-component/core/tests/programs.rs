//! The programs of a `runtime` plan: what many components and many rules take
//! together.

use std::time::{Duration, Instant};

use compositor_core::exec::run;
use compositor_core::memory::MemoryStore;
use compositor_core::{Code, Limits, Options, host_policy};
use serde_json::{Value, json};

/// How many components, and how many rules: ten million of both.
const MANY: usize = 3000;

/// What it takes to make a run of components that nobody can call, with so many rules
/// of the host, each for one of them.
fn prepared(rules: usize) -> Duration {
    let store = MemoryStore::new();
    let digest = store.put(wat::parse_str("(component)").expect("sound WAT"));
    store.trust(digest);
    let component = |at: usize| json!({ "id": format!("c{at}"), "digest": digest.to_string() });
    let plan = json!({
        "version": "1", "root": "c0", "linkage": "runtime",
        "components": (0..MANY).map(component).collect::<Value>(),
    });
    let rule =
        |at: usize| json!({ "name": format!("a:b/i{at}"), "components": [format!("c{at}")] });
    let policy = json!({ "allow": (0..rules).map(rule).collect::<Value>() });
    let policy = host_policy::parse(policy.to_string().as_bytes(), &Limits::default());
    let options = Options {
        policy: policy.expect("a policy"),
        ..Options::default()
    };
    let started = Instant::now();
    let errors = run(plan.to_string().as_bytes(), &options, store.host()).expect_err("no runner");
    let took = started.elapsed();
    // All of it was composed: what is missing is who runs it.
    assert_eq!(errors[0].code, Code::NotImplemented, "{:?}", errors[0]);
    took
}

#[test]
fn rules_are_not_times_components() {
    let (few, many) = (prepared(1), prepared(MANY));
    let most = 4 * few + Duration::from_secs(1);
    assert!(many < most, "{many:?} with many rules, {few:?} with one");
}
