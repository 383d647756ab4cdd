//! What a file holds, by how it begins and by its name: for who gives one of another kind
//! than what is asked for.

use crate::bindings::sys::compose::emit::{self, Inspection};
use crate::{paths, shell};

/// How much of a file tells.
pub const START: u64 = 64 << 10;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What a plan was composed into.
    Artifact,
    /// Another component.
    Component,
    /// A WIT package in binary.
    BinaryWit,
    /// A core module.
    CoreModule,
    /// WebAssembly that is neither.
    OtherWasm,
    /// A program of a processor, or code that was compiled for one.
    Native,
    /// An archive, or something else that is compressed.
    Archive,
    /// WIT as text.
    Wit,
    /// WebAssembly as text.
    Wat,
    /// A composition in the language of wac.
    Wac,
    /// A manifest of spin.
    Spin,
    /// TOML, which is no manifest of spin.
    Toml,
    /// YAML.
    Yaml,
    /// An object of JSON, as plans are.
    Json,
    /// Something else.
    Other,
}

impl Kind {
    /// The kind of a file of a name that begins so.
    pub fn of(name: &str, start: &[u8]) -> Self {
        match start {
            [0, b'a', b's', b'm', 13, 0, 1, 0, ..] if is_artifact(start) => return Self::Artifact,
            [0, b'a', b's', b'm', 13, 0, 1, 0, ..] if is_wit(start) => return Self::BinaryWit,
            [0, b'a', b's', b'm', 13, 0, 1, 0, ..] => return Self::Component,
            [0, b'a', b's', b'm', 1, 0, 0, 0, ..] => return Self::CoreModule,
            [0, b'a', b's', b'm', ..] => return Self::OtherWasm,
            [0x7f, b'E', b'L', b'F', ..] => return Self::Native,
            [0x1f, 0x8b, ..] | [b'P', b'K', 3, 4, ..] | [0x28, 0xb5, 0x2f, 0xfd, ..] => {
                return Self::Archive;
            }
            _ => {}
        }
        let text = String::from_utf8_lossy(start);
        let begins = text.trim_start();
        let has_name = |ending: &str| name.ends_with(ending);
        let is_wat = begins.starts_with("(component") || begins.starts_with("(module");
        match () {
            // Whatever is in it, and whatever it is called.
            () if begins.starts_with('{') => Self::Json,
            () if has_name(".wac") => Self::Wac,
            () if has_name(".wit") => Self::Wit,
            () if has_name(".wat") || is_wat => Self::Wat,
            () if text.contains("spin_manifest_version") => Self::Spin,
            () if has_name(".toml") => Self::Toml,
            () if has_name(".yaml") || has_name(".yml") => Self::Yaml,
            () if begins.starts_with("package ") => Self::Wit,
            () => Self::Other,
        }
    }

    /// What is said of it.
    pub fn what(self) -> &'static str {
        match self {
            Self::Artifact => "an artifact",
            Self::Component => "a component",
            Self::BinaryWit => "a WIT package",
            Self::CoreModule => "a core module",
            Self::OtherWasm => "WebAssembly of another version",
            Self::Native => "a native or precompiled file",
            Self::Archive => "an archive",
            Self::Wit => "WIT",
            Self::Wat => "WebAssembly as text",
            Self::Wac => "a composition of wac",
            Self::Spin => "a manifest of spin",
            Self::Toml => "TOML",
            Self::Yaml => "YAML",
            Self::Json => "JSON, as plans are",
            Self::Other => "something other than WebAssembly",
        }
    }

    /// Whether it may be read as a plan: who does that says better what is wrong.
    pub fn may_be_plan(self) -> bool {
        matches!(self, Self::Json | Self::Other)
    }

    /// What to do with it where a plan is asked for.
    pub fn instead_of_plan(self, path: &str) -> String {
        let path = operand(path);
        match self {
            Self::Artifact => format!(
                "`exec run {path}` runs it, and `plan info {path}` says what it was made of"
            ),
            Self::Component => {
                let name = paths::name(&path);
                let plan = name.strip_suffix(".wasm").unwrap_or(name);
                format!(
                    "`exec run {path}` runs it without a plan; `plan new {path} -o {plan}.json` \
                     writes one for it"
                )
            }
            Self::Wac | Self::Spin => format!("`plan import {path}` makes a plan of it"),
            Self::BinaryWit | Self::Wit => {
                format!("name a plan; `canon wit-id {path}` prints the ids of what it has")
            }
            _ => self.made_component(&path).unwrap_or_else(|| {
                "a plan is JSON or canonical CBOR; `plan new ROOT.wasm FILE…` writes one"
                    .to_string()
            }),
        }
    }

    /// What to do with it where a component is asked for.
    pub fn instead_of_component(self, path: &str) -> String {
        let path = operand(path);
        match self {
            Self::Json => format!("`emit build {path} -o OUT` makes a component of a plan"),
            Self::Wac | Self::Spin => format!("`plan import {path}` makes a plan of it"),
            Self::BinaryWit | Self::Wit => {
                "name a component that has what it says: it is types alone".to_string()
            }
            _ => self
                .made_component(&path)
                .unwrap_or_else(|| "name a file that is a valid WebAssembly component".to_string()),
        }
    }

    /// How a component is made of it, by another tool.
    fn made_component(self, path: &str) -> Option<String> {
        match self {
            Self::CoreModule => Some(format!(
                "`wasm-tools component new {path} -o OUT` makes a component of it"
            )),
            Self::Wat => Some(format!("`wasm-tools parse {path} -o OUT` makes it binary")),
            _ => None,
        }
    }
}

