//! Soaks: what is tried some hundred times in a run of all tests, tried for as long
//! as one likes.

use std::process::Command;

use anyhow::{Result, bail};

use crate::shell::{cargo, run, say};
use crate::{build, dist};

/// The variable that says how many inputs a test makes.
const COUNT: &str = "COMPOSITOR_SOAK";

/// How many times as many as in a run of all tests, when nothing else is said.
const TIMES: u64 = 100;

/// A test that makes as many inputs as are asked for.
struct Soak {
    /// What it is called here.
    name: &'static str,
    /// How many there are in a run of all tests.
    count: u64,
    place: Place,
}

/// Where a test is.
enum Place {
    /// A property of `tests/properties`, on its corpus and on what is made of it.
    Replay,
    /// A test of a package, as a program of its own: the package and the program.
    Of(&'static str, &'static str),
    /// An end-to-end test, by its name.
    EndToEnd(&'static str),
}

const SOAKS: [Soak; 14] = [
    replay("plan_json", 4000),
    replay("plan_cbor", 8000),
    replay("canonical_cbor", 20_000),
    replay("skeleton", 200),
    replay("compose", 25),
    replay("grants", 300),
    replay("names", 1000),
    replay("store", 200),
    replay("cache", 300),
    replay("worlds", 300),
    Soak {
        name: "world_types",
        count: 600,
        place: Place::Of("test-properties", "world_types"),
    },
    Soak {
        name: "strip",
        count: 200,
        place: Place::Of("test-properties", "strip"),
    },
    Soak {
        name: "meaning",
        count: 200,
        place: Place::Of("compositor-core", "meaning"),
    },
    Soak {
        name: "serve",
        count: 400,
        place: Place::EndToEnd("serve::patterns::"),
    },
];

const fn replay(name: &'static str, count: u64) -> Soak {
    let place = Place::Replay;
    Soak { name, count, place }
}

/// Runs all soaks, or one, with so many inputs each.
pub fn soak(args: &[&str]) -> Result<()> {
    let (name, rest) = match args {
        [name, rest @ ..] if !name.starts_with("--") => (Some(*name), rest),
        rest => (None, rest),
    };
    let count: Option<u64> = match rest {
        [] => None,
        ["--count", count] => Some(count.parse()?),
        _ => bail!("usage: cargo xtask soak [NAME] [--count N]"),
    };
    let wanted = SOAKS
        .iter()
        .filter(|soak| name.is_none_or(|name| name == soak.name));
    let wanted: Vec<&Soak> = wanted.collect();
    if wanted.is_empty() {
        let names: Vec<&str> = SOAKS.iter().map(|soak| soak.name).collect();
        bail!("there is no such soak; there are {}", names.join(", "));
    }
    for soak in wanted {
        let count = count.unwrap_or(soak.count * TIMES);
        say(&format!("soak {}, {count} inputs", soak.name));
        run(command(soak)?.env(COUNT, count.to_string()))?;
    }
    Ok(())
}

fn command(soak: &Soak) -> Result<Command> {
    let of = |package: &str, program: &str| {
        cargo(["test", "--release", "--package", package, "--test", program])
    };
    let mut command = match soak.place {
        Place::Replay => of("test-properties", "replay"),
        Place::Of(package, program) => of(package, program),
        Place::EndToEnd(_) => {
            dist::distribute()?;
            build::guests()?;
            dist::native("test")
        }
    };
    command.args(["--", "--nocapture"]);
    match soak.place {
        Place::Replay => command.args(["--exact", soak.name]),
        Place::Of(..) => &mut command,
        Place::EndToEnd(name) => command.arg(name),
    };
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzz::TARGETS;
    use crate::paths::root;

    fn source(path: &str) -> String {
        let path = root().join(path);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// A name that no test has would run none, and succeed.
    #[test]
    fn every_soak_is_a_test_that_counts() {
        let replayed = source("tests/properties/tests/replay.rs");
        let of_replay = |soak: &&Soak| matches!(soak.place, Place::Replay);
        for soak in SOAKS.iter().filter(of_replay) {
            assert!(
                replayed.contains(&format!("fn {}()", soak.name)),
                "{}",
                soak.name
            );
        }
        let mut names: Vec<&str> = SOAKS
            .iter()
            .filter(of_replay)
            .map(|soak| soak.name)
            .collect();
        names.sort_unstable();
        let mut targets = TARGETS;
        targets.sort_unstable();
        assert_eq!(names, targets);
        for path in [
            "tests/properties/tests/replay.rs",
            "tests/properties/src/many.rs",
            "compositor-component/core/tests/meaning.rs",
            "tests/it/serve/patterns.rs",
        ] {
            assert!(source(path).contains(&format!("\"{COUNT}\"")), "{path}");
        }
        for name in ["world_types", "strip"] {
            let test = source(&format!("tests/properties/tests/{name}.rs"));
            assert!(test.contains("many("), "{name}");
        }
    }

    #[test]
    fn wrong_arguments_are_refused() {
        for args in [
            &["absent"][..],
            &["--count"],
            &["names", "--count", "many"],
            &["names", "--seconds", "1"],
        ] {
            assert!(soak(args).is_err(), "{args:?}");
        }
    }
}
