//! Programs that tests run, and what came of them.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use conformance_runner::state_of;

use crate::distribution::{dist, root};

/// The variable that is set where tests that take Python have to do without:
/// they say that they are left out.
pub const WITHOUT_PYTHON: &str = "COMPOSITOR_WITHOUT_PYTHON";

/// What a program printed and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
    /// Its exit status; -1 when a signal ended it.
    pub status: i32,
}

impl Output {
    /// Its standard output, of a program that must have succeeded.
    ///
    /// # Panics
    ///
    /// When it failed.
    pub fn success(self) -> String {
        assert_eq!(
            self.status, 0,
            "exit status {}\n--- stdout\n{}--- stderr\n{}",
            self.status, self.stdout, self.stderr
        );
        self.stdout
    }
}

/// Runs a program to its end.
///
/// # Panics
///
/// When it cannot be started, or prints what is not UTF-8.
pub fn run(command: &mut Command) -> Output {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = |bytes| String::from_utf8(bytes).unwrap_or_else(|error| panic!("{error}"));
    Output {
        stdout: text(output.stdout),
        stderr: text(output.stderr),
        status: output.status.code().unwrap_or(-1),
    }
}

/// Runs `dist/composectl` in a folder, with no store chosen by the environment.
pub fn composectl<A: AsRef<OsStr>>(folder: &Path, args: impl IntoIterator<Item = A>) -> Output {
    run(composectl_in(folder).args(args))
}

/// `dist/composectl` in a folder, with no store chosen by the environment, and the
/// state of a user who knows that folder alone.
pub fn composectl_in(folder: &Path) -> Command {
    let mut command = Command::new(dist("composectl"));
    command
        .current_dir(folder)
        .env_remove("COMPOSE_STORE")
        .env("XDG_STATE_HOME", state_of(folder));
    command
}

/// Makes the audit log of [`composectl_in`] for these days a device that is always full.
///
/// # Panics
///
/// When it cannot.
#[cfg(unix)]
pub fn full_audit_log(folder: &Path) {
    let log = state_of(folder).join("compositor/audit");
    std::fs::create_dir_all(&log).expect("a folder");
    for day in ["yesterday", "today", "tomorrow"] {
        let date = run(Command::new("date").args(["-u", "-d", day, "+%F"])).success();
        let file = log.join(format!("{}.jsonl", date.trim()));
        std::os::unix::fs::symlink("/dev/full", file).expect("a link");
    }
}

/// The stock wasmtime CLI.
pub fn wasmtime_cli() -> Command {
    Command::new(dist("tools/wasmtime"))
}

/// Node, to run a command component with jco over the command's current
/// folder; the component and its arguments come next.
///
/// # Panics
///
/// When jco was not installed.
pub fn node() -> Command {
    let folder = root().join("tests/node");
    assert!(
        folder.join("node_modules").exists(),
        "jco was not installed in {}: run `cargo xtask test`",
        folder.display()
    );
    let mut command = Command::new("node");
    command.arg(folder.join("run.mjs"));
    command
}
