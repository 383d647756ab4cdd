//! A provider that resolves providers, and passes on what they answer.

use std::cell::RefCell;

mod codes;
mod wit;
wit::bindings!("relay");
use bindings::compose::dynlink::linker::{Instance, resolve_by_id};
use bindings::sys::compose::types::Error;

thread_local! {
    static KEPT: RefCell<Vec<Instance>> = const { RefCell::new(Vec::new()) };
}

struct Relay;

impl bindings::exports::compose::dynlink::endpoint::Guest for Relay {
    fn handle(method: String, payload: Vec<u8>) -> Result<Vec<u8>, Error> {
        let text = String::from_utf8_lossy(&payload).into_owned();
        match &*method {
            "echo" => Ok(payload),
            // Ids with `/` between them: all but the last are relays.
            "pass" => match text.split_once('/') {
                Some((next, rest)) => resolve_by_id(next)?.invoke("pass", rest.as_bytes()),
                None => resolve_by_id(&text)?.invoke("echo", text.as_bytes()),
            },
            // An id, a method and its payload.
            "call" => {
                let mut words = text.splitn(3, ' ');
                let mut word = || words.next().unwrap_or_default();
                let instance = resolve_by_id(word())?;
                instance.invoke(word(), word().as_bytes())
            }
            "keep" => {
                let instance = resolve_by_id(&text)?;
                KEPT.with_borrow_mut(|kept| kept.push(instance));
                Ok(text.into_bytes())
            }
            _ => Err(codes::error(
                "invalid-input",
                &format!("no method {method:?}"),
            )),
        }
    }
}

bindings::export!(Relay with_types_in bindings);
