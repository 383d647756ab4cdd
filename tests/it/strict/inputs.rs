//! What a deterministic program is given: a folder, and stdin.

use std::fs;
use std::io::Write as _;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use compositor_tests::{Temp, composectl_in, run};

use super::super::exec::fixture::{Runs as _, bytes, plan};

/// A folder with the same files, made in an order and at a time of its own.
fn folder(names: &[&str], age: u64) -> Temp {
    let temp = Temp::new();
    for name in names {
        temp.write(format!("data/{name}"), name.repeat(10));
    }
    let time = SystemTime::now() - Duration::from_secs(age);
    for name in names {
        let file = fs::File::open(temp.path().join("data").join(name)).expect("a file");
        file.set_modified(time).expect("a time");
    }
    temp
}

#[test]
fn folders_tell_no_times_and_no_order() {
    let plan = plan(bytes("deterministic"))
        .determinism("strict")
        .capabilities(&["wasi:filesystem"])
        .trusted();
    let mut names: Vec<String> = (0..40)
        .map(|number| format!("file{}", number * 7 % 40))
        .collect();
    names.push("below/file".to_string());
    let mut printed = Vec::new();
    for age in [5, 5000] {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let folder = folder(&names, age);
        let given = format!("{}::data", folder.path().join("data").display());
        for _ in 0..2 {
            let output = plan.run(&["--dir", &given], &["files", "data"]);
            printed.push(output.success());
        }
    }
    assert!(
        printed.iter().all(|other| *other == printed[0]),
        "{printed:#?}"
    );
    let found: Vec<&str> = printed[0]
        .lines()
        .filter_map(|line| line.strip_prefix("data/file")?.split(':').next())
        .collect();
    assert_eq!(found.len(), 40, "{}", printed[0]);
    assert!(found.is_sorted(), "{found:?}");
    assert!(printed[0].contains("946684800"), "{}", printed[0]);
}

/// Waiting for whoever writes it is on the guest's time.
#[test]
fn stdin_that_does_not_come() {
    let plan = plan(bytes("deterministic")).determinism("strict").trusted();
    let started = Instant::now();
    let mut command = composectl_in(plan.0.path());
    command
        .args(["exec", "run", "plan.json", "--limit", "wall-ms=300"])
        .args(["--", "stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut running = command.spawn().expect("it starts");
    let stdin = running.stdin.take().expect("a pipe");
    let output = running.wait_with_output().expect("it ends");
    drop(stdin);
    let said = String::from_utf8(output.stderr).expect("text");
    assert!(!output.status.success(), "{said}");
    assert!(said.contains("error[Exec.Timeout/"), "{said}");
    assert!(said.contains("limit wall-ms"), "{said}");
    assert!(started.elapsed() < Duration::from_secs(30));
}

#[test]
fn stdin_is_there_whole() {
    let plan = plan(bytes("deterministic")).determinism("strict").trusted();
    let mut printed = Vec::new();
    for wait in [0, 30, 120] {
        let mut command = composectl_in(plan.0.path());
        command
            .args(["exec", "run", "plan.json", "--", "stdin"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut running = command.spawn().expect("it starts");
        let mut stdin = running.stdin.take().expect("a pipe");
        for _ in 0..4 {
            sleep(Duration::from_millis(wait));
            stdin.write_all(&[b'x'; 1000]).expect("it reads");
        }
        drop(stdin);
        let output = running.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{output:?}");
        printed.push(String::from_utf8(output.stdout).expect("text"));
    }
    assert!(
        printed.iter().all(|other| *other == printed[0]),
        "{printed:#?}"
    );
    assert!(printed[0].contains("after 0 looks"), "{}", printed[0]);
    let plain = run(composectl_in(plan.0.path())
        .args(["exec", "run", "plan.json", "--", "stdin"])
        .stdin(Stdio::null()));
    assert!(plain.success().contains("pieces: []"));
}
