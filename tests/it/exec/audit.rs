//! `audit`: each call of what the host gives is recorded, and nothing else
//! changes.
//!
//! One file because all of it is what happens to the calls of a few programs.

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use compositor_tests::{composectl_in, full_audit_log, start, state_of};
use serde_json::Value;

use super::fixture::{Folder, Runs as _, bytes, fails, of_kind, plan};

const EVENTS: [&str; 2] = ["--events", "events"];

/// Looks at the clock three times, takes two numbers and 5 random bytes, twice.
const KNOWN: &str = r#"(component
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock (export "now" (func (result u64)))))
  (import "wasi:random/random@0.2.0" (instance $random
    (export "get-random-u64" (func (result u64)))
    (export "get-random-bytes" (func (param "len" u64) (result (list u8))))))
  (core module $memory
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 1024))
  (core instance $memory (instantiate $memory))
  (alias core export $memory "memory" (core memory $bytes))
  (core func $now (canon lower (func $clock "now")))
  (core func $number (canon lower (func $random "get-random-u64")))
  (core func $take (canon lower (func $random "get-random-bytes")
    (memory $bytes) (realloc (core func $memory "realloc"))))
  (core module $main
    (import "memory" "memory" (memory 1))
    (import "host" "now" (func $now (result i64)))
    (import "host" "number" (func $number (result i64)))
    (import "host" "take" (func $take (param i64 i32)))
    ;; The bytes that came, which must be as many as were asked for.
    (func (export "run") (result i32)
      (drop (call $now)) (drop (call $now)) (drop (call $now))
      (drop (call $number)) (drop (call $number))
      (call $take (i64.const 5) (i32.const 64))
      (call $take (i64.const 5) (i32.const 72))
      (i32.add (i32.load (i32.const 68)) (i32.load (i32.const 76)))))
  (core instance $host
    (export "now" (func $now)) (export "number" (func $number)) (export "take" (func $take)))
  (core instance $main (instantiate $main
    (with "memory" (instance $memory)) (with "host" (instance $host))))
  (func (export "run") (result u32) (canon lift (core func $main "run"))))"#;

/// What was recorded in the end: component, interface, function and how often.
fn recorded(folder: &Folder) -> Vec<String> {
    last(&folder.events())
}

/// The last of what was recorded of each function, in the order of the first.
fn last(events: &[Value]) -> Vec<String> {
    let mut lines: Vec<(String, u64)> = Vec::new();
    for event in of_kind(events, "capability.used") {
        let text = |field: &str| event[field].as_str().unwrap_or_default().to_string();
        let number = |field: &str| event[field].as_u64().unwrap_or_default();
        let (first, at) = (number("first_us"), number("last_us"));
        assert!(
            first > 0 && first <= at && number("unix_ms") > 1_700_000_000_000,
            "{event}"
        );
        assert!(event["instance"].is_u64(), "{event}");
        if number("calls") == 1 {
            assert_eq!(first, at, "{event}");
        }
        let name = format!("{} {} {}", text("id"), text("interface"), text("function"));
        match lines.iter_mut().find(|(known, _)| *known == name) {
            Some((_, calls)) => {
                assert!(*calls < number("calls"), "nothing new: {event}");
                *calls = number("calls");
            }
            None => {
                assert_eq!(number("calls"), 1, "not the first: {event}");
                lines.push((name, 1));
            }
        }
    }
    lines
        .into_iter()
        .map(|(name, calls)| format!("{name} {calls}"))
        .collect()
}

#[test]
fn the_calls_of_a_known_program_are_exactly_the_known_ones() {
    let folder = plan(wat::parse_str(KNOWN).expect("a component"))
        .determinism("audit")
        .trusted();
    let output = folder.invoke(&EVENTS, &["run"]).success();
    assert_eq!(output.trim(), "10");
    let expected = [
        "app wasi:clocks/monotonic-clock@0.2.0 now 3",
        "app wasi:random/random@0.2.0 get-random-u64 2",
        "app wasi:random/random@0.2.0 get-random-bytes 2",
    ];
    assert_eq!(recorded(&folder), expected);
}

