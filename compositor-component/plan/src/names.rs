//! Names of imports and exports, and of the rules that are about them: what two
//! names are compared by, everywhere.
//!
//! Names are compared by their canonical names, which end in the semver track
//! of a version (`a:b/c@1`, `a:b/c@0.2`): `a:b/c@1.2.3`, `a:b/c@1` with the
//! version suffix `.2.3`, and the partial version `a:b/c@1.2` are of one track.
//! A prerelease and a version `0.0.x` are a track of their own, as component
//! runtimes and the canonical names of the component model have it. Build
//! metadata says nothing.

use std::collections::HashMap;

/// A package, an interface or a label, and the track of its version.
pub type Name<'a> = (&'a str, Option<&'a str>);

/// What an import is known by, to rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportName<'a> {
    /// Its name in its component.
    pub name: &'a str,
    /// The interface that it is or implements, with its full version.
    pub interface: &'a str,
}

impl<'a> ImportName<'a> {
    /// An interface by its own name.
    pub fn plain(name: &'a str) -> Self {
        let interface = name;
        Self { name, interface }
    }
}

/// The interface that a guest resolves and calls other programs of its plan with.
pub const LINKER: &str = "compose:dynlink/linker";

/// What audited components say their calls to.
pub const AUDIT: &str = "sys:compose/audit@1.0.0";

/// Whether an import is the policy's business and not a binding's, by the
/// interface that it is or implements.
pub fn is_host_import(interface: &str) -> bool {
    interface.starts_with("wasi:") || covers(LINKER, interface)
}

/// Whether a name that was found is the one that is wanted, or on its track.
pub fn matches(wanted: &str, found: &str) -> bool {
    split(wanted) == split(found)
}

/// Whether a rule of a name holds for an import: a package, an interface, or
/// one of the two with a version, which stands for its track.
pub fn covers(name: &str, import: &str) -> bool {
    let named = split(name);
    covering(import).any(|(of, _)| of == named)
}

/// The names that cover an import, each with how precise it is: the interface
/// before its package, and what has a version before what has none.
pub fn covering(import: &str) -> impl Iterator<Item = (Name<'_>, u8)> {
    let (interface, track) = split(import);
    let package = interface.split('/').next().unwrap_or(interface);
    let names = [
        (interface, track),
        (interface, None),
        (package, track),
        (package, None),
    ];
    // An import of no version has each name twice, which changes nothing.
    names.into_iter().map(|(name, track)| {
        let precise = 1 + u8::from(track.is_some()) + 2 * u8::from(name.contains('/'));
        ((name, track), precise)
    })
}

/// A name without its version, and the track of that. A version that has no
/// track, which no valid component's name has, stands for itself.
pub fn split(name: &str) -> Name<'_> {
    match name.split_once('@') {
        Some((name, version)) => (name, Some(track(version).unwrap_or(version))),
        None => (name, None),
    }
}

/// The semver track of a version, complete or partial: `1` of `1.2.3` and `1.2`,
/// `0.2` of `0.2.3`; of a prerelease and of `0.0.3` the version without its
/// build metadata. None for what is no version, or is partial and has more than
/// one track, such as `0`.
pub fn track(version: &str) -> Option<&str> {
    let release = version.split('+').next()?;
    let (text, prerelease) = match release.split_once('-') {
        Some((text, prerelease)) => (text, Some(prerelease)),
        None => (release, None),
    };
    let (numbers, count) = numbers(text)?;
    let is_complete = count == 3;
    if !is_complete && (prerelease.is_some() || release.len() < version.len()) {
        return None;
    }
    let digits = |value: u64| value.to_string().len();
    match numbers {
        _ if prerelease.is_some() => Some(release),
        [0, 0, _] => is_complete.then_some(release),
        [0, minor, _] => version.get(..2 + digits(minor)),
        [major, ..] => version.get(..digits(major)),
    }
}

/// The numbers of a version of up to three, and how many there are.
fn numbers(text: &str) -> Option<([u64; 3], usize)> {
    let mut numbers = [0; 3];
    let mut count = 0;
    for part in text.split('.') {
        let is_number = part.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number || (part.len() > 1 && part.starts_with('0')) {
            return None;
        }
        *numbers.get_mut(count)? = part.parse().ok()?;
        count += 1;
    }
    Some((numbers, count))
}

