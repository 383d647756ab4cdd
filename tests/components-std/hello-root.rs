//! Greets in every language, as an ordinary command line program would.

#[path = "../components/hello/wit.rs"]
mod wit;
wit::bindings!("root");
use bindings::hello::greeter::greet::greet;
use bindings::hello::phrases::phrases;

fn main() {
    let name = std::env::args().nth(1);
    let name = name.as_deref().unwrap_or("world");
    for language in phrases::languages() {
        if let Some(hello) = phrases::hello(&language) {
            println!("{}", greet(&hello, name));
        }
    }
}
