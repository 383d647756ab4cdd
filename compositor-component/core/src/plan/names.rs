//! Names of imports and exports: which are the host's, which are compatible.

use std::collections::HashMap;

/// Whether an import is the policy's business and not a binding's.
pub fn is_host_import(name: &str) -> bool {
    name.starts_with("wasi:") || name.split('@').next() == Some("compose:dynlink/linker")
}

/// The semver track of a versioned name (`a:b/c@1`, `a:b/c@0.2`) and the
/// version, as component runtimes match them; none for names that are
/// compatible with themselves alone.
pub fn alternate(name: &str) -> Option<(&str, [u64; 3])> {
    let (base, text) = name.split_once('@')?;
    let release = text.split('+').next()?;
    if release.contains('-') {
        return None;
    }
    let mut numbers = [0; 3];
    let mut parts = release.split('.');
    for number in &mut numbers {
        *number = parts.next()?.parse().ok()?;
    }
    if parts.next().is_some() {
        return None;
    }
    let digits = |value: u64| value.to_string().len();
    let track = match numbers {
        [0, 0, _] => return None,
        [0, minor, _] => base.len() + 1 + 2 + digits(minor),
        [major, ..] => base.len() + 1 + digits(major),
    };
    Some((name.get(..track)?, numbers))
}

/// Finds names, exactly or by their semver track.
#[derive(Clone, Debug, Default)]
pub struct NameIndex {
    exact: HashMap<String, usize>,
    /// The highest version of each track; of equal versions the greatest name.
    tracks: HashMap<String, ([u64; 3], String, usize)>,
}

impl NameIndex {
    /// Of names, by their position.
    pub fn new<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let mut index = Self::default();
        for (position, name) in names.enumerate() {
            index.exact.insert(name.to_string(), position);
            let Some((track, version)) = alternate(name) else {
                continue;
            };
            let best = index.tracks.get(track);
            if best.is_none_or(|best| (version, name) > (best.0, best.1.as_str())) {
                let entry = (version, name.to_string(), position);
                index.tracks.insert(track.to_string(), entry);
            }
        }
        index
    }

    /// The position of a name.
    pub fn exact(&self, name: &str) -> Option<usize> {
        self.exact.get(name).copied()
    }

    /// The position of a name, else of the highest that is semver-compatible.
    pub fn compatible(&self, name: &str) -> Option<usize> {
        self.exact(name).or_else(|| {
            let (track, _) = alternate(name)?;
            self.tracks.get(track).map(|(.., position)| *position)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tracks() {
        assert_eq!(alternate("a:b/c@1.2.3"), Some(("a:b/c@1", [1, 2, 3])));
        assert_eq!(alternate("a:b/c@0.2.3"), Some(("a:b/c@0.2", [0, 2, 3])));
        assert_eq!(alternate("a:b/c@0.2.3+x-y"), Some(("a:b/c@0.2", [0, 2, 3])));
        for none in [
            "a:b/c",
            "a:b/c@0.0.1",
            "a:b/c@1.0.0-rc.1",
            "a:b/c@1",
            "x",
            "a@1.2.3.4",
        ] {
            assert_eq!(alternate(none), None, "{none}");
        }
    }

    #[test]
    fn exact_wins_then_the_highest_of_the_track() {
        let names = ["a:b/c@0.2.1", "a:b/c@0.2.9", "a:b/c@0.3.0"];
        let index = NameIndex::new(names.into_iter());
        let find = |name| index.compatible(name).map(|position| names[position]);
        assert_eq!(find("a:b/c@0.2.1"), Some("a:b/c@0.2.1"));
        assert_eq!(find("a:b/c@0.2.0"), Some("a:b/c@0.2.9"));
        assert_eq!(find("a:b/c@0.4.0"), None);
        // Whatever the order, one of two that differ in build metadata.
        for names in [
            ["a:b/c@1.0.0+x", "a:b/c@1.0.0+y"],
            ["a:b/c@1.0.0+y", "a:b/c@1.0.0+x"],
        ] {
            let found = NameIndex::new(names.into_iter()).compatible("a:b/c@1.0.0");
            assert_eq!(found.map(|position| names[position]), Some("a:b/c@1.0.0+y"));
        }
    }

    #[test]
    fn hosts() {
        assert!(is_host_import("wasi:cli/run@0.2.0"));
        assert!(is_host_import("compose:dynlink/linker@0.1.0"));
        assert!(!is_host_import("compose:dynlink/endpoint@0.1.0"));
        assert!(!is_host_import("wasi-nn"));
    }
}
