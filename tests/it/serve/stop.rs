//! How a server starts and ends.

use std::thread;
use std::time::{Duration, Instant};

use compositor_tests::{Client, Temp};

use super::fixture::{alone, greeter, refused, serve};

#[test]
fn what_is_in_flight_is_finished() {
    let server = serve("http-behaviours", &[]);
    let mut client = server.connect();
    let request = b"GET /late HTTP/1.1\r\nhost: test\r\n\r\n";
    client.write(request).expect("it takes a request");
    let head = client.head().expect("a head");
    // Nothing comes of these two, and they hold nothing up.
    let mut idle = server.connect();
    assert_eq!(idle.get("/headers").expect("an answer").0, 200);
    let silent = server.connect();
    server.signal("TERM");
    thread::sleep(Duration::from_millis(200));
    assert!(
        Client::connect(&server.address).is_err(),
        "it takes new ones"
    );
    let mut body = Vec::new();
    let read = client.body(&head, |bytes| body.extend_from_slice(bytes));
    read.expect("all of it");
    assert!(body.ends_with(b"part 9\n"));
    let started = Instant::now();
    let (output, requests) = server.end("http.request");
    assert_eq!(output.status, 0, "{output:?}");
    assert_eq!(requests.len(), 2);
    assert!(started.elapsed() < Duration::from_secs(5));
    drop((idle, silent));
}

#[test]
fn a_second_signal_ends_at_once() {
    let server = serve("http-behaviours", &[]);
    let mut client = server.connect();
    let request = b"GET /sleep HTTP/1.1\r\nhost: test\r\n\r\n";
    client.write(request).expect("it takes a request");
    thread::sleep(Duration::from_millis(500));
    server.signal("INT");
    thread::sleep(Duration::from_millis(500));
    let started = Instant::now();
    server.signal("INT");
    let (output, _) = server.end("http.request");
    assert!(started.elapsed() < Duration::from_secs(5));
    assert_ne!(output.status, 0);
    assert!(output.stderr.contains("a second time"), "{output:?}");
}

#[test]
fn an_address_in_use() {
    let server = greeter(&[]);
    let folder = Temp::new();
    let plan = alone(&folder, "http-behaviours");
    let output = refused(&folder, &plan, &server.address);
    assert_eq!(output.status, 1, "{output:?}");
    let said = format!("cannot listen on `{}`", server.address);
    assert!(output.stderr.contains(&said), "{output:?}");
    assert!(output.stderr.contains("in use"), "{output:?}");
    assert_eq!(server.get("/").0, 200);
}

#[test]
fn no_address() {
    let folder = Temp::new();
    let plan = alone(&folder, "http-behaviours");
    for address in ["nowhere", "127.0.0.1", "127.0.0.1:99999"] {
        let output = refused(&folder, &plan, address);
        assert_eq!(output.status, 2, "{output:?}");
        let said = format!("`--addr {address}` is not `--addr HOST:PORT`");
        assert!(output.stderr.contains(&said), "{output:?}");
    }
    let output = refused(&folder, &plan, "256.0.0.1:80");
    assert_eq!(output.status, 1, "{output:?}");
    let said = "cannot listen on `256.0.0.1:80`";
    assert!(output.stderr.contains(said), "{output:?}");
}

#[test]
fn no_handler() {
    let folder = Temp::new();
    let plan = alone(&folder, "hello-greeter");
    let output = refused(&folder, &plan, "127.0.0.1:0");
    assert_eq!(output.status, 1, "{output:?}");
    assert!(output.stderr.contains("Exec.MissingExport"), "{output:?}");
    assert!(
        output.stderr.contains("wasi:http/incoming-handler"),
        "{output:?}"
    );
}
