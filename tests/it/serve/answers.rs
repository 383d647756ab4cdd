//! Guests that answer as they should, with 0.2 and with 0.3.

use std::io::{self, Write as _};
use std::net::TcpStream;
use std::thread;

use super::fixture::{Server, greeter, serve};

/// What is sent through the server and back.
const BULK: u64 = 1 << 30;

/// What a server may have for that.
const MEMORY: u64 = 150 << 20;

/// What the guests say bit by bit.
fn parts() -> String {
    (0..10).map(|part| format!("part {part}\n")).collect()
}

#[test]
fn a_provider_makes_the_greeting() {
    let server = greeter(&[]);
    assert_eq!(server.get("/"), (200, "Hello, world!\n".to_string()));
    assert_eq!(server.get("/Ada"), (200, "Hello, Ada!\n".to_string()));
    let requests = server.stop("http.request");
    assert_eq!(requests.len(), 2);
    // Each is told when all is done with it, which may be in any order.
    let ada = requests.iter().find(|request| request["path"] == "/Ada");
    let ada = ada.expect("it is told");
    assert_eq!(ada["method"], "GET");
    assert_eq!(ada["status"], 200);
    assert_eq!(ada["bytes"], 12);
    assert!(ada["duration_us"].is_u64());
    assert!(ada.get("code").is_none());
}

#[test]
fn a_connection_is_kept() {
    let server = greeter(&[]);
    let mut client = server.connect();
    for _ in 0..3 {
        let (status, body) = client.get("/").expect("an answer");
        assert_eq!(
            (status, body.as_slice()),
            (200, b"Hello, world!\n".as_slice())
        );
    }
    // The next is sent before the last is answered.
    let request = "GET /you HTTP/1.1\r\nhost: test\r\n\r\n".repeat(2);
    client.write(request.as_bytes()).expect("it takes both");
    for _ in 0..2 {
        let head = client.head().expect("an answer");
        let mut body = Vec::new();
        let read = client.body(&head, |bytes| body.extend_from_slice(bytes));
        read.expect("its body");
        assert_eq!(body, b"Hello, you!\n");
    }
}

#[test]
fn it_says_where_it_listens() {
    let server = greeter(&[]);
    let address = server.address.clone();
    let listening = server.stop("serve.listening");
    assert_eq!(listening.len(), 1);
    assert_eq!(listening[0]["address"], address);
}

#[test]
fn headers_arrive() {
    let server = serve("http-behaviours", &[]);
    let mut client = server.connect();
    let request = "GET /headers HTTP/1.1\r\nhost: test\r\nx-one: 1\r\nX-Two: zwei\r\n\r\n";
    client
        .write(request.as_bytes())
        .expect("it takes a request");
    let (_, body) = client.answer().expect("an answer");
    let body = String::from_utf8(body).expect("a text");
    assert!(
        body.contains("x-one: 1\n") && body.contains("x-two: zwei\n"),
        "{body}"
    );
}

#[test]
fn parts_are_sent_as_they_come() {
    let server = serve("http-behaviours", &[]);
    in_parts(&server);
}

#[test]
fn three_answers_too() {
    let server = serve("http-three", &[]);
    assert_eq!(server.get("/"), (200, "Hello, world!\n".to_string()));
    in_parts(&server);
    assert_eq!(server.get("/error").0, 500);
    assert_eq!(server.get("/trap").0, 500);
    assert_eq!(server.get("/").0, 200);
    let requests = server.stop("http.request");
    assert_eq!(requests.len(), 5);
}

fn in_parts(server: &Server) {
    let mut client = server.connect();
    let request = b"GET /late HTTP/1.1\r\nhost: test\r\n\r\n";
    client.write(request).expect("it takes a request");
    let head = client.head().expect("a head before the body");
    let mut pieces = Vec::new();
    let read = client.body(&head, |bytes| pieces.push(bytes.to_vec()));
    read.expect("the body");
    assert!(pieces.len() > 1, "it came at once");
    assert_eq!(String::from_utf8(pieces.concat()).expect("a text"), parts());
}

#[test]
fn bulk_streams_through_0_2() {
    streams("http-behaviours", "/echo");
}

#[test]
fn bulk_streams_through_0_3() {
    streams("http-three", "/echo");
}

#[test]
fn bulk_streams_through_a_0_3_guest_that_copies() {
    streams("http-three", "/copy");
}

/// Sends much, gets it back, and holds the server to little memory meanwhile.
fn streams(guest: &str, path: &str) {
    let server = serve(guest, &["--limit", "cpu-ms=100000"]);
    let mut client = server.connect();
    let head = format!("POST {path} HTTP/1.1\r\nhost: test\r\ncontent-length: {BULK}\r\n\r\n");
    client.write(head.as_bytes()).expect("it takes a request");
    let writer = client.writer().expect("a second hold");
    let sent = thread::spawn(move || send(writer));
    let head = client.head().expect("an answer");
    assert_eq!(head.status, 200);
    let (mut bytes, mut wrong) = (0, 0);
    let read = client.body(&head, |piece| {
        // Looking at each byte would take longer than the server does.
        let at = (bytes / PATTERN * PATTERN) + PATTERN - 1;
        let inside = (at - bytes) as usize;
        wrong += u64::from(inside < piece.len() && piece[inside] != pattern(at));
        bytes += piece.len() as u64;
    });
    read.expect("the body");
    sent.join().expect("no panic").expect("it takes all");
    assert_eq!((bytes, wrong), (BULK, 0));
    let peak = server.memory("VmHWM");
    assert!(peak < MEMORY, "it had {peak} bytes");
}

/// So often is a byte looked at.
const PATTERN: u64 = 4099;

fn pattern(at: u64) -> u8 {
    (at % 251) as u8
}

fn send(mut to: TcpStream) -> io::Result<()> {
    // Blocks start at multiples of 251, so that all are the same bytes.
    let block: Vec<u8> = (0..251 * 1024).map(pattern).collect();
    let mut left = BULK;
    while left > 0 {
        let size = left.min(block.len() as u64);
        to.write_all(&block[..size as usize])?;
        left -= size;
    }
    Ok(())
}
