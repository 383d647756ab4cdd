//! Calls one provider both ways, bound when it was composed and resolved while
//! it runs, and prints what a call takes: `BYTES TYPED_NS LINKED_NS` a line.

use std::hint::black_box;
use std::time::Instant;

mod bindings {
    wit_bindgen::generate!({
        path: ["../../wit/canon-cbor", "../../wit/canon-wit", "../../wit/sys-compose", "../../wit/compose-dynlink"],
        inline: "
            package dynlink:calls;

            world calls {
                import compose:dynlink/endpoint@0.1.0;
                import compose:dynlink/linker@0.1.0;
            }
        ",
        world: "dynlink:calls/calls",
        generate_all,
    });
}
use bindings::compose::dynlink::{endpoint, linker};

fn main() {
    let counts = std::env::args().skip(1).map(|count| count.parse().ok());
    let counts: Option<Vec<u32>> = counts.collect();
    let Some([small, large]) = counts.as_deref() else {
        panic!("how many calls of 64 bytes, and how many of 1 MiB?");
    };
    let linked = linker::resolve_by_id("provider").expect("the plan has a provider");
    for (count, bytes) in [(*small, 64), (*large, 1 << 20)] {
        let payload = vec![7; bytes];
        let typed = time(count, || endpoint::handle("echo", &payload));
        let linked = time(count, || linked.invoke("echo", &payload));
        println!("{bytes} {typed} {linked}");
    }
}

/// Nanoseconds of one of many calls.
fn time<E: std::fmt::Debug>(count: u32, call: impl Fn() -> Result<Vec<u8>, E>) -> u128 {
    let start = Instant::now();
    for _ in 0..count {
        black_box(call().expect("an echo"));
    }
    start.elapsed().as_nanos() / u128::from(count.max(1))
}
