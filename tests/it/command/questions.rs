//! What `plan new` and `plan add` ask on a terminal, which `script` makes one.

use std::fs::File;
use std::process::Command;

use compositor_tests::{Temp, composectl, composectl_in, run, state_of};

use super::fixture::{APP, PROVIDER, component, good};

/// What a host gives, and a folder's component exports.
const CLOCK: &str = "wasi:clocks/monotonic-clock@0.2.0";

/// A root that imports a clock, a clock that imports another, and that.
fn clocks() -> Temp {
    let folder = Temp::new();
    let of = |text: &str, name: &str| text.replace("demo:numbers/numbers", name);
    folder.write("timer.wasm", component(&of(APP, CLOCK)));
    let relay = of(APP, "wasi:clocks/wall-clock@0.2.0").replace("demo:app/app", CLOCK);
    folder.write("lib/relay.wasm", component(&relay));
    let wall = of(PROVIDER, "wasi:clocks/wall-clock@0.2.0");
    folder.write("lib/wall.wasm", component(&wall));
    folder
}

const NEW: [&str; 7] = ["plan", "new", "timer.wasm", "--dir", "lib", "-o", "n.json"];

/// Does a command on a terminal where somebody types something, and then ends the input;
/// returns what is on the terminal.
fn typed(folder: &Temp, typed: &str, args: &[&str]) -> String {
    folder.write("typed", typed);
    let command = composectl_in(folder.path());
    let program = command.get_program().to_str().expect("a path in UTF-8");
    let line = [&[program][..], args].concat().join(" ");
    let mut script = Command::new("script");
    script
        .args(["-q", "-e", "-c", &line, "/dev/null"])
        .current_dir(folder.path())
        .env("XDG_STATE_HOME", state_of(folder.path()))
        .env_remove("COMPOSE_STORE")
        .env("NO_COLOR", "1")
        .stdin(File::open(folder.join("typed")).expect("what is typed"));
    run(&mut script).success().replace("\r\n", "\n")
}

fn question(import: &str, consumer: &str, provider: &str) -> String {
    format!("bind {import} of \"{consumer}\" to \"{provider}\"? [y/N] ")
}

#[test]
fn what_is_said_yes_to_is_bound() {
    let folder = clocks();
    let wall = "wasi:clocks/wall-clock@0.2.0";
    let (first, second) = (
        question(CLOCK, "timer", "relay"),
        question(wall, "relay", "wall"),
    );
    let said = typed(&folder, "y\nYES\n", &NEW);
    for part in [
        &first,
        &second,
        &format!("found      relay  {wall} -> wall\n"),
        &format!("found      timer  {CLOCK} -> relay\n"),
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
    // As with the flag.
    let asked = std::fs::read(folder.join("n.json")).expect("a plan");
    good(&folder, &[&NEW[..], &["--wasi", "--force"]].concat());
    assert!(asked == std::fs::read(folder.join("n.json")).expect("a plan"));
    good(&folder, &["n.json", "-o", "out.wasm"]);

    // The first alone.
    let again = [&NEW[..], &["--force"]].concat();
    let said = typed(&folder, "y\nno\n", &again);
    for part in [
        &second,
        &format!("host       relay  {wall}; `--wasi` binds it to wall\n"),
        &format!("found      timer  {CLOCK} -> relay\n"),
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
    good(&folder, &["n.json", "-o", "out.wasm"]);

    // Neither: what is bound to nothing imports nothing.
    let left = format!("host       timer  {CLOCK}; `--wasi` binds it to relay\n");
    let long = "y".repeat(1001) + "\n";
    for answer in ["\n", "nonsense\n", "", &long] {
        let said = typed(&folder, answer, &again);
        assert!(said.contains(&first), "{answer:?}: {said}");
        assert!(said.contains(&left), "{answer:?}: {said}");
        assert!(!said.contains(&second), "{answer:?}: {said}");
    }
}

#[test]
fn a_plan_that_is_extended_is_asked_about_too() {
    let folder = clocks();
    good(&folder, &["plan", "new", "timer.wasm", "-o", "p.json"]);
    let add = ["plan", "add", "p.json", "lib/relay.wasm"];
    let said = typed(&folder, "y\n", &add);
    assert!(said.contains(&question(CLOCK, "timer", "relay")), "{said}");
    let found = format!("found      timer  {CLOCK} -> relay\n");
    assert!(said.contains(&found), "{said}");
}

#[test]
fn nobody_is_asked_elsewhere() {
    let folder = clocks();
    let again = [&NEW[..], &["--force"]].concat();
    for options in [&["--quiet"][..], &["--format", "json"], &["--wasi"]] {
        let said = typed(&folder, "y\n", &[&again[..], options].concat());
        assert!(!said.contains("[y/N]"), "{options:?}: {said}");
    }
    let plug = ["plug", "timer.wasm", "lib", "-o", "out.wasm"];
    assert!(!typed(&folder, "y\n", &plug).contains("[y/N]"));
    let output = composectl(folder.path(), &again);
    assert_eq!(
        (output.status, output.stderr.as_str()),
        (0, ""),
        "{output:?}"
    );
    assert!(
        output.stdout.contains("`--wasi` binds it to relay"),
        "{output:?}"
    );
}
