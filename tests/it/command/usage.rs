//! Help, and command lines that are wrong: status 2, with a suggestion.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::process::Command;

use compositor_tests::{Embedding, Temp, composectl, dist, read, run};

use super::fixture::{bad, good, json};

#[test]
fn every_command_has_help() {
    let folder = Temp::new();
    let help = good(&folder, &["--help"]);
    let rows = help.lines().skip_while(|line| *line != "Commands:");
    let rows = rows.skip(1).take_while(|line| !line.is_empty());
    // What goes on below a row is further in; a name is followed by two spaces or a line's end.
    let rows = rows.filter_map(|line| line.strip_prefix("  "));
    let names = rows.map(|row| row.split("  ").next().unwrap_or(row));
    // The plan alone is a command, too, and some words only print something.
    let is_command = |name: &&str| {
        name.starts_with(|c: char| c.is_ascii_lowercase())
            && !["help", "completions", "man"].contains(name)
    };
    let commands: Vec<&str> = names.filter(is_command).collect();
    assert!(commands.len() >= 33, "{help}");
    for command in commands {
        let mut words: Vec<&str> = command.split(' ').collect();
        let group = good(&folder, &["-h", words[0]]);
        assert!(group.contains(command), "{group}");
        words.push("--help");
        let own = good(&folder, &words);
        assert!(
            own.contains(&format!("Usage: composectl {command}")),
            "{own}"
        );
        assert!(own.contains("--store DIR"), "{own}");
    }
    assert!(good(&folder, &["--version"]).contains(env!("CARGO_PKG_VERSION")));
    assert!(json(&folder, 0, &["--help"])["help"].is_string());
}

#[test]
fn wrong_command_lines() {
    let folder = Temp::new();
    for (args, says) in [
        (&[][..], "nothing to do"),
        (
            &["plna", "lock", "x"],
            "did you mean `composectl plan lock x`?",
        ),
        (
            &["validate", "x"],
            "there is no command `validate`, and no such plan",
        ),
        (
            &["validate", "x"],
            "did you mean `composectl plan validate x`?",
        ),
        (&["frobnicate"], "`composectl help` lists the commands"),
        (&["completions", "tcsh"], "not bash, zsh or fish"),
        (
            &["completions"],
            "Usage: composectl completions bash|zsh|fish",
        ),
        (&["man", "x"], "`x` is one argument too many"),
        (&["help", "frobnicate"], "there is no command `frobnicate`"),
        (
            &["exec", "serve", "a", "--addr", "b:1", "--health", "x"],
            "/healthz",
        ),
        (&["plan"], "`plan` needs a command"),
        (
            &["plan", "valdiate", "x"],
            "did you mean `composectl plan validate x`?",
        ),
        (&["plan", "lock"], "needs PLAN"),
        (
            &["plan", "lock", "a", "b"],
            "`b` is an id, which `--update`",
        ),
        (
            &["plan", "lock", "--ouput", "x"],
            "did you mean `--output`?",
        ),
        (
            &["plan", "lock", "a", "--addr", "x"],
            "has no option `--addr`",
        ),
        (&["plan", "lock", "a", "-o"], "`-o` needs a value"),
        (
            &["plan", "lock", "a", "-o", "b", "-o", "c"],
            "`--output` was given twice",
        ),
        (&["plan", "lock", "-x"], "there is no option `-x`"),
        (&["plan", "convert", "a", "--to", "yaml"], "`--to yaml`"),
        (&["--format", "xml", "blob", "list"], "use `text` or `json`"),
        (&["emit", "build", "a"], "needs `-o OUT`"),
        (&["exec", "run", "a", "b"], "come after `--`"),
        (&["exec", "run", "a", "--env", "b"], "NAME=VALUE"),
        (&["exec", "run", "a", "--dir", "::x"], "HOST[::GUEST][:ro]"),
        (&["exec", "serve", "a"], "--addr HOST:PORT"),
        (
            &["plan", "info", "a", "--allow", "http"],
            "`--allow http` is not `--allow NAME`; \"http\" must be a package such as wasi:http",
        ),
        (
            &["exec", "run", "a", "--allow", ""],
            "is not `--allow NAME`",
        ),
        (
            &["a.json", "--deny", "wasi:random=stub"],
            "`--deny wasi:random=stub` is not `--deny NAME[=MODE]`; \"stub\" must be \"trap\" or",
        ),
        (
            &["-", "--policy", "-"],
            "stdin is the plan or the policy, not both",
        ),
        (
            &["exec", "serve", "a", "--addr", "b", "--reuse"],
            "has no option `--reuse`",
        ),
        (
            &["plan", "lock", "a", "--deny", "*"],
            "has no option `--deny`",
        ),
    ] {
        let said = bad(&folder, 2, args);
        assert!(said.contains(says), "{args:?}\n{said}");
        assert!(said.contains("--help"), "{args:?}\n{said}");
        let said = json(&folder, 2, args);
        assert_eq!(said["errors"][0]["code"], "InvalidInput");
        let help = said["errors"][0]["help"].as_str();
        assert!(
            help.is_some_and(|help| help.contains("--help") || args.is_empty()),
            "{said}"
        );
    }
}

