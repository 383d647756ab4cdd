//! `audit`: each call of what the host gives is recorded, and nothing else
//! changes.

use serde_json::Value;

use super::fixture::{Folder, bytes, fails, of_kind, plan};

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

/// What was recorded: component, interface, function and how often.
fn recorded(folder: &Folder) -> Vec<String> {
    let events = folder.events();
    let used = of_kind(&events, "capability.used").map(|event| {
        let text = |field: &str| event[field].as_str().unwrap_or_default().to_string();
        let number = |field: &str| event[field].as_u64().unwrap_or_default();
        let (first, last) = (number("first_us"), number("last_us"));
        assert!(first > 0 && first <= last, "{event}");
        if number("calls") == 1 {
            assert_eq!(first, last, "{event}");
        }
        let (id, interface) = (text("id"), text("interface"));
        format!("{id} {interface} {} {}", text("function"), number("calls"))
    });
    used.collect()
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
