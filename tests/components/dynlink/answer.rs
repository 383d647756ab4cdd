//! Answers one question, otherwise than the counter does.

mod codes;
mod wit;
wit::bindings!("provider");
use bindings::sys::compose::types::Error;

struct Answer;

impl bindings::exports::compose::dynlink::endpoint::Guest for Answer {
    fn handle(method: String, _: Vec<u8>) -> Result<Vec<u8>, Error> {
        match &*method {
            "answer" => Ok(b"54".to_vec()),
            _ => Err(codes::error(
                "invalid-input",
                &format!("no method {method:?}"),
            )),
        }
    }
}

bindings::export!(Answer with_types_in bindings);
