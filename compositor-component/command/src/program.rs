//! What this program is called, as its user knows it.

use std::sync::OnceLock;

/// The first words of its commands.
pub const WORDS: [&str; 12] = [
    "blob",
    "canon",
    "completions",
    "emit",
    "exec",
    "help",
    "man",
    "plan",
    "plug",
    "run",
    "serve",
    "trust",
];

static NAME: OnceLock<String> = OnceLock::new();

/// What it is called where nobody says so.
const COMPOSITOR: &str = "compositor";

/// Takes the name from the first argument, which is a path as a rule: `composectl`, or
/// the component's file.
pub fn called(argument: Option<&String>) {
    let name = argument.map_or("", |argument| file_name(argument));
    let name = if is_plain(name) { name } else { COMPOSITOR };
    // A program has one first argument.
    let _ = NAME.set(name.to_string());
}

/// What it is called.
pub fn name() -> &'static str {
    NAME.get().map_or(COMPOSITOR, String::as_str)
}

fn file_name(path: &str) -> &str {
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    [".wasm", ".exe"]
        .iter()
        .find_map(|extension| name.strip_suffix(extension))
        .unwrap_or(name)
}

/// Whether it is a word that stands for itself in a shell.
fn is_plain(name: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.+".contains(&byte);
    !name.is_empty() && name.len() <= 64 && name.bytes().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(file_name("/usr/bin/composectl"), "composectl");
        assert_eq!(file_name("dist/compositor.wasm"), "compositor");
        assert_eq!(file_name("C:\\composectl.exe"), "composectl");
        assert!(is_plain("composectl-0.1"));
        for other in ["", "a b", "a\u{1b}[2J", "ü"] {
            assert!(!is_plain(other), "{other}");
        }
    }
}
