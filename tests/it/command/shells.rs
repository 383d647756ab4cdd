//! What shells and `man` make of the scripts and the page that are made of the table of
//! commands.

use std::process::Command;

use compositor_tests::{Temp, run};

use super::fixture::good;

/// What bash offers for the last of some words.
fn offered(folder: &Temp, words: &[&str]) -> Vec<String> {
    let script = r#"
        source "$1"; shift
        COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
        _composectl
        printf '%s\n' "${COMPREPLY[@]}""#;
    let mut bash = Command::new("bash");
    bash.args(["-c", script, "bash", "script"]).args(words);
    let printed = run(bash.current_dir(folder.path())).success();
    printed.lines().map(str::to_string).collect()
}

#[test]
fn bash() {
    let folder = Temp::new();
    let script = good(&folder, &["completions", "bash"]);
    folder.write("script", script);
    folder.write("vend.json", "");
    assert_eq!(offered(&folder, &["composectl", "exe"]), ["exec"]);
    assert_eq!(offered(&folder, &["composectl", "ve"]), ["vend.json"]);
    assert_eq!(offered(&folder, &["composectl", "exec", "se"]), ["serve"]);
    let store = ["composectl", "--store", "plan", "plan", "val"];
    assert_eq!(offered(&folder, &store), ["validate"]);
    let option = ["composectl", "exec", "serve", "--acc"];
    assert_eq!(offered(&folder, &option), ["--access-log"]);
    assert_eq!(
        offered(&folder, &["composectl", "plan", "validate", "v"]),
        ["vend.json"]
    );
    assert_eq!(
        offered(&folder, &["composectl", "blob", "put", "--acc"]),
        [""]
    );
    let shells = offered(&folder, &["composectl", "completions", ""]);
    assert_eq!(shells, ["bash", "zsh", "fish"]);
    assert_eq!(
        offered(&folder, &["composectl", "help", "exec", "ru"]),
        ["run"]
    );
}

/// The other shells read their scripts, where there are these shells.
#[test]
fn zsh_and_fish() {
    let folder = Temp::new();
    for (shell, option) in [("zsh", "-n"), ("fish", "--no-execute")] {
        let script = good(&folder, &["completions", shell]);
        folder.write("script", script);
        let mut command = Command::new(shell);
        command.args([option, "script"]).current_dir(folder.path());
        match command.output() {
            Ok(output) => assert!(output.status.success(), "{shell} {output:?}"),
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::NotFound),
        }
    }
}

#[test]
fn a_manual_page() {
    let folder = Temp::new();
    let page = good(&folder, &["man"]);
    assert!(page.starts_with(".TH COMPOSECTL 1 "), "{page}");
    for part in [
        ".SS exec serve\n",
        ".B \\-\\-access\\-log\n",
        ".SH EXIT STATUS\n",
        "\n.B 134\n",
    ] {
        assert!(page.contains(part), "{part}");
    }
}