/// A path as an operand of a command.
fn operand(path: &str) -> String {
    match path {
        "<stdin>" => "-".to_string(),
        path => shell::word(path),
    }
}

fn is_artifact(start: &[u8]) -> bool {
    matches!(emit::inspect(start), Inspection::Found(_))
}

/// Whether a component has types alone, as far as all of it is there.
fn is_wit(component: &[u8]) -> bool {
    const CUSTOM: u8 = 0;
    const TYPE: u8 = 7;
    const EXPORT: u8 = 11;
    let mut rest = component.get(8..).unwrap_or_default();
    let mut has_types = false;
    while let Some((id, after)) = rest.split_first() {
        let Some((size, length)) = leb(after) else {
            return false;
        };
        has_types |= *id == TYPE;
        let Some(next) = after.get(length..).and_then(|of| of.get(size..)) else {
            return false;
        };
        if ![CUSTOM, TYPE, EXPORT].contains(id) {
            return false;
        }
        rest = next;
    }
    has_types
}

/// An unsigned number in LEB128 of at most five bytes, and how many it takes.
fn leb(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0;
    for (index, byte) in bytes.iter().take(5).enumerate() {
        value |= usize::from(byte & 0x7f).checked_shl(7 * index as u32)?;
        if byte & 0x80 == 0 {
            return Some((value, index + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_by_how_they_begin_and_by_name() {
        for (name, start, kind) in [
            ("a.wac", "package a:b;", Kind::Wac),
            ("a.wit", "", Kind::Wit),
            ("<stdin>", "package a:b;", Kind::Wit),
            ("x", "\n(module)", Kind::Wat),
            ("spin.toml", "spin_manifest_version = 2", Kind::Spin),
            ("a.toml", "x = 1", Kind::Toml),
            ("plan.json", " {", Kind::Json),
            (
                "a.toml",
                "{ \"description\": \"spin_manifest_version\" }",
                Kind::Json,
            ),
            ("plan", "[]", Kind::Other),
            ("a.gz", "\u{1f}\u{8b}", Kind::Other),
        ] {
            assert_eq!(Kind::of(name, start.as_bytes()), kind, "{name}");
        }
        assert_eq!(Kind::of("", &[0x1f, 0x8b]), Kind::Archive);
        assert_eq!(Kind::of("", b"\0asm\x01\0\0\0"), Kind::CoreModule);
        assert_eq!(Kind::of("", b"\0as"), Kind::Other);
    }

    #[test]
    fn types_alone() {
        let header = b"\0asm\x0d\0\x01\0";
        let with = |rest: &[u8]| [&header[..], rest].concat();
        assert!(is_wit(&with(&[7, 2, 0, 0, 11, 1, 0])));
        for other in [
            &[][..],
            &[7, 2, 0],
            &[7, 1, 0, 10, 1, 0],
            &[0, 1, 0],
            &[7, 0x80],
            &[7, 0xff, 0xff, 0xff, 0xff, 0xff],
        ] {
            assert!(!is_wit(&with(other)), "{other:?}");
        }
    }
}
