//! A provider that has a typed import of its own.

mod codes;
mod wit;
wit::bindings!("typed");
use bindings::dynlink::words::words;
use bindings::sys::compose::types::Error;

struct Typed;

impl bindings::exports::compose::dynlink::endpoint::Guest for Typed {
    fn handle(method: String, _: Vec<u8>) -> Result<Vec<u8>, Error> {
        match &*method {
            "next" => Ok(words::next().into_bytes()),
            _ => Err(codes::error(
                "invalid-input",
                &format!("no method {method:?}"),
            )),
        }
    }
}

bindings::export!(Typed with_types_in bindings);
