//! Gives numbered words; each instance counts for itself.

use std::cell::Cell;

mod wit;
wit::bindings!("words");

thread_local! {
    static GIVEN: Cell<u32> = const { Cell::new(0) };
}

struct Words;

impl bindings::exports::dynlink::words::words::Guest for Words {
    fn next() -> String {
        GIVEN.set(GIVEN.get() + 1);
        format!("word {}", GIVEN.get())
    }
}

bindings::export!(Words with_types_in bindings);
