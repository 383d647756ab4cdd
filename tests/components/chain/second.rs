//! The second of four links.

mod wit;
wit::bindings!("two");

struct Link;

impl bindings::exports::chain::links::second::Guest for Link {
    fn pass(message: String) -> String {
        bindings::chain::links::third::pass(&format!("{message} 2"))
    }
}

bindings::export!(Link with_types_in bindings);
