//! Rust sources, and words that belong in no file.

use super::files::{File, all, ending};

/// More needs a reason in the module's first lines.
const LINES: usize = 400;

fn refuse(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

/// Lines with their numbers, up to the unit tests.
fn shipped(file: &File) -> impl Iterator<Item = (usize, &str)> {
    let lines = file.text.lines().enumerate();
    let is_test = file.path.starts_with("tests/");
    lines.take_while(move |(_, line)| !is_test && line.trim() != "#[cfg(test)]")
}

#[test]
fn every_module_says_what_it_is() {
    let files = ending(".rs");
    let silent = files.iter().filter(|file| !file.text.starts_with("//! "));
    refuse(
        &silent
            .map(|file| format!("{}: no `//!` line", file.path))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn files_are_short_or_say_why_not() {
    let mut long = Vec::new();
    for file in ending(".rs") {
        let lines = file.text.lines().count();
        let mut head = file.text.lines().take_while(|line| line.starts_with("//!"));
        if lines > LINES && !head.any(|line| line.contains("One file because")) {
            long.push(format!(
                "{}: {lines} lines; split it, or let its first lines say `One file because …`",
                file.path
            ));
        }
    }
    refuse(&long);
}

#[test]
fn no_unwrap_without_a_reason() {
    let mut found = Vec::new();
    for file in ending(".rs") {
        let mut before = "";
        for (index, line) in shipped(&file) {
            let has_reason = before.trim_start().starts_with("//") || line.contains(" // ");
            if line.contains(".unwrap()") && !has_reason {
                found.push(format!("{}:{}: {}", file.path, index + 1, line.trim()));
            }
            before = line;
        }
    }
    refuse(&found);
}

/// Things left for later, and things of one machine. They are put together
/// here, as this file would be found otherwise.
#[test]
fn no_leftovers() {
    let words = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("dbg", "!("),
        concat!("todo", "!("),
        concat!("unimplemented", "!("),
    ];
    let mut found = Vec::new();
    for file in ending(".rs")
        .into_iter()
        .chain(ending(".wit"))
        .chain(ending(".md"))
    {
        for (index, line) in file.text.lines().enumerate() {
            if let Some(word) = words.iter().find(|word| line.contains(**word)) {
                found.push(format!("{}:{}: {word}", file.path, index + 1));
            }
        }
    }
    refuse(&found);
}

#[test]
fn nothing_of_one_machine() {
    let words = [
        concat!("/ro", "ot/"),
        concat!("/wo", "rk/"),
        concat!("registry.", "npmjs"),
        concat!("index.", "crates.io"),
        concat!("static.", "crates.io"),
        concat!("npmjs", ".org"),
    ];
    let mut found = Vec::new();
    for file in all() {
        for (index, line) in file.text.lines().enumerate() {
            if let Some(word) = words.iter().find(|word| line.contains(**word)) {
                found.push(format!("{}:{}: {word}", file.path, index + 1));
            }
        }
    }
    refuse(&found);
}
