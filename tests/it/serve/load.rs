//! Many requests: all are answered, and none leaves anything behind.

use compositor_tests::load;

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
