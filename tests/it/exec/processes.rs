//! Several composectl processes on one store at once.

use std::sync::Barrier;
use std::thread;

use compositor_core::Digest;
use compositor_tests::{Temp, composectl, state_of};

use super::fixture::{DYNLINK, Folder, Runs as _, bytes, plan};

const PROCESSES: usize = 3;
const ROUNDS: usize = 6;

#[test]
fn nothing_is_lost() {
    let temp = Temp::new();
    let store = temp.path().to_str().expect("a path in UTF-8");
    // Of one user.
    let state = state_of(temp.path());
    let state = state.to_str().expect("a path in UTF-8");
    let barrier = Barrier::new(PROCESSES);
    thread::scope(|scope| {
        for number in 0..PROCESSES {
            let barrier = &barrier;
            scope.spawn(move || {
                let folder = plan(bytes("dynlink-root"))
                    .runtime()
                    .capabilities(&DYNLINK)
                    .guest("counter", "dynlink-counter")
                    // Some have a plan in common, as people do.
                    .tenant(&format!("tenant-{}", number % 2))
                    .untrusted();
                barrier.wait();
                (0..ROUNDS).for_each(|round| one_round(&folder, [store, state], number, round));
            });
        }
    });

    let folder = Temp::new();
    let shared = ["--store", store, "--state", state];
    let good = |args: &[&str]| composectl(folder.path(), [args, &shared].concat());
    let verified = good(&["blob", "verify"]).success();
    assert!(verified.starts_with("verified "), "{verified}");
    let blobs = good(&["blob", "list"]).success();
    let trusted = good(&["trust", "list"]).success();
    for number in 0..PROCESSES {
        for round in 0..ROUNDS {
            let digest = Digest::of(text(number, round).as_bytes()).to_string();
            assert!(blobs.contains(&digest), "blob {number}/{round}");
            assert!(trusted.contains(&digest), "trust {number}/{round}");
        }
    }
    let leftovers = std::fs::read_dir(format!("{store}/blobs/sha256")).expect("a folder");
    for entry in leftovers.map(|entry| entry.expect("an entry")) {
        let name = entry.file_name().to_string_lossy().into_owned();
        assert!(blobs.contains(&name), "{name} is no blob");
    }
}

/// Bytes that no other round has.
fn text(number: usize, round: usize) -> String {
    format!("bytes of {number}/{round}")
}

fn one_round(folder: &Folder, [store, state]: [&str; 2], number: usize, round: usize) {
    let good = |args: &[&str]| {
        // What comes after `--` is the guest's.
        let (command, rest) = args.split_at(2);
        let args = [command, &["--store", store, "--state", state], rest].concat();
        let output = folder.composectl(&args);
        assert_eq!(output.status, 0, "{args:?} {output:?}");
        output.stdout
    };
    let text = text(number, round);
    folder.0.write("file", &text);
    good(&["blob", "put", "file"]);
    good(&["trust", "add", &Digest::of(text.as_bytes()).to_string()]);
    good(&["trust", "add", "--plan", "plan.json"]);
    let script = ["resolve c counter", "times c 10 add 1"];
    let run = ["exec", "run", "plan.json", "--", script[0], script[1]];
    assert_eq!(good(&run), "ok\nok 10\n");
    good(&["emit", "build", "plan.json", "-o", "artifact.wasm"]);
}
