//! `exec serve --watch`: another program is served at the same socket, and what is in
//! flight is finished by the one before.

use std::net::TcpListener;
use std::thread::sleep;
use std::time::{Duration, Instant};

use compositor_tests::{Client, Temp, composectl_in, guest, read, start};

#[test]
fn requests_in_flight_finish_and_none_is_refused() {
    let folder = Temp::new();
    folder.write("app.wasm", read(guest("http-behaviours")));
    let plan = r#"{ "version": "1", "root": "app", "bindings": [],
        "components": [{ "id": "app", "source": "file:app.wasm" }] }"#;
    folder.write("plan.json", plan);
    let mut command = composectl_in(folder.path());
    command.args(["exec", "serve", "plan.json", "--addr", "127.0.0.1:0"]);
    let mut server = start(command.args(["--watch", "--trust"]));
    let address = server.rest_of("composectl: serving on http://");
    let get = |path: &str| {
        let mut client = Client::connect(&address).expect("a connection");
        let (status, body) = client.get(path).expect("an answer");
        (status, String::from_utf8(body).expect("a text"))
    };
    let before = get("/");
    assert_ne!(before.1, "Hello, world!\n");

    // An error leaves the server as it is.
    folder.write("app.wasm", "half a component");
    server.until("error[Emit.CompositionFailed/");
    server.until("what ran before goes on");
    assert_eq!(get("/"), before);

    let mut client = Client::connect(&address).expect("a connection");
    let request = b"GET /late HTTP/1.1\r\nhost: test\r\n\r\n";
    client.write(request).expect("it takes a request");
    let head = client.head().expect("a head");
    folder.write("app.wasm", read(guest("http-three")));
    let started = Instant::now();
    while get("/").1 != "Hello, world!\n" {
        assert!(started.elapsed() < Duration::from_secs(60), "it stays");
        sleep(Duration::from_millis(20));
    }
    let mut body = Vec::new();
    let read = client.body(&head, |bytes| body.extend_from_slice(bytes));
    read.expect("all of it");
    assert!(body.ends_with(b"part 9\n"));

    server.signal("TERM");
    let output = server.end();
    assert_eq!(output.status, 0, "{output:?}");
    let count = |said| output.stderr.matches(said).count();
    assert_eq!(count("serving on http://"), 1, "{output:?}");
    assert_eq!(count("serving what the plan says now"), 1, "{output:?}");
}

/// Nothing serves yet, so nothing is in flight that a signal would have to wait for.
#[test]
fn what_does_not_serve_yet_can_be_stopped() {
    let folder = Temp::new();
    folder.write("app.wasm", read(guest("http-behaviours")));
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("its address").to_string();
    let mut command = composectl_in(folder.path());
    command.args(["serve", "app.wasm", "--addr", &address]);
    let mut server = start(command.args(["--watch", "--trust"]));
    server.until("cannot listen");
    server.until("waiting for a change");
    server.signal("TERM");
    let output = server.end();
    assert_ne!(output.status, 0, "{output:?}");
}
