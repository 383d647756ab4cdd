//! The last of four links, which turns the message around.

mod wit;
wit::bindings!("four");

struct Link;

impl bindings::exports::chain::links::fourth::Guest for Link {
    fn pass(message: String) -> String {
        format!("{message} 4").chars().rev().collect()
    }
}

bindings::export!(Link with_types_in bindings);