/// Texts, lists, records, handles that are lent and handles that are given.
#[test]
fn a_program_behaves_as_without() {
    let plan = plan(bytes("program")).determinism("audit");
    let plan = plan.capabilities(&["wasi:filesystem", "wasi:cli/environment"]);
    let folder = plan.trusted();
    folder.0.write("shared/a.txt", "what is in it");
    folder.0.write("shared/b.txt", "");
    let give = ["--dir", "shared", "--env", "NAME=value"];
    let options = [&give[..], &EVENTS].concat();
    let program = |args: &[&str]| folder.run(&options, args).success();

    assert_eq!(program(&["list", "shared"]), "[\"a.txt\", \"b.txt\"]\n");
    recorded(&folder);
    assert_eq!(program(&["read", "shared/a.txt"]), "what is in it");
    let read = recorded(&folder);
    let calls = |of: &str| {
        let found = read.iter().find(|line| line.contains(of));
        let found = found.unwrap_or_else(|| panic!("no {of} in {read:#?}"));
        found
            .rsplit(' ')
            .next()
            .and_then(|calls| calls.parse::<u64>().ok())
    };
    assert_eq!(calls(" get-directories "), Some(1), "{read:#?}");
    assert_eq!(calls(" [method]descriptor.open-at "), Some(1), "{read:#?}");
    assert_eq!(calls(" get-arguments "), Some(1), "{read:#?}");
    assert!(
        !read.iter().any(|line| line.contains("wasi:io")),
        "{read:#?}"
    );

    program(&["write", "shared/c.txt", "written"]);
    assert_eq!(program(&["read", "shared/c.txt"]), "written");
    let told = program(&["told", "word"]);
    assert!(told.contains("(\"NAME\", \"value\")"), "{told}");
    let missing = folder.run(&options, &["read", "shared/none"]);
    assert_ne!(missing.status, 0, "{missing:?}");
    assert!(missing.stderr.contains("No such file"), "{missing:?}");
}

#[test]
fn what_is_not_granted_is_denied_and_not_recorded() {
    let folder = plan(bytes("program")).determinism("audit").trusted();
    let refused = folder.run(&EVENTS, &["connect", "127.0.0.1:9"]);
    assert_ne!(refused.status, 0, "{refused:?}");
    assert!(refused.stderr.contains("Permission denied"), "{refused:?}");
    let recorded = recorded(&folder);
    assert!(
        !recorded.iter().any(|line| line.contains("sockets")),
        "{recorded:#?}"
    );
}

/// Two instances of one component are two components of the plan.
#[test]
fn each_component_is_told_apart() {
    let leaf = |export: &str| {
        format!(
            r#"(component
              (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
                (export "now" (func (result u64)))))
              (core func $now (canon lower (func $clock "now")))
              (core module $m (import "h" "now" (func $now (result i64)))
                (func (export "f") (result i32) (drop (call $now)) (i32.const 1)))
              (core instance $h (export "now" (func $now)))
              (core instance $m (instantiate $m (with "h" (instance $h))))
              (func $f (result u32) (canon lift (core func $m "f")))
              (instance $e (export "f" (func $f)))
              (export "{export}" (instance $e)))"#
        )
    };
    let root = r#"(component
      (import "a:b/c" (instance $one (export "f" (func (result u32)))))
      (import "a:b/d" (instance $two (export "f" (func (result u32)))))
      (core func $one (canon lower (func $one "f")))
      (core func $two (canon lower (func $two "f")))
      (core module $m (import "h" "one" (func $one (result i32)))
        (import "h" "two" (func $two (result i32)))
        (func (export "f") (result i32)
          (i32.add (call $one) (i32.add (call $two) (call $two)))))
      (core instance $h (export "one" (func $one)) (export "two" (func $two)))
      (core instance $m (instantiate $m (with "h" (instance $h))))
      (func (export "run") (result u32) (canon lift (core func $m "f"))))"#;
    let binary = |text: &str| wat::parse_str(text).expect("a component");
    let folder = plan(binary(root))
        .component("one", binary(&leaf("a:b/c")))
        .component("two", binary(&leaf("a:b/d")))
        .bind("app", "a:b/c", "one")
        .bind("app", "a:b/d", "two")
        .determinism("audit")
        .trusted();
    assert_eq!(folder.invoke(&EVENTS, &["run"]).success().trim(), "3");
    let clock = "wasi:clocks/monotonic-clock@0.2.0 now";
    assert_eq!(
        recorded(&folder),
        [format!("one {clock} 1"), format!("two {clock} 2")]
    );
}