/// What orders the names of one track, the highest version last; of equal
/// versions the greatest name.
pub fn rank(name: &str) -> ([u64; 3], &str) {
    let version = name.split_once('@').map_or("", |(_, version)| version);
    let release = version.split(['-', '+']).next().unwrap_or_default();
    let numbers = numbers(release).map_or([0; 3], |(numbers, _)| numbers);
    (numbers, name)
}

/// The name of an interface with its full version: `a:b/c@1.2.3` for `a:b/c@1`
/// with the suffix `.2.3`.
pub fn full(name: &str, suffix: Option<&str>) -> String {
    [name, suffix.unwrap_or_default()].concat()
}

/// Finds names, exactly or by their semver track.
#[derive(Clone, Debug, Default)]
pub struct NameIndex {
    exact: HashMap<String, usize>,
    /// The same by their full versions, where these are other names.
    full: HashMap<String, usize>,
    /// The highest version of each track, with its full version and its name; of
    /// equal versions the greatest name.
    tracks: HashMap<(String, String), (String, String, usize)>,
}

impl NameIndex {
    /// Of names, each with its full version, by their position.
    pub fn new<'a>(names: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut index = Self::default();
        for (position, (name, full)) in names.enumerate() {
            index.exact.insert(name.to_string(), position);
            // What is its own full name is found by that before these are asked.
            if full != name {
                index.full.entry(full.to_string()).or_insert(position);
            }
            let (base, Some(track)) = split(name) else {
                continue;
            };
            let key = (base.to_string(), track.to_string());
            let best = index.tracks.get(&key);
            if best.is_none_or(|(best, of, _)| (rank(full), name) > (rank(best), of)) {
                let entry = (full.to_string(), name.to_string(), position);
                index.tracks.insert(key, entry);
            }
        }
        index
    }

    /// The position of a name.
    pub fn exact(&self, name: &str) -> Option<usize> {
        self.exact.get(name).copied()
    }

    /// The position of a name, else of the one that has it with its full
    /// version, else of the highest that is semver-compatible.
    pub fn compatible(&self, name: &str) -> Option<usize> {
        let exact = self.exact(name).or_else(|| self.full.get(name).copied());
        exact.or_else(|| {
            let (base, track) = split(name);
            let key = (base.to_string(), track?.to_string());
            self.tracks.get(&key).map(|(.., position)| *position)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tracks() {
        for (version, expected) in [
            ("1.2.3", "1"),
            ("10.2.3", "10"),
            ("1.2", "1"),
            ("1", "1"),
            ("0.2.3", "0.2"),
            ("0.2", "0.2"),
            ("0.2.3+x-y", "0.2"),
            ("0.0.1", "0.0.1"),
            ("0.0.1+b", "0.0.1"),
            ("1.0.0-rc.1", "1.0.0-rc.1"),
            ("1.0.0-rc.1+b-c", "1.0.0-rc.1"),
        ] {
            assert_eq!(track(version), Some(expected), "{version}");
        }
        for none in [
            "",
            "x",
            "0",
            "0.0",
            "01.0.0",
            "1.2.3.4",
            "1-rc",
            "1+b",
            "1..2",
            "+1",
            "99999999999999999999.0.0",
        ] {
            assert_eq!(track(none), None, "{none}");
        }
    }

    #[test]
    fn what_matches() {
        let same = |a: &str, b: &str| {
            assert_eq!(matches(a, b), matches(b, a), "{a} {b}");
            matches(a, b)
        };
        assert!(same("a:b/c@1.2.3", "a:b/c@1"));
        assert!(same("a:b/c@1.2.3", "a:b/c@1.9.0+x"));
        assert!(same("a:b/c@0.0.1", "a:b/c@0.0.1+x"));
        assert!(same("a:b/c@1.0.0-rc.1", "a:b/c@1.0.0-rc.1+x"));
        assert!(same("a:b/c", "a:b/c"));
        assert!(!same("a:b/c", "a:b/c@1.0.0"));
        assert!(!same("a:b/c@1.0.0-rc.1", "a:b/c@1.0.0"));
        assert!(!same("a:b/c@1.0.0-rc.1", "a:b/c@1.0.0-rc.2"));
        assert!(!same("a:b/c@0.2.0", "a:b/c@0.3.0"));
        assert!(!same("a:b/c@1", "a:b/c@10.0.0"));
        assert!(!same("a:b/c@0.0.1", "a:b/c@0.0.2"));
        assert!(!same("a:b/c@1.0.0", "a:b/d@1.0.0"));
    }

    #[test]
    fn what_covers() {
        for (rule, import) in [
            ("a:b", "a:b/c@1.2.3"),
            ("a:b@1.9.0", "a:b/c@1.2.3"),
            ("a:b/c@1", "a:b/c@1.2.3"),
            ("a:b/c@1.2.3", "a:b/c@1"),
            ("a:b@0.2", "a:b/c@0.2.6"),
            ("a:b@0.3.0-rc-2025-09-16", "a:b/c@0.3.0-rc-2025-09-16"),
            ("clock", "clock"),
        ] {
            assert!(covers(rule, import), "{rule} {import}");
        }
        for (rule, import) in [
            ("", "a:b/c"),
            ("*", "a:b/c"),
            ("a:b@1", "a:b/c"),
            ("a:b@2", "a:b/c@1.2.3"),
            ("a:b/c@0.3.0", "a:b/c@0.3.0-rc-2025-09-16"),
            ("a:b/c@0.3.0-rc-2025-09-16", "a:b/c@0.3.0"),
            ("a:b/c", "a:b/cd"),
            ("a:b", "a:bc/d"),
            ("a:b@", "a:b/c"),
            ("a", "a:b/c"),
        ] {
            assert!(!covers(rule, import), "{rule} {import}");
        }
    }

    #[test]
    fn exact_wins_then_the_highest_of_the_track() {
        let names = [
            ("a:b/c@0.2.1", "a:b/c@0.2.1"),
            ("a:b/c@0.2", "a:b/c@0.2.10"),
            ("a:b/c@0.2.9", "a:b/c@0.2.9"),
            ("a:b/c@0.3.0", "a:b/c@0.3.0"),
        ];
        // Whatever the order.
        for turn in 0..names.len() {
            let mut names = names;
            names.rotate_left(turn);
            let index = NameIndex::new(names.into_iter());
            let find = |name| index.compatible(name).map(|position| names[position].1);
            assert_eq!(find("a:b/c@0.2.1"), Some("a:b/c@0.2.1"));
            assert_eq!(find("a:b/c@0.2.0"), Some("a:b/c@0.2.10"));
            assert_eq!(find("a:b/c@0.2.10"), Some("a:b/c@0.2.10"));
            assert_eq!(find("a:b/c@0.2"), Some("a:b/c@0.2.10"));
            assert_eq!(find("a:b/c@0.3"), Some("a:b/c@0.3.0"));
            assert_eq!(find("a:b/c@0.4.0"), None);
            assert_eq!(index.exact("a:b/c@0.2.10"), None);
        }
        // One version under two names.
        for names in [["a:b/c@1", "a:b/c@1.0.0"], ["a:b/c@1.0.0", "a:b/c@1"]] {
            let index = NameIndex::new(names.into_iter().map(|name| (name, "a:b/c@1.0.0")));
            let found = index.compatible("a:b/c@1.2.0");
            assert_eq!(found.map(|position| names[position]), Some("a:b/c@1.0.0"));
        }
        // One of two that differ in build metadata.
        for names in [
            ["a:b/c@1.0.0+x", "a:b/c@1.0.0+y"],
            ["a:b/c@1.0.0+y", "a:b/c@1.0.0+x"],
        ] {
            let index = NameIndex::new(names.into_iter().map(|name| (name, name)));
            let found = index.compatible("a:b/c@1.0.0");
            assert_eq!(found.map(|position| names[position]), Some("a:b/c@1.0.0+y"));
        }
    }

    #[test]
    fn hosts() {
        assert!(is_host_import("wasi:cli/run@0.2.0"));
        assert!(is_host_import("compose:dynlink/linker@0.1.0"));
        assert!(is_host_import("compose:dynlink/linker@0.1"));
        assert!(!is_host_import("compose:dynlink/endpoint@0.1.0"));
        assert!(!is_host_import("wasi-nn"));
    }
}
