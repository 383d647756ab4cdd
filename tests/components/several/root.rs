//! Counts two things, with two instances of one provider.

mod wit;
wit::bindings!("root");
use bindings::several::app::{sales, visits};

struct Root;

impl bindings::exports::several::app::app::Guest for Root {
    fn run(turns: u32) -> (u32, u32) {
        let mut totals = (0, 0);
        for _ in 0..turns {
            totals = (visits::add(1), sales::add(10));
        }
        totals
    }
}

bindings::export!(Root with_types_in bindings);
