//! Keeps a total; each instance has its own.

use std::cell::Cell;

mod wit;
wit::bindings!("counter");

thread_local! {
    static TOTAL: Cell<u32> = const { Cell::new(0) };
}

struct Counter;

impl bindings::exports::several::counter::counter::Guest for Counter {
    fn add(n: u32) -> u32 {
        TOTAL.set(TOTAL.get() + n);
        TOTAL.get()
    }
}

bindings::export!(Counter with_types_in bindings);
