//! Sends a message down the chain.

mod wit;
wit::bindings!("root");

struct Link;

impl bindings::exports::chain::links::app::Guest for Link {
    fn pass(message: String) -> String {
        bindings::chain::links::first::pass(&message)
    }
}

bindings::export!(Link with_types_in bindings);
