//! What is made of resources that are denied is denied with them.

use compositor_tests::{Temp, Written as _, composectl};
use serde_json::{Value, json};

use super::fixture::{imports, outcomes, plan};
use super::reach::generous;
use super::wasi::caller;

const PREOPENS: &str = "wasi:filesystem/preopens@0.2.12";
const TYPES: &str = "wasi:filesystem/types@0.2.12";

#[test]
fn preopens_without_descriptors() {
    let guest = caller("0.2.12");
    let policy = json!({ "capabilities": [{ "name": "wasi:filesystem", "level": "optional" }] });
    let denies = json!({ "deny": ["wasi:filesystem/types"] });
    let made = plan(&guest.bytes).policy(policy).host(denies);

    let folder = made.written();
    let args = [
        "plan",
        "info",
        "plan.json",
        "--format",
        "json",
        "--policy",
        "policy.json",
    ];
    let said: Value =
        serde_json::from_str(&composectl(folder.path(), args).success()).expect("an object");
    let of = |name: &str| {
        let mut all = said["imports"].as_array().expect("a list").iter();
        let found = all.find(|import| import["name"] == name);
        found.unwrap_or_else(|| panic!("{name}: {said}"))
    };
    assert_eq!(of(TYPES)["decision"], "denied");
    assert_eq!(
        of(TYPES)["why"],
        "the host denies \"wasi:filesystem/types\""
    );
    assert_eq!(of(PREOPENS)["decision"], "denied");
    let why = of(PREOPENS)["why"].as_str().expect("a reason");
    assert_eq!(
        why,
        format!("it is made of resources of {TYPES:?}, which is denied")
    );

    let artifact = made.artifact();
    let (open, _) = imports(&artifact);
    assert!(!open.iter().any(|name| name.starts_with("wasi:filesystem")));
    let outcomes = outcomes(&guest, &artifact, generous(&Temp::new()));
    assert_eq!(
        outcomes[&format!("{PREOPENS}#get-directories")],
        "returns []"
    );
    let read = format!("{TYPES}#[method]descriptor.read");
    assert_eq!(outcomes[&read], "has no handle");
}

#[test]
fn descriptors_without_preopens() {
    let guest = caller("0.2.12");
    let policy =
        json!({ "capabilities": [{ "name": "wasi:filesystem/types", "level": "required" }] });
    let artifact = plan(&guest.bytes).policy(policy).artifact();
    let (open, _) = imports(&artifact);
    assert!(open.iter().any(|name| name == TYPES));
    assert!(!open.iter().any(|name| name == PREOPENS));
}