#[test]
fn options_go_anywhere() {
    let folder = Temp::new();
    folder.write("-x", "hello");
    for args in [
        &["--store", "s", "blob", "put", "--", "-x"][..],
        &["blob", "--store=s", "put", "./-x"],
        &["blob", "put", "./-x", "-v", "--store", "s"],
    ] {
        assert!(good(&folder, args).contains("sha256:"), "{args:?}");
    }
}

/// Components are told text only.
#[test]
fn what_is_not_utf_8() {
    let folder = Temp::new();
    let raw = OsStr::from_bytes(b"a\xffb");
    let output = composectl(folder.path(), [OsStr::new("blob"), OsStr::new("put"), raw]);
    assert_eq!(output.status, 2, "{output:?}");
    assert!(output.stderr.contains("is not UTF-8"), "{output:?}");

    folder.write("a.txt", "hello");
    let mut command = Command::new(dist("composectl"));
    command
        .args(["blob", "put", "a.txt"])
        .current_dir(folder.path())
        .env("COMPOSE_STORE", "kept")
        .env("RAW", raw)
        .env(raw, "x");
    run(&mut command).success();
    assert!(folder.join("kept/oci-layout").exists());
}

#[test]
fn a_plan_that_is_not_there() {
    let folder = Temp::new();
    for args in [&["nope.json"][..], &["plan", "validate", "nope.json"]] {
        let said = bad(&folder, 1, args);
        assert!(
            said.contains("cannot read `nope.json`: there is no such file"),
            "{said}"
        );
        assert!(said.contains("= help:"), "{said}");
    }
}

#[test]
fn paths_beyond_the_folder() {
    let folder = Temp::new();
    let outside = Temp::new();
    let path = outside.write("a.txt", "hello");
    let absolute = path.to_string_lossy();
    assert!(good(&folder, &["blob", "put", &absolute]).contains("sha256:"));
    let name = outside
        .path()
        .file_name()
        .expect("a name")
        .to_string_lossy();
    let relative = format!("../{name}/a.txt");
    assert!(good(&folder, &["blob", "put", &relative]).contains("sha256:"));
    let store = format!("../{name}/store");
    let output = composectl(folder.path(), ["--store", &store, "blob", "put", &absolute]);
    output.success();
    assert!(outside.join("store/oci-layout").exists());
}

#[test]
fn paths_that_no_folder_holds() {
    let folder = Temp::new();
    let compositor = read(dist("compositor.wasm"));
    for path in ["../plan.json", "a/../../plan.json"] {
        let ended = Embedding::new(folder.path()).run(&compositor, [path]);
        let said = ended.output.stderr;
        assert_eq!(ended.output.status, 1, "{said}");
        assert!(
            said.contains(&format!("no opened folder holds `{path}`")),
            "{said}"
        );
        assert!(said.contains("wasmtime run --dir"), "{said}");
    }
}
