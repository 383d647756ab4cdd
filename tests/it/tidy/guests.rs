//! Guest programs: every one is there for a test.

use super::files::{ending, text};

/// The names of the targets of a kind in a manifest.
fn targets(manifest: &str, kind: &str) -> Vec<String> {
    let text = text(manifest);
    let tables = text.split("\n[[").filter(|table| table.starts_with(kind));
    let name = |table: &str| {
        let line = table.lines().find_map(|line| line.strip_prefix("name = "));
        line.map(|name| name.trim_matches('"').to_string())
    };
    let names: Vec<String> = tables.filter_map(name).collect();
    assert!(!names.is_empty(), "{manifest} has no {kind}");
    names
}

#[test]
fn every_guest_has_a_test() {
    let mut users = ending(".rs");
    users.retain(|file| file.path.starts_with("tests/it/"));
    users.extend(
        ending(".json")
            .into_iter()
            .filter(|file| file.path.starts_with("plans/")),
    );
    let mut guests = targets("tests/components/Cargo.toml", "example");
    guests.extend(targets("tests/components-std/Cargo.toml", "bin"));
    for guest in guests {
        let names = [format!("\"{guest}\""), format!("/{guest}.wasm\"")];
        let used = |text: &str| names.iter().any(|name| text.contains(name));
        assert!(
            users.iter().any(|file| used(&file.text)),
            "the guest `{guest}` is in no plan and no test"
        );
    }
}
