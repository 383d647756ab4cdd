//! Versions of one interface without end, and such that are nearly known.

use serde_json::json;

use super::row::{Folder, bounded, plan_of};

/// Ten thousand versions of one track, none of which fits another.
#[test]
fn incompatible() {
    let import = |at: usize| {
        format!("(import \"a:a/a@0.2.{at}\" (instance (export \"f\" (func (param \"x{at}\" u8)))))")
    };
    let imports = |count: usize| (0..count).map(import).collect::<String>();
    let text = format!("(component {})", imports(800));
    let folder = Folder::new();
    let digest = folder.put(&wat::parse_str(text).expect("WAT"));
    let mut plan: serde_json::Value = serde_json::from_str(&plan_of(&digest)).expect("a plan");
    let names: Vec<String> = (0..800).map(|at| format!("a:a/a@0.2.{at}")).collect();
    plan["imports"] = json!(names);
    folder.0.write("plan.json", plan.to_string());
    let output = bounded(
        "versions that fit",
        folder.run(&["plan", "validate", "plan.json"]),
    );
    assert_eq!(output.status, 0, "{output:?}");

    let text = format!("(component {})", imports(10_000));
    let digest = folder.put(&wat::parse_str(text).expect("WAT"));
    let mut plan: serde_json::Value = serde_json::from_str(&plan_of(&digest)).expect("a plan");
    let names: Vec<String> = (0..10_000).map(|at| format!("a:a/a@0.2.{at}")).collect();
    plan["imports"] = json!(names);
    folder.0.write("plan.json", plan.to_string());
    super::row::held("versions", folder.run(&["plan", "validate", "plan.json"]));
    folder.refused("versions", "Emit.CompositionFailed");
}
