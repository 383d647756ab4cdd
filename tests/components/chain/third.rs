//! The third of four links.

mod wit;
wit::bindings!("three");

struct Link;

impl bindings::exports::chain::links::third::Guest for Link {
    fn pass(message: String) -> String {
        bindings::chain::links::fourth::pass(&format!("{message} 3"))
    }
}

bindings::export!(Link with_types_in bindings);
