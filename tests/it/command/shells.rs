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
    bash.args(["-c", script, "bash", "./script"]).args(words);
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

/// Runs a shell's script that offers the last of some words; none where there is no such
/// shell.
fn offered_by(folder: &Temp, shell: &str, args: &[&str]) -> Option<Vec<String>> {
    let script = good(folder, &["completions", shell]);
    folder.write("script", script);
    let mut command = Command::new(shell);
    match command.args(args).current_dir(folder.path()).output() {
        Ok(output) => {
            assert!(output.status.success(), "{shell} {output:?}");
            let text = String::from_utf8_lossy(&output.stdout);
            Some(text.lines().map(str::to_string).collect())
        }
        Err(error) => {
            assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
            None
        }
    }
}

#[test]
fn fish() {
    let folder = Temp::new();
    folder.write("vend.json", "");
    for (line, offered) in [
        ("composectl exec se", "serve\tServe HTTP"),
        (
            "composectl exec serve --acc",
            "--access-log\tLog every request",
        ),
        (
            "composectl --store x plan val",
            "validate\tCheck everything",
        ),
        ("composectl run ve", "vend.json"),
        ("composectl help exe", "exec\trun, invoke"),
        ("composectl help exec ru", "run\tRun the plan"),
        ("composectl completions z", "zsh"),
        ("composectl run --allo", "--allow\tGrant imports"),
    ] {
        let script = format!("source ./script; complete -C '{line}'");
        let args = ["--no-config", "-c", &script];
        let Some(found) = offered_by(&folder, "fish", &args) else {
            return;
        };
        let first = found.first().map_or("", String::as_str);
        assert_eq!(found.len(), 1, "{line} {found:?}");
        assert!(first.starts_with(offered), "{line} {found:?}");
    }
}

#[test]
fn zsh() {
    let folder = Temp::new();
    let script = r#"
        compdef() { }
        _files() { print FILES }
        _describe() { print -l -- ${(P)@[-1]} }
        source ./script
        words=("$@"); CURRENT=$#
        _composectl"#;
    for (words, offered) in [
        (
            &["composectl", "exec", ""][..],
            "serve:Serve HTTP with the plan’s artifact",
        ),
        (
            &["composectl", "exec", "serve", "--"],
            "--access-log:Log every request",
        ),
        (
            &["composectl", "--store", "x", "plan", ""],
            "validate:Check everything",
        ),
        (&["composectl", "plan", "validate", ""], "FILES"),
        (&["composectl", "exec", "serve", "--tls-cert", ""], "FILES"),
        (
            &["composectl", "help", "exec", ""],
            "run:Run the plan’s artifact",
        ),
        (&["composectl", "completions", ""], "zsh"),
        (&["composectl", "run", "--"], "--allow:Grant imports"),
    ] {
        let args = [&["-f", "-c", script, "zsh"][..], words].concat();
        let Some(found) = offered_by(&folder, "zsh", &args) else {
            return;
        };
        assert!(
            found.iter().any(|of| of.starts_with(offered)),
            "{words:?} {found:?}"
        );
    }
}

/// What renders manual pages says nothing of it, and it fits a terminal.
#[test]
fn a_manual_page_is_rendered() {
    let folder = Temp::new();
    folder.write("page.1", good(&folder, &["man"]));
    let mut groff = Command::new("groff");
    groff.args(["-man", "-Tutf8", "-ww", "-rLL=80n", "-P-cbou", "page.1"]);
    let output = match groff.current_dir(folder.path()).output() {
        Ok(output) => output,
        Err(error) => {
            assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
            return;
        }
    };
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let page = String::from_utf8_lossy(&output.stdout);
    for line in page.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    for part in [
        "exec serve",
        "'EXPORT(WAVE...)'",
        "~/.local/state/compositor",
    ] {
        assert!(page.contains(part), "{part}: {page}");
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
