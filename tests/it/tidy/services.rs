//! The tests that need what is not ours are those that `cargo xtask test services`
//! runs.

use std::collections::BTreeSet;

use super::files::{ending, text};

/// What is called to have a program of somebody else's, or a server.
const CALLS: [&str; 5] = [
    concat!("wasmtime_cli", "()"),
    concat!(" node", "()"),
    concat!("Command::new(\"", "python3\")"),
    concat!("Command::new(\"", "node\")"),
    concat!("[\"exec\", ", "\"serve\"])"),
];

/// The modules that `cargo xtask test services` names.
fn named() -> BTreeSet<String> {
    let source = text("xtask/src/test.rs");
    let list = source.split("const SERVICES: ").nth(1).expect("the list");
    let list = list.split("];").next().expect("its end");
    let names = list.split('"').skip(1).step_by(2);
    names
        .map(|name| name.trim_end_matches("::").to_string())
        .collect()
}

/// The modules of the end-to-end tests whose sources have one of some texts.
fn having(texts: &[&str]) -> BTreeSet<String> {
    let files = ending(".rs").into_iter();
    let having = files.filter_map(|file| {
        let module = file.path.strip_prefix("tests/it/")?.strip_suffix(".rs")?;
        let has = texts.iter().any(|text| file.text.contains(text));
        has.then(|| module.replace('/', "::"))
    });
    having.collect()
}

#[test]
fn services_are_all_that_need_what_is_not_ours() {
    let named = named();
    let having = having(&CALLS);
    let is_in = |module: &str, of: &str| {
        let rest = module.strip_prefix(of);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    };
    for module in &having {
        let known = named.iter().any(|of| is_in(module, of));
        assert!(known, "`cargo xtask test services` lacks {module}");
    }
    for of in &named {
        let needs = having.iter().any(|module| is_in(module, of));
        // What the README's first screen runs is text.
        assert!(needs || of == "tidy::documents", "{of} needs nothing");
    }
}
