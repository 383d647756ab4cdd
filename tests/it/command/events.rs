//! `--events` and `-o` over files that are not theirs.

use std::fs;
use std::os::unix::fs::symlink;

use compositor_tests::read;

use super::fixture::{APP, bad, component, digest, files, folder, good, piped, status_of_errors};

/// Events are written from the start on, so nothing that is read may be their file.
#[test]
fn events_replace_no_input() {
    let folder = folder();
    let before = fs::read(folder.join("plan.json")).expect("a plan");
    symlink("plan.json", folder.join("plan-link")).expect("a link");
    for (events, why) in [
        ("plan.json", "it is an operand of the command"),
        ("./plan.json", "it is an operand of the command"),
        (".compose/index.json", "it belongs to the store"),
    ] {
        let said = bad(&folder, 1, &["plan.json", "--events", events]);
        assert!(said.contains(why), "{events}: {said}");
    }
    bad(&folder, 1, &["plan.json", "--events", "plan-link"]);
    assert_eq!(fs::read(folder.join("plan.json")).expect("a plan"), before);
}

/// What else a command reads or writes is no file for events either: the plan of an
/// option, a plan's sources, what folders hold, and the result.
#[test]
fn events_are_no_other_file_of_the_command() {
    let folder = folder();
    folder.write("policy.json", "{}");
    let absolute = folder.join("app.wasm");
    symlink(&absolute, folder.join("away")).expect("a link");
    symlink(".", folder.join("here")).expect("a link");
    symlink(folder.path(), folder.join("far")).expect("a link");
    // A store that is there, which `files` leaves out.
    good(&folder, &["blob", "put", "app.wasm"]);
    let index = folder.join(".compose/index.json");
    symlink(&index, folder.join("index")).expect("a link");
    let before = files(&folder);
    let absolute = absolute.to_str().expect("a text");
    for (args, events, why) in [
        (
            &["trust", "add", "--plan", "plan.json"][..],
            "plan.json",
            "it is the plan, which is read",
        ),
        (
            &["trust", "add", "--plan", "plan.json"],
            "here/plan.json",
            "it is the plan, which is read",
        ),
        (
            &["trust", "add", "--plan", "plan.json"],
            "app.wasm",
            "the source of component `app`",
        ),
        (
            &["plan.json", "--policy", "policy.json"],
            "policy.json",
            "it is the policy",
        ),
        (
            &["plan.json"],
            "lib/../app.wasm",
            "the source of component `app`",
        ),
        (&["plan.json"], absolute, "the source of component `app`"),
        (&["plan.json"], "away", "a link on the way"),
        (&["plan.json"], "here/away", "a link on the way"),
        (&["plan.json"], "far/plan.json", "a link on the way"),
        (&["plan.json"], "far/new", "a link on the way"),
        (
            &["plan", "validate", "plan.json"],
            "lib/numbers.wasm",
            "the source of component `numbers`",
        ),
        (
            &["plan", "info", "plan.json"],
            "app.wasm",
            "the source of component `app`",
        ),
        (
            &["plan", "digest", "plan.json"],
            "app.wasm",
            "the source of component `app`",
        ),
        (
            &["plan", "lock", "plan.json"],
            "app.wasm",
            "the source of component `app`",
        ),
        (
            &["plan", "lock", "plan.json", "-o", "new.json"],
            "new.json",
            "the result is written there",
        ),
        (
            &["plan", "convert", "plan.json", "-o", "new.cbor"],
            "./new.cbor",
            "the result is written there",
        ),
        (
            &["plan.json", "-o", "out.wasm"],
            "out.wasm",
            "the result is written there",
        ),
        (
            &["plan.json", "-o", "out.wasm"],
            "here/out.wasm",
            "the result is written there",
        ),
        (
            &["plan", "new", "app.wasm", "--dir", "lib", "-o", "new.json"],
            "lib/numbers.wasm",
            "it is a candidate",
        ),
        (
            &["plan", "new", "app.wasm", "-o", "new.json"],
            "new.json",
            "the result is written there",
        ),
        (
            &["exec", "run", "plan.json"],
            "app.wasm",
            "the source of component `app`",
        ),
        (
            &["exec", "list", "plan.json"],
            "app.wasm",
            "the source of component `app`",
        ),
        (&["plan.json"], "index", "a link on the way"),
        (&["blob", "list"], "index", "a link on the way"),
    ] {
        let status = status_of_errors(args);
        let said = bad(&folder, status, &[args, &["--events", events]].concat());
        assert!(said.contains(why), "{args:?} {events}: {said}");
        assert_eq!(files(&folder), before, "{args:?} {events}");
    }
    // A plan that is piped in has sources as well.
    let plan = fs::File::open(folder.join("plan.json")).expect("a plan");
    let output = piped(&folder, plan, &["-", "--events", "app.wasm"]);
    assert_eq!(output.status, 1, "{output:?}");
    assert!(
        output.stderr.contains("the source of component `app`"),
        "{output:?}"
    );
    assert_eq!(files(&folder), before);
    assert_ne!(read(index), b"", "the store is as it was");
    // A new file is none of them, and is written where the path leads.
    good(
        &folder,
        &["plan.json", "-o", "out.wasm", "--events", "here/events"],
    );
    let events = String::from_utf8(read(folder.join("events"))).expect("a text");
    assert!(events.contains("emit.written"), "{events}");
    good(&folder, &["blob", "list", "--events", "/dev/stderr"]);
}

