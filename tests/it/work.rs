//! How much the core does for fixed inputs, counted in fuel: the same on every
//! machine, so that what makes it do more shows, and what makes it do less is
//! kept. A count may be off by 5% either way; then it is to be blessed, with
//! its cause in the diff.

use std::fmt::Write as _;
use std::sync::Arc;

use compositor_tests::wat::{leaf, node};
use compositor_tests::{CoreComponent, Shelf, dist, nearly_golden, read};
use serde_json::json;

const COUNTS: &str = "tests/it/work.txt";

/// A root over so many providers, each with so many functions.
fn emission(core: &CoreComponent, providers: usize, functions: usize) -> u64 {
    let mut shelf = Shelf::default();
    let mut put = |text: &str| {
        shelf
            .put(wat::parse_str(text).expect("sound WAT"))
            .to_string()
    };
    let names: Vec<String> = (0..providers).map(|n| format!("t:n/n{n}@0.1.0")).collect();
    let imports: Vec<&str> = names.iter().map(String::as_str).collect();
    let app = put(&node(&imports, "t:n/app@0.1.0", 0));
    let mut components = vec![json!({ "id": "app", "digest": app })];
    let mut bindings = Vec::new();
    for (number, name) in names.iter().enumerate() {
        let id = format!("provider-{number}");
        let mut module = String::from("(core module ");
        for function in 0..functions {
            let _ = write!(
                module,
                r#"(func (export "{function}") (param i32) (result i32)
                    (i32.add (local.get 0) (i32.const {function})))"#
            );
        }
        module.push(')');
        let text = leaf(name, number as u32).replacen(
            "(core module",
            &format!("{module} (core module"),
            1,
        );
        components.push(json!({ "id": id, "digest": put(&text) }));
        bindings.push(json!({ "import_name": name, "provider_id": id, "export_name": name }));
    }
    let plan = json!({
        "version": "1", "root": "app", "components": components, "bindings": bindings,
    });
    core.emit(plan.to_string().as_bytes(), &Arc::new(shelf))
        .fuel
}

#[test]
fn the_core_does_as_much_as_before() {
    let core = CoreComponent::new(&read(dist("compositor-core.wasm")), true);
    let found = [
        ("100 small components", emission(&core, 100, 0)),
        (
            "2 components of 4,000 exported functions",
            emission(&core, 2, 4_000),
        ),
    ];
    nearly_golden(
        COUNTS,
        0.05,
        &found.map(|(name, count)| (name.to_string(), count)),
    );
}
