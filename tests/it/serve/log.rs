//! What an operator reads: each request that failed, without being asked for; each
//! request, on demand; and what guests say, by request.

use serde_json::Value;

use super::fixture::{Server, denying, serve};

/// Stops a server; returns its lines on stderr after the address, and its stdout.
fn lines(server: Server) -> (Vec<String>, String) {
    server.signal("TERM");
    let output = server.output();
    assert_eq!(output.status, 0, "{output:?}");
    let lines = output.stderr.lines().skip(1).map(str::to_string);
    (lines.collect(), output.stdout)
}

/// The parts of a line: a time, the request's number, and the rest without how long it
/// took.
#[track_caller]
fn parts(line: &str) -> (String, String, String) {
    let mut words = line.splitn(3, ' ');
    let mut word = || words.next().expect("a word").to_string();
    let (time, number, rest) = (word(), word(), word());
    assert_eq!(
        (time.len(), &time[10..11], &time[23..]),
        (24, "T", "Z"),
        "{line}"
    );
    let (before, after) = rest.split_once(" B ").expect("bytes");
    let after = after.split_once(" ms").expect("a duration").1;
    (time, number, format!("{before} B{after}"))
}

#[test]
fn each_request_that_fails() {
    let server = serve("http-behaviours", &["--limit", "cpu-ms=2000"]);
    for path in ["/trap", "/headers", "/silent", "/error"] {
        server.get(path);
    }
    let (lines, _) = lines(server);
    let parts: Vec<_> = lines.iter().map(|line| parts(line)).collect();
    let numbers: Vec<&str> = parts.iter().map(|(_, number, _)| &**number).collect();
    assert_eq!(numbers, ["[1]", "[3]", "[4]"], "{lines:?}");
    let trap = &parts[0].2;
    let start = "app GET /trap 500 10 B Exec.Trap: component \"app\" trapped: ";
    assert!(trap.starts_with(start), "{trap}");
    assert!(
        trap.ends_with(", in wasi:http/incoming-handler@0.2.4#handle")
            || trap.contains(", in wasi:http/incoming-handler@0.2."),
        "{trap}"
    );
    assert_eq!(
        parts[1].2,
        "app GET /silent 500 10 B Exec.Trap: the guest returned without an answer"
    );
    assert!(
        parts[2].2.contains("the guest answered with an error"),
        "{lines:?}"
    );
}

#[test]
fn each_denied_call_by_request() {
    let server = denying("http-behaviours", "wasi:clocks");
    for _ in 0..2 {
        let answered = server.get("/sleep");
        assert_eq!(answered, (500, "Exec.CapabilityDenied\n".to_string()));
    }
    let (lines, _) = lines(server);
    assert_eq!(lines.len(), 2, "{lines:?}");
    for line in &lines {
        let says = "Exec.CapabilityDenied: component \"app\" called what is denied to it, \
                    wasi:clocks/monotonic-clock";
        assert!(line.contains(says), "{line}");
    }
}

#[test]
fn each_request_when_asked_for() {
    let server = serve("http-behaviours", &["--access-log"]);
    server.get("/headers?secret=1");
    server.get("/trap");
    let (lines, _) = lines(server);
    assert_eq!(lines.len(), 2, "{lines:?}");
    let (_, number, rest) = parts(&lines[0]);
    assert_eq!(number, "[1]");
    assert!(
        rest.starts_with("app GET /headers 200 ") && rest.ends_with(" B"),
        "{rest}"
    );
}

/// Whole lines, each with its request's number, whatever else is written meanwhile.
#[test]
fn what_guests_say() {
    let server = serve("http-behaviours", &[]);
    let mut clients: Vec<_> = (0..4).map(|_| server.connect()).collect();
    for client in &mut clients {
        let request = b"GET /say HTTP/1.1\r\nhost: test\r\n\r\n";
        client.write(request).expect("it takes a request");
    }
    for client in &mut clients {
        assert_eq!(client.head().expect("an answer").status, 200);
    }
    let (lines, stdout) = lines(server);
    let mut said: Vec<&str> = stdout.lines().collect();
    said.sort_unstable();
    let expected = (1..=4).flat_map(|number| {
        ["and a half", "one line", "two lines"].map(|line| format!("[{number}] {line}"))
    });
    assert_eq!(said, expected.collect::<Vec<_>>());
    assert_eq!(lines.len(), 12, "{lines:?}");
    assert!(
        lines.iter().all(|line| line.ends_with("] \u{fffd}[2Jx")),
        "{lines:?}"
    );
}

/// Events name the component, and the functions that it was in.
#[test]
fn events_name_the_component() {
    let server = serve("http-behaviours", &[]);
    server.get("/trap");
    let requests = server.stop("http.request");
    let request = &requests[0];
    assert_eq!(request["request"], 1, "{request}");
    assert_eq!(request["component"], "\"app\"", "{request}");
    let functions = request["functions"].as_str().unwrap_or_default();
    assert!(functions.starts_with("\"app\": "), "{request}");
    assert_ne!(request["message"], Value::Null, "{request}");
}
