//! `blob gc`, and what `blob list` says of blobs.

use std::process::Command;

use compositor_tests::{Temp, run};

use super::fixture::{
    APP, PROVIDER, bad, blobs, component, digest, folder, good, json, listed, short,
};

/// A store with the plan, its artifact, and an artifact and a component of before.
fn used() -> (Temp, [String; 3]) {
    let folder = folder();
    good(&folder, &["plan", "lock", "plan.json"]);
    let old = good(&folder, &["plan.json"]).trim().to_string();
    let eight = component(&PROVIDER.replace("i32.const 7", "i32.const 8"));
    folder.write("lib/numbers.wasm", &eight);
    good(&folder, &["plan", "lock", "plan.json", "--update"]);
    let new = good(&folder, &["plan.json"]).trim().to_string();
    (folder, [old, new, digest(eight)])
}

#[test]
fn what_plans_and_trust_reach_stays() {
    let (folder, [old, new, eight]) = used();
    let (app, seven) = (digest(component(APP)), digest(component(PROVIDER)));
    let before = blobs(&folder);
    let said = json(&folder, 0, &["blob", "gc", "plan.json", "--dry-run"]);
    let mut removed = vec![old.clone(), seven.clone()];
    removed.sort();
    assert_eq!(said["removed"], serde_json::json!(removed));
    assert_eq!(said["kept"], 3);
    assert_eq!(blobs(&folder), before);

    // Trust keeps what it names, and of an artifact what it was made of.
    good(&folder, &["trust", "add", &old]);
    let said = good(&folder, &["blob", "gc", "plan.json"]);
    assert_eq!(said, "removed 0 blobs of 0 bytes; 5 blobs left\n");
    good(&folder, &["trust", "remove", &old]);
    let said = good(&folder, &["blob", "gc", "plan.json"]);
    let line = format!("removed {}  ", short(&old));
    assert!(said.contains(&line), "{said}");
    assert!(said.contains("removed 2 blobs of "), "{said}");
    let mut left = vec![app, new, eight];
    left.sort();
    assert_eq!(blobs(&folder), left);
    good(&folder, &["plan.json", "--locked"]);
    // What was removed is made again.
    good(&folder, &["blob", "verify"]);
}

#[test]
fn what_was_used_of_late_stays() {
    let (folder, [old, ..]) = used();
    let said = good(&folder, &["blob", "gc", "--recent", "7"]);
    assert!(said.contains("removed 0 blobs"), "{said}");
    let path = folder.join(format!(".compose/blobs/sha256/{}", &old["sha256:".len()..]));
    run(Command::new("touch")
        .args(["-d", "2001-02-03 12:00"])
        .arg(&path))
    .success();
    let list = good(&folder, &["blob", "list"]);
    let line = listed(&list, &old);
    assert!(line.ends_with("  artifact   2001-02-03  `app`"), "{list}");
    let line = listed(&list, &digest(component(PROVIDER)));
    assert!(line.ends_with("  `numbers`"), "{list}");
    let said = good(&folder, &["blob", "gc", "--recent", "7"]);
    assert!(said.contains("removed 1 blob of"), "{said}");
    assert!(said.contains(short(&old)), "{said}");
}

#[test]
fn nothing_is_removed_by_mistake() {
    let (folder, _) = used();
    let before = blobs(&folder);
    let said = bad(&folder, 2, &["blob", "gc"]);
    assert!(said.contains("needs the plans"), "{said}");
    bad(&folder, 2, &["blob", "gc", "--recent", "-1"]);
    bad(&folder, 2, &["blob", "gc", "--recent=soon"]);
    // A plan that cannot be read is none that needs nothing.
    bad(&folder, 1, &["blob", "gc", "none.json"]);
    folder.write("broken.json", "{");
    bad(&folder, 1, &["blob", "gc", "plan.json", "broken.json"]);
    assert_eq!(blobs(&folder), before);
}
