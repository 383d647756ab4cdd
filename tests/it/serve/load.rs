//! Many requests: all are answered, and none leaves anything behind.

use compositor_tests::{Client, load};

use super::fixture::{Server, greeter, serve};

const CONNECTIONS: usize = 64;
const REQUESTS: usize = 10_000;

/// What memory may grow by while as many requests are answered as before:
/// what the allocator keeps differs from time to time.
const GROWTH: u64 = 16 << 20;

#[test]
fn of_0_2() {
    under_load(&greeter(&[]));
}

#[test]
fn of_0_3() {
    under_load(&serve("http-three", &[]));
}

fn under_load(server: &Server) {
    let load = |requests| {
        let report = load(&server.address, "/", CONNECTIONS, requests);
        assert_eq!((report.requests, report.errors), (requests, 0));
        server.memory("VmRSS")
    };
    let before = load(REQUESTS / 2);
    let after = load(REQUESTS / 2);
    assert!(after < before + GROWTH, "from {before} to {after} bytes");
}

/// A client that takes every answer keeps its connection, also where the answer is known
/// to be whole by its length alone.
#[test]
fn bodies_over_one_connection() {
    let server = serve("http-three", &[]);
    let body = vec![0x5a; 64 << 10];
    let mut client = Client::connect(&server.address).expect("a connection");
    for number in 0..300 {
        let (status, echo) = client.post("/echo", &body).expect("the same connection");
        assert!((status, &echo) == (200, &body), "{number}: {status}");
    }
}

/// One machine may have as many connections as there may be, and none of its requests is
/// refused.
#[test]
fn a_thousand_connections_of_one_peer() {
    let server = serve("http-three", &[]);
    let report = load(&server.address, "/", 1000, 3000);
    assert_eq!((report.requests, report.errors), (3000, 0));
}
