//! What commands print fits a terminal of 80 columns, and is the same in a pipe.

use std::path::Path;
use std::process::Command;

use compositor_tests::{Temp, composectl_in, root, run};
use serde_json::Value;

/// Columns of a terminal.
const COLUMNS: usize = 80;

/// The examples, and the compositor itself, whose names are longer.
fn plans() -> Vec<String> {
    let is_plan = |path: &Path| {
        let names = [path.join("plan.json"), path.to_path_buf()];
        let mut found = names.into_iter().filter(|path| path.is_file());
        found.find(|path| {
            let text = std::fs::read_to_string(path).unwrap_or_default();
            text.contains("\"version\": \"1\"")
        })
    };
    let entries = std::fs::read_dir(root().join("plans")).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let plans = paths.filter_map(|path| is_plan(&path));
    let relative = plans.map(|path| {
        let path = path.strip_prefix(root()).expect("it is in the checkout");
        path.to_str().expect("a path in UTF-8").to_string()
    });
    relative.collect()
}

/// A store and a state of their own, for commands that are run in the checkout.
struct Room(Temp);

impl Room {
    fn new() -> Self {
        Self(Temp::new())
    }

    fn path(&self, name: &str) -> String {
        let path = self.0.join(name);
        path.to_str().expect("a path in UTF-8").to_string()
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = composectl_in(root());
        command.args(args).args([
            "--store",
            &self.path("store"),
            "--state",
            &self.path("state"),
        ]);
        command
    }

    /// What a command prints, each line of which fits.
    fn said(&self, args: &[&str]) -> String {
        let said = run(&mut self.command(args)).success();
        for line in said.lines() {
            assert!(line.chars().count() <= COLUMNS, "{args:?}\n{line}");
            assert_eq!(line, line.trim_end(), "{args:?}");
        }
        said
    }
}

#[test]
fn of_every_example() {
    let plans = plans();
    assert!(plans.len() >= 11, "{plans:?}");
    let room = Room::new();
    let (out, locked) = (room.path("o.wasm"), room.path("l.json"));
    for plan in &plans {
        let info = room.said(&["plan", "info", plan]);
        assert!(info.contains("\nimports\n"), "{info}");
        for args in [
            &["plan", "validate", plan][..],
            &["plan", "lock", plan, "-o", &locked],
            &["plan", "digest", plan],
            &["emit", "build", plan, "-o", &out, "--target", "any"],
            &["plan", "info", &out],
            &[
                "emit", "build", plan, "--tag", "a-name", "--strip", "--target", "any",
            ],
            &["canon", "wit-id", &out],
            &["trust", "add", "--plan", plan],
        ] {
            room.said(args);
        }
        let listed = room.said(&["exec", "list", plan]);
        for export in listed.lines() {
            room.said(&["exec", "describe", plan, export]);
        }
    }
    let trusted = room.said(&["trust", "list"]);
    let digest = trusted.lines().next().expect("a digest");
    let blobs = room.said(&["blob", "list"]);
    assert!(blobs.lines().count() > 50, "{blobs}");
    for args in [
        &["blob", "verify"][..],
        &["blob", "gc", "plans/hello/plan.json", "--dry-run"],
        &["trust", "verify", digest],
        &["trust", "remove", digest],
        &["blob", "rm", digest],
        &["blob", "put", "dist/guests/hello-root.wasm"],
    ] {
        room.said(args);
    }
}

#[test]
fn of_files_without_a_plan() {
    let room = Room::new();
    let (root, folder) = ("dist/guests/hello-root.wasm", "dist/guests");
    let plan = room.path("p.json");
    let said = room.said(&["plan", "new", root, folder, "--wasi", "-o", &plan]);
    assert!(said.contains("found      "), "{said}");
    room.said(&["plug", root, folder, "-o", &room.path("o.wasm")]);
    let greeter = "dist/guests/hello-greeter.wasm";
    room.said(&["plan", "upgrade", &plan, "hello-greeter", greeter]);
    room.said(&["plan", "rename", &plan, "hello-greeter", "g"]);
    room.said(&["plan", "remove", &plan, "g"]);
    room.said(&["plan", "add", &plan, &format!("g={greeter}")]);
}

#[test]
fn of_help_and_usage() {
    let room = Room::new();
    let help = room.said(&["--help"]);
    let rows = help.lines().filter_map(|line| line.strip_prefix("  "));
    let names = rows.map(|row| row.split("  ").next().unwrap_or(row));
    let is_command = |name: &&str| name.starts_with(|c: char| c.is_ascii_lowercase());
    let names: Vec<&str> = names.filter(is_command).collect();
    assert!(names.len() >= 36, "{help}");
    for name in names {
        let words: Vec<&str> = name.split(' ').collect();
        room.said(&[&words[..], &["--help"]].concat());
        // Behind the finding, which is a line of its own.
        let output = run(&mut room.command(&[&words[..], &["--no-such-option"]].concat()));
        assert_eq!(output.status, 2, "{name}: {output:?}");
        let (_, usage) = output.stderr.split_once("\n\n").expect("the usage");
        for line in usage.lines() {
            assert!(line.chars().count() <= COLUMNS, "{name}\n{line}");
        }
    }
}

/// Nobody can ask how wide a terminal is, so it makes no difference. `script` makes one.
#[test]
fn the_same_on_a_terminal() {
    let room = Room::new();
    // Quiet, or a slow machine shows progress.
    let args = ["plan", "info", "plans/hello/plan.json", "-q"];
    let piped = room.said(&args);
    let command = room.command(&args);
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<&str> = words.map(|word| word.to_str().expect("UTF-8")).collect();
    let mut script = Command::new("script");
    script
        .args(["-q", "-e", "-c", &words.join(" "), "/dev/null"])
        .current_dir(root())
        .env("COLUMNS", "40");
    let shown = run(&mut script).success();
    assert_eq!(shown.replace("\r\n", "\n"), piped);
}

/// Programs have digests in full where people see enough to tell them apart.
#[test]
fn programs_have_what_tables_leave_out() {
    let room = Room::new();
    let path = room.path("l.json");
    let args = ["plan", "lock", "plans/hello/plan.json", "-o", &path];
    let shown = room.said(&args);
    let said = run(room.command(&args).args(["--format", "json"])).success();
    let said: Value = serde_json::from_str(&said).expect("an object");
    let locked = std::fs::read_to_string(&path).expect("a plan");
    let mut count = 0;
    for component in said["plan"]["components"].as_array().expect("a list") {
        let digest = component["digest"].as_str().expect("a digest");
        assert!(locked.contains(digest), "{locked}");
        assert!(shown.contains(super::fixture::short(digest)), "{shown}");
        assert!(!shown.contains(digest), "{shown}");
        count += 1;
    }
    assert_eq!(count, 3);
}
