//! README and CHANGELOG: what they say is so.

use std::process::Command;

use compositor_tests::{Temp, dist, root, run, state_of};

use super::files::text;

/// A command of the README and the lines that it shows to be printed.
#[derive(Debug)]
struct Shown {
    command: String,
    prints: Vec<String>,
}

/// The commands on the first screen, which ends at the first heading after the
/// title: lines after `$ ` in fenced blocks, with what they print beneath.
fn commands() -> Vec<Shown> {
    let readme = text("README.md");
    let first = readme.split("\n## ").next().unwrap_or_default();
    let mut commands: Vec<Shown> = Vec::new();
    for block in first.split("```").skip(1).step_by(2) {
        let mut here = false;
        for line in block.lines().skip(1) {
            match (line.strip_prefix("$ "), commands.last_mut()) {
                (Some(command), _) => {
                    let command = command.to_string();
                    let prints = Vec::new();
                    commands.push(Shown { command, prints });
                    here = true;
                }
                (None, Some(last)) if here => last.prints.push(line.to_string()),
                (None, _) => {}
            }
        }
    }
    commands
}

/// Whether the lines were printed in this order; `…` stands for what differs.
fn prints(shown: &[String], printed: &str) -> bool {
    let mut lines = printed.lines();
    let wanted = shown.iter().map(|line| line.trim_end());
    let mut wanted = wanted.filter(|line| !line.is_empty());
    wanted.all(|line| {
        let (start, end) = line.split_once('…').unwrap_or((line, ""));
        let exact = !line.contains('…');
        lines.any(|printed| match exact {
            true => printed.trim_end() == line,
            false => printed.starts_with(start) && printed.trim_end().ends_with(end),
        })
    })
}

#[test]
fn the_first_screen_of_the_readme_is_true() {
    let commands = commands();
    let names: Vec<&str> = commands.iter().map(|shown| &*shown.command).collect();
    assert_eq!(names.first(), Some(&"cargo xtask demo"));
    assert!(names.contains(&"cargo xtask test"), "{names:?}");

    // What is not of cargo works in any folder that has plans/ and dist/.
    let temp = Temp::new();
    let copy = format!(
        "cp -R '{0}/plans' . && mkdir dist && cp -R '{0}'/dist/*.wasm '{0}'/dist/guests '{0}'/dist/composectl dist",
        root().display()
    );
    run(Command::new("sh")
        .args(["-c", &copy])
        .current_dir(temp.path()))
    .success();
    let tools = dist("tools/wasmtime");
    let tools = tools.parent().expect("it is in a folder").display();
    let path = format!("{tools}:{}", std::env::var("PATH").unwrap_or_default());
    for shown in commands {
        if shown.command == "cargo xtask test" {
            // That is what runs this.
            continue;
        }
        let folder = match shown.command.starts_with("cargo xtask ") {
            true => root(),
            false => temp.path(),
        };
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &shown.command])
            .current_dir(folder)
            .env("XDG_STATE_HOME", state_of(temp.path()))
            .env("PATH", &path);
        let printed = run(&mut shell).success();
        assert!(
            prints(&shown.prints, &printed),
            "`{}` shows\n{}\nand prints\n{printed}",
            shown.command,
            shown.prints.join("\n")
        );
    }
}

#[test]
fn the_changelog_has_this_version() {
    let heading = format!("\n## {}", env!("CARGO_PKG_VERSION"));
    assert!(
        text("CHANGELOG.md").contains(&heading),
        "CHANGELOG.md lacks `{}`",
        heading.trim()
    );
}