/// A guest that makes up what it declares does not take the host's memory.
#[test]
fn a_guest_that_declares_without_end_is_stopped() {
    let hostile = r#"(component
      (import "sys:compose/audit@1.0.0" (instance $audit
        (export "declare" (func (param "component" string) (param "interface" string)
          (param "function" string) (result u32)))))
      (core module $memory (memory (export "memory") 1))
      (core instance $memory (instantiate $memory))
      (core func $declare (canon lower (func $audit "declare")
        (memory (core memory $memory "memory"))))
      (core module $m (import "h" "declare" (func $declare (param i32 i32 i32 i32 i32 i32) (result i32)))
        (func (export "run") (result i32)
          (loop (drop (call $declare (i32.const 0) (i32.const 9) (i32.const 0) (i32.const 9)
            (i32.const 0) (i32.const 9))) (br 0)) (unreachable)))
      (core instance $h (export "declare" (func $declare)))
      (core instance $m (instantiate $m (with "h" (instance $h))))
      (func (export "run") (result u32) (canon lift (core func $m "run"))))"#;
    let folder = plan(wat::parse_str(hostile).expect("a component"))
        .open("sys:compose/audit@1.0.0")
        .trusted();
    let output = folder.invoke(&EVENTS, &["run"]);
    fails(&output, "Exec.Trap");
    assert!(
        output.stderr.contains("declares more functions"),
        "{output:?}"
    );
    let none: Vec<Value> = Vec::new();
    let events = folder.events();
    assert_eq!(
        of_kind(&events, "capability.used")
            .cloned()
            .collect::<Vec<_>>(),
        none
    );
}

/// Looks at the clock so many times, by a number that says so, and then for ever
/// does something or nothing; `run` never returns.
fn endless(calls: u64, then: &str) -> Vec<u8> {
    let text = format!(
        r#"(component
          (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
            (export "now" (func (result u64)))))
          (import "wasi:random/random@0.2.0" (instance $random
            (export "get-random-u64" (func (result u64)))))
          (core func $now (canon lower (func $clock "now")))
          (core func $number (canon lower (func $random "get-random-u64")))
          (core module $m
            (import "h" "now" (func $now (result i64)))
            (import "h" "number" (func $number (result i64)))
            (func (export "run") (result i32)
              (local $left i64)
              (local.set $left (i64.const {calls}))
              (loop $again
                (drop (call $now))
                (local.set $left (i64.sub (local.get $left) (i64.const 1)))
                (br_if $again (i64.ne (local.get $left) (i64.const 0))))
              (loop $ever {then} (br $ever))
              (unreachable)))
          (core instance $h (export "now" (func $now)) (export "number" (func $number)))
          (core instance $m (instantiate $m (with "h" (instance $h))))
          (func (export "run") (result u32) (canon lift (core func $m "run"))))"#
    );
    wat::parse_str(text).expect("a component")
}

