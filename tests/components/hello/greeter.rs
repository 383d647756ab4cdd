//! Addresses someone.

mod wit;
wit::bindings!("greeter");

struct Greeter;

impl bindings::exports::hello::greeter::greet::Guest for Greeter {
    fn greet(salutation: String, name: String) -> String {
        format!("{salutation}, {name}!")
    }
}

bindings::export!(Greeter with_types_in bindings);
