//! Names of imports and exports: which are the host's, which are compatible.

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

/// The exact name among some, else the highest that is semver-compatible.
pub fn semver_match<'a>(name: &str, among: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let track = alternate(name).map(|(track, _)| track);
    let mut best: Option<(&str, [u64; 3])> = None;
    for candidate in among {
        if candidate == name {
            return Some(candidate);
        }
        if let (Some(track), Some((other, version))) = (track, alternate(candidate))
            && track == other
            && best.is_none_or(|best| (version, candidate) > (best.1, best.0))
        {
            best = Some((candidate, version));
        }
    }
    best.map(|(candidate, _)| candidate)
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
        let find = |name| semver_match(name, names.iter().copied());
        assert_eq!(find("a:b/c@0.2.1"), Some("a:b/c@0.2.1"));
        assert_eq!(find("a:b/c@0.2.0"), Some("a:b/c@0.2.9"));
        assert_eq!(find("a:b/c@0.4.0"), None);
        // Whatever the order, one of two that differ in build metadata.
        let builds = ["a:b/c@1.0.0+x", "a:b/c@1.0.0+y"];
        let rest = builds.into_iter().rev();
        assert_eq!(semver_match("a:b/c@1.0.0", rest), Some(builds[1]));
        assert_eq!(
            semver_match("a:b/c@1.0.0", builds.into_iter()),
            Some(builds[1])
        );
    }

    #[test]
    fn hosts() {
        assert!(is_host_import("wasi:cli/run@0.2.0"));
        assert!(is_host_import("compose:dynlink/linker@0.1.0"));
        assert!(!is_host_import("compose:dynlink/endpoint@0.1.0"));
        assert!(!is_host_import("wasi-nn"));
    }
}