/// Starts an endless program, waits for what it records, and kills it.
fn killed(program: Vec<u8>, is_there: impl Fn(&[String]) -> bool) -> Vec<String> {
    let folder = plan(program).determinism("audit").trusted();
    let mut command = composectl_in(folder.0.path());
    command.args(["exec", "invoke", "plan.json", "run", "--events", "events"]);
    command.args(["--limit", "cpu-ms=100000", "--limit", "io-ops=1000000000"]);
    let process = start(command.stdin(Stdio::null()));
    let started = Instant::now();
    loop {
        sleep(Duration::from_millis(50));
        let events = fs::read_to_string(folder.0.join("events")).unwrap_or_default();
        let whole = events.rfind('\n').map_or("", |end| &events[..end]);
        let events = whole
            .lines()
            .map(|line| serde_json::from_str(line).expect("an event"));
        let recorded = last(&events.collect::<Vec<_>>());
        if is_there(&recorded) {
            process.signal("KILL");
            return recorded;
        }
        assert!(started.elapsed() < Duration::from_secs(60), "{recorded:?}");
    }
}

#[test]
fn a_first_use_outlives_a_kill() {
    let recorded = killed(endless(1, ""), |recorded| !recorded.is_empty());
    assert_eq!(recorded, ["app wasi:clocks/monotonic-clock@0.2.0 now 1"]);
}

/// Those that were before the program stopped calling, too.
#[test]
fn counts_outlive_a_kill() {
    let all = "app wasi:clocks/monotonic-clock@0.2.0 now 1000";
    killed(endless(1000, ""), |recorded| recorded == [all]);
    let many = |line: &String| line.rsplit(' ').next().is_some_and(|calls| calls.len() > 3);
    killed(endless(1, "(drop (call $number))"), |recorded| {
        recorded.len() == 2 && recorded.last().is_some_and(many)
    });
}

#[test]
fn a_full_disk_ends_the_run() {
    let folder = plan(wat::parse_str(KNOWN).expect("a component"))
        .determinism("audit")
        .trusted();
    full_audit_log(folder.0.path());
    let output = folder.invoke(&[], &["run"]);
    fails(&output, "Blob.IoError");
    assert!(
        output.stderr.contains("cannot be recorded: No space left"),
        "{output:?}"
    );
    // Where it can be written, it goes on.
    assert_eq!(folder.invoke(&EVENTS, &["run"]).success().trim(), "10");
}

#[test]
fn the_user_s_log_is_the_user_s() {
    let folder = plan(wat::parse_str(KNOWN).expect("a component"))
        .determinism("audit")
        .trusted();
    for _ in 0..2 {
        assert_eq!(folder.invoke(&[], &["run"]).success().trim(), "10");
    }
    let mut files =
        fs::read_dir(state_of(folder.0.path()).join("compositor/audit")).expect("a folder");
    let file = files.next().expect("a file").expect("its name").path();
    let text = fs::read_to_string(&file).expect("a text");
    // Three functions, each with its first call and its last; and both runs.
    assert_eq!(text.lines().count(), 12, "{text}");
    let mode = fs::metadata(&file).expect("its mode").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

/// Whoever reads the events goes away while the program runs.
#[test]
fn a_log_that_breaks_ends_the_run() {
    let program = endless(1_000_000, "(drop (call $number))");
    let folder = plan(program).determinism("audit").trusted();
    let pipe = folder.0.join("pipe");
    let made = Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
    assert!(made.success());
    let mut command = composectl_in(folder.0.path());
    command.args(["exec", "invoke", "plan.json", "run", "--events", "pipe"]);
    command.args(["--limit", "cpu-ms=100000", "--limit", "io-ops=1000000000"]);
    let process = start(command.stdin(Stdio::null()));
    let mut events = fs::File::open(&pipe).expect("a pipe");
    let (mut text, mut buffer) = (String::new(), [0; 4096]);
    while !text.contains("capability.used") {
        let read = events.read(&mut buffer).expect("events");
        assert_ne!(read, 0, "{text}");
        text.push_str(&String::from_utf8_lossy(&buffer[..read]));
    }
    drop(events);
    let output = process.end();
    fails(&output, "Blob.IoError");
    assert!(output.stderr.contains("Broken pipe"), "{output:?}");
}
