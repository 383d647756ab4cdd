//! The first of four links.

mod wit;
wit::bindings!("one");

struct Link;

impl bindings::exports::chain::links::first::Guest for Link {
    fn pass(message: String) -> String {
        bindings::chain::links::second::pass(&format!("{message} 1"))
    }
}

bindings::export!(Link with_types_in bindings);
