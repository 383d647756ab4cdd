//! Clients that do not behave as they should.

use std::time::{Duration, Instant};

use super::fixture::serve;

#[test]
fn slow_clients_stop_nobody() {
    let server = serve("http-behaviours", &[]);
    let mut slow = Vec::new();
    for number in 0..40 {
        let mut client = server.connect();
        let start = match number % 4 {
            // Half a head, half a body, an answer that nobody reads, nothing.
            0 => "GET /head",
            1 => "POST /echo HTTP/1.1\r\nhost: test\r\ncontent-length: 100\r\n\r\nhalf",
            2 => "GET /late HTTP/1.1\r\nhost: test\r\n\r\n",
            _ => "",
        };
        client.write(start.as_bytes()).expect("it takes that");
        slow.push(client);
    }
    let started = Instant::now();
    for _ in 0..100 {
        assert_eq!(server.get("/headers").0, 200);
    }
    assert!(started.elapsed() < Duration::from_secs(10));
}

/// An answer that is larger than what the system keeps for a connection.
#[test]
fn a_client_that_reads_nothing_costs_little() {
    let server = serve("http-behaviours", &[]);
    let mut client = server.connect();
    let head = "POST /echo HTTP/1.1\r\nhost: test\r\ncontent-length: 1000000000\r\n\r\n";
    client.write(head.as_bytes()).expect("it takes a request");
    let mut writer = client.writer().expect("a second hold");
    let limit = Some(Duration::from_secs(2));
    writer.set_write_timeout(limit).expect("a limit");
    let stalled = (0..1000).find_map(|_| {
        let written = std::io::Write::write_all(&mut writer, &[0; 1 << 20]);
        written.err()
    });
    stalled.expect("it cannot take everything");
    assert!(server.memory("VmHWM") < 150 << 20);
    assert_eq!(server.get("/headers").0, 200);
}

/// Each holds a guest, which others wait for.
#[test]
fn clients_that_stop_are_given_up() {
    let server = serve("http-behaviours", &[]);
    let mut half = server.connect();
    let head = "POST /echo HTTP/1.1\r\nhost: test\r\ncontent-length: 100\r\n\r\nhalf";
    half.write(head.as_bytes()).expect("it takes that");
    let mut deaf = server.connect();
    let head = "POST /echo HTTP/1.1\r\nhost: test\r\ncontent-length: 1000000000\r\n\r\n";
    deaf.write(head.as_bytes()).expect("it takes that");
    let writer = deaf.writer().expect("a second hold");
    let sending = std::thread::spawn(move || {
        let mut writer = writer;
        // It fails when it is given up.
        while std::io::Write::write_all(&mut writer, &[0; 1 << 20]).is_ok() {}
    });
    let started = Instant::now();
    sending.join().expect("it ends");
    let _ = half.is_closed();
    let taken = started.elapsed();
    assert!(
        taken > Duration::from_secs(10) && taken < Duration::from_secs(100),
        "{taken:?}"
    );
}

#[test]
fn half_a_head_times_out() {
    let server = serve("http-behaviours", &[]);
    // The second looks like the start of HTTP/2, the last has been answered.
    let mut clients = [server.connect(), server.connect(), server.connect()];
    clients[0]
        .write(b"GET / HTTP/1.1\r\nhost: te")
        .expect("it takes that");
    clients[1].write(b"PRI * HT").expect("it takes that");
    assert_eq!(clients[2].get("/headers").expect("an answer").0, 200);
    let started = Instant::now();
    for mut client in clients {
        assert!(client.is_closed().expect("no error"));
    }
    let taken = started.elapsed();
    assert!(
        taken > Duration::from_secs(5) && taken < Duration::from_secs(50),
        "{taken:?}"
    );
}

#[test]
fn what_is_not_http_is_refused() {
    let server = serve("http-behaviours", &[]);
    let mut client = server.connect();
    client
        .write(b"\x16\x03\x01\x02\x00\r\n\r\n")
        .expect("it takes that");
    assert_eq!(client.head().expect("an answer").status, 400);
    assert_eq!(server.get("/headers").0, 200);
}

#[test]
fn a_request_is_for_one_host() {
    let server = serve("http-behaviours", &[]);
    let status = |head: &str| {
        let mut client = server.connect();
        client.write(head.as_bytes()).expect("it takes a request");
        client.head().expect("an answer").status
    };
    for (head, expected) in [
        ("GET /headers HTTP/1.1\r\nhost: test\r\n\r\n", 200),
        ("GET /headers HTTP/1.0\r\n\r\n", 200),
        ("GET /headers HTTP/1.1\r\n\r\n", 400),
        ("GET /headers HTTP/1.1\r\nhost: a b\r\n\r\n", 400),
        ("GET /headers HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n", 400),
        ("GET /headers HTTP/1.1\r\nhost: http://a\r\n\r\n", 400),
        ("GET /headers HTTP/1.1\r\nhost: b@a\r\n\r\n", 400),
        ("GET http://a/headers HTTP/1.1\r\nhost: b\r\n\r\n", 200),
        ("GET http://b@a/headers HTTP/1.1\r\nhost: a\r\n\r\n", 400),
    ] {
        assert_eq!(status(head), expected, "{head:?}");
    }
}