/// What a command makes of files takes the place of none of them, and neither does what
/// it makes of a plan.
#[test]
fn results_replace_nothing_that_is_read() {
    let folder = folder();
    good(&folder, &["plan", "lock", "plan.json"]);
    let before = files(&folder);
    let plug = ["plug", "app.wasm", "lib"];
    let new = ["plan", "new", "app.wasm", "lib"];
    let rename = ["plan", "rename", "plan.json", "numbers", "n"];
    let remove = ["plan", "remove", "plan.json", "numbers"];
    let upgrade = ["plan", "upgrade", "plan.json", "app", "app.wasm"];
    let candidate = "it is a candidate";
    let source = "the source of component `app`";
    for (args, output, why) in [
        (
            &plug[..],
            &["--save", "app.wasm", "--force"][..],
            "it is the root",
        ),
        (&plug, &["--save", "lib/numbers.wasm", "--force"], candidate),
        (&plug, &["-o", "lib/../app.wasm"], "it is the root"),
        (
            &plug,
            &["-o", "x", "--save", "./x"],
            "the result is written there",
        ),
        (
            &plug,
            &["--save", "x", "--events", "x"],
            "the result is written there",
        ),
        (&new, &["-o", "lib/numbers.wasm", "--force"], candidate),
        (
            &["run", "app.wasm", "--trust"],
            &["--save", "app.wasm", "--force"],
            "it is the component",
        ),
        (&rename, &["-o", "app.wasm"], source),
        (
            &remove,
            &["-o", "lib/numbers.wasm"],
            "the source of component `numbers`",
        ),
        (&rename, &["--events", "plan.json"], "it is the plan"),
        (&upgrade, &["-o", "app.wasm"], source),
        (&upgrade, &["--events", "lib/numbers.wasm"], "the source of"),
        (
            &["plan", "upgrade", "plan.json", "app", "lib/numbers.wasm"],
            &["-o", "lib/numbers.wasm"],
            "which is read",
        ),
        (
            &["plan", "add", "plan.json", "lib/numbers.wasm"],
            &["-o", "lib/numbers.wasm"],
            "which is read",
        ),
    ] {
        let said = bad(&folder, status_of_errors(args), &[args, output].concat());
        assert!(said.contains(why), "{args:?} {output:?}: {said}");
        assert_eq!(files(&folder), before, "{args:?} {output:?}");
    }
}

/// The folders of the user's state are known by whatever way leads to them.
#[test]
fn results_are_not_written_into_the_state() {
    let folder = folder();
    good(&folder, &["blob", "put", "app.wasm"]);
    let shown = digest(component(APP));
    good(&folder, &["trust", "add", &shown, "--state", "mine"]);
    fs::create_dir(folder.join("mine/audit")).expect("a folder");
    for (name, to) in [
        ("t", "mine/trust"),
        ("h", "mine/trust/sha256"),
        ("m", "mine/tmp"),
        ("a", "mine/audit"),
    ] {
        symlink(to, folder.join(name)).expect("a link");
        for out in [format!("{name}/new"), format!("{to}/new")] {
            let args = ["blob", "get", &shown, "--state", "mine", "-o", &out];
            let said = bad(&folder, 1, &args);
            assert!(said.contains("it belongs to the store"), "{out}: {said}");
            assert!(!folder.join(&out).exists(), "{out}");
        }
    }
}
