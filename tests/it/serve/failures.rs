//! Guests that do not answer as they should: each is its own affair.

use std::io;
use std::time::{Duration, Instant};

use super::fixture::{Server, serve, unrecorded};

/// A server for requests that end with a code. Only what is to end by its time
/// has little of it: a busy machine takes some.
fn behaviours(guest: &str, code: &str) -> Server {
    let time = match code {
        "Exec.Timeout" => "cpu-ms=200",
        _ => "cpu-ms=20000",
    };
    serve(guest, &["--limit", time, "--limit", "memory-bytes=64MiB"])
}

/// Asks for what fails, then for what does not, and looks at what is said of
/// the first.
fn fails(path: &str, status: u16, code: &str) {
    let server = behaviours("http-behaviours", code);
    let (answered, body) = server.get(path);
    assert_eq!((answered, body), (status, format!("{code}\n")));
    assert_eq!(server.get("/headers").0, 200);
    let requests = server.stop("http.request");
    assert_eq!(requests.len(), 2);
    let failed = requests.iter().find(|request| request["path"] == path);
    let failed = failed.expect("both are there");
    assert_eq!(failed["status"], status);
    assert_eq!(failed["code"], code);
}

/// Asks for what fails when its head is sent already: the client has to see
/// that the body is not whole.
fn breaks_off(guest: &str, path: &str, code: &str) {
    let server = behaviours(guest, code);
    let mut client = server.connect();
    let request = format!("GET {path} HTTP/1.1\r\nhost: test\r\n\r\n");
    client
        .write(request.as_bytes())
        .expect("it takes a request");
    let head = client.head().expect("a head");
    assert_eq!(head.status, 200);
    let mut sent = Vec::new();
    let error = client.body(&head, |bytes| sent.extend_from_slice(bytes));
    let error = error.expect_err("half a body");
    assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    // What the guest flushed before arrives.
    assert_eq!(String::from_utf8_lossy(&sent), "part 0\n");
    assert_eq!(server.get("/headers").0, 200);
    let requests = server.stop("http.request");
    let broken = requests.iter().find(|request| request["path"] == path);
    let broken = broken.expect("both are there");
    assert_eq!(broken["code"], code);
    let message = broken["message"].as_str().expect("a sentence");
    assert!(message.starts_with("component \"app\" "), "{message}");
}

#[test]
fn a_trap() {
    fails("/trap", 500, "Exec.Trap");
}

#[test]
fn no_answer() {
    fails("/silent", 500, "Exec.Trap");
}

#[test]
fn an_error() {
    fails("/error", 500, "Exec.Trap");
}

#[test]
fn no_end() {
    let started = Instant::now();
    fails("/spin", 504, "Exec.Timeout");
    assert!(started.elapsed() < Duration::from_secs(30));
}

#[test]
fn no_end_of_memory() {
    fails("/alloc", 503, "Exec.ResourceExhausted");
}

#[test]
fn a_trap_in_the_body() {
    breaks_off("http-behaviours", "/late-trap", "Exec.Trap");
}

#[test]
fn no_end_in_the_body() {
    breaks_off("http-behaviours", "/late-spin", "Exec.Timeout");
}

#[test]
fn a_trap_in_the_body_of_0_3() {
    breaks_off("http-three", "/late-trap", "Exec.Trap");
}

#[test]
fn no_end_in_the_body_of_0_3() {
    breaks_off("http-three", "/late-spin", "Exec.Timeout");
}

/// A body takes a second, of which there is half by the clock.
#[test]
fn no_time_for_the_body() {
    let server = serve("http-behaviours", &["--limit", "wall-ms=500"]);
    let mut client = server.connect();
    let request = b"GET /late HTTP/1.1\r\nhost: test\r\n\r\n";
    client.write(request).expect("it takes a request");
    let head = client.head().expect("a head");
    let mut sent = Vec::new();
    let error = client.body(&head, |bytes| sent.extend_from_slice(bytes));
    let error = error.expect_err("half a body");
    assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    assert!(
        !String::from_utf8_lossy(&sent).contains("part 9"),
        "{sent:?}"
    );
    let requests = server.stop("http.request");
    assert_eq!(requests[0]["code"], "Exec.Timeout", "{requests:?}");
    let message = requests[0]["message"].as_str().expect("a sentence");
    assert!(message.contains("limit wall-ms"), "{message}");
}

#[test]
fn a_connection_outlives_a_trap() {
    let server = behaviours("http-behaviours", "Exec.Trap");
    let mut client = server.connect();
    for (path, expected) in [("/trap", 500), ("/headers", 200), ("/silent", 500)] {
        assert_eq!(client.get(path).expect("an answer").0, expected, "{path}");
    }
}

#[test]
fn others_go_on_while_one_does_not_end() {
    let server = serve("http-behaviours", &["--limit", "cpu-ms=2000"]);
    let mut spinning: Vec<_> = (0..4).map(|_| server.connect()).collect();
    for client in &mut spinning {
        let request = b"GET /spin HTTP/1.1\r\nhost: test\r\n\r\n";
        client.write(request).expect("it takes a request");
    }
    let mut client = server.connect();
    for _ in 0..10 {
        let started = Instant::now();
        assert_eq!(client.get("/headers").expect("an answer").0, 200);
        assert!(started.elapsed() < Duration::from_secs(2));
    }
    for client in &mut spinning {
        assert_eq!(client.head().expect("an answer").status, 504);
    }
}

/// Trust is looked at for each instance.
#[test]
fn trust_that_is_taken_back() {
    let server = behaviours("http-behaviours", "Exec.Trap");
    assert_eq!(server.get("/headers").0, 200);
    server.distrust();
    assert_eq!(server.get("/headers").0, 500);
    let refused = server.stop("component.refused");
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0]["code"], "Trust.UntrustedSource");
}

#[test]
fn a_request_for_nobody() {
    let server = behaviours("http-behaviours", "Exec.Trap");
    let mut client = server.connect();
    let request = b"GET /headers HTTP/1.1\r\n\r\n";
    client.write(request).expect("it takes a request");
    assert_eq!(client.head().expect("an answer").status, 400);
}

/// A guest whose uses cannot be written does not go on, and no other is begun.
#[test]
fn a_log_that_cannot_be_written() {
    let server = unrecorded("http-behaviours");
    let refused = (500, "Blob.IoError\n".to_string());
    assert_eq!(server.get("/sleep"), refused);
    assert_eq!(server.get("/headers"), refused);
    server.signal("TERM");
    let output = server.output();
    // When it happens, and as what the whole run ended with.
    let said = |what: &str| output.stderr.matches(what).count();
    assert_eq!(said("no request is answered any more: "), 1, "{output:?}");
    assert_eq!(said("error[Blob.IoError/"), 1, "{output:?}");
    assert_eq!(output.status, 1, "{output:?}");
}
